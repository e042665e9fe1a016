//! Is every `Accept` header answered, with a format that it asks for and does not refuse, or with text for want of one?
#![no_main]

use libfuzzer_sys::fuzz_target;
use metrics_core::Format;
use metrics_core::encode::ContentType;

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.split('\n').collect();
    let answer = ContentType::negotiate(lines.iter().copied());
    // Several lines are one line with commas, unless a quote is left open.
    if !text.contains('"') {
        assert_eq!(answer, ContentType::negotiate([lines.join(",").as_str()]));
        let clauses = || text.split(['\n', ',']);
        // Alone, a clause of quality 0 is answered as if it were not there.
        let asked =
            answer == ContentType::default() || clauses().any(|clause| ContentType::negotiate([clause]) == answer);
        assert!(asked, "{answer:?} is refused");
        let refused: Vec<String> = clauses().map(|clause| format!("{clause};q=0")).collect();
        assert_eq!(ContentType::negotiate(refused.iter().map(String::as_str)), ContentType::default());
    }
    let lower = text.to_ascii_lowercase();
    match answer.format {
        Format::Text => {}
        Format::TextUtf8 => assert!(lower.contains("text/plain")),
        Format::Protobuf => assert!(lower.contains("application/vnd.google.protobuf")),
        _ => assert!(lower.contains("application/openmetrics-text")),
    }
    assert!(answer.as_str().is_ascii());
});
