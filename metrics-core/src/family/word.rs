//! How is the value of a label said in 32 bits? As its index, if it is enumerated; as itself, if it is a small number or a short
//! text; or as the number of a text that stands elsewhere. 0 says that the label is left out. No two of these are one word,
//! so that a label which is told as what it is not is never taken for another one.

/// Set where the bits below are the value itself.
const ITSELF: u32 = 1 << 31;
/// Set, beside [`ITSELF`], where the value is a text: its length less one in two bits, and seven bits a byte.
const SHORT: u32 = 1 << 30;
/// Set, without [`ITSELF`], above the index of an enumerated value.
const ENUMERATED: u32 = 1 << 30;
/// Above the bytes of a short text.
const LENGTH: u32 = 28;
const MOST_BYTES: usize = 4;
const HIGH_BITS: u32 = 0x8080_8080;

/// Text numbers are below this.
pub(super) const TEXTS: u32 = ENUMERATED - 1;

/// What the word of a label says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Absent,
    /// The index of a value.
    Enumerated(u32),
    Number(u32),
    /// The first `len` bytes.
    Short {
        bytes: [u8; MOST_BYTES],
        len: usize,
    },
    /// The number of a text.
    Text(u32),
}

/// The word of an enumerated value. No label has as many values as would take all bits.
#[inline(always)]
pub(super) fn enumerated(index: usize) -> u32 {
    ENUMERATED | index.min(ENUMERATED as usize - 1) as u32
}

/// The word of a number that is kept without text.
#[inline(always)]
pub(super) fn small(value: u64) -> Option<u32> {
    u32::try_from(value).ok().filter(|value| *value < SHORT).map(|value| value | ITSELF)
}

/// The word of a text that needs no other place: one to four ASCII characters.
#[inline(always)]
pub(super) fn short(text: &[u8]) -> Option<u32> {
    let bytes = match *text {
        [a] => u32::from(a),
        [a, b] => u32::from_le_bytes([a, b, 0, 0]),
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]),
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
        _ => return None,
    };
    short_in(bytes.into(), text.len())
}

/// The same of a text of so many bytes, at least one, of which these are the first eight; those that it does not have are 0.
#[inline(always)]
pub(super) fn short_in(bytes: u64, len: usize) -> Option<u32> {
    let bytes = u32::try_from(bytes).ok().filter(|bytes| len <= MOST_BYTES && bytes & HIGH_BITS == 0)?;
    let pairs = bytes & 0x007f_007f | (bytes & 0x7f00_7f00) >> 1;
    let packed = pairs & 0x3fff | pairs >> 16 << 14;
    Some(ITSELF | SHORT | (len as u32).wrapping_sub(1) << LENGTH | packed)
}

/// The word of a text that stands elsewhere.
#[inline(always)]
pub(super) fn text(number: u32) -> u32 {
    number + 1
}

/// What a word says.
pub(super) fn said(word: u32) -> Said {
    if word & (ITSELF | ENUMERATED) == ENUMERATED {
        return Said::Enumerated(word & !ENUMERATED);
    }
    if word & ITSELF == 0 {
        return word.checked_sub(1).map_or(Said::Absent, Said::Text);
    }
    if word & SHORT == 0 {
        return Said::Number(word & !ITSELF);
    }
    let bytes = std::array::from_fn(|at| (word >> (7 * at)) as u8 & 0x7f);
    Said::Short { bytes, len: (word >> LENGTH & 3) as usize + 1 }
}

/// The text number that a word holds, if it holds one.
#[inline(always)]
pub(super) fn text_number(word: u32) -> Option<u32> {
    word.checked_sub(1).filter(|number| *number < TEXTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_says_what_it_was_made_for() {
        assert_eq!(said(0), Said::Absent);
        for number in [0, 1, 77, TEXTS - 1] {
            assert_eq!(said(text(number)), Said::Text(number));
            assert_eq!(text_number(text(number)), Some(number));
        }
        for index in [0, 1, 77, (1 << 30) - 2] {
            let word = enumerated(index);
            assert_eq!((said(word), text_number(word)), (Said::Enumerated(index as u32), None));
        }
        for number in [0, 1, 500, (1 << 30) - 1] {
            let word = small(number.into()).expect("it is small");
            assert_eq!((said(word), text_number(word)), (Said::Number(number), None));
        }
        for content in ["G", "\0", "\x7f", "5\0", "OK", "GET", "ab\0", "POST", "\x7f\x7f\x7f\x7f", "\0\0\0\0"] {
            let word = short(content.as_bytes()).expect("it is short");
            let Said::Short { bytes, len } = said(word) else { panic!("{content:?} became {:?}", said(word)) };
            assert_eq!((&bytes[..len], text_number(word)), (content.as_bytes(), None));
        }
    }

    #[test]
    fn an_index_that_no_value_has_is_the_index_of_none() {
        assert_eq!(said(enumerated(usize::MAX)), Said::Enumerated((1 << 30) - 1));
        assert_eq!(said(enumerated(1 << 32)), Said::Enumerated((1 << 30) - 1));
    }

    #[test]
    fn what_is_long_or_not_ascii_stands_elsewhere() {
        assert_eq!([small(1 << 30), small(u64::MAX)], [None; 2]);
        assert_eq!(["", "patch", "ä", "xyä"].map(|text| short(text.as_bytes())), [None; 4]);
    }
}
