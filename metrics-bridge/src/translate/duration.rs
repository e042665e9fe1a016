//! How are seconds written in PromQL?

/// The shortest exact spelling with one unit.
pub(super) fn promql(seconds: u64) -> String {
    let units = [(604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "m")];
    let fitting = units.into_iter().find(|(length, _)| seconds != 0 && seconds % length == 0);
    match fitting {
        Some((length, unit)) => format!("{}{unit}", seconds / length),
        None => format!("{seconds}s"),
    }
}

/// `5m`, `1h`, `90s`, `2d`, `1w` or plain seconds.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let digits = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let length = match &text[digits..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        // A month of Datadog's is four weeks.
        "mo" => 2_419_200,
        _ => return None,
    };
    number.checked_mul(length).filter(|seconds| *seconds > 0)
}
