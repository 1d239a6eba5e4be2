//! Numbers for readers: few digits, no noise.
//!
//! Invariants: four significant digits at most below a thousand, whole numbers with separators below a million,
//! powers of ten beyond and below a thousandth; zero is `0`; what is not a number says so.

/// Significant digits shown.
const DIGITS: i32 = 4;

/// A number for a table or a sentence: `0.3701`, `12.3`, `1,234`, `1.235e6`, `4.1e-5`.
pub fn number(value: f64) -> String {
    with_digits(value, DIGITS)
}

/// A ratio, with three digits: `0.37`, `1.05`, `12.3`.
pub fn ratio(value: f64) -> String {
    with_digits(value, DIGITS - 1)
}

fn with_digits(value: f64, digits: i32) -> String {
    if value.is_nan() {
        return "n/a".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let rounded = significant(value, digits);
    let size = rounded.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if size < 1e-3 || value.abs().round() >= 1e6 {
        exponential(value, digits)
    } else if size >= 1000.0 {
        thousands(value)
    } else {
        let decimals = (digits - 1 - size.log10().floor() as i32).max(0) as usize;
        trim_zeros(&format!("{rounded:.decimals$}"))
    }
}

/// `value` rounded to that many significant digits.
pub fn significant(value: f64, digits: i32) -> f64 {
    let precision = (digits - 1).max(0) as usize;
    format!("{value:.precision$e}").parse().unwrap_or(value)
}

fn exponential(value: f64, digits: i32) -> String {
    let precision = (digits - 1).max(0) as usize;
    let text = format!("{value:.precision$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trim_zeros(mantissa)),
        None => text,
    }
}

/// A whole number with separators: `12,346`.
fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

fn trim_zeros(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// A number for a file: 15 significant digits at most, so that `0.1 + 0.2` reads `0.3`; read back, it differs from
/// the original by rounding at most.
pub fn exact(value: f64) -> String {
    let rounded = significant(value, 15);
    let size = rounded.abs();
    if size != 0.0 && size.is_finite() && !(1e-5..1e15).contains(&size) {
        format!("{rounded:e}")
    } else {
        format!("{rounded}")
    }
}

/// Numbers padded on the right so that their points stand below each other in a right-aligned column.
pub fn align_points(numbers: &mut [String]) {
    let tail = |text: &str| {
        if text.contains('e') || !text.ends_with(|c: char| c.is_ascii_digit()) {
            return 0;
        }
        text.find('.').map_or(0, |at| text.len() - at)
    };
    let longest = numbers.iter().map(|n| tail(n)).max().unwrap_or(0);
    for number in numbers {
        if !number.contains('e') {
            number.extend(std::iter::repeat_n(' ', longest - tail(number)));
        }
    }
}

/// The exponent as it is set above a ten: `⁻³`.
pub fn superscript(exponent: i32) -> String {
    exponent.to_string().chars().map(|c| superscript_of(c).unwrap_or(c)).collect()
}

/// The raised form of a digit or minus sign.
pub(super) fn superscript_of(c: char) -> Option<char> {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match c {
        '-' => Some('⁻'),
        _ => RAISED.get(c.to_digit(10)? as usize).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_plain() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0000000001, "1"),
            (0.1 + 0.2, "0.3"),
            (0.370_12, "0.3701"),
            (12.345_6, "12.35"),
            (99.999, "100"),
            (999.96, "1,000"),
            (999.94, "999.9"),
            (1234.4, "1,234"),
            (999_999.4, "999,999"),
            (999_999.6, "1e6"),
            (1_234_567.0, "1.235e6"),
            (0.001, "0.001"),
            (0.000_999_96, "0.001"),
            (0.000_123_45, "1.234e-4"),
            (-2500.0, "-2,500"),
            (-0.25, "-0.25"),
            (6.022_140_76e23, "6.022e23"),
            (f64::NAN, "n/a"),
            (f64::INFINITY, "∞"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text, "{value:e}");
        }
        assert_eq!(ratio(0.369_9), "0.37");
    }

    #[test]
    fn files_get_numbers_without_noise() {
        assert_eq!(exact(0.1 + 0.2), "0.3");
        assert_eq!(exact(1.0 / 3.0), "0.333333333333333");
        assert_eq!(exact(1e20), "1e20");
        assert_eq!(exact(2.5e-7), "2.5e-7");
        assert_eq!(exact(f64::NAN), "NaN");
    }

    #[test]
    fn points_stand_below_each_other() {
        let mut column = ["1,234", "56.12", "0.3", "1e7"].map(str::to_owned);
        align_points(&mut column);
        assert_eq!(column, ["1,234   ", "56.12", "0.3 ", "1e7"]);
    }
}
