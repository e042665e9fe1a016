//! Is every label value, help and constant label read back from every text format?
#![no_main]

use std::str::Chars;

use libfuzzer_sys::fuzz_target;
use metrics_core::{Counter, Descriptor, DynamicFamily, Format, MetricType, Registry};

fuzz_target!(|texts: (&str, &str, &str)| {
    let (help, constant, value) = texts;
    let registry = Registry::new();
    let mut descriptor = Descriptor::new(MetricType::Counter, "c_total", format!("H{help}"));
    descriptor.add_label("value");
    let scoped = registry.with_label("constant", &format!("c{constant}"));
    let counters: DynamicFamily<Counter> = scoped.register_dynamic(descriptor).expect("nothing is wrong with it");
    counters.with(&[Some(value)]).inc();
    for format in [Format::Text, Format::TextUtf8, Format::OpenMetrics, Format::OpenMetrics2] {
        let mut body = Vec::new();
        let mut exposition = registry.exposition(format);
        while exposition.next_piece(&mut body) {}
        let body = String::from_utf8(body).expect("text is UTF-8");
        let family = if format == Format::OpenMetrics { "c" } else { "c_total" };
        let told =
            body.split('\n').find_map(|line| line.strip_prefix("# HELP ")?.strip_prefix(family)?.strip_prefix(' '));
        assert_eq!(unescaped(&mut told.expect("there is a help").chars(), None), format!("H{help}"));
        let row = body.lines().find(|line| line.starts_with("c_total{")).expect("there is a row");
        let row = row.strip_prefix("c_total{").and_then(|row| row.rsplit_once("} 1"));
        let (labels, rest) = row.expect("it is well formed");
        // OpenMetrics 2.0 tells when the series began.
        assert!(rest.is_empty() || rest.starts_with(" st@"), "{rest}");
        let mut expected = vec![format!("c{constant}")];
        if !value.is_empty() {
            // Longer values go to the overflow series.
            expected.push(if value.len() <= 1024 { value.to_owned() } else { "_overflow".to_owned() });
        }
        assert_eq!(values(labels), expected);
    }
});

/// The values in `name="value",name="value"`.
fn values(mut labels: &str) -> Vec<String> {
    let mut values = Vec::new();
    while let Some((_, rest)) = labels.split_once("=\"") {
        let mut characters = rest.chars();
        let value = unescaped(&mut characters, Some('"'));
        values.push(value);
        labels = characters.as_str();
    }
    values
}

/// What stands before `end`, or all if it has none.
fn unescaped(characters: &mut Chars<'_>, end: Option<char>) -> String {
    let mut text = String::new();
    loop {
        match characters.next() {
            found if found == end => return text,
            None => panic!("it has no end: {text}"),
            Some('\\') => text.push(match characters.next().expect("something is escaped") {
                'n' => '\n',
                escaped @ ('\\' | '"') => escaped,
                other => panic!("{other:?} is escaped"),
            }),
            Some('\n') => panic!("it goes over lines"),
            Some(character) => text.push(character),
        }
    }
}
