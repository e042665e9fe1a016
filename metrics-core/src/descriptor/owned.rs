//! What does a registry keep of a declaration?

use std::borrow::Cow;

use super::{Autoscale, Declaration, LabelDeclaration, LabelValues, MetricType, NativeDeclaration, Objective};

/// One label of a registered family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelDescriptor {
    /// The label's name.
    pub name: Cow<'static, str>,
    /// Its values.
    pub values: LabelValues,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A metric as a registry keeps it: with prefix and constant labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// The name as it is exposed.
    pub name: String,
    /// The type.
    pub kind: MetricType,
    /// The unit.
    pub unit: Option<Cow<'static, str>>,
    /// What it tells.
    pub help: Cow<'static, str>,
    /// Labels with one value for all series, written first.
    pub const_labels: Vec<(String, String)>,
    /// The other labels, in the order in which they are written.
    pub labels: Vec<LabelDescriptor>,
    /// A histogram's upper bounds, `None` for the default ones.
    pub buckets: Option<Cow<'static, [f64]>>,
    /// How it is kept as a native histogram, if it is.
    pub native: Option<NativeDeclaration>,
    /// Whether a histogram has classic buckets.
    pub classic: bool,
    /// Whether all series of an enumerable label set exist from the start.
    pub zero_init: bool,
    /// The most series of a dynamic family, `None` for the default.
    pub max_series: Option<u32>,
    /// The longest label value in bytes, `None` for the default.
    pub max_value_bytes: Option<u32>,
    /// Whether other software named it: its name need not tell its unit and its type as ours do, though a counter's ends in
    /// `_total`; and definitions with other labels may share the name, as long as no label set can be in two of them.
    pub foreign: bool,
    /// Whether the names of the metric and of its labels may have any character, as `http.server.request.duration`.
    /// Readers that do not know such names get them escaped.
    pub utf8: bool,
    /// What one replica can bear.
    pub autoscale: Option<Autoscale>,
    /// The service level objectives.
    pub objectives: Cow<'static, [Objective]>,
    /// The file that declares it.
    pub file: Cow<'static, str>,
    /// The line in that file.
    pub line: u32,
}

impl Descriptor {
    /// A metric whose name is known only at run time, declared where this is called.
    #[track_caller]
    pub fn new(kind: MetricType, name: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        let mut descriptor = Self::from(Declaration::new(kind, "", ""));
        descriptor.name = name.into();
        descriptor.help = help.into();
        let place = std::panic::Location::caller();
        descriptor.file = Cow::Borrowed(place.file());
        descriptor.line = place.line();
        descriptor
    }

    /// Adds an optional label whose values are known only at run time.
    pub fn add_label(&mut self, name: impl Into<Cow<'static, str>>) -> &mut Self {
        self.labels.push(LabelDescriptor { name: name.into(), values: LabelValues::Dynamic, optional: true });
        self
    }

    /// The constant labels, then those that the series have.
    pub(crate) fn label_names(&self) -> impl Iterator<Item = &str> {
        let fixed = self.const_labels.iter().map(|(name, _)| name.as_str());
        fixed.chain(self.labels.iter().map(|label| &*label.name))
    }
}

impl From<&LabelDeclaration> for LabelDescriptor {
    fn from(label: &LabelDeclaration) -> Self {
        Self { name: Cow::Borrowed(label.name), values: label.values, optional: label.optional }
    }
}

impl From<Declaration> for Descriptor {
    fn from(declaration: Declaration) -> Self {
        Self {
            name: declaration.name.to_owned(),
            kind: declaration.kind,
            unit: declaration.unit.map(Cow::Borrowed),
            help: Cow::Borrowed(declaration.help),
            const_labels: Vec::new(),
            labels: declaration.labels.iter().map(LabelDescriptor::from).collect(),
            buckets: declaration.buckets.map(Cow::Borrowed),
            native: declaration.native,
            classic: declaration.classic,
            zero_init: declaration.zero_init,
            max_series: declaration.max_series,
            max_value_bytes: declaration.max_value_bytes,
            foreign: false,
            utf8: false,
            autoscale: declaration.autoscale,
            objectives: Cow::Borrowed(declaration.objectives),
            file: Cow::Borrowed(declaration.file),
            line: declaration.line,
        }
    }
}
