//! What is done to a model while it runs, and when it is looked at.

use crate::network::plan::Change;

/// Something done to a model while it runs. Those at one time are done together, in the order given.
#[derive(Clone, PartialEq, Debug)]
pub struct Intervention {
    /// Seconds since the start of the run.
    pub time: f64,
    pub change: Change,
    /// What to call it in plots, such as `GW4869 10 µM`; empty for what is not worth a mark.
    pub label: String,
}

/// What is done and when it is looked at.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Protocol {
    /// Seconds, ascending, from 0; the last one is the end of the run.
    pub samples: Vec<f64>,
    pub interventions: Vec<Intervention>,
}

impl Protocol {
    /// A run of so many seconds without interventions, sampled at every multiple of the interval and at its end.
    pub fn sampled(duration: f64, interval: f64) -> Protocol {
        Protocol { samples: grid(duration, interval), interventions: Vec::new() }
    }

    /// Looks at these times as well, as far as they are within the run.
    pub fn sample_also(&mut self, times: impl IntoIterator<Item = f64>) {
        let end = self.samples.last().copied().unwrap_or(0.0);
        self.samples.extend(times.into_iter().filter(|t| (0.0..end).contains(t)));
        self.samples.sort_by(f64::total_cmp);
        // Two times nearer than rounding are one: the claim's `30 min` is the grid's.
        self.samples.dedup_by(|later, earlier| *later - *earlier <= 1e-9 * end);
    }
}

/// `0, interval, 2 interval, …, duration`; the last one is exact, and a remainder shorter than a millionth of the
/// interval is rounding, not a sample.
fn grid(duration: f64, interval: f64) -> Vec<f64> {
    let whole = (duration / interval * (1.0 + 1e-12) + 1e-6).floor();
    let mut samples: Vec<f64> = (0..).map(f64::from).take_while(|&i| i <= whole).map(|i| i * interval).collect();
    match samples.last_mut() {
        Some(last) if (duration - *last).abs() <= 1e-6 * interval => *last = duration,
        _ => samples.push(duration),
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_ends_at_the_end_and_has_no_sample_twice() {
        assert_eq!(grid(10.0, 5.0), [0.0, 5.0, 10.0]);
        assert_eq!(grid(0.3, 0.1).len(), 4);
        assert_eq!(grid(11.0, 5.0), [0.0, 5.0, 10.0, 11.0]);
        assert_eq!(grid(2.0, 5.0), [0.0, 2.0]);
        assert_eq!(grid(86_400.0, 600.0).len(), 145);
    }

    #[test]
    fn extra_times_are_put_in_order_and_known_ones_ignored() {
        let mut protocol = Protocol::sampled(1.0, 0.1);
        protocol.sample_also([0.3, 0.25, 1.0, 7.0]);
        assert_eq!(protocol.samples.len(), 12);
        assert_eq!(protocol.samples[3], 0.25);
        assert_eq!(protocol.samples.last(), Some(&1.0));
    }
}
