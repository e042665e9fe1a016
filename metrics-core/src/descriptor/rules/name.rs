//! Which names can metrics have, what do they end with, and which of them get in each other's way?

use super::super::MetricType;
use super::{Message, Verdict};

/// Where a character stands that is not allowed, and how the whole would be spelled without such.
const fn spelled(message: Message, name: &str, colons: bool) -> Message {
    let bytes = name.as_bytes();
    let mut message = message.text("`");
    if !bytes.is_empty() && bytes[0].is_ascii_digit() {
        message = message.text("_");
    }
    let mut at = 0;
    while at < bytes.len() {
        if allowed(bytes[at], colons) {
            message = message.part(name, at, at + 1);
        } else if bytes[at].is_ascii() || bytes[at] >= 0b1100_0000 {
            // One underscore for a character, however many bytes it has.
            message = message.text("_");
        }
        at += 1;
    }
    message.text("`")
}

const fn allowed(byte: u8, colons: bool) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || (colons && byte == b':')
}

/// The rule that metric and label names share: letters, digits and `_`, no digit first, `__` is Prometheus' own.
pub(super) const fn identifier(what: &str, name: &str) -> Verdict {
    let bytes = name.as_bytes();
    if bytes.is_empty() {
        return Some(Message::new("the ").text(what).text(" is empty: give it letters, digits and `_`"));
    }
    let mut at = 0;
    while at < bytes.len() {
        if !allowed(bytes[at], false) || (at == 0 && bytes[0].is_ascii_digit()) {
            let message = Message::new(what).text(" ").quoted(name);
            let message = message.text(" may have letters, digits and `_` only, and no digit first: ");
            return Some(spelled(message, name, false).text(" would do"));
        }
        at += 1;
    }
    if bytes.len() >= 2 && bytes[0] == b'_' && bytes[1] == b'_' {
        let message = Message::new(what).text(" ").quoted(name);
        return Some(message.text(" starts with `__`, which Prometheus keeps for itself: start with a letter"));
    }
    None
}

/// The characters of a metric's name. The one place that would have to know of names in full UTF-8.
pub(crate) const fn metric_name(name: &str) -> Verdict {
    let mut at = 0;
    while at < name.len() {
        if name.as_bytes()[at] == b':' {
            let message = Message::new("metric name ").quoted(name);
            return Some(message.text(" has a `:`, which belongs to recording rules: use `_`"));
        }
        at += 1;
    }
    identifier("metric name", name)
}

/// A prefix is the beginning of a name; the `_` after it is ours.
pub(crate) const fn prefix(prefix: &str) -> Verdict {
    if ends_with(prefix, "_") {
        let message =
            Message::new("prefix ").quoted(prefix).text(" ends with `_`, which is put after it anyway: use `");
        return Some(message.part(prefix, 0, prefix.len() - 1).text("`"));
    }
    identifier("prefix", prefix)
}

/// The suffix that tells the type: `_total` on counters and nowhere else, `_info` on info metrics.
pub(crate) const fn type_suffix(kind: MetricType, name: &str) -> Verdict {
    let total = ends_with(name, "_total");
    match kind {
        MetricType::Counter if !total => {
            let message = Message::new("counter ").quoted(name).text(" must end with `_total`: name it `");
            Some(message.text(name).text("_total`"))
        }
        MetricType::Counter | MetricType::Unknown => None,
        MetricType::Info if !ends_with(name, "_info") => {
            let message = Message::new("info metric ").quoted(name).text(" must end with `_info`: name it `");
            Some(message.text(name).text("_info`"))
        }
        _ if total => {
            let message = Message::new(noun(kind)).text(" ").quoted(name);
            let message = message.text(" ends with `_total`, which only counters do: name it `");
            Some(message.part(name, 0, name.len() - "_total".len()).text("`, or make it a counter"))
        }
        _ => None,
    }
}

/// The help text.
pub(crate) const fn help(name: &str, help: &str) -> Verdict {
    if help.trim_ascii().is_empty() {
        let message = Message::new("metric ").quoted(name).text(" has no help: ");
        return Some(message.text("say in one sentence what it tells, as a doc comment or `help = \"...\"`"));
    }
    None
}

/// How a type is called in a sentence.
pub(super) const fn noun(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::Info => "info metric",
        MetricType::StateSet => "state set",
        MetricType::Summary => "summary",
        MetricType::Unknown => "metric",
    }
}

pub(super) const fn ends_with(text: &str, suffix: &str) -> bool {
    if text.len() < suffix.len() {
        return false;
    }
    let (text, suffix) = (text.as_bytes(), suffix.as_bytes());
    let mut at = suffix.len();
    while at > 0 {
        at -= 1;
        if text[text.len() - suffix.len() + at] != suffix[at] {
            return false;
        }
    }
    true
}

/// The length of `_created`.
const LONGEST_SUFFIX: usize = 8;

/// A name in two parts, as a nested struct has it: the outer prefix, which may be empty, and the rest.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    kind: MetricType,
    prefix: &'a str,
    name: &'a str,
    /// The length of the family's name, which the formats that put suffixes to it have without `_total` and `_info`.
    family: usize,
}

