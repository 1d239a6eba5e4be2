//! Powers, without a branch.
//!
//! Invariants: as in [`elementary`](super::elementary). At most one unit in the last place from the true value; every
//! special case is C's; exponents 1 and 2 are exact, 3 and 4 are products (at most two units in the last place).
//!
//! Method: FreeBSD's msun (e_pow.c, © 2004 Sun Microsystems, "Permission to use, copy, modify, and distribute this
//! software is freely granted, provided that this notice is preserved"): log₂|x| to more than 64 bits as a sum of two
//! numbers, times `y` split in two, then 2 to that. It selects where the original branches, and has no way of its own
//! for exponents beyond 2³¹, where the common one serves.

use super::elementary::{high_word, nearest, remez, scaled, whole};

/// The fraction's 52 bits.
const FRACTION: u64 = 0x000f_ffff_ffff_ffff;

/// log₂ of a positive finite number as a sum; the first has 21 bits at most.
#[inline(always)]
fn log2(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let normal = if subnormal { x * 9_007_199_254_740_992.0 } else { x };
    let bias = if subnormal { 1023.0 + 53.0 } else { 1023.0 };
    let bits = normal.to_bits();
    let m = f64::from_bits(bits & FRACTION | 1f64.to_bits());
    // Three intervals, about 1, 3/2 and 2: below √(3/2), below √3, and above.
    let high = m >= f64::from_bits(0x3ffb_b67a_0000_0000);
    let middle = !high & (m >= f64::from_bits(0x3ff3_988f_0000_0000));
    let n = whole(bits >> 52) - bias + if high { 1.0 } else { 0.0 };
    let m = if high { m * 0.5 } else { m };
    let centre = if middle { 1.5 } else { 1.0 };

    // (m − c)/(m + c), as a sum.
    let (u, v) = (m - centre, 1.0 / (m + centre));
    let s = u * v;
    let s_high = high_word(s);
    let raised = ((m.to_bits() >> 33) | 0x2000_0000).wrapping_add(if middle { 0x000c_0000 } else { 0x0008_0000 });
    let t_high = f64::from_bits(raised << 32);
    let t_low = m - (t_high - centre);
    let s_low = v * ((u - s_high * t_high) - s_high * t_low);
    // ln of the quotient, from its odd series.
    let square = s * s;
    let l = |bits| f64::from_bits(bits);
    let tail = l(0x3fcd_864a_93c9_db65) + square * l(0x3fca_7e28_4a45_4eef);
    let tail = l(0x3fd5_5555_518f_264d) + square * (l(0x3fd1_7460_a91d_4101) + square * tail);
    let tail = square * square * (l(0x3fe3_3333_3333_3303) + square * (l(0x3fdb_6db6_db6f_abff) + square * tail));
    let tail = tail + s_low * (s_high + s);
    let square = s_high * s_high;
    let t_high = high_word(3.0 + square + tail);
    let t_low = tail - ((t_high - 3.0) - square);
    let (u, v) = (s_high * t_high, s_low * t_high + t_low * s);
    // Times 2/(3 ln 2).
    let p_high = high_word(u + v);
    let p_low = v - (p_high - u);
    let z_high = l(0x3fee_c709_e000_0000) * p_high;
    let log_centre_low = if middle { l(0x3e4c_fdeb_43cf_d006) } else { 0.0 };
    let z_low = l(0xbe3e_2fe0_145b_01f5) * p_high + p_low * l(0x3fee_c709_dc3a_03fd) + log_centre_low;
    let log_centre = if middle { l(0x3fe2_b803_4000_0000) } else { 0.0 };
    let first = high_word(((z_high + z_low) + log_centre) + n);
    (first, z_low - (((first - n) - log_centre) - z_high))
}

/// 2 to the sum of two numbers, the first the larger by far.
#[inline(always)]
fn exp2(high: f64, low: f64) -> f64 {
    let sum = low + high;
    // Beyond these the result is 0 or infinite anyway, and what follows would be NaN.
    let (above, below) = (sum > 1100.0, sum < -1100.0);
    let high = if above { 1100.0 } else { high };
    let high = if below { -1100.0 } else { high };
    let low = if above | below { 0.0 } else { low };
    let n = nearest(low + high);
    let high = high - n;
    let t = high_word(low + high);
    let u = t * f64::from_bits(0x3fe6_2e43_0000_0000);
    let v = (low - (t - high)) * f64::from_bits(0x3fe6_2e42_fefa_39ef) + t * f64::from_bits(0xbe20_5c61_0ca8_6c39);
    let z = u + v;
    let w = v - (z - u);
    let c = remez(z);
    let r = (z * c) / (c - 2.0) - (w + z * w);
    scaled(1.0 - (r - z), n)
}

/// Whether a number is whole, and whether it is odd besides.
#[inline(always)]
fn parity(y: f64) -> (bool, bool) {
    const LARGE: f64 = 4_503_599_627_370_496.0;
    let (size, half) = (y.abs(), y.abs() * 0.5);
    let is_whole = (size >= LARGE) | ((size + LARGE) - LARGE == size);
    let is_odd = (size < 2.0 * LARGE) & ((half + LARGE) - LARGE != half);
    (is_whole, is_whole & is_odd)
}

/// [`pow`] where one number is asked for, not many side by side: exponents that are common in rate laws go another way to
/// the same bits.
#[inline(always)]
pub fn pow_of_one(x: f64, y: f64) -> f64 {
    match y {
        2.0 => x * x,
        3.0 => x * x * x,
        4.0 => (x * x) * (x * x),
        _ => pow(x, y),
    }
}

#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let size = x.abs();
    let (first, second) = log2(size);
    let y_high = high_word(y);
    let low = (y - y_high) * first + y * second;
    let common = exp2(y_high * first, low);

    // Nothing, or everything, to some power.
    let boundless = if (size > 1.0) == (y > 0.0) { f64::INFINITY } else { 0.0 };
    let at_limit = (size == 0.0) | (size == f64::INFINITY) | (y.abs() == f64::INFINITY);
    let power = if at_limit { boundless } else { common };
    let (is_whole, is_odd) = parity(y);
    let sign = if is_odd { x } else { 1.0 };
    let power = power.copysign(sign);
    let power = if (x < 0.0) & (size < f64::INFINITY) & !is_whole { f64::NAN } else { power };
    let power = if x.is_nan() | y.is_nan() { f64::NAN } else { power };
    let power = if y == 1.0 { x } else { power };
    let power = if y == 2.0 { x * x } else { power };
    let power = if y == 3.0 { x * x * x } else { power };
    let power = if y == 4.0 { (x * x) * (x * x) } else { power };
    let is_one = (y == 0.0) | (x == 1.0) | ((x == -1.0) & (y.abs() == f64::INFINITY));
    if is_one { 1.0 } else { power }
}
