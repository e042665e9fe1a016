//! Which families does a scrape ask for?

/// A query may be this long.
const MAX_LENGTH: usize = 65_536;
/// A query may have this many parameters.
const MAX_PARAMETERS: usize = 1024;

/// The values of `name[]`, decoded; none means all families. Other parameters are ignored.
///
/// # Errors
/// What is wrong with the query, for whoever sent it.
pub(crate) fn names(query: Option<&str>) -> Result<Vec<String>, String> {
    let query = query.unwrap_or_default();
    if query.len() > MAX_LENGTH {
        return Err(format!("The query has {} bytes: at most {MAX_LENGTH} are allowed.\n", query.len()));
    }
    let parameters = || query.split('&').filter(|parameter| !parameter.is_empty());
    if parameters().nth(MAX_PARAMETERS).is_some() {
        return Err(format!("The query has more than {MAX_PARAMETERS} parameters, which is the limit.\n"));
    }
    let mut names = Vec::new();
    for (name, value) in parameters().map(|parameter| parameter.split_once('=').unwrap_or((parameter, ""))) {
        if decode(name).as_deref() == Some("name[]") {
            names.push(decode(value).ok_or_else(|| {
                format!(
                    "`{value}` in the query is no name: after % there must be two hex digits, and all must be UTF-8.\n"
                )
            })?);
        }
    }
    Ok(names)
}

/// Percent-encoding and `+` undone; none if it is wrong.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => (hex(rest.next()?)? << 4) | hex(rest.next()?)?,
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_and_everything_else_is_ignored() {
        let cases: [(&str, &[&str]); 6] = [
            ("", &[]),
            ("debug=1&&x", &[]),
            ("name[]=up", &["up"]),
            ("name%5B%5D=a&name[]=b%2ec", &["a", "b.c"]),
            ("name[]=a+b", &["a b"]),
            ("name[]", &[""]),
        ];
        for (query, expected) in cases {
            assert_eq!(names(Some(query)).unwrap(), expected, "{query}");
        }
        assert!(names(None).unwrap().is_empty());
    }

    #[test]
    fn a_wrong_query_is_told_what_is_wrong() {
        let told = |query: &str| names(Some(query)).unwrap_err();
        let wrong = "`%4` in the query is no name: after % there must be two hex digits, and all must be UTF-8.\n";
        assert_eq!(told("name[]=%4"), wrong);
        assert_eq!(told("name[]=%zz"), wrong.replace("%4", "%zz"));
        assert_eq!(told("name[]=%ff"), wrong.replace("%4", "%ff"));
        assert_eq!(told(&"a&".repeat(1025)), "The query has more than 1024 parameters, which is the limit.\n");
        assert_eq!(told(&"a".repeat(65_537)), "The query has 65537 bytes: at most 65536 are allowed.\n");
    }
}
