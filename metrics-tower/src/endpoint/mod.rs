//! The `/metrics` endpoint.
//!
//! [`MetricsEndpoint`] is a tower service that answers GET and HEAD with what a registry holds, in pieces, so that
//! neither a scrape of a million series nor a reader that stops reading costs the service memory or time.
//!
//! # What is answered
//!
//! | request | answer |
//! |---|---|
//! | GET | 200 in the best format that `Accept` allows; text 0.0.4 where it asks for nothing that there is, never 406 |
//! | GET with `?name[]=a&name[]=b` | the families of these names, as they are registered; other parameters are ignored |
//! | GET with a query that cannot be read, or is too long | 400, and a line that says what is wrong |
//! | HEAD | the status and the content type of GET, no body; nothing is collected |
//! | another method | 405 with `Allow` |
//! | one scrape too many ([`with_max_scrapes`](MetricsEndpoint::with_max_scrapes), 8) | 503 with `Retry-After` |
//!
//! An answer that begins and cannot be finished ends with a [`ScrapeError`], at which a server breaks the connection off:
//! its reader took nothing for 30 seconds ([`with_reader_timeout`](MetricsEndpoint::with_reader_timeout)), or the scraper's
//! `X-Prometheus-Scrape-Timeout-Seconds` is over, or the endpoint's own limit
//! ([`with_timeout`](MetricsEndpoint::with_timeout), none). Both are looked at between two pieces, and behind each collector
//! that took more than a millisecond; a collector that is at work is not interrupted.
//!
//! Readers that take an answer slowly, but never stop, hold their places no longer than 10 seconds
//! ([`with_place_timeout`](MetricsEndpoint::with_place_timeout)) while somebody wants one: the scrape that has run longest
//! gives its place up to the next that comes, and ends with such an error. Who comes in the meantime gets 503. That bounds
//! what few slow readers can do; who sends more scrapes without end than there are places can have each that becomes
//! free, and is to be kept away from the port.
//!
//! Answers above 1,400 bytes, and those whose size is not known at once, are compressed where `Accept-Encoding` takes gzip;
//! `Vary` tells caches what they depend on.
//!
//! # What it tells about itself
//!
//! After [`with_self_metrics`](MetricsEndpoint::with_self_metrics):
//!
//! | metric | type | what |
//! |---|---|---|
//! | `metrics_endpoint_scrapes_total` | counter | scrapes that have ended, by `outcome`: `complete`, `refused`, `stalled`, `timed_out`, `dropped`, `displaced` |
//! | `metrics_endpoint_scrape_duration_seconds` | histogram | from the request to the last piece |
//! | `metrics_endpoint_scrape_size_bytes` | histogram | as handed to the server |
//! | `metrics_left_out_rows_total` | counter | rows that could not be written |
//! | `metrics_ignored_records_total` | counter | amounts and observations that are not allowed |
//! | `metrics_family_series` | gauge | series, by `family` with a dynamic label |
//! | `metrics_family_overflowed_total` | counter | lookups that went to an overflow series, by `family` |
//! | `metrics_collector_duration_seconds` | gauge | how long a collector took the last time, by `family` |
//!
//! # Scrapes at the same time
//!
//! They are not coalesced. An answer is never kept: two readers that share one would have to read equally fast, or it would
//! have to be kept for the slower one, and a scrape of a million series would cost its 90 MB again. Sharing what the
//! collectors told is possible without, but makes a scrape wait for another's collectors, and shows values that were read
//! before it was asked for. What coalescing saves is little: a scrape takes no lock, and about 40 ns of one worker's time a
//! series; how many run at once is capped.

mod body;
mod encoding;
mod format;
mod gzip;
mod own;
mod places;
mod query;
mod respond;
mod service;

pub use body::{MetricsBody, ScrapeError};
pub use service::MetricsEndpoint;
