//! How is a field put on the protobuf wire?

/// The wire types, the low bits of a field's key.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const BYTES: u8 = 2;

/// The key of a field whose value is a varint.
pub(super) const fn varint_key(field: u8) -> u8 {
    key(field, VARINT)
}

/// The key of a field whose value is a double.
pub(super) const fn double_key(field: u8) -> u8 {
    key(field, FIXED64)
}

/// The key of a field whose value is a string, a message or packed numbers.
pub(super) const fn bytes_key(field: u8) -> u8 {
    key(field, BYTES)
}

const fn key(field: u8, wire_type: u8) -> u8 {
    assert!(field < 16, "a key of one byte has no room for this field");
    field << 3 | wire_type
}

/// Appends an unsigned integer, seven bits a byte, the low ones first.
#[inline]
pub(super) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes [`write_varint`] appends.
#[inline]
pub(super) const fn varint_len(value: u64) -> usize {
    // Seven bits a byte, and one byte for nothing: 9/64 is a little less than 1/7.
    ((64 - (value | 1).leading_zeros() as usize) * 9 + 64) / 64
}

/// Small numbers of either sign as small unsigned ones.
#[inline]
pub(super) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Appends a field that holds a double, zero too: some readers tell zero from nothing.
#[inline]
pub(super) fn write_double(out: &mut Vec<u8>, key: u8, value: f64) {
    let mut field = [key; 9];
    field[1..].copy_from_slice(&value.to_le_bytes());
    out.extend_from_slice(&field);
}

/// How many bytes [`write_double`] appends.
pub(super) const DOUBLE_LEN: usize = 9;

/// Writes a varint into an array, from this place on, where there is room for it; where it ends.
#[inline]
pub(super) fn put_varint<const N: usize>(into: &mut [u8; N], mut at: usize, mut value: u64) -> usize {
    while value >= 0x80 {
        into[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    into[at] = value as u8;
    at + 1
}

/// The same for a field that holds a double.
#[inline]
pub(super) fn put_double<const N: usize>(into: &mut [u8; N], at: usize, key: u8, value: f64) -> usize {
    into[at] = key;
    into[at + 1..at + DOUBLE_LEN].copy_from_slice(&value.to_le_bytes());
    at + DOUBLE_LEN
}

/// Appends a field that holds an unsigned integer.
#[inline]
pub(super) fn write_unsigned(out: &mut Vec<u8>, key: u8, value: u64) {
    out.push(key);
    write_varint(out, value);
}

/// Appends a field that holds a string or an encoded message.
#[inline]
pub(super) fn write_bytes(out: &mut Vec<u8>, key: u8, bytes: &[u8]) {
    out.push(key);
    write_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// How many bytes [`write_bytes`] appends for so many bytes.
#[inline]
pub(super) const fn bytes_len(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}

/// The width of a length that is written before what it measures is known.
pub(super) const PADDED_LEN: usize = 4;
/// The greatest length that fits there.
pub(super) const PADDED_MAX: usize = (1 << (7 * PADDED_LEN)) - 1;

/// A varint of a fixed width: leading zeros are allowed.
#[inline]
pub(super) const fn padded_varint(value: usize) -> [u8; PADDED_LEN] {
    debug_assert!(value <= PADDED_MAX);
    [value as u8 | 0x80, (value >> 7) as u8 | 0x80, (value >> 14) as u8 | 0x80, (value >> 21) as u8 & 0x7f]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn varint(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        write_varint(&mut out, value);
        out
    }

    #[test]
    fn varints_are_as_long_as_they_must_be() {
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(300), [0xac, 0x02]);
        assert_eq!(varint(u64::MAX).len(), 10);
        for bit in 0..64 {
            for value in [1 << bit, (1 << bit) - 1, (1 << bit) | 1] {
                assert_eq!(varint(value).len(), varint_len(value), "{value}");
            }
        }
    }

    #[test]
    fn zigzag_takes_turns() {
        assert_eq!([0, -1, 1, -2, 2, i64::MAX, i64::MIN].map(zigzag), [0, 1, 2, 3, 4, u64::MAX - 1, u64::MAX]);
    }

    #[test]
    fn a_field_in_an_array_is_the_field_that_is_appended() {
        for value in [0, 1, 127, 128, 16_384, u64::MAX] {
            let (mut array, mut out) = ([0; 24], Vec::new());
            let end = put_varint(&mut array, 1, value);
            let end = put_double(&mut array, end, double_key(2), -0.5);
            write_varint(&mut out, value);
            write_double(&mut out, double_key(2), -0.5);
            assert_eq!(array[1..end], out);
        }
    }

    proptest! {
        #[test]
        fn padded_varints_read_back(value in 0..=PADDED_MAX) {
            let read = padded_varint(value).iter().rev().fold(0, |read, &byte| read << 7 | usize::from(byte & 0x7f));
            prop_assert_eq!(read, value);
        }
    }
}
