//! What a claim reads from a series.

use crate::hir::experiment::Summary;

/// The value at a time, between samples by the straight line through its neighbours; the last one for `None`.
/// `None` if the series doesn't reach that far.
pub(super) fn value_at(times: &[f64], values: &[f64], time: Option<f64>) -> Option<f64> {
    let Some(time) = time else { return values.last().copied() };
    let slack = 1e-9 * times.last().copied().unwrap_or(0.0).abs();
    let after = times.partition_point(|t| *t < time - slack);
    let (t1, v1) = (*times.get(after)?, *values.get(after)?);
    if (t1 - time).abs() <= slack {
        return Some(v1);
    }
    let before = after.checked_sub(1)?;
    let (t0, v0) = (*times.get(before)?, *values.get(before)?);
    Some(v0 + (v1 - v0) * (time - t0) / (t1 - t0))
}

/// `min of`, `max of` and `median of` take the samples; `mean of` is the mean over time, by the trapezoidal rule.
/// `None` for no samples.
pub(super) fn summary(how: Summary, times: &[f64], values: &[f64]) -> Option<f64> {
    let first = values.first().copied()?;
    Some(match how {
        // NaN is kept: a claim about what isn't a number is undecided.
        Summary::Min => values.iter().fold(first, |a, &b| if b.is_nan() || b < a { b } else { a }),
        Summary::Max => values.iter().fold(first, |a, &b| if b.is_nan() || b > a { b } else { a }),
        Summary::Mean => mean(times, values).unwrap_or(first),
        Summary::Median => median(values),
        // Of a distribution of which nothing is known.
        Summary::Sd | Summary::Fano => f64::NAN,
    })
}

fn mean(times: &[f64], values: &[f64]) -> Option<f64> {
    let span = times.last()? - times.first()?;
    let pieces = times.windows(2).zip(values.windows(2));
    let area: f64 = pieces.map(|(t, v)| 0.5 * (t[1] - t[0]) * (v[0] + v[1])).sum();
    (span > 0.0).then_some(area / span)
}

fn median(values: &[f64]) -> f64 {
    if values.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { 0.5 * (sorted[middle - 1] + sorted[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: [f64; 4] = [0.0, 1.0, 2.0, 4.0];
    const VALUES: [f64; 4] = [0.0, 2.0, 3.0, 3.0];

    #[test]
    fn values_are_read_at_and_between_samples() {
        assert_eq!(value_at(&TIMES, &VALUES, None), Some(3.0));
        assert_eq!(value_at(&TIMES, &VALUES, Some(1.0)), Some(2.0));
        assert_eq!(value_at(&TIMES, &VALUES, Some(0.5)), Some(1.0));
        assert_eq!(value_at(&TIMES, &VALUES, Some(4.0 + 1e-12)), Some(3.0));
        assert_eq!(value_at(&TIMES, &VALUES, Some(5.0)), None);
        assert_eq!(value_at(&[], &[], None), None);
    }

    #[test]
    fn summaries() {
        assert_eq!(summary(Summary::Min, &TIMES, &VALUES), Some(0.0));
        assert_eq!(summary(Summary::Max, &TIMES, &VALUES), Some(3.0));
        assert_eq!(summary(Summary::Median, &TIMES, &VALUES), Some(2.5));
        assert_eq!(summary(Summary::Mean, &TIMES, &VALUES), Some((1.0 + 2.5 + 6.0) / 4.0));
        assert!(summary(Summary::Max, &TIMES, &[1.0, f64::NAN, 5.0, 0.0]).unwrap().is_nan());
    }
}
