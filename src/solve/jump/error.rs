//! Why a run of jumps can't go on.

use thiserror::Error;

/// A failure with the time in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Error)]
#[error("at {t} s: {fault}")]
pub struct JumpError {
    pub t: f64,
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Debug, Error)]
pub enum Fault {
    #[error("the propensity of channel {channel} is {value}")]
    Negative { channel: usize, value: f64 },
    #[error("the propensity of channel {channel} is not a finite number")]
    NotFinite { channel: usize },
    #[error("all propensities together are too large for a number")]
    TotalNotFinite,
    /// As many events as were allowed, the last of them of that channel.
    #[error("{events} events have not reached the end")]
    Budget { events: u64, channel: usize },
    /// Of individuals only so many are kept; an amount must be finite.
    #[error("state {state} is {value}: too many to count")]
    TooMany { state: usize, value: f64 },
    #[error("the hazard can't be integrated: no step is short enough")]
    StepUnderflow,
}
