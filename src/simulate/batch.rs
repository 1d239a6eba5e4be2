//! Many runs of one model, several at a time.
//!
//! Invariants:
//! - What a job gives does not depend on the others, on their order or on how many are computed together: its samples,
//!   its marks, its failure are those that [`run`](super::run) gives for it alone, to the last bit, by a method that
//!   lanes may use ([`Method::over_lanes`]) wherever the model and the method asked for allow lanes.
//! - Jobs are drawn one by one, when there is room for them, so a list of any length costs no memory.
//! - The samples of one job come in the order of time; those of different jobs come interleaved.
//!
//! Deliberately absent: threads. Whoever has several gives each a part of the jobs and a receiver of its own.

use std::time::Instant;

use super::lanes::{BoundLanes, Times};
use super::run::Course;
use super::{Model, Outcome, Protocol, Sample, Settings, SimulationError, State};
use crate::solve::{self, Bundle, Method, SolveError, Statistics, Step, Trial};

/// Models of more species than this are run one by one, by any method: their lanes would not fit the processor's caches, and
/// the multistep method serves them better.
const LARGEST_IN_LANES: usize = 399;

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

impl Lanes {
    /// The number on this machine.
    fn width(self) -> usize {
        match self {
            Lanes::One => 1,
            Lanes::Two => 2,
            Lanes::Eight => 8,
            Lanes::Auto if has_wide_registers() => 8,
            Lanes::Auto => 2,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_wide_registers() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_wide_registers() -> bool {
    false
}

/// Does all jobs that the iterator gives. Stops early when it does; jobs drawn by then are finished.
pub fn run_batch<'a>(
    model: &'a Model,
    jobs: &mut dyn Iterator<Item = Job<'a>>,
    settings: &Settings,
    lanes: Lanes,
    receiver: &mut dyn Receiver,
) {
    let mut settings = settings.clone();
    // For any number of lanes, so that numbers don't depend on it.
    let one_by_one = settings.method == Method::Multistep || model.network().species.len() > LARGEST_IN_LANES;
    if !one_by_one {
        settings.method = settings.method.over_lanes();
    }
    let settings = &settings;
    match if one_by_one || settings.timed { 1 } else { lanes.width() } {
        8 => drive::<8>(model, jobs, settings, receiver),
        2 => drive::<2>(model, jobs, settings, receiver),
        _ => drive::<1>(model, jobs, settings, receiver),
    }
}

/// A job in a lane.
struct Seat<'a> {
    index: usize,
    course: Course<'a>,
    end: f64,
    limit: f64,
    solver: solve::Settings,
    started: bool,
}

/// Whether a job goes on.
enum Next {
    On,
    Ended,
}

/// All jobs, as many at a time as there are lanes; a lane whose job has ended takes the next.
pub(super) fn drive<'a, const W: usize>(
    model: &'a Model,
    jobs: &mut dyn Iterator<Item = Job<'a>>,
    settings: &Settings,
    receiver: &mut dyn Receiver,
) {
    let mut system = BoundLanes::new(model);
    if settings.timed && W == 1 {
        system.measure();
    }
    let begun = Instant::now();
    let mut ship = Ship::<W> { model, bundle: Bundle::new(&system), system, begun, timed: settings.timed && W == 1 };
    let mut seats: [Option<Seat<'a>>; W] = std::array::from_fn(|_| None);
    let mut exhausted = false;
    loop {
        for (l, seat) in seats.iter_mut().enumerate() {
            while seat.is_none() && !exhausted {
                match jobs.next() {
                    Some(job) => *seat = ship.board(l, job, settings, receiver),
                    None => exhausted = true,
                }
            }
        }
        if seats.iter().all(Option::is_none) {
            return;
        }
        let limits = std::array::from_fn(|l| seats[l].as_ref().map_or(0.0, |seat| seat.limit));
        let taken = std::array::from_fn(|l| seats[l].is_some());
        let trials = ship.bundle.attempt(&ship.system, &limits, &taken);
        for (l, trial) in trials.into_iter().enumerate() {
            if let Some(seat) = &mut seats[l] {
                let next = ship.proceed(l, seat, trial, receiver);
                // Left where it is as long as it goes on: a seat is large.
                if !matches!(next, Ok(Next::On)) {
                    seats[l] = seats[l].take().and_then(|seat| ship.stay(l, seat, next, receiver));
                }
            }
        }
    }
}

/// The lanes, and what computes in them.
struct Ship<'a, const W: usize> {
    model: &'a Model,
    system: BoundLanes<'a, W>,
    bundle: Bundle<W>,
    /// When the present job began, for one that is measured.
    begun: Instant,
    timed: bool,
}

