//! Random numbers for jumps, made many at a time: for each event an exponential waiting time of mean 1 and a number
//! between 0 and 1 that chooses.
//!
//! Invariant: what event n of a run gets is block n of the generator under the run's seed and number, the same on every
//! machine and for any number of threads. Logarithms are our own, correct to about one unit in the last place.

#![allow(clippy::excessive_precision, reason = "coefficients as they are published")]

use crate::solve::random::{Philox, Purpose};
use crate::solve::vectorised;

/// Events that numbers are made for at a time.
pub const BATCH: usize = 256;

/// The numbers of the next events.
#[derive(Clone, Debug)]
pub struct Draws {
    philox: Philox,
    run: u64,
    /// The block that the next batch begins with.
    block: u64,
    pub exponentials: Box<[f64; BATCH]>,
    pub uniforms: Box<[f64; BATCH]>,
    /// The next to use; all are used up at [`BATCH`].
    pub position: usize,
}

impl Draws {
    pub fn new(seed: u64, run: u64) -> Draws {
        Draws {
            philox: Philox::new(seed),
            run,
            block: 0,
            exponentials: Box::new([0.0; BATCH]),
            uniforms: Box::new([0.0; BATCH]),
            position: BATCH,
        }
    }

    /// The generator, and the number of the run.
    pub fn key(&self) -> (Philox, u64) {
        (self.philox, self.run)
    }

    /// Makes the next numbers.
    #[cold]
    pub fn refill(&mut self) {
        let Draws { philox, run, block, exponentials, uniforms, .. } = self;
        vectorised(
            #[inline(always)]
            || {
                philox.units(Purpose::Jump, *run, *block, exponentials, uniforms);
                minus_ln(exponentials);
            },
        );
        self.block += BATCH as u64;
        self.position = 0;
    }
}

/// Takes each number, in (0, 1], to minus its natural logarithm.
///
/// Reduced to s = (m − 1)/(m + 1) with m in [√½, √2); then the series of W. J. Cody and W. Waite as in FreeBSD's `e_log.c`
/// (Sun Microsystems, 1993): error below one unit in the last place.
#[inline(always)]
fn minus_ln(numbers: &mut [f64; BATCH]) {
    const LN2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    const L: [f64; 7] = [
        6.666_666_666_666_735_13e-1,
        3.999_999_999_940_941_908e-1,
        2.857_142_874_366_239_149e-1,
        2.222_219_843_214_978_396e-1,
        1.818_357_216_161_805_012e-1,
        1.531_383_769_920_937_332e-1,
        1.479_819_860_511_658_591e-1,
    ];
    /// √½ without its exponent's bias, so that adding it carries into the exponent from √2 on.
    const OFFSET: u64 = 0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd;
    for number in numbers {
        let shifted = number.to_bits() + OFFSET;
        // The exponent as a double, without an instruction that turns long integers into doubles.
        let exponent = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
        let m = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff) + 0x3fe6_a09e_667f_3bcd);
        let f = m - 1.0;
        let s = f / (2.0 + f);
        let z = s * s;
        let w = z * z;
        let even = w * (L[1] + w * (L[3] + w * L[5]));
        let odd = z * (L[0] + w * (L[2] + w * (L[4] + w * L[6])));
        let half = 0.5 * f * f;
        let ln = exponent * LN2_HIGH - ((half - (s * (half + (even + odd)) + exponent * LN2_LOW)) - f);
        *number = -ln;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_as_the_library_has_them() {
        let mut numbers: [f64; BATCH] = std::array::from_fn(|i| match i {
            0 => 1.0,
            1 => 2f64.powi(-53),
            2 => 1.0 - 2f64.powi(-53),
            3 => std::f64::consts::FRAC_1_SQRT_2,
            4 => std::f64::consts::FRAC_1_SQRT_2.next_down(),
            _ => (i as f64 + 0.5) / 256.0 * 0.5f64.powi((i % 40) as i32),
        });
        let before = numbers;
        minus_ln(&mut numbers);
        for (x, found) in before.iter().zip(numbers) {
            let expected = -libm::log(*x);
            assert!((found - expected).abs() <= 4e-16 * expected, "{x}: {found} {expected}");
            assert!(found >= 0.0);
        }
    }

    #[test]
    fn batches_follow_each_other_without_a_seam() {
        let mut draws = Draws::new(11, 5);
        draws.refill();
        let first = draws.uniforms.to_vec();
        draws.refill();
        assert_ne!(first[..], draws.uniforms[..]);
        let mut other = Draws::new(11, 5);
        other.refill();
        assert_eq!(first[..], other.uniforms[..]);
        let mut other = Draws::new(11, 6);
        other.refill();
        assert_ne!(first[..], other.uniforms[..]);
    }

    #[test]
    fn a_batch_holds_the_generator_s_blocks_in_order() {
        let mut draws = Draws::new(3, 1 << 33);
        draws.refill();
        draws.refill();
        let philox = Philox::new(3);
        for i in [0, 1, 7, 8, 255] {
            let [waits, chooses] = philox.pair(Purpose::Jump, 1 << 33, (BATCH + i) as u64);
            assert_eq!(draws.uniforms[i], crate::solve::random::unit(chooses));
            let expected = -libm::log(crate::solve::random::unit(waits));
            assert!((draws.exponentials[i] - expected).abs() <= 4e-16 * expected);
        }
    }
}
