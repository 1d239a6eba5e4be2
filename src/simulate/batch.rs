//! Many runs of one model, several at a time.
//!
//! Invariants:
//! - What a job gives does not depend on the others, on their order or on how many are computed together: its samples,
//!   its marks, its failure are those that [`run`](super::run) gives for it alone, to the last bit.
//! - Jobs are drawn one by one, when there is room for them, so a list of any length costs no memory.
//! - The samples of one job come in the order of time; those of different jobs come interleaved.
//!
//! Deliberately absent: threads. Whoever has several gives each a part of the jobs and a receiver of its own.

use super::{Model, Outcome, Protocol, Sample, Settings, State, run};

/// One run: where it starts, with which parameters, and what is done.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The caller's number for it, handed back with all that it gives.
    pub index: usize,
    pub start: State,
    pub protocol: &'a Protocol,
}

/// How many runs are computed together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lanes {
    /// As many as pay on this machine for this model.
    #[default]
    Auto,
    One,
    Two,
    Eight,
}

/// What takes the results of a batch.
pub trait Receiver {
    /// A sample of the job with that index.
    fn sample(&mut self, job: usize, sample: Sample<'_>);

    /// The job with that index has ended, well or not; no more samples of it will come.
    fn ended(&mut self, job: usize, outcome: Outcome);
}

/// Does all jobs that the iterator gives. Stops early when it does; jobs drawn by then are finished.
pub fn run_batch<'a>(
    model: &Model,
    jobs: &mut dyn Iterator<Item = Job<'a>>,
    settings: &Settings,
    _lanes: Lanes,
    receiver: &mut dyn Receiver,
) {
    for Job { index, start, protocol } in jobs {
        let outcome = run(model, start, protocol, settings, &mut |sample| receiver.sample(index, sample));
        receiver.ended(index, outcome);
    }
}