impl<'a> Place<'a> {
    /// The name `prefix_name`, or `name` where there is no prefix.
    pub(crate) const fn new(kind: MetricType, prefix: &'a str, name: &'a str) -> Self {
        let place = Self { kind, prefix, name, family: 0 };
        let suffix = match kind {
            MetricType::Counter => "_total",
            MetricType::Info => "_info",
            _ => "",
        };
        let length = place.len();
        let bare = length > suffix.len() && place.has(length - suffix.len(), suffix);
        Self { family: if bare { length - suffix.len() } else { length }, ..place }
    }

    const fn shift(&self) -> usize {
        if self.prefix.is_empty() { 0 } else { self.prefix.len() + 1 }
    }

    const fn len(&self) -> usize {
        self.shift() + self.name.len()
    }

    const fn byte(&self, at: usize) -> u8 {
        if at >= self.shift() {
            self.name.as_bytes()[at - self.shift()]
        } else if at == self.prefix.len() {
            b'_'
        } else {
            self.prefix.as_bytes()[at]
        }
    }

    /// Whether it reads `text` from `at` on, to its end.
    const fn has(&self, at: usize, text: &str) -> bool {
        if at + text.len() != self.len() {
            return false;
        }
        let mut offset = 0;
        while offset < text.len() {
            if self.byte(at + offset) != text.as_bytes()[offset] {
                return false;
            }
            offset += 1;
        }
        true
    }

    /// What is put to the family's name in some format.
    const fn suffixes(&self) -> &'static [&'static str] {
        match self.kind {
            MetricType::Counter => &["", "_total", "_created"],
            MetricType::Histogram => &["", "_bucket", "_count", "_sum", "_created"],
            MetricType::Summary => &["", "_count", "_sum", "_created"],
            MetricType::Info => &["", "_info"],
            _ => &[""],
        }
    }

    /// Whether this family's name with the one suffix is the other's with the other. As far as the shorter of the two
    /// goes they are known to agree.
    const fn meets(&self, suffix: &str, other: &Self, other_suffix: &str) -> bool {
        let mut at = self.family + suffix.len();
        if at != other.family + other_suffix.len() {
            return false;
        }
        let agreed = if self.family < other.family { self.family } else { other.family };
        while at > agreed {
            at -= 1;
            if self.sample_byte(suffix, at) != other.sample_byte(other_suffix, at) {
                return false;
            }
        }
        true
    }

    const fn sample_byte(&self, suffix: &str, at: usize) -> u8 {
        if at < self.family { self.byte(at) } else { suffix.as_bytes()[at - self.family] }
    }

    /// Whether the shorter of the families' names begins the longer one, without which no samples have one name.
    const fn begins_as(&self, other: &Self) -> bool {
        let (own, others) = (self.family, other.family);
        if own > others + LONGEST_SUFFIX || others > own + LONGEST_SUFFIX {
            return false;
        }
        // From the back: names of one program begin alike. Constants compare many names.
        let mut at = if own < others { own } else { others };
        while at > 0 {
            at -= 1;
            if self.byte(at) != other.byte(at) {
                return false;
            }
        }
        true
    }

    const fn is(&self, other: &Self) -> bool {
        let mut at = 0;
        while at < self.len() && self.len() == other.len() {
            if self.byte(at) != other.byte(at) {
                return false;
            }
            at += 1;
        }
        self.len() == other.len()
    }

    const fn say(&self, message: Message) -> Message {
        let message = message.text(noun(self.kind)).text(" `");
        let message = if self.prefix.is_empty() { message } else { message.text(self.prefix).text("_") };
        message.text(self.name).text("`")
    }
}

/// The name of a metric that may have any character.
pub(crate) const fn utf8_name(name: &str) -> Verdict {
    if name.is_empty() { Some(Message::new("the metric name is empty: give it a text")) } else { None }
}

/// Whether two names are too different for any clash, at a glance: constants compare each with each.
pub(crate) const fn far(prefix: &str, name: &str, other_prefix: &str, other: &str) -> bool {
    let length = if prefix.is_empty() { 0 } else { prefix.len() + 1 } + name.len();
    let other_length = if other_prefix.is_empty() { 0 } else { other_prefix.len() + 1 } + other.len();
    // A name without its own suffix and with another's: `x` as a histogram has a sample of `x_created_total`.
    let apart = LONGEST_SUFFIX + "_total".len();
    if length > other_length + apart || other_length > length + apart {
        return true;
    }
    // The last bytes that belong to both names whatever their suffixes are; in different places if prefixes differ.
    let common = if length < other_length { length } else { other_length };
    let mut behind = LONGEST_SUFFIX;
    while behind < common {
        let at = common - behind - 1;
        let (start, other_start) = (length - name.len(), other_length - other.len());
        if at < start || at < other_start {
            return false;
        }
        if name.as_bytes()[at - start] != other.as_bytes()[at - other_start] {
            return true;
        }
        behind += 1;
    }
    false
}

