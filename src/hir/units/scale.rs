//! Exact scales: a fraction times a power of ten.
//!
//! Invariants: no rounding happens until [`Scale::apply`], which rounds once; only when a product no longer fits
//! (powers of Avogadro's number beyond the third) does a scale become an ordinary float.

/// Internal units in one of a unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scale {
    /// `numerator / denominator × 10^ten`, in lowest terms, with no factor of ten left in either.
    Exact {
        numerator: u128,
        denominator: u128,
        ten: i32,
    },
    Rounded(f64),
}

impl Scale {
    pub const ONE: Scale = Scale::Exact { numerator: 1, denominator: 1, ten: 0 };

    /// `numerator × 10^ten`.
    pub fn new(numerator: u128, ten: i32) -> Scale {
        reduced(numerator, 1, ten)
    }

    pub fn times(self, other: Scale) -> Scale {
        match (self, other) {
            (
                Scale::Exact { numerator: a, denominator: b, ten: t },
                Scale::Exact { numerator: c, denominator: d, ten: u },
            ) => {
                let (x, y) = (gcd(a, d).max(1), gcd(c, b).max(1));
                match ((a / x).checked_mul(c / y), (b / y).checked_mul(d / x), t.checked_add(u)) {
                    (Some(numerator), Some(denominator), Some(ten)) => reduced(numerator, denominator, ten),
                    _ => Scale::Rounded(self.to_f64() * other.to_f64()),
                }
            }
            _ => Scale::Rounded(self.to_f64() * other.to_f64()),
        }
    }

    pub fn inverse(self) -> Scale {
        match self {
            Scale::Exact { numerator: 0, .. } => Scale::Rounded(f64::INFINITY),
            Scale::Exact { numerator, denominator, ten } => {
                Scale::Exact { numerator: denominator, denominator: numerator, ten: ten.saturating_neg() }
            }
            Scale::Rounded(x) => Scale::Rounded(1.0 / x),
        }
    }

    pub fn power(self, exponent: i32) -> Scale {
        let base = if exponent < 0 { self.inverse() } else { self };
        (0..exponent.unsigned_abs().min(64)).fold(Scale::ONE, |product, _| product.times(base))
    }

    pub fn to_f64(self) -> f64 {
        match self {
            Scale::Exact { numerator, denominator, ten } => quotient(numerator, denominator, ten),
            Scale::Rounded(x) => x,
        }
    }

    /// `number × self`, rounded once, the number taken as the shortest decimal that denotes it: what was written.
    pub fn apply(self, number: f64) -> f64 {
        let factor = self.to_f64();
        let Scale::Exact { numerator, denominator, ten } = self else { return number * factor };
        if (numerator == 1 && denominator == 1 && ten == 0) || number == 0.0 || !number.is_finite() {
            return number * factor;
        }
        // A product or quotient of two numbers that are exact is rounded once anyway.
        if number.trunc() == number && number.abs() < EXACT {
            if denominator == 1 && ten >= 0 && factor < EXACT {
                return number * factor;
            }
            let inverse = self.inverse().to_f64();
            if numerator == 1 && ten <= 0 && inverse < EXACT {
                return number / inverse;
            }
        }
        let (digits, exponent) = decimal(number.abs());
        match Scale::new(digits, exponent).times(self) {
            exact @ Scale::Exact { .. } => exact.to_f64().copysign(number),
            Scale::Rounded(_) => number * factor,
        }
    }
}

/// Integers below are exact in a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// All powers of ten that are exact in a float.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The scale that a written number is.
pub fn of_number(number: f64) -> Scale {
    if number > 0.0 && number.is_finite() {
        let (digits, exponent) = decimal(number);
        Scale::new(digits, exponent)
    } else {
        Scale::Rounded(number)
    }
}

