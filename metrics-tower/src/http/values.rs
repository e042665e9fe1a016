//! Which values can the enumerable labels of a request have?
//!
//! Everything except the route has a fixed list, so that what a client sends can only choose from it, and so that the
//! overflow series of a full family still tell errors from successes.

use http::{Method, StatusCode, Version};

/// The methods of RFC 9110, PATCH and QUERY; everything else is the last.
pub(crate) const METHODS: &[&str] =
    &["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", "_OTHER"];

/// The place of HEAD.
pub(crate) const HEAD: u16 = 1;
/// The place of CONNECT.
pub(crate) const CONNECT: u16 = 5;

/// The place of a method in [`METHODS`].
#[inline]
pub(crate) fn method(method: &Method) -> u16 {
    match *method {
        Method::GET => 0,
        Method::HEAD => HEAD,
        Method::POST => 2,
        Method::PUT => 3,
        Method::DELETE => 4,
        Method::CONNECT => CONNECT,
        Method::OPTIONS => 6,
        Method::TRACE => 7,
        Method::PATCH => 8,
        _ if method.as_str() == "QUERY" => 9,
        _ => 10,
    }
}

/// 100 to 599, and one for what no registry of status codes can ever hold.
pub(crate) const STATUSES: &[&str] = &{
    let mut all = ["_OTHER"; 501];
    let mut at = 0;
    while at < 500 {
        all[at] = code(at);
        at += 1;
    }
    all
};

/// The place of a status code in [`STATUSES`].
#[inline]
pub(crate) fn status(status: StatusCode) -> u16 {
    match status.as_u16() {
        code @ 100..=599 => code - 100,
        _ => 500,
    }
}

const DIGITS: &[[u8; 3]; 500] = &{
    let mut all = [[b'0'; 3]; 500];
    let mut at = 0;
    while at < 500 {
        all[at] = [b'1' + (at / 100) as u8, b'0' + (at / 10 % 10) as u8, b'0' + (at % 10) as u8];
        at += 1;
    }
    all
};

const fn code(at: usize) -> &'static str {
    match core::str::from_utf8(&DIGITS[at]) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
}

/// The ways to fail that have a name of their own. The numbers are places in [`ERROR_TYPES`].
pub(crate) mod error {
    pub(crate) const OTHER: u16 = 0;
    pub(crate) const BODY: u16 = 1;
    pub(crate) const CANCELLED: u16 = 2;
    pub(crate) const OVERLOADED: u16 = 3;
    pub(crate) const PANIC: u16 = 4;
    pub(crate) const TIMEOUT: u16 = 5;
    /// The first of the status codes.
    pub(crate) const FIRST_STATUS: u16 = 6;
}

/// The named ways to fail, then the status codes that are failures: 400 to 599.
pub(crate) const ERROR_TYPES: &[&str] = &{
    let mut all = [""; 206];
    all[error::OTHER as usize] = "_OTHER";
    all[error::BODY as usize] = "body";
    all[error::CANCELLED as usize] = "cancelled";
    all[error::OVERLOADED as usize] = "overloaded";
    all[error::PANIC as usize] = "panic";
    all[error::TIMEOUT as usize] = "timeout";
    let mut at = error::FIRST_STATUS as usize;
    while at < all.len() {
        all[at] = code(300 + at - error::FIRST_STATUS as usize);
        at += 1;
    }
    all
};

/// The failure that a status (its place in [`STATUSES`]) is for the side that answers (5xx), or for the one that asks
/// (4xx too).
#[inline]
pub(crate) fn status_error(status: u16, client: bool) -> Option<u16> {
    match status + 100 {
        code @ 500..=599 => Some(error::FIRST_STATUS + code - 400),
        code @ 400..=499 if client => Some(error::FIRST_STATUS + code - 400),
        _ => None,
    }
}

/// Protocol versions as OpenTelemetry writes them.
pub(crate) const VERSIONS: &[&str] = &["0.9", "1.0", "1.1", "2", "3"];