impl<'a, const W: usize> Ship<'a, W> {
    /// Takes a job into a lane, unless it ends at once.
    fn board(
        &mut self,
        l: usize,
        Job { index, start, protocol }: Job<'a>,
        settings: &Settings,
        receiver: &mut dyn Receiver,
    ) -> Option<Seat<'a>> {
        let course = Course::new(self.model, start, protocol);
        let Some(end) = course.end() else {
            receiver.ended(index, course.outcome(Statistics::default(), None));
            return None;
        };
        match settings.for_network(self.model.network(), &course.state().parameters) {
            Ok(solver) => {
                let mut seat = Seat { index, course, end, limit: 0.0, solver, started: false };
                let next = self.set_out(l, &mut seat, receiver);
                self.stay(l, seat, next, receiver)
            }
            Err(error) => {
                let failure = course.named(SolveError::BadTolerance(error));
                receiver.ended(index, course.outcome(Statistics::default(), Some(failure)));
                None
            }
        }
    }

    /// Keeps a job in its lane as long as it goes on.
    fn stay(
        &mut self,
        l: usize,
        seat: Seat<'a>,
        next: Result<Next, SimulationError>,
        receiver: &mut dyn Receiver,
    ) -> Option<Seat<'a>> {
        let failure = match next {
            Ok(Next::On) => return Some(seat),
            Ok(Next::Ended) => None,
            Err(failure) => Some(failure),
        };
        let statistics = if seat.started { self.bundle.statistics(l) } else { Statistics::default() };
        let mut outcome = seat.course.outcome(statistics, failure);
        if self.timed {
            outcome.times = Some(Times { total: self.begun.elapsed(), ..self.system.times() });
            self.begun = Instant::now();
            self.system.measure();
            self.bundle = Bundle::new(&self.system);
        }
        receiver.ended(seat.index, outcome);
        None
    }

    /// Does what is due at the present time of a job, and sets out from there.
    fn set_out(&mut self, l: usize, seat: &mut Seat<'a>, receiver: &mut dyn Receiver) -> Result<Next, SimulationError> {
        let changed = seat.course.act()?;
        let State { time, species, parameters } = seat.course.state();
        if changed || !seat.started {
            if let Some(refusal) = self.model.refusal(parameters) {
                return Err(SimulationError { time: *time, ..refusal });
            }
            self.system.bind(l, parameters.values());
        }
        let placed = if !seat.started {
            self.bundle.start(&self.system, l, *time, species, &seat.solver)
        } else if changed {
            self.bundle.restart(&self.system, l, *time, species)
        } else {
            Ok(())
        };
        placed.map_err(|error| seat.course.named(error))?;
        seat.started = true;
        seat.course.sample_here(&mut |sample| receiver.sample(seat.index, sample));
        if seat.course.state().time >= seat.end {
            return Ok(Next::Ended);
        }
        if seat.course.turn()? {
            return self.set_out(l, seat, receiver);
        }
        seat.limit = seat.course.limit(seat.end);
        Ok(Next::On)
    }

    /// What a trial step means for a job.
    fn proceed(
        &mut self,
        l: usize,
        seat: &mut Seat<'a>,
        trial: Trial,
        receiver: &mut dyn Receiver,
    ) -> Result<Next, SimulationError> {
        let Ship { bundle, system, .. } = self;
        let Seat { course, index, .. } = seat;
        let time = bundle.time(l);
        let step = match trial {
            Trial::Idle | Trial::Refused => return Ok(Next::On),
            Trial::Failed(error) => {
                course.arrive(time, |y| bundle.state(l, y));
                return Err(course.named(error));
            }
            Trial::Done(step) => step,
        };
        course.pass(time, |t, y| bundle.interpolate(system, l, t, y), &mut |sample| receiver.sample(*index, sample));
        match step {
            Step::Accepted => return Ok(Next::On),
            Step::Limit => course.arrive(time, |y| bundle.state(l, y)),
            Step::Root(_) => {
                course.arrive(time, |y| bundle.state(l, y));
                course.cross(bundle.crossings(l))?;
            }
        }
        self.set_out(l, seat, receiver)
    }
}
