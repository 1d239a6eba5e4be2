//! One member as bytes, always as many for one ensemble.
//!
//! `member` (8), `code` (4), `arm` (4), `time` (8), a byte for each claim (1 holds, 2 fails, 3 undecided) filled up to a
//! multiple of 8, the values (8 each), a checksum (8); little-endian. A record that was torn, or never written, has
//! another checksum.

/// What is kept of a member.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Record {
    pub member: u64,
    /// The number of a code, the place of an arm, seconds.
    pub failure: Option<(u32, u32, f64)>,
    /// Of each claim whether it holds; `None` if that can't be said.
    pub verdicts: Vec<Option<bool>>,
    pub values: Vec<f64>,
}

/// How many claims and values a record has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    pub verdicts: usize,
    pub values: usize,
}

const HEAD: usize = 24;

impl Shape {
    pub fn bytes(&self) -> usize {
        self.first_value() + 8 * self.values + 8
    }

    /// Where the values begin.
    pub fn first_value(&self) -> usize {
        HEAD + self.verdicts.next_multiple_of(8)
    }
}

impl Record {
    pub fn encode(&self, shape: Shape) -> Vec<u8> {
        let (code, arm, time) = self.failure.unwrap_or_default();
        let mut bytes = Vec::with_capacity(shape.bytes());
        bytes.extend(self.member.to_le_bytes());
        bytes.extend(code.to_le_bytes());
        bytes.extend(arm.to_le_bytes());
        bytes.extend(time.to_le_bytes());
        bytes.extend(self.verdicts.iter().map(|verdict| match verdict {
            Some(true) => 1,
            Some(false) => 2,
            None => 3u8,
        }));
        bytes.resize(shape.first_value(), 0);
        self.values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    /// The record that these bytes are, if they are whole.
    pub fn decode(bytes: &[u8], shape: Shape) -> Option<Record> {
        if !is_whole(bytes, shape) {
            return None;
        }
        let code = u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?);
        let arm = u32::from_le_bytes(bytes.get(12..16)?.try_into().ok()?);
        let time = number(bytes, 16)?;
        let verdict = |byte: &u8| match byte {
            1 => Some(true),
            2 => Some(false),
            _ => None,
        };
        let first = shape.first_value();
        Some(Record {
            member: member(bytes)?,
            failure: (code != 0).then_some((code, arm, time)),
            verdicts: bytes.get(HEAD..HEAD + shape.verdicts)?.iter().map(verdict).collect(),
            values: (0..shape.values).map(|i| number(bytes, first + 8 * i)).collect::<Option<_>>()?,
        })
    }
}

/// The member whose record this is.
pub(super) fn member(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?))
}

fn number(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

pub(super) fn is_whole(bytes: &[u8], shape: Shape) -> bool {
    let Some((body, sum)) = bytes.split_last_chunk::<8>() else { return false };
    bytes.len() == shape.bytes() && checksum(body) == u64::from_le_bytes(*sum)
}

/// A sum that tells torn writes and flipped bits, not forgers. Zeros don't sum to zero.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut sum = 0x6578_6f63_u64 ^ bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        sum ^= sum >> 29;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_not_when_torn() {
        let shape = Shape { verdicts: 3, values: 2 };
        let verdicts = vec![Some(true), None, Some(false)];
        let record = Record { member: 7, failure: Some((703, 2, 1.5)), verdicts, values: vec![-0.0, 1e300] };
        let bytes = record.encode(shape);
        assert_eq!(bytes.len(), shape.bytes());
        assert_eq!(Record::decode(&bytes, shape), Some(record));
        for at in 0..bytes.len() {
            let mut torn = bytes.clone();
            torn[at..].fill(0);
            assert!(torn == bytes || Record::decode(&torn, shape).is_none(), "{at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert!(Record::decode(&flipped, shape).is_none(), "{at}");
        }
        assert!(Record::decode(&vec![0; shape.bytes()], shape).is_none());
    }
}