/// The place of a version in [`VERSIONS`].
pub(crate) fn version(version: Version) -> Option<u16> {
    match version {
        Version::HTTP_09 => Some(0),
        Version::HTTP_10 => Some(1),
        Version::HTTP_11 => Some(2),
        Version::HTTP_2 => Some(3),
        Version::HTTP_3 => Some(4),
        _ => None,
    }
}

/// The schemes that a label may tell.
pub(crate) const SCHEMES: &[&str] = &["http", "https"];

/// The place of a URI's scheme in [`SCHEMES`].
pub(crate) fn scheme(uri: &http::Uri) -> Option<u16> {
    SCHEMES.iter().position(|scheme| uri.scheme_str() == Some(scheme)).map(|at| at as u16)
}

/// gRPC's status codes.
pub(crate) const GRPC_STATUSES: &[&str] =
    &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"];

/// The names of gRPC's status codes, by code.
pub(crate) const GRPC_NAMES: &[&str] = &[
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// [`ERROR_TYPES`] and the names of gRPC's status codes.
pub(crate) const GRPC_ERROR_TYPES: &[&str] = &{
    let mut all = [""; ERROR_TYPES.len() + GRPC_NAMES.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < ERROR_TYPES.len() { ERROR_TYPES[at] } else { GRPC_NAMES[at - ERROR_TYPES.len()] };
        at += 1;
    }
    all
};

/// The place of a gRPC status in [`GRPC_ERROR_TYPES`].
pub(crate) fn grpc_error(code: u16) -> u16 {
    ERROR_TYPES.len() as u16 + code
}

/// Whether a gRPC status is a failure of the side that answers; every one but OK is one for the side that asks.
pub(crate) fn grpc_is_error(code: u16, client: bool) -> bool {
    if client { code != 0 } else { matches!(code, 2 | 4 | 12 | 13 | 14 | 15) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_method_is_found_at_its_place_and_every_other_is_other() {
        for (at, name) in METHODS.iter().enumerate() {
            assert_eq!(usize::from(method(&Method::from_bytes(name.as_bytes()).unwrap())), at, "{name}");
        }
        for odd in ["get", "BREW", "G", "PROPFIND", "QUERYX"] {
            assert_eq!(METHODS[usize::from(method(&Method::from_bytes(odd.as_bytes()).unwrap()))], "_OTHER", "{odd}");
        }
    }

    #[test]
    fn every_status_code_has_its_own_text_up_to_599() {
        for code in 100..=999 {
            let text = STATUSES[usize::from(status(StatusCode::from_u16(code).unwrap()))];
            assert_eq!(text, if code < 600 { code.to_string() } else { "_OTHER".to_owned() });
        }
    }

    #[test]
    fn a_server_fails_with_5xx_and_a_client_with_4xx_too() {
        for code in 100..=999 {
            let text = |client| {
                let error = status_error(status(StatusCode::from_u16(code).unwrap()), client);
                error.map(|at| ERROR_TYPES[usize::from(at)].to_owned())
            };
            assert_eq!(text(false), (500..600).contains(&code).then(|| code.to_string()), "{code} on a server");
            assert_eq!(text(true), (400..600).contains(&code).then(|| code.to_string()), "{code} on a client");
        }
    }

    #[test]
    fn the_named_errors_stand_where_their_constants_say() {
        let named = [
            (error::OTHER, "_OTHER"),
            (error::BODY, "body"),
            (error::CANCELLED, "cancelled"),
            (error::OVERLOADED, "overloaded"),
            (error::PANIC, "panic"),
            (error::TIMEOUT, "timeout"),
            (error::FIRST_STATUS, "400"),
        ];
        for (at, name) in named {
            assert_eq!(ERROR_TYPES[usize::from(at)], name);
        }
        assert_eq!(ERROR_TYPES.last(), Some(&"599"));
    }
}
