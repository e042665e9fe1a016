//! Which routes are not counted, and which share a label?

/// Rules for routes; where a request has no route, for its path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) skip: Vec<Pattern>,
    pub(crate) groups: Vec<(Pattern, Box<str>)>,
}

/// A route as it stands, or all that begin with what stands before a final `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Box<str>,
    prefix: bool,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(prefix) => Self { text: prefix.into(), prefix: true },
            None => Self { text: text.into(), prefix: false },
        }
    }

    fn matches(&self, route: &str) -> bool {
        if self.prefix { route.starts_with(&*self.text) } else { route == &*self.text }
    }
}

impl Rules {
    pub(crate) fn skips(&self, route: &str) -> bool {
        self.skip.iter().any(|pattern| pattern.matches(route))
    }

    /// The label of the first group that the route belongs to.
    pub(crate) fn group(&self, route: &str) -> Option<&str> {
        self.groups.iter().find(|(pattern, _)| pattern.matches(route)).map(|(_, label)| &**label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_exact_unless_it_ends_in_a_star() {
        let cases = [
            ("/metrics", "/metrics", true),
            ("/metrics", "/metrics/", false),
            ("/static/*", "/static/a/b", true),
            ("/static/*", "/static", false),
            ("*", "/anything", true),
        ];
        for (pattern, route, expected) in cases {
            assert_eq!(Pattern::new(pattern).matches(route), expected, "{pattern} on {route}");
        }
    }

    #[test]
    fn the_first_group_that_matches_gives_the_label() {
        let group = |pattern, label: &str| (Pattern::new(pattern), label.into());
        let rules = Rules { skip: vec![], groups: vec![group("/a/b", "exact"), group("/a/*", "rest")] };
        assert_eq!(rules.group("/a/b"), Some("exact"));
        assert_eq!(rules.group("/a/c"), Some("rest"));
        assert_eq!(rules.group("/b"), None);
    }
}
