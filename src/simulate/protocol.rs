//! What is done to a model while it runs, and when it is looked at.

use crate::network::{ParameterId, SpeciesId};

/// One thing done to a model at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Change {
    /// A parameter takes a value.
    Parameter(ParameterId, f64),
    /// A parameter takes a value unless it is higher already: what an irreversible drug remembers.
    Raise(ParameterId, f64),
    /// An amount takes a value.
    Species(SpeciesId, f64),
    /// So much is added to an amount.
    Add(SpeciesId, f64),
}

/// Changes made at one time, all at once.
#[derive(Clone, PartialEq, Debug)]
pub struct Intervention {
    /// Seconds since the start of the run.
    pub time: f64,
    pub changes: Vec<Change>,
    /// What to call it in plots, such as `GW4869 10 µM`; empty for what is not worth a mark.
    pub label: String,
}

/// What is done and when it is looked at. Interventions at one time happen in the order given.
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
}

/// `0, interval, 2 interval, …, duration`; the last one is exact, and a remainder shorter than a millionth of the
/// interval is rounding, not a sample.
fn grid(duration: f64, interval: f64) -> Vec<f64> {
    let whole = (duration / interval * (1.0 + 1e-12) + 1e-6).floor();
    let mut samples: Vec<f64> = (0..).map(|i| i as f64).take_while(|&i| i <= whole).map(|i| i * interval).collect();
    match samples.last_mut() {
        Some(last) if (duration - *last).abs() <= 1e-6 * interval => *last = duration,
        _ => samples.push(duration),
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::grid;

    #[test]
    fn a_grid_ends_at_the_end_and_has_no_sample_twice() {
        assert_eq!(grid(10.0, 5.0), [0.0, 5.0, 10.0]);
        assert_eq!(grid(0.3, 0.1).len(), 4);
        assert_eq!(grid(11.0, 5.0), [0.0, 5.0, 10.0, 11.0]);
        assert_eq!(grid(2.0, 5.0), [0.0, 2.0]);
        assert_eq!(grid(86_400.0, 600.0).len(), 145);
    }
}
