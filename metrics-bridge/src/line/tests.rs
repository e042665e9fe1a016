//! Is every form of the protocol read, and every defect refused by its reason?

use proptest::prelude::*;

use super::*;

fn sample(line: &str) -> Sample<'_> {
    match parse(line.as_bytes()) {
        Ok(Line::Sample(sample)) => sample,
        other => panic!("{line}: {other:?}"),
    }
}

fn numbers(sample: &Sample<'_>) -> Vec<f64> {
    sample.values.iter().map(|value| value.number).collect()
}

#[test]
fn every_type_is_read() {
    for kind in Kind::ALL {
        assert_eq!(sample(&format!("a.b:1|{}", kind.code())).kind, kind);
    }
}

#[test]
fn a_line_with_every_field_is_read() {
    let read =
        sample("shop.cart:1.5:-2:3e2|ms|@0.25|#env:prod,flag,url:http://x:80,,|c:ci-1f|T1656581400|e:it-1|card:low");
    assert_eq!(read.name, "shop.cart");
    assert_eq!(numbers(&read), [1.5, -2.0, 300.0]);
    assert_eq!(read.rate, 0.25);
    assert_eq!(read.container, Some("ci-1f"));
    assert_eq!(read.timestamp, Some(1_656_581_400));
    let tags: Vec<_> = read.tags.iter().map(|tag| (tag.key, tag.value)).collect();
    assert_eq!(tags, [("env", Some("prod")), ("flag", None), ("url", Some("http://x:80"))]);
}

#[test]
fn a_set_member_may_hold_colons() {
    let read = sample("users:a:b|s");
    assert_eq!(read.values.iter().map(|value| value.text).collect::<Vec<_>>(), ["a:b"]);
}

#[test]
fn a_sign_is_kept() {
    let signs = |line| sample(line).values.iter().map(|value| value.is_signed()).collect::<Vec<_>>();
    assert_eq!(signs("g:+5|g"), [true]);
    assert_eq!(signs("g:-5:5|g"), [true, false]);
}

#[test]
fn each_defect_has_its_reason_and_place() {
    for (line, reason, at) in [
        ("", Reason::Empty, 0),
        ("abc", Reason::MissingValue, 3),
        (":1|c", Reason::MissingName, 0),
        ("a:|c", Reason::MissingValue, 2),
        ("a:1", Reason::MissingType, 3),
        ("a:1|", Reason::MissingType, 4),
        ("a:1||@1", Reason::MissingType, 4),
        ("a:1|x", Reason::UnknownType, 4),
        ("a:x|c", Reason::BadValue, 2),
        ("a:1:|c", Reason::BadValue, 4),
        ("a:1:nan|c", Reason::BadValue, 4),
        ("a:inf|g", Reason::BadValue, 2),
        ("a:1e999|g", Reason::BadValue, 2),
        ("a:1|c|@0", Reason::BadSampleRate, 7),
        ("a:1|c|@1.5", Reason::BadSampleRate, 7),
        ("a:1|c|@x", Reason::BadSampleRate, 7),
        ("a:1|c|T1.5", Reason::BadTimestamp, 7),
        ("_e{5,4}:titl|text", Reason::BadEvent, 3),
        ("_e{0,4}:|text", Reason::BadEvent, 3),
        ("_e{99999999999999999999,1}:a|b", Reason::BadEvent, 3),
        ("_sc|name", Reason::BadServiceCheck, 4),
        ("_sc||0", Reason::BadServiceCheck, 4),
        ("_sc|name|4", Reason::BadServiceCheck, 4),
    ] {
        assert_eq!(parse(line.as_bytes()), Err(LineError { reason, at }), "{line}");
    }
    assert_eq!(parse(b"a\xff:1|c"), Err(LineError { reason: Reason::NotUtf8, at: 1 }));
    let long = vec![b'a'; MAX_LINE_BYTES + 1];
    assert_eq!(parse(&long).map_err(|error| error.reason), Err(Reason::TooLong));
    let name = format!("{}:1|c", "n".repeat(MAX_NAME_BYTES + 1));
    assert_eq!(parse(name.as_bytes()), Err(LineError { reason: Reason::NameTooLong, at: 0 }));
    let tags = format!("a:1|c|#{}", vec!["t"; MAX_TAGS + 1].join(","));
    assert_eq!(parse(tags.as_bytes()).map_err(|error| error.reason), Err(Reason::TooManyTags));
}

#[test]
fn the_message_says_where_and_what_would_be_right() {
    let error = parse(b"orders:1|count").unwrap_err();
    assert_eq!(error.to_string(), "byte 9: this is no type; types are c, g, ms, h, d and s");
}

#[test]
fn an_event_is_read_by_its_lengths() {
    let Ok(Line::Event(event)) = parse("_e{6,5}:dé|ab|t|x|y|t:error|p:low|#a:b|k:agg".as_bytes()) else { panic!() };
    assert_eq!((event.title, event.text), ("dé|ab", "t|x|y"));
    assert_eq!((event.alert_type, event.priority, event.tags.raw()), (AlertType::Error, Priority::Low, "a:b"));
}

#[test]
fn a_service_check_is_read_with_its_message() {
    let Ok(Line::ServiceCheck(check)) = parse(b"_sc|db.up|2|d:1|h:host|#a:b|m:no|connection") else { panic!() };
    assert_eq!((check.name, check.status, check.tags.raw()), ("db.up", ServiceStatus::Critical, "a:b"));
    assert_eq!(check.message, Some("no|connection"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_within_their_length(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = parse(&line) {
            prop_assert!(error.at <= line.len());
        }
    }

    #[test]
    fn any_protocol_like_text_is_read_or_refused(line in "[a:|@#,T_e{}sc0-9.+\\-é]{0,60}") {
        if let Ok(Line::Sample(sample)) = parse(line.as_bytes()) {
            prop_assert!(sample.values.iter().all(|value| value.number.is_finite()));
            prop_assert!(sample.rate > 0.0 && sample.rate <= 1.0);
            prop_assert!(sample.tags.iter().count() <= MAX_TAGS);
        }
    }

    #[test]
    fn what_a_client_writes_is_read_back(
        name in "[a-zA-Z_][a-zA-Z0-9._-]{0,30}",
        values in proptest::collection::vec(-1e12_f64..1e12, 1..5),
        kind in 0..5_usize,
        rate in 0.001_f64..=1.0,
        tags in proptest::collection::vec(("[a-z.]{1,8}", proptest::option::of("[a-z:/0-9]{0,8}")), 0..6),
    ) {
        prop_assume!(!name.starts_with("_sc") && !name.starts_with("_e"));
        let packed: Vec<_> = values.iter().map(f64::to_string).collect();
        let written: Vec<_> = tags.iter().map(|(key, value)| match value {
            Some(value) => format!("{key}:{value}"),
            None => key.clone(),
        }).collect();
        let line = format!("{name}:{}|{}|@{rate}|#{}", packed.join(":"), Kind::ALL[kind].code(), written.join(","));
        let read = sample(&line);
        prop_assert_eq!(read.name, name);
        prop_assert_eq!(numbers(&read), values);
        prop_assert_eq!(read.rate, rate);
        let back: Vec<_> = read.tags.iter().map(|t| (t.key.to_owned(), t.value.map(str::to_owned))).collect();
        prop_assert_eq!(back, tags);
    }
}
