//! How do OpenMetrics' metadata lines look?

use super::escape::write_quoted;
use super::name::write_family_name;

/// Appends `# TYPE`, `# UNIT` and `# HELP`, without those that have nothing to tell. `family` has been escaped.
pub(crate) fn write_metadata(out: &mut Vec<u8>, family: &str, kind: &str, unit: Option<&str>, help: &str) {
    write_line(out, "# TYPE ", family, kind);
    if let Some(unit) = unit {
        write_line(out, "# UNIT ", family, unit);
    }
    if !help.is_empty() {
        write_line(out, "# HELP ", family, help);
    }
}

fn write_line(out: &mut Vec<u8>, keyword: &str, family: &str, text: &str) {
    out.extend_from_slice(keyword.as_bytes());
    write_family_name(out, family);
    out.push(b' ');
    // Unlike 0.0.4, quotes are escaped here too.
    write_quoted(out, text.as_bytes());
    out.push(b'\n');
}
