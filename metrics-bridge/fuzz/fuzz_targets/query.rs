//! Does any text break the translator of queries?
#![no_main]

use libfuzzer_sys::fuzz_target;
use metrics_bridge::line::Kind;
use metrics_bridge::map::Mapper;
use metrics_bridge::translate::{Catalogue, Translator, TranslatorOptions};

fuzz_target!(|query: &str| {
    let mut catalogue = Catalogue::new(Mapper::default());
    for (name, kind) in [("c", Kind::Count), ("g", Kind::Gauge), ("d", Kind::Distribution)] {
        catalogue.declare(name, kind).unwrap();
    }
    let _ = Translator::new(catalogue, TranslatorOptions::default()).query(query);
});
