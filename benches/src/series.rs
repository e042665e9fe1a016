//! Many series, as services have them: values repeat.

use crate::labels::RequestLabels;

/// How many different values each label has: 5 methods, 20,000 routes, 10 status codes make a million series.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];
const ROUTES: usize = 20_000;
const CODES: [&str; 10] = ["200", "201", "204", "301", "302", "400", "401", "404", "500", "503"];

/// The most series that [`Texts::labels`] tells apart.
pub const MOST: usize = METHODS.len() * ROUTES * CODES.len();

/// The texts of the labels.
#[derive(Debug)]
pub struct Texts {
    routes: Vec<String>,
}

impl Texts {
    /// All of them.
    pub fn new() -> Self {
        Self { routes: (0..ROUTES).map(|at| format!("/api/v1/resources/{at}/items")).collect() }
    }

    /// The labels of series number `at`.
    pub fn labels(&self, at: usize) -> RequestLabels<'_> {
        RequestLabels {
            method: METHODS[at % METHODS.len()],
            code: CODES[at / METHODS.len() % CODES.len()],
            route: &self.routes[at / (METHODS.len() * CODES.len()) % ROUTES],
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::new()
    }
}
