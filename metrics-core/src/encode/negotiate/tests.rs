//! Is every scraper answered in the format that it asked for?

use super::*;
use Escaping::{AllowUtf8, Dots, Underscores, Values};
use Format::{OpenMetrics, Protobuf, Text, TextUtf8};

fn assert_answers(table: &[(&str, Format, Escaping)]) {
    for &(accept, format, escaping) in table {
        assert_eq!(ContentType::negotiate([accept]), format.with_escaping(escaping), "{accept}");
    }
}

#[test]
fn every_prometheus_gets_what_it_asks_for_first() {
    assert_answers(&[
        // 2.42 to 2.48
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OpenMetrics,
            Underscores,
        ),
        // 2.42 to 2.48, native histograms
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            Protobuf,
            Underscores,
        ),
        // 2.49 to 2.54
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            OpenMetrics,
            Underscores,
        ),
        // 2.49 to 2.54, protobuf first
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            Protobuf,
            Underscores,
        ),
        // 2.55 with UTF-8 names
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
            OpenMetrics,
            AllowUtf8,
        ),
        // 2.55 with UTF-8 names, protobuf first
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1",
            Protobuf,
            AllowUtf8,
        ),
        // 3.0 to 3.2, with its doubled parameter
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
            OpenMetrics,
            AllowUtf8,
        ),
        // the same, protobuf first
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1",
            Protobuf,
            AllowUtf8,
        ),
        // 3.3
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
            OpenMetrics,
            AllowUtf8,
        ),
        // 3.4 to 3.14
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            OpenMetrics,
            AllowUtf8,
        ),
        // 3.4 to 3.14, protobuf first
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            Protobuf,
            Underscores,
        ),
        // legacy names, and the schemes that can be configured
        ("application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,*/*;q=0.2", OpenMetrics, Underscores),
        ("application/openmetrics-text;version=1.0.0;escaping=dots;q=0.6,*/*;q=0.2", OpenMetrics, Dots),
        ("application/openmetrics-text;version=1.0.0;escaping=values;q=0.6,*/*;q=0.2", OpenMetrics, Values),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3",
            TextUtf8,
            AllowUtf8,
        ),
    ]);
}

#[test]
fn people_and_their_tools_get_text() {
    assert_answers(&[
        ("*/*", Text, Underscores),
        ("", Text, Underscores),
        ("text/*", Text, Underscores),
        ("text/plain", Text, Underscores),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Text, Underscores),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            Text,
            Underscores,
        ),
        ("application/json", Text, Underscores),
        ("application/*", Text, Underscores),
        ("image/*;q=0.5", Text, Underscores),
    ]);
    assert_eq!(ContentType::negotiate([]), ContentType::default());
}

#[test]
fn the_greatest_quality_wins_and_then_the_first_clause() {
    let proto = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    assert_answers(&[
        ("text/plain;q=0.4,application/openmetrics-text;q=0.5", OpenMetrics, Underscores),
        ("text/plain;q=0.5,application/openmetrics-text;q=0.5", Text, Underscores),
        ("*/*,application/openmetrics-text;q=0.9", Text, Underscores),
        ("application/openmetrics-text;q=0,text/plain;q=0.1", Text, Underscores),
        ("application/openmetrics-text;q=0", Text, Underscores),
        ("application/openmetrics-text;q=0.000", Text, Underscores),
        ("text/plain;q=1.0,application/openmetrics-text;q=7", Text, Underscores),
        ("text/plain;q=0.9,application/openmetrics-text;q=high", OpenMetrics, Underscores),
        ("text/plain;q=0.9,application/openmetrics-text;q=NaN", OpenMetrics, Underscores),
        ("text/plain;q=0.9,application/openmetrics-text;q=-1", OpenMetrics, Underscores),
    ]);
    let both = format!("{proto};q=0.3,text/plain;q=0.2");
    assert_answers(&[(&both, Protobuf, Underscores)]);
}

#[test]
fn versions_and_parameters_must_fit() {
    assert_answers(&[
        ("application/openmetrics-text", OpenMetrics, Underscores),
        ("application/openmetrics-text;version=0.0.1", OpenMetrics, Underscores),
        ("application/openmetrics-text;version=0.0.4", Text, Underscores),
        ("application/openmetrics-text;version=3.0.0,text/plain;version=1.0.0;q=0.1", TextUtf8, Underscores),
        ("text/plain;version=0.0.5,application/openmetrics-text;q=0.1", OpenMetrics, Underscores),
        ("application/vnd.google.protobuf,application/openmetrics-text;q=0.1", OpenMetrics, Underscores),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text,application/openmetrics-text;q=0.5,*/*;q=0.1",
            OpenMetrics,
            Underscores,
        ),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
            Text,
            Underscores,
        ),
        ("application/vnd.google.protobuf;proto=a.b;encoding=delimited", Text, Underscores),
    ]);
}

#[test]
fn escaping_is_that_of_the_clause_that_wins() {
    assert_answers(&[
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.1,application/openmetrics-text;version=1.0.0",
            OpenMetrics,
            Underscores,
        ),
        ("image/png;escaping=dots,text/plain;q=0.5", Text, Underscores),
        ("text/plain;escaping=unheard-of", Text, Underscores),
        ("text/plain;escaping=values;escaping=dots", Text, Dots),
    ]);
}

#[test]
fn sloppy_spelling_is_understood() {
    assert_answers(&[
        ("  Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.9 ;, text/plain;q=0.1", OpenMetrics, Underscores),
        ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", OpenMetrics, Underscores),
        (",,;;,application/openmetrics-text;;version=1.0.0;", OpenMetrics, Underscores),
        ("a/b;c=\",application/openmetrics-text\",text/plain;version=1.0.0", TextUtf8, Underscores),
    ]);
}

#[test]
fn all_header_lines_count() {
    let lines = ["text/plain;q=0.3", "application/openmetrics-text;version=1.0.0;q=0.6", "*/*;q=0.2"];
    assert_eq!(ContentType::negotiate(lines).format, OpenMetrics);
}

#[cfg(feature = "openmetrics-2")]
#[test]
fn openmetrics_2_is_written_only_when_asked_for() {
    assert_answers(&[
        (
            "application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=1.0.0;q=0.5",
            Format::OpenMetrics2,
            Underscores,
        ),
        ("application/openmetrics-text", OpenMetrics, Underscores),
    ]);
}

#[cfg(not(feature = "openmetrics-2"))]
#[test]
fn openmetrics_2_falls_through_to_1() {
    let accept = "application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=1.0.0;q=0.5";
    assert_answers(&[(accept, OpenMetrics, Underscores)]);
}

proptest::proptest! {
    #[test]
    fn any_header_is_answered(accept in "([a-z/*;=,\" ]|q=|version=|text/plain|escaping=|0\\.|\\PC){0,60}") {
        let _ = ContentType::negotiate([accept.as_str()]);
    }
}
