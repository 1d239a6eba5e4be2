//! Exponentials, logarithms and the hyperbolic tangent, without a branch.
//!
//! Invariants: every function is a fixed sequence of IEEE additions, multiplications, divisions, comparisons that
//! select, and operations on bits, so one number, two lanes and eight lanes give the same bits on every machine. At
//! most one unit in the last place from the true value, [`tanh`] at most two; overflow, subnormal results, infinities
//! and NaN are as in C. Inlined always, so that loops over slices are compiled for the vectors of whoever calls.
//!
//! Methods: `exp`, `ln`, `log10` are those of FreeBSD's msun (e_exp.c, e_log.c, e_log10.c; © 1993 Sun Microsystems,
//! "Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is
//! preserved") with reductions that select instead of branching. `tanh` is an odd polynomial below 5/8, and
//! 1 − 2/(e²ˣ + 1) above.

/// Adding it rounds to the nearest whole number and leaves that number in the lowest bits: 1.5 · 2⁵².
const TO_WHOLE: f64 = 6_755_399_441_055_744.0;
/// 2⁵², whose lowest bits can take a small whole number and then are its value.
const FROM_WHOLE: f64 = 4_503_599_627_370_496.0;
/// All but the fraction's lower 32 bits.
const HIGH_WORD: u64 = 0xffff_ffff_0000_0000;

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// (tanh √z / √z − 1) / z for z below 0.39, highest power first: interpolated at Chebyshev's points, to 4e-18.
const TANH: [f64; 12] = [
    6.484104982405479e-06,
    -3.119892666773487e-05,
    9.256923588512033e-05,
    -0.0002375896885211701,
    0.0005896603606552671,
    -0.0014557753532096296,
    0.0035921217436959856,
    -0.008863235102653483,
    0.02186948851898143,
    -0.05396825396789636,
    0.13333333333333042,
    -0.3333333333333333,
];

/// The number without the lower half of its bits.
#[inline(always)]
pub(super) fn high_word(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & HIGH_WORD)
}

/// The nearest whole number, of two the even one; for magnitudes below 2⁵¹.
#[inline(always)]
pub(super) fn nearest(x: f64) -> f64 {
    (x + TO_WHOLE) - TO_WHOLE
}

/// A small whole number in the lowest bits of a word, as a number.
#[inline(always)]
pub(super) fn whole(bits: u64) -> f64 {
    f64::from_bits(bits | FROM_WHOLE.to_bits()) - FROM_WHOLE
}

/// 2 to a whole number between −1022 and 1023.
#[inline(always)]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits((k + TO_WHOLE).to_bits().wrapping_add(1023) << 52)
}

/// `y · 2ᵏ` for whole `k` within ±2000, rounded once where the result is subnormal if `y` is near 1.
#[inline(always)]
pub(super) fn scaled(y: f64, k: f64) -> f64 {
    let half = nearest(k * 0.5);
    y * power_of_two(half) * power_of_two(k - half)
}

/// The polynomial that `exp` and `pow` share: for r within ± ½ ln 2, r − r²·(P1 + …) = r·(eʳ + 1)/(eʳ − 1) terms.
#[inline(always)]
pub(super) fn remez(r: f64) -> f64 {
    let square = r * r;
    let p5 = square * f64::from_bits(0x3e66_3769_72be_a4d0);
    let p4 = square * (f64::from_bits(0xbebb_bd41_c5d2_6bf1) + p5);
    let p3 = square * (f64::from_bits(0x3f11_566a_af25_de2c) + p4);
    let p2 = square * (f64::from_bits(0xbf66_c16c_16be_bd93) + p3);
    r - square * (f64::from_bits(0x3fc5_5555_5555_553e) + p2)
}

#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Beyond these the result is 0 or infinite anyway; NaN passes.
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let k = nearest(x * std::f64::consts::LOG2_E);
    let high = x - k * LN2_HIGH;
    let low = k * LN2_LOW;
    let r = high - low;
    let c = remez(r);
    let y = 1.0 + (r * c / (2.0 - c) - low + high);
    scaled(y, k)
}

/// `x = 2ᵏ (1 + f)` with 1 + f between √½ and √2: (k, f), for positive finite `x`.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let normal = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
    let below = if subnormal { 1023.0 + 54.0 } else { 1023.0 };
    let shifted = normal.to_bits().wrapping_add((0x3ff0_0000 - 0x3fe6_a09e) << 32);
    let k = whole(shifted >> 52) - below;
    let fraction = (shifted & 0x000f_ffff_ffff_ffff).wrapping_add(0x3fe6_a09e_0000_0000);
    (k, f64::from_bits(fraction) - 1.0)
}

/// Of `f`: f²/2, and `s·(f²/2 + R)` so that ln(1 + f) = f − f²/2 + that.
#[inline(always)]
fn log_terms(f: f64) -> (f64, f64) {
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let lg = |bits| f64::from_bits(bits);
    let (lg2, lg4, lg6) = (lg(0x3fd9_9999_9997_fa04), lg(0x3fcc_71c5_1d8e_78af), lg(0x3fc3_9a09_d078_c69f));
    let (lg1, lg3) = (lg(0x3fe5_5555_5555_5593), lg(0x3fd2_4924_9422_9359));
    let (lg5, lg7) = (lg(0x3fc7_4664_96cb_03de), lg(0x3fc2_f112_df3e_5244));
    let even = w * (lg2 + w * (lg4 + w * lg6));
    let odd = z * (lg1 + w * (lg3 + w * (lg5 + w * lg7)));
    (half_square, s * (half_square + (odd + even)))
}

/// A logarithm where the argument has one: −∞ at zero, NaN below it, ∞ and NaN as they come.
#[inline(always)]
fn with_limits(x: f64, logarithm: f64) -> f64 {
    let finite = if x < f64::INFINITY { logarithm } else { x };
    let defined = if x < 0.0 { f64::NAN } else { finite };
    if x == 0.0 { f64::NEG_INFINITY } else { defined }
}

#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let (k, f) = split(x);
    let (half_square, rest) = log_terms(f);
    with_limits(x, rest + k * LN2_LOW - half_square + f + k * LN2_HIGH)
}

#[inline(always)]
pub fn log10(x: f64) -> f64 {
    let (by_ln10_high, by_ln10_low) = (f64::from_bits(0x3fdb_cb7b_1520_0000), f64::from_bits(0x3dbb_9438_ca9a_add5));
    let (log2_high, log2_low) = (f64::from_bits(0x3fd3_4413_509f_6000), f64::from_bits(0x3d59_fef3_11f1_2b36));
    let (k, f) = split(x);
    let (half_square, rest) = log_terms(f);
    let high = high_word(f - half_square);
    let low = f - high - half_square + rest;
    let value = high * by_ln10_high;
    let tail = k * log2_low + (low + high) * by_ln10_low + low * by_ln10_high;
    let powers = k * log2_high;
    let sum = powers + value;
    with_limits(x, tail + ((powers - sum) + value) + sum)
}

#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let size = x.abs();
    let square = size * size;
    let series = TANH.iter().fold(0.0, |sum, &coefficient| sum * square + coefficient);
    let near_zero = size + size * square * series;
    let beyond = 1.0 - 2.0 / (exp(2.0 * size) + 1.0);
    (if size < 0.625 { near_zero } else { beyond }).copysign(x)
}
