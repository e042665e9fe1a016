//! Which errors does a mapping file have beyond its syntax?

use super::super::glob::highest_reference;
use super::super::yaml::Node;
use super::MappingError;

/// A key that this place does not have, with what it has, or what became of it.
pub(super) fn unknown_key(node: &Node<'_>, key: &str, known: &[&str]) -> MappingError {
    let instead = match key {
        "native_histogram_bucket_factor" | "native_histogram_max_buckets" => "; it belongs under `histogram_options`",
        _ => "",
    };
    node.error(format!("there is no key {key:?} here{instead}; known are {}", known.join(", ")))
}

/// A metric name's template: letters, digits, `_` and references.
pub(super) fn name_template(node: &Node<'_>, template: &str) -> Result<(), MappingError> {
    let literal: String = without_references(template);
    let good = literal.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if template.is_empty() || !good || template.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(node.error(format!(
            "name is {template:?}; it must consist of letters, digits, _ and references such as $1 or ${{1}}, and not \
             begin with a digit"
        )));
    }
    Ok(())
}

fn without_references(template: &str) -> String {
    let mut literal = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        literal.push_str(before);
        let inner = after.strip_prefix('{').unwrap_or(after);
        let end = inner.find(|one: char| !one.is_ascii_digit()).unwrap_or(inner.len());
        let closed = !after.starts_with('{') || inner[end..].starts_with('}');
        if end == 0 || !closed {
            // Not a reference: the dollar sign itself is the wrong character.
            literal.push('$');
        }
        rest = if after.starts_with('{') && closed && end > 0 { &inner[end + 1..] } else { &inner[end..] };
    }
    literal.push_str(rest);
    literal
}

/// A reference beyond the stars of a glob or the groups of a regular expression would always be empty.
pub(super) fn references(node: &Node<'_>, template: &str, captures: usize) -> Result<(), MappingError> {
    let highest = highest_reference(template);
    if highest > captures {
        return Err(node.error(format!(
            "{template:?} refers to ${highest}, but `match` captures {captures}; refer to one that exists"
        )));
    }
    Ok(())
}

pub(super) fn label_key(node: &Node<'_>, key: &str) -> Result<(), MappingError> {
    let mut bytes = key.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !first || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(node.error(format!(
            "the label name is {key:?}; it must consist of letters, digits and _, and not begin with a digit"
        )));
    }
    Ok(())
}
