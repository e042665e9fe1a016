use metrics_core::{Counter, Family, LabelDeclaration, LabelSet, LabelValues, LabelVisitor, Metrics};

struct Labels;

impl LabelSet for Labels {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] = &[LabelDeclaration::new("pod", LabelValues::Dynamic)];
    fn index(&self) -> usize {
        0
    }
    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.absent();
    }
}

#[derive(Metrics)]
struct Shop {
    /// Of a pod.
    orders_total: Family<Labels, Counter>,
}

fn main() {}
