//! What can be seen of a metric's type without knowing types?

use syn::{GenericArgument, PathArguments, Type};

use crate::rules::MetricType;

/// What a type looks like. An alias shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) kind: MetricType,
    pub(crate) busy: bool,
    pub(crate) family: bool,
}

impl Shape {
    const UNSEEN: Self = Self { kind: MetricType::Unknown, busy: false, family: false };

    pub(super) fn of(ty: &Type) -> Self {
        let path = match ty {
            Type::Path(path) => &path.path,
            Type::Group(group) => return Self::of(&group.elem),
            Type::Paren(paren) => return Self::of(&paren.elem),
            _ => return Self::UNSEEN,
        };
        let Some(segment) = path.segments.last() else { return Self::UNSEEN };
        let kind = match segment.ident.to_string().as_str() {
            "Counter" | "BusyTime" => MetricType::Counter,
            "Gauge" | "UpDownGauge" => MetricType::Gauge,
            "Histogram" => MetricType::Histogram,
            "StateSet" => MetricType::StateSet,
            "Family" => return second_argument(&segment.arguments).map_or(Self::UNSEEN, Self::of).in_family(),
            _ => return Self::UNSEEN,
        };
        Self { kind, busy: segment.ident == "BusyTime", family: false }
    }

    fn in_family(self) -> Self {
        Self { family: true, ..self }
    }

    /// Whether the type is known to have no labels.
    pub(crate) fn alone(self) -> bool {
        self.kind != MetricType::Unknown && !self.family
    }
}

fn second_argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.nth(1)
}

#[cfg(test)]
mod tests {
    use super::{MetricType, Shape};
    use syn::parse_str;

    #[test]
    fn the_last_segment_tells_the_type() {
        let cases = [
            ("Counter", MetricType::Counter, false, false),
            ("metrics_core::Counter<f64>", MetricType::Counter, false, false),
            ("BusyTime", MetricType::Counter, true, false),
            ("(UpDownGauge)", MetricType::Gauge, false, false),
            ("StateSet<Phase>", MetricType::StateSet, false, false),
            ("Family<Labels<'static>, metrics_core::Histogram>", MetricType::Histogram, false, true),
            ("Family<Labels, Other>", MetricType::Unknown, false, true),
            ("Family", MetricType::Unknown, false, true),
            ("Orders", MetricType::Unknown, false, false),
            ("[Counter; 3]", MetricType::Unknown, false, false),
        ];
        for (ty, kind, busy, family) in cases {
            assert_eq!(Shape::of(&parse_str(ty).expect("a type")), Shape { kind, busy, family }, "{ty}");
        }
    }
}
