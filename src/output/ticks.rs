//! Axes: which range to show, where to put marks on it, and how to write them.
//!
//! Invariants: marks are round numbers inside the range; labels are short and equally precise; large and tiny
//! values are given with a common power of ten, which belongs into the axis title.

use super::number::superscript;
use super::unit::symbol;
use crate::network::DisplayUnit;

/// A linear axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<(f64, String)>,
    /// Labels are values divided by ten to this power.
    pub exponent: i32,
}

impl Axis {
    /// Where a value lies between the ends, 0 to 1.
    pub fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// `name [unit]`, with the power of ten that the labels leave out.
    pub fn heading(&self, name: &str, unit: &DisplayUnit) -> String {
        let ten = if self.exponent == 0 { String::new() } else { format!("10{}", superscript(self.exponent)) };
        let parts: Vec<String> = [ten, symbol(unit)].into_iter().filter(|p| !p.is_empty()).collect();
        if parts.is_empty() { name.to_owned() } else { format!("{name} [{}]", parts.join(" ")) }
    }
}

/// An axis over values: from zero if they come near it, and to a round number beyond the largest.
pub(super) fn value_axis(values: impl Iterator<Item = f64>, most: usize) -> Axis {
    let (mut low, mut high) = extent(values);
    let size = low.abs().max(high.abs());
    if high - low <= 1e-9 * size {
        // A constant: zooming in would only show rounding.
        (low, high) = if size == 0.0 { (0.0, 1.0) } else { (low.min(0.0), high.max(0.0)) };
    }
    if low > 0.0 && low < 0.6 * high {
        low = 0.0;
    }
    if high < 0.0 && high > 0.6 * low {
        high = 0.0;
    }
    let step = nice_step((high - low) / most.max(1) as f64, &[1.0, 2.0, 2.5, 5.0, 10.0]);
    low = (low / step + 1e-9).floor() * step;
    high = (high / step - 1e-9).ceil() * step;
    labelled(low, high, step)
}

/// An axis over times in the given unit, ending where they end; hours are counted in sixes and twelves.
pub(super) fn time_axis(low: f64, high: f64, unit: &DisplayUnit, most: usize) -> Axis {
    let high = if high > low { high } else { low + 1.0 };
    let raw = (high - low) / most.max(1) as f64;
    let round: &[f64] = &[1.0, 2.0, 5.0, 10.0];
    let step = match unit.symbol.as_str() {
        "h" if raw > 1.0 => nice_above(raw, &[2.0, 3.0, 4.0, 6.0, 12.0, 24.0, 48.0, 72.0, 120.0, 240.0]),
        "min" | "s" if raw > 1.0 => nice_above(raw, &[2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0]),
        _ => None,
    };
    labelled(low, high, step.unwrap_or_else(|| nice_step(raw, round)))
}

fn nice_above(raw: f64, steps: &[f64]) -> Option<f64> {
    steps.iter().copied().find(|&step| step >= raw * 0.999_999)
}

/// The smallest round number not below `raw`.
fn nice_step(raw: f64, mantissas: &[f64]) -> f64 {
    if !(raw.is_finite() && raw > 0.0) {
        return 1.0;
    }
    let ten = 10_f64.powi(raw.log10().floor() as i32);
    mantissas.iter().map(|m| m * ten).find(|&step| step >= raw * 0.999_999).unwrap_or(10.0 * ten)
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

fn labelled(low: f64, high: f64, step: f64) -> Axis {
    let size = low.abs().max(high.abs());
    let power = if size > 0.0 { size.log10().floor() as i32 } else { 0 };
    let exponent = if (-2..5).contains(&power) { 0 } else { power.div_euclid(3) * 3 };
    let unit = 10_f64.powi(exponent);
    let decimals = (0..9).find(|&d| is_whole(step / unit * 10_f64.powi(d))).unwrap_or(9) as usize;
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let ticks = (first..=last.min(first + 100)).map(|i| {
        let value = i as f64 * step;
        (value, separated(&format!("{:.decimals$}", value / unit)))
    });
    Axis { low, high, ticks: ticks.collect(), exponent }
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6 * value.abs().max(1e-3)
}

/// Thousands separated, from ten thousand on or where four digits stand alone.
fn separated(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let digits = whole.trim_start_matches('-');
    if digits.len() < 4 {
        return if digits == "0" && rest.trim_matches(['.', '0']).is_empty() {
            "0".to_owned()
        } else {
            text.to_owned()
        };
    }
    let (front, back) = digits.split_at(digits.len() - 3);
    let sign = if whole.starts_with('-') { "-" } else { "" };
    format!("{sign}{front},{back}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, l)| l.as_str()).collect()
    }

    #[test]
    fn marks_are_round_and_cover_the_values() {
        let axis = value_axis([12.0, 1234.0].into_iter(), 4);
        assert_eq!(labels(&axis), ["0", "500", "1,000", "1,500"]);
        let axis = value_axis([95.0, 101.0].into_iter(), 4);
        assert!(axis.low <= 95.0 && axis.low > 80.0 && axis.high >= 101.0);
    }

    #[test]
    fn large_and_tiny_values_share_a_power_of_ten() {
        let axis = value_axis([0.0, 4.2e8].into_iter(), 4);
        let unit = DisplayUnit { symbol: "copies".into(), factor: 1.0 };
        assert_eq!(axis.heading("yield", &unit), "yield [10⁶ copies]");
        assert_eq!(labels(&axis), ["0", "200", "400", "600"]);
        assert_eq!(value_axis([0.0, 3e-7].into_iter(), 4).exponent, -9);
    }

    #[test]
    fn a_day_is_divided_into_quarters() {
        let unit = DisplayUnit { symbol: "h".into(), factor: 3600.0 };
        assert_eq!(labels(&time_axis(0.0, 24.0, &unit, 5)), ["0", "6", "12", "18", "24"]);
        assert_eq!(
            labels(&time_axis(0.0, 2.5, &unit, 5)),
            ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"].map(|l| if l == "0.0" { "0" } else { l })
        );
    }

    #[test]
    fn nothing_and_constants_have_axes() {
        for values in [vec![], vec![f64::NAN], vec![0.0, 0.0], vec![7.0, 7.0], vec![-3.0]] {
            let axis = value_axis(values.iter().copied(), 4);
            assert!(axis.low < axis.high && axis.ticks.len() >= 2, "{values:?}: {axis:?}");
        }
    }
}
