//! Philox4x32-10: a counter-based generator (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3;
//! SC'11, doi:10.1145/2063384.2063405).
//!
//! A block is a pure function of its counter and key, so whoever knows the seed, the number of a run and the purpose has its
//! numbers, on any machine, in any order.

#![allow(clippy::needless_range_loop, reason = "plain loops over lanes become wide instructions")]

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// The golden ratio and √3 − 1, by which the key moves on.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The generator under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Philox {
    key: [u32; 2],
}

impl Philox {
    pub fn new(seed: u64) -> Philox {
        Philox { key: [seed as u32, (seed >> 32) as u32] }
    }

    /// The block of that counter.
    #[inline]
    pub fn block(&self, counter: [u32; 4]) -> [u32; 4] {
        let (mut c, mut key) = (counter, self.key);
        for _ in 0..ROUNDS {
            let low = u64::from(MULTIPLIERS[0]) * u64::from(c[0]);
            let high = u64::from(MULTIPLIERS[1]) * u64::from(c[2]);
            c = [(high >> 32) as u32 ^ c[1] ^ key[0], high as u32, (low >> 32) as u32 ^ c[3] ^ key[1], low as u32];
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        c
    }

    /// 64 bits for an index of a purpose; the index is a member, a run, a dimension.
    #[inline]
    pub fn bits(&self, purpose: Purpose, index: u64, number: u32) -> u64 {
        let block = self.block([number / 2, purpose as u32, index as u32, (index >> 32) as u32]);
        if number.is_multiple_of(2) { join(block[0], block[1]) } else { join(block[2], block[3]) }
    }

    /// The two numbers of a block of an index: as many blocks as anyone needs, where [`Philox::bits`] ends at 2^32 numbers.
    #[inline]
    pub fn pair(&self, purpose: Purpose, index: u64, block: u64) -> [u64; 2] {
        let [a, b, c, d] = self.block(counter(purpose, index, block));
        [join(a, b), join(c, d)]
    }

    /// Fills both arrays with numbers between 0 and 1, of successive blocks one in each: [`unit`] of [`Philox::pair`].
    /// To be called within `vectorised`.
    #[inline(always)]
    pub(crate) fn units<const N: usize>(
        &self,
        purpose: Purpose,
        index: u64,
        first: u64,
        one: &mut [f64; N],
        other: &mut [f64; N],
    ) {
        for ((number, one), other) in (0..).step_by(LANES).zip(one.chunks_mut(LANES)).zip(other.chunks_mut(LANES)) {
            // Numbers of 32 bits in lanes of 64, so that a product needs no widening.
            let mut c = [[0u64; LANES]; 4];
            for lane in 0..LANES {
                let start = counter(purpose, index, first + number + lane as u64);
                (0..4).for_each(|i| c[i][lane] = u64::from(start[i]));
            }
            let mut key = self.key.map(u64::from);
            for _ in 0..ROUNDS {
                for lane in 0..LANES {
                    let low = (c[0][lane] & LOW) * u64::from(MULTIPLIERS[0]);
                    let high = (c[2][lane] & LOW) * u64::from(MULTIPLIERS[1]);
                    let (c1, c3) = (c[1][lane], c[3][lane]);
                    c[0][lane] = (high >> 32) ^ c1 ^ key[0];
                    c[1][lane] = high & LOW;
                    c[2][lane] = (low >> 32) ^ c3 ^ key[1];
                    c[3][lane] = low & LOW;
                }
                key = [(key[0] + u64::from(WEYL[0])) & LOW, (key[1] + u64::from(WEYL[1])) & LOW];
            }
            for (lane, (one, other)) in one.iter_mut().zip(other).enumerate() {
                *one = unit(c[0][lane] | c[1][lane] << 32);
                *other = unit(c[2][lane] | c[3][lane] << 32);
            }
        }
    }

    /// The numbers of an index, one after the other.
    pub fn stream(&self, purpose: Purpose, index: u64) -> Stream {
        Stream { philox: *self, purpose, index, number: 0 }
    }
}

/// Blocks computed side by side.
const LANES: usize = 16;
const LOW: u64 = 0xffff_ffff;

/// The purpose shares its word with the upper bits of the block's number, of which there are 2^56.
#[inline(always)]
fn counter(purpose: Purpose, index: u64, block: u64) -> [u32; 4] {
    [block as u32, purpose as u32 | ((block >> 32) as u32) << 8, index as u32, (index >> 32) as u32]
}

fn join(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// What numbers are for: purposes never share any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// A member's parameters.
    Member = 1,
    /// What scrambles a dimension of a Sobol sequence.
    Scramble = 2,
    /// What permutes the strata of a dimension of a Latin hypercube.
    Strata = 3,
    /// When the next jump of a run comes, and which.
    Jump = 4,
    /// What happens to the individuals of a run.
    Individual = 5,
    /// Which way the amounts of a run are rounded to whole copies.
    Rounding = 6,
    /// How often each process of a run happens in a leap.
    Leap = 7,
}

/// The numbers of one index, in order.
#[derive(Clone, Debug)]
pub struct Stream {
    philox: Philox,
    purpose: Purpose,
    index: u64,
    number: u32,
}

impl Iterator for Stream {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let bits = self.philox.bits(self.purpose, self.index, self.number);
        self.number = self.number.checked_add(1)?;
        Some(bits)
    }
}

/// A number between 0 and 1, neither of them, from the upper 52 bits.
#[inline(always)]
pub fn unit(bits: u64) -> f64 {
    const HALF_STEP: f64 = 0.5 / (1u64 << 52) as f64;
    // The bits as the fraction of a number from 1 on; both operations are exact.
    (f64::from_bits((bits >> 12) | 0x3ff0_0000_0000_0000) - 1.0) + HALF_STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kat_vectors` of the Random123 library, the lines `philox4x32 10`: counter, key, block.
    #[test]
    fn blocks_are_those_published() {
        let all = u32::MAX;
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([all; 4], [all; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, block) in cases {
            assert_eq!(Philox { key }.block(counter), block);
        }
    }

    #[test]
    fn units_are_inside_and_streams_apart() {
        assert!(unit(0) > 0.0 && unit(u64::MAX) < 1.0);
        let philox = Philox::new(7);
        let first: Vec<u64> = philox.stream(Purpose::Member, 3).take(4).collect();
        assert_eq!(first[2], philox.bits(Purpose::Member, 3, 2));
        assert_ne!(first[0], philox.bits(Purpose::Member, 4, 0));
        assert_ne!(first[0], philox.bits(Purpose::Strata, 3, 0));
        assert_ne!(first[0], Philox::new(8).bits(Purpose::Member, 3, 0));
    }
}
