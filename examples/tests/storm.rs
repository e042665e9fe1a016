//! Do the books balance after a short storm?

mod support;

use support::output;

const STORM: &str = env!("CARGO_BIN_EXE_storm");

#[test]
fn the_books_of_a_short_storm_balance() {
    let run = output(STORM, &["--requests", "3000", "--seconds", "60"]);
    let (told, progress) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{told}\n{progress}");
    assert!(told.ends_with(" passed, 0 failed\n"), "{told}");
    for line in [
        "left in the body = recorded",
        "panics that nobody asked for",
        "requests with _OTHER",
        "series of request_duration_seconds_count",
        "scrapes of the besieged port",
    ] {
        assert!(told.contains(line), "{line} in\n{told}");
    }
}

#[test]
fn a_storm_without_clients_is_refused() {
    let run = output(STORM, &["--connections", "0"]);
    assert_eq!(run.status.code(), Some(1));
    let told = "storm: --connections 0 is not between 1 and 256; --help lists the options\n";
    assert_eq!(String::from_utf8_lossy(&run.stderr), told);
}
