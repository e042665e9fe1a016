//! Do derived label sets and values have the index, the labels and the texts that they should?

use metrics_core::{LabelDeclaration, LabelSet, LabelValue, LabelValues, LabelVisitor, NoLabels};
use std::borrow::Cow;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
enum Payment {
    Card,
    ApplePay,
    #[label(rename = "Überweisung")]
    Transfer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(rename_all = "SCREAMING-KEBAB-CASE")]
enum Method {
    Get,
    PropFind,
    #[label(rename = "_OTHER", other)]
    Other,
}

#[derive(LabelSet)]
struct Everything<'a, 'b> {
    payment: Payment,
    maybe: Option<Method>,
    flag: bool,
    #[label(rename = "kind")]
    r#type: &'a str,
    owned: String,
    cow: Cow<'b, str>,
    shared: Arc<str>,
    small: u8,
    large: i64,
    place: usize,
    region: Option<&'a str>,
    number: Option<u16>,
    #[label(skip)]
    _note: Vec<u8>,
}

#[derive(LabelSet)]
struct Dense {
    flag: bool,
    #[label(nested)]
    inner: Inner,
    method: Option<Method>,
}

#[derive(Clone, Copy, LabelSet)]
struct Inner {
    payment: Payment,
    retry: Option<bool>,
}

#[derive(LabelSet)]
struct Mixed<'a> {
    #[label(nested)]
    inner: Inner,
    #[label(nested)]
    route: Route<'a>,
}

#[derive(LabelSet)]
struct Route<'a> {
    route: &'a str,
}

#[derive(LabelSet)]
struct Empty;

#[derive(Debug, Default, PartialEq)]
struct Recorder(Vec<String>);

impl LabelVisitor for Recorder {
    fn enumerated(&mut self, index: usize) {
        self.0.push(format!("#{index}"));
    }
    fn text(&mut self, value: &str) {
        self.0.push(format!("{value:?}"));
    }
    fn unsigned(&mut self, value: u64) {
        self.0.push(format!("u{value}"));
    }
    fn signed(&mut self, value: i64) {
        self.0.push(format!("i{value}"));
    }
    fn absent(&mut self) {
        self.0.push("-".to_owned());
    }
}

fn visited(set: &impl LabelSet) -> Vec<String> {
    let mut recorder = Recorder::default();
    set.visit(&mut recorder);
    recorder.0
}

fn names<L: LabelSet>() -> Vec<&'static str> {
    L::LABELS.iter().map(|label| label.name).collect()
}

#[test]
fn values_are_spelled_by_rename_all_and_rename() {
    assert_eq!(Payment::VALUES, ["card", "apple_pay", "Überweisung"]);
    assert_eq!(Method::VALUES, ["GET", "PROP-FIND", "_OTHER"]);
    assert_eq!((Payment::Card.index(), Payment::Transfer.index()), (0, 2));
    assert_eq!(Method::PropFind.text(), "PROP-FIND");
}

#[test]
fn a_text_that_is_not_known_is_the_catch_all_variant() {
    assert_eq!(Method::from("GET"), Method::Get);
    assert_eq!(Method::from("PROP-FIND"), Method::PropFind);
    assert_eq!(Method::from("_OTHER"), Method::Other);
    assert_eq!(Method::from("get"), Method::Other);
    assert_eq!(Method::from(""), Method::Other);
}

#[test]
fn labels_have_names_values_and_may_be_optional() {
    let dynamic = |name| LabelDeclaration::new(name, LabelValues::Dynamic);
    let enumerated = |name, values| LabelDeclaration::new(name, LabelValues::Enumerated(values));
    let optional = |label| LabelDeclaration { optional: true, ..label };
    assert_eq!(
        Everything::LABELS,
        [
            enumerated("payment", Payment::VALUES),
            optional(enumerated("maybe", Method::VALUES)),
            enumerated("flag", &["false", "true"]),
            dynamic("kind"),
            dynamic("owned"),
            dynamic("cow"),
            dynamic("shared"),
            dynamic("small"),
            dynamic("large"),
            dynamic("place"),
            optional(dynamic("region")),
            optional(dynamic("number")),
        ]
    );
    assert_eq!(Everything::CARDINALITY, None);
}

#[test]
fn every_label_is_visited_in_order() {
    let kind = String::from("ship");
    let set = Everything {
        payment: Payment::ApplePay,
        maybe: None,
        flag: true,
        r#type: &kind,
        owned: "o".to_owned(),
        cow: Cow::Borrowed("c"),
        shared: "s".into(),
        small: 7,
        large: -9,
        place: 3,
        region: None,
        number: Some(5),
        _note: vec![1],
    };
    let expected = ["#1", "-", "#1", "\"ship\"", "\"o\"", "\"c\"", "\"s\"", "u7", "i-9", "u3", "-", "u5"];
    assert_eq!(visited(&set), expected);
    assert_eq!(set.index(), 0);
}

#[test]
fn nested_sets_stand_where_their_field_does() {
    assert_eq!(names::<Dense>(), ["flag", "payment", "retry", "method"]);
    assert_eq!(names::<Mixed<'_>>(), ["payment", "retry", "route"]);
    let inner = Inner { payment: Payment::Transfer, retry: Some(true) };
    assert_eq!(visited(&Dense { flag: false, inner, method: Some(Method::Other) }), ["#0", "#2", "#1", "#2"]);
    assert_eq!(visited(&Mixed { inner, route: Route { route: "/" } }), ["#2", "#1", "\"/\""]);
}

#[test]
fn the_index_is_row_major_and_covers_every_combination_once() {
    let mut expected = 0;
    for flag in [false, true] {
        for payment in [Payment::Card, Payment::ApplePay, Payment::Transfer] {
            for retry in [Some(false), Some(true), None] {
                for method in [Some(Method::Get), Some(Method::PropFind), Some(Method::Other), None] {
                    let set = Dense { flag, inner: Inner { payment, retry }, method };
                    assert_eq!(set.index(), expected);
                    expected += 1;
                }
            }
        }
    }
    assert_eq!(Dense::CARDINALITY, Some(expected));
}

#[test]
fn a_set_with_a_dynamic_label_has_no_index() {
    let inner = Inner { payment: Payment::Transfer, retry: None };
    assert_eq!(Mixed { inner, route: Route { route: "/" } }.index(), 0);
    assert_eq!(Mixed::CARDINALITY, None);
}

#[test]
fn an_empty_set_is_like_no_labels() {
    assert_eq!((Empty::LABELS, Empty::CARDINALITY, Empty.index()), (NoLabels::LABELS, Some(1), 0));
    assert!(visited(&Empty).is_empty());
}

#[test]
fn the_schema_of_a_borrowing_set_is_owned() {
    fn same<A, B: LabelSet<Schema = A>>() {}
    same::<Route<'static>, Route<'_>>();
    same::<Everything<'static, 'static>, Everything<'_, '_>>();
    same::<Dense, Dense>();
}
