//! Are pieces equal where labels are, and told as they were?

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug, PartialEq)]
enum Label {
    Absent,
    Text(String),
    Enumerated(usize),
    Number(u32),
}

struct Set<'a>(&'a [Label]);

impl LabelSet for Set<'_> {
    type Schema = NoLabels;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        for label in self.0 {
            match label {
                Label::Absent => visitor.absent(),
                Label::Text(text) => visitor.text(text),
                Label::Enumerated(index) => visitor.enumerated(*index),
                Label::Number(number) => visitor.unsigned((*number).into()),
            }
        }
    }
}

/// What a set tells, without labels that are left out at its end.
impl LabelVisitor for Vec<Label> {
    fn enumerated(&mut self, index: usize) {
        self.push(Label::Enumerated(index));
    }

    fn text(&mut self, value: &str) {
        self.push(if value.is_empty() { Label::Absent } else { Label::Text(value.to_owned()) });
    }

    fn unsigned(&mut self, value: u64) {
        self.push(Label::Number(value as u32));
    }

    fn signed(&mut self, _: i64) {}

    fn absent(&mut self) {
        self.push(Label::Absent);
    }
}

fn told(set: &impl LabelSet) -> Vec<Label> {
    let mut told = Vec::new();
    set.visit(&mut told);
    while told.last() == Some(&Label::Absent) {
        told.pop();
    }
    told
}

/// Much alike, so that sets are often equal, or differ in little.
fn label() -> impl Strategy<Value = Label> {
    prop_oneof![
        Just(Label::Absent),
        "[ab\0é]{0,3}".prop_map(Label::Text),
        "a{0,90}b{0,2}".prop_map(Label::Text),
        (0..3_usize).prop_map(Label::Enumerated),
        (0..3_u32).prop_map(Label::Number),
    ]
}

proptest! {
    #[test]
    fn labels_in_one_piece_are_told_as_they_were(set in prop::collection::vec(label(), 0..10)) {
        let mut words = Words::new();
        let packed = words.pack(&Set(&set));
        prop_assume!(packed.is_some());
        prop_assert_eq!(packed.map(|packed| told(&packed)), Some(told(&Set(&set))));
    }

    #[test]
    fn pieces_are_equal_where_labels_are(sets in prop::array::uniform2(prop::collection::vec(label(), 0..4))) {
        let mut words = [Words::new(), Words::new()];
        let [one, other] = &mut words;
        let (Some(one), Some(other)) = (one.pack(&Set(&sets[0])), other.pack(&Set(&sets[1]))) else {
            return Err(TestCaseError::reject("one does not fit"));
        };
        let row = std::array::from_fn(|_| AtomicU64::new(0));
        one.keep_in(&row);
        let keys = std::array::from_fn(|at| (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let equal = told(&Set(&sets[0])) == told(&Set(&sets[1]));
        prop_assert_eq!(other.is_in(&row), equal);
        prop_assert_eq!(other.hash(&keys) == one.hash(&keys), equal);
        prop_assert!(one.is_in(&row));
        Packed::keep_nothing_in(&row);
        prop_assert!(!one.is_in(&row));
    }
}

proptest! {
    #[test]
    fn a_piece_is_measured_as_its_labels_are(
        set in prop::collection::vec(label(), 0..8),
        dynamic in prop::collection::vec(any::<bool>(), 0..8),
    ) {
        let values = |dynamic| if dynamic { LabelValues::Dynamic } else { LabelValues::Enumerated(&["x", "y"]) };
        let family = dynamic.iter().map(|dynamic| values(*dynamic));
        let family: Vec<_> =
            family.map(|values| LabelDescriptor { name: "name".into(), values, optional: true }).collect();
        let mut words = Words::new();
        let packed = words.pack(&Set(&set));
        prop_assume!(packed.is_some());
        let wanted = Measured::of(&Set(&set), &family);
        let measured = packed.map(|packed| packed.measured(&family));
        prop_assert_eq!(measured.as_ref().map(|measured| measured.fitting), Some(wanted.fitting));
        if wanted.fitting {
            prop_assert_eq!(measured.map(|measured| measured.longest), Some(wanted.longest));
        }
    }
}

fn fits(set: &[Label]) -> bool {
    Words::new().pack(&Set(set)).is_some()
}

#[test]
fn what_is_long_or_much_does_not_fit() {
    let text = |len: usize| Label::Text("x".repeat(len));
    assert!(fits(&[text(88)]));
    assert!(!fits(&[text(89)]));
    assert!(!fits(&[text(1000), text(1)]));
    assert!(!fits(&[text(80), text(8), text(1)]));
    assert!(!fits(&vec![text(88); 9]));
    assert!(fits(&vec![Label::Number(1); 8]));
    assert!(!fits(&vec![Label::Number(1); 9]));
    let mut left_out = vec![Label::Number(1); 8];
    left_out.extend([Label::Absent, text(0)]);
    assert!(fits(&left_out), "what is left out needs no room");
}
