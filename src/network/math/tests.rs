use super::*;

/// Distance in units in the last place.
fn apart(a: f64, b: f64) -> u64 {
    if a.is_nan() || b.is_nan() {
        return if a.is_nan() && b.is_nan() { 0 } else { u64::MAX };
    }
    let place = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
    };
    place(a).abs_diff(place(b))
}

const SPECIAL: [f64; 33] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.5,
    -0.5,
    3.0,
    -3.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    5e-324,
    -5e-324,
    1e300,
    -1e300,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    2147483648.5,
    3e9 + 1.0,
    4503599627370497.0,
    -4503599627370497.0,
    9007199254740993.0,
    1e-300,
    1.0 + f64::EPSILON,
    1.0 - f64::EPSILON / 2.0,
    -745.2,
    709.8,
    709.7827,
    -708.5,
    1e17,
];

/// Numbers spread over all magnitudes and over those that models have.
fn samples() -> impl Iterator<Item = f64> {
    let mut state = 88172645463325252u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let unit = |bits: u64| (bits >> 11) as f64 / (1u64 << 53) as f64;
    (0..60_000).map(move |i| match i % 4 {
        0 => f64::from_bits(next()),
        1 => unit(next()) * 1500.0 - 750.0,
        2 => unit(next()) * 4.0 - 2.0,
        _ => libm::exp(unit(next()) * 80.0 - 40.0),
    })
}

#[test]
fn functions_agree_with_another_implementation() {
    type Function = fn(f64) -> f64;
    let both: [(Function, Function, u64); 4] =
        [(exp, libm::exp, 1), (ln, libm::log, 0), (log10, libm::log10, 0), (tanh, libm::tanh, 3)];
    for (ours, other, bound) in both {
        for x in SPECIAL.into_iter().chain(samples()) {
            let (a, b) = (ours(x), other(x));
            assert!(apart(a, b) <= bound, "{a:?}, not {b:?}, at {x:?}");
            assert!(a != 0.0 || a.is_sign_negative() == b.is_sign_negative(), "the sign of {a:?} at {x:?}");
        }
    }
}

#[test]
fn powers_agree_with_another_implementation() {
    let specials = SPECIAL.into_iter().flat_map(|x| SPECIAL.map(|y| (x, y)));
    // Beyond 2³¹ the other implementation is a thousand units off.
    let random = samples().zip(samples().skip(1)).filter(|(_, y)| y.abs() < 2f64.powi(31));
    for (x, y) in specials.chain(random) {
        let (a, b) = (pow(x, y), libm::pow(x, y));
        assert!(apart(a, b) <= 1, "{a:?}, not {b:?}, for {x:?} to the {y:?}");
        assert!(a != 0.0 || a.is_sign_negative() == b.is_sign_negative(), "the sign of {a:?} for {x:?} to the {y:?}");
    }
}

/// True values, from 160-bit arithmetic.
#[test]
fn known_values_are_met() {
    for (found, expected) in [
        (exp(1.0), std::f64::consts::E),
        (exp(-745.0), 5e-324),
        (ln(10.0), std::f64::consts::LN_10),
        (log10(1e-5), -5.0),
        (tanh(0.5), 0.46211715726000975),
        (tanh(0.3), 0.2913126124515909),
        (pow(10.0, -320.0), 1e-320),
        (pow(1.0000001691716485, -4121894942.2401295), 1.4558355119384129e-303),
    ] {
        assert!(apart(found, expected) <= 1, "{found:?}, not {expected:?}");
    }
}
