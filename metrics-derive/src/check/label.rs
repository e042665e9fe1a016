//! Are the labels and values of an input allowed, and different?

use std::collections::HashSet;

use quote::ToTokens;

use crate::errors::Errors;
use crate::model::label_set::{LabelSet, Role};
use crate::model::label_value::{LabelValue, Value};
use crate::rules;

/// Names of labels.
pub(crate) fn label_set(errors: &Errors, set: &LabelSet) {
    let mut known = HashSet::new();
    for member in &set.members {
        let Role::Label { name, literal } = &member.role else { continue };
        let token: &dyn ToTokens = match literal {
            Some(literal) => literal,
            None => &member.ident,
        };
        errors.rule(token, rules::label_name(name));
        if !known.insert(name) {
            errors.rule(token, rules::labels_differ(name, name));
        }
    }
}

/// Values of a label, and which of them stands for all others.
pub(crate) fn label_value(errors: &Errors, label: &LabelValue) {
    let mut known = HashSet::new();
    for value in &label.values {
        errors.rule(token(value), rules::label_value(&value.text));
        if !known.insert(&value.text) {
            errors.rule(token(value), rules::values_differ(&value.text, &value.text));
        }
    }
    for other in label.values.iter().filter_map(|value| value.other.as_ref()).skip(1) {
        errors.at(other, "another variant stands for every other text already: leave one `other` out");
    }
}

fn token(value: &Value) -> &dyn ToTokens {
    match &value.literal {
        Some(literal) => literal,
        None => &value.ident,
    }
}