/// Two metrics that would write samples, or families, of one name.
pub(crate) const fn clash(first: &Place<'_>, second: &Place<'_>) -> Verdict {
    if !first.begins_as(second) {
        return None;
    }
    if first.is(second) {
        return Some(second.say(Message::new("")).text(" is declared twice: rename one of the two"));
    }
    let (own, others) = (first.suffixes(), second.suffixes());
    let mut at = 0;
    while at < own.len() * others.len() {
        if first.meets(own[at / others.len()], second, others[at % others.len()]) {
            return Some(share(first, second));
        }
        at += 1;
    }
    None
}

const fn share(first: &Place<'_>, second: &Place<'_>) -> Message {
    let message = second.say(Message::new("")).text(" and ");
    let message = first.say(message).text(" write the same sample or family names (`_total`, `_bucket`, `_count`, ");
    message.text("`_sum`, `_info` and `_created` are put to a family's name): rename one of the two")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: Verdict) -> String {
        verdict.map_or_else(String::new, |message| message.as_str().to_owned())
    }

    #[test]
    fn a_bad_name_is_told_how_it_would_be_good() {
        assert_eq!(said(metric_name("orders_total")), "");
        assert_eq!(
            said(metric_name("9é-x")),
            "metric name `9é-x` may have letters, digits and `_` only, and no digit first: `_9__x` would do"
        );
        assert_eq!(said(metric_name("")), "the metric name is empty: give it letters, digits and `_`");
        assert_eq!(said(metric_name("a:b")), "metric name `a:b` has a `:`, which belongs to recording rules: use `_`");
        assert_eq!(
            said(metric_name("__x")),
            "metric name `__x` starts with `__`, which Prometheus keeps for itself: start with a letter"
        );
    }

    #[test]
    fn only_counters_end_with_total() {
        assert_eq!(
            said(type_suffix(MetricType::Counter, "orders")),
            "counter `orders` must end with `_total`: name it `orders_total`"
        );
        assert_eq!(
            said(type_suffix(MetricType::Gauge, "orders_total")),
            "gauge `orders_total` ends with `_total`, which only counters do: name it `orders`, or make it a counter"
        );
        assert_eq!(
            said(type_suffix(MetricType::Info, "build")),
            "info metric `build` must end with `_info`: name it `build_info`"
        );
        assert_eq!(said(type_suffix(MetricType::Unknown, "a_total")), "");
    }

    #[test]
    fn names_that_are_far_apart_do_not_clash() {
        use MetricType::{Counter, Gauge, Histogram, Info, Summary};
        let names = [
            "x",
            "x_total",
            "long_x_count",
            "long_x",
            "long_x_count_total",
            "x_info",
            "x_created",
            "x_created_total",
            "a_x",
            "b_x_sum",
        ];
        let each = || names.iter().flat_map(|name| [("", *name), ("a", *name), ("long", *name)]);
        for ((prefix, name), (other_prefix, other)) in each().flat_map(|one| each().map(move |two| (one, two))) {
            for (kind, other_kind) in [Counter, Gauge, Histogram, Info, Summary]
                .iter()
                .flat_map(|kind| [Counter, Gauge, Histogram, Info, Summary].map(|other_kind| (*kind, other_kind)))
            {
                let clash = clash(&Place::new(kind, prefix, name), &Place::new(other_kind, other_prefix, other));
                let far = far(prefix, name, other_prefix, other);
                assert!(!(far && clash.is_some()), "{prefix} {name} {other_prefix} {other}");
            }
        }
        assert!(far("shop", "orders_placed_total", "shop", "orders_failed_total"));
        assert!(far("shop", "a_total", "shop", "a_much_longer_name_total"));
    }

    #[test]
    fn names_clash_through_prefixes_and_suffixes() {
        use MetricType::{Counter, Gauge, Histogram, Info};
        let clashes = |(first, a): (MetricType, &str), (second, b): (MetricType, &str)| {
            let a = Place::new(first, "", a);
            [("", b), ("shop", b.strip_prefix("shop_").unwrap_or(b))]
                .iter()
                .map(|(prefix, name)| clash(&a, &Place::new(second, prefix, name)).is_some())
                .collect::<Vec<_>>()
        };
        let both = [true, true];
        assert_eq!(clashes((Counter, "shop_x_total"), (Gauge, "shop_x")), both);
        assert_eq!(clashes((Gauge, "shop_x_created"), (Counter, "shop_x_total")), both);
        assert_eq!(clashes((Gauge, "shop_x"), (Gauge, "shop_x")), both);
        assert_eq!(clashes((Histogram, "shop_x"), (Counter, "shop_x_total")), both);
        assert_eq!(clashes((Gauge, "shop_x_count"), (Histogram, "shop_x")), both);
        assert_eq!(clashes((Info, "shop_x_info"), (Gauge, "shop_x_info")), both);
        assert_eq!(clashes((Histogram, "shop_x"), (Counter, "shop_x_count_total")), both);
        assert_eq!(clashes((Gauge, "shop_x_count"), (Gauge, "shop_x")), [false, false]);
        assert_eq!(clashes((Counter, "shop_x_total"), (Counter, "shop_xy_total")), [false, false]);
        assert_eq!(clashes((Histogram, "shop_x"), (Histogram, "shop_x_seconds")), [false, false]);
    }
}
