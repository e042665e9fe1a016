//! Does a name match a glob, and what do its stars stand for?

/// `shop.*.latency`: each star stands for one part between dots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Glob {
    /// `None` is a star.
    parts: Vec<Option<String>>,
}

impl Glob {
    /// `None` if it is no glob of the format: a star is a whole part, the other parts are letters, digits, `_` and `-`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts = text.split('.').map(|part| match part {
            "*" => Some(None),
            _ => is_literal(part).then(|| Some(part.to_owned())),
        });
        let parts = parts.collect::<Option<Vec<_>>>()?;
        let digit = parts[0].as_ref().is_some_and(|part| part.starts_with(|first: char| first.is_ascii_digit()));
        (!digit).then_some(Self { parts })
    }

    /// What the stars stand for, in order.
    pub(super) fn captures<'a>(&self, name: &'a str) -> Option<Vec<&'a str>> {
        let mut captures = Vec::new();
        let mut parts = name.split('.');
        for expected in &self.parts {
            let part = parts.next()?;
            match expected {
                None => captures.push(part),
                Some(literal) if literal == part => {}
                Some(_) => return None,
            }
        }
        parts.next().is_none().then_some(captures)
    }

    pub(super) fn stars(&self) -> usize {
        self.parts.iter().filter(|part| part.is_none()).count()
    }
}

fn is_literal(part: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !part.is_empty() && !part.starts_with('-') && part.bytes().all(inner)
}

/// The greatest number that `$1`, `${2}` and the like name.
pub(super) fn highest_reference(template: &str) -> usize {
    pieces(template).filter_map(Result::err).max().unwrap_or(0)
}

/// `$1` and `${1}` replaced by captures; one that does not exist by nothing.
pub(super) fn fill(template: &str, captures: &[&str]) -> String {
    let piece = |piece: Result<&str, usize>| match piece {
        Ok(text) => text.to_owned(),
        Err(number) => captures.get(number.wrapping_sub(1)).copied().unwrap_or("").to_owned(),
    };
    pieces(template).map(piece).collect()
}

/// Text, and as an error the number of a reference.
fn pieces(template: &str) -> impl Iterator<Item = Result<&str, usize>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((number, after)) = reference(rest) {
            rest = after;
            return Some(Err(number));
        }
        let next = rest.char_indices().skip(1).find(|(_, one)| *one == '$').map_or(rest.len(), |(at, _)| at);
        let (text, after) = rest.split_at(next);
        rest = after;
        Some(Ok(text))
    })
}

fn reference(text: &str) -> Option<(usize, &str)> {
    let inner = text.strip_prefix('$')?;
    let (braced, inner) = inner.strip_prefix('{').map_or((false, inner), |inner| (true, inner));
    let digits = inner.find(|one: char| !one.is_ascii_digit()).unwrap_or(inner.len());
    let number = inner[..digits].parse().ok()?;
    let after = &inner[digits..];
    if braced { Some((number, after.strip_prefix('}')?)) } else { Some((number, after)) }
}