/// The digits and the power of ten of the shortest decimal that denotes `x`.
fn decimal(x: f64) -> (u128, i32) {
    if x.trunc() == x && x < EXACT {
        return (x as u128, 0);
    }
    let text = format!("{x:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).fold(0u128, |n, b| n * 10 + u128::from(b - b'0'));
    (digits, exponent.parse::<i32>().unwrap_or(0) - places)
}

fn reduced(mut numerator: u128, mut denominator: u128, mut ten: i32) -> Scale {
    if numerator == 0 {
        return Scale::Exact { numerator: 0, denominator: 1, ten: 0 };
    }
    let common = gcd(numerator, denominator).max(1);
    numerator /= common;
    denominator /= common;
    while numerator.is_multiple_of(10) {
        numerator /= 10;
        ten = ten.saturating_add(1);
    }
    while denominator.is_multiple_of(10) {
        denominator /= 10;
        ten = ten.saturating_sub(1);
    }
    Scale::Exact { numerator, denominator, ten }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `n / d × 10^ten`, rounded once: as one product or quotient where that is of exact numbers, else by way of decimal
/// digits and a last one that stands for all that follow.
fn quotient(n: u128, d: u128, ten: i32) -> f64 {
    let power = POWERS.get(ten.unsigned_abs() as usize);
    if let (true, true, Some(power)) = (n < EXACT as u128, d < EXACT as u128, power) {
        let (n, d) = (n as f64, d as f64);
        if ten >= 0 && (d == 1.0 || n * power < EXACT) {
            return n * power / d;
        }
        if ten < 0 && (d == 1.0 || d * power < EXACT) {
            return n / (d * power);
        }
    }
    let digits = if d == 1 {
        n.to_string()
    } else {
        let (mut text, mut rest) = ((n / d).to_string(), n % d);
        let mut places = 0;
        while rest != 0 && places < 60 {
            let Some(next) = rest.checked_mul(10) else { return n as f64 / d as f64 * 10f64.powi(ten) };
            text.push(char::from(b'0' + (next / d).min(9) as u8));
            rest = next % d;
            places += 1;
        }
        if rest != 0 {
            text.push('1');
            places += 1;
        }
        return format!("{text}e{}", i64::from(ten) - places).parse().unwrap_or(f64::NAN);
    };
    format!("{digits}e{ten}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_molar_is_exactly_avogadros_number_over_a_litre() {
        let molar = Scale::new(602_214_076, 15).times(Scale::new(1, 15).inverse());
        assert_eq!(molar.to_f64(), 602_214_076.0);
        assert_eq!(molar.times(Scale::new(1, -6)).apply(0.1), 60.2214076);
    }

    #[test]
    fn a_written_decimal_is_rounded_once() {
        let minute = Scale::new(60, 0);
        assert_eq!(minute.inverse().apply(0.3), 0.005);
        assert_eq!(minute.apply(0.7), 42.0);
        assert_eq!(Scale::new(1, -3).apply(80.0), 0.08);
        assert_eq!(minute.inverse().apply(1.0), 1.0 / 60.0);
        assert_eq!(Scale::new(1, -15).apply(1.1), 1.1e-15);
        assert_eq!(minute.apply(-0.7), -42.0);
    }

    #[test]
    fn short_cuts_give_what_the_decimals_give() {
        for n in [1u128, 3, 7, 60, 602_214_076, 9_007_199_254_740_991] {
            for ten in -25..25 {
                assert_eq!(quotient(n, 1, ten), format!("{n}e{ten}").parse::<f64>().unwrap(), "{n}e{ten}");
                // Divided by a power of two and one of three, so that the decimals end or don't.
                let eighth = format!("{}e{}", n * 125, ten - 3).parse::<f64>().unwrap();
                assert_eq!(quotient(n, 8, ten), eighth, "{n}e{ten} / 8");
                let thirds = format!("{}e{}", n * 3 * 10u128.pow(12), ten - 12);
                assert_eq!(quotient(n * 3, 1, ten), thirds.parse::<f64>().unwrap(), "{n} * 3e{ten}");
            }
        }
        assert_eq!(quotient(1, 60, 0), 1.0 / 60.0);
    }

    #[test]
    fn powers_too_large_to_hold_are_rounded() {
        let mole = Scale::new(602_214_076, 15);
        assert!((mole.power(9).to_f64() / 6.02214076e23f64.powi(9) - 1.0).abs() < 1e-12);
        assert_eq!(mole.power(-1).times(mole), Scale::ONE);
    }
}
