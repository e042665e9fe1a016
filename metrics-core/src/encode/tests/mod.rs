//! Does every format tell what was recorded? A registry with every type, and readers that share no code with us.

mod every_type;
#[cfg(feature = "openmetrics-2")]
mod openmetrics2;
mod parse;
mod round_trip;
mod utf8_names;

use super::Format;
use super::protobuf::schema::MetricFamily;
use crate::Registry;

/// The whole exposition.
fn exposed(registry: &Registry, content_type: impl Into<super::ContentType>) -> Vec<u8> {
    let mut exposition = registry.exposition(content_type);
    let (mut body, mut piece) = (Vec::new(), Vec::new());
    let mut more = true;
    while more {
        more = exposition.next_piece(&mut piece);
        body.append(&mut piece);
    }
    body
}

fn exposed_text(registry: &Registry, format: Format) -> String {
    String::from_utf8(exposed(registry, format)).unwrap()
}

/// The messages of a protobuf exposition; those of one name become one.
fn exposed_families(registry: &Registry) -> Vec<MetricFamily> {
    let body = exposed(registry, Format::Protobuf);
    let mut rest = body.as_slice();
    let mut families: Vec<MetricFamily> = Vec::new();
    while !rest.is_empty() {
        let mut family: MetricFamily = prost::Message::decode_length_delimited(&mut rest).unwrap();
        match families.last_mut().filter(|last| last.name == family.name) {
            Some(last) => last.metric.append(&mut family.metric),
            None => families.push(family),
        }
    }
    families
}
