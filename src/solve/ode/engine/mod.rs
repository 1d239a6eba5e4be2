//! The driver, over lanes: one trial step in every lane at a time, and what follows from it in each.
//!
//! Invariants: what happens in a lane is decided from that lane's numbers alone, so it is the same for any W; an
//! explicit and a stiff trial serve a mixture of lanes, each its own. Lanes that take no part keep their time and state;
//! dense output of any lane lasts until the next trial.

use super::bdf::Bdf;
use super::choice::Implicit;
use super::control::Weights;
use super::error::SolveError;
use super::integrator::Step;
use super::lane::{Family, Lane, Trial};
use super::method::{Cost, Entry, Method as _, Now, Refused, Scene};
use super::positive::Floor;
use super::rosenbrock::{RODAS5P, Rosenbrock};
use super::system::LaneSystem;
use super::tsit5::Tsit5;
use super::vector::take;
use crate::solve::Rows;
use start::Start;

/// Steps in a row that may be taken across jumps.
const JUMPS: usize = 3;

#[derive(Debug)]
pub(super) struct Engine<const W: usize> {
    weights: Weights<W>,
    floor: Floor<W>,
    explicit: Tsit5<W>,
    /// Made when first needed.
    stiff: Option<Box<Rosenbrock<W>>>,
    /// As well; of a single lane only.
    multistep: Option<Box<Bdf<W>>>,
    lanes: [Lane; W],
    /// Now, at the start of the last accepted step, and at the end of the last trial.
    y: Rows<W>,
    y_old: Rows<W>,
    y_end: Rows<W>,
    /// Slopes at a start. The methods' own still serve other lanes' dense output.
    slope: Rows<W>,
    /// A state of one lane.
    one: Vec<f64>,
    start: Start,
}

/// Does something with the method that a lane uses. The implicit ones exist wherever they are in use.
macro_rules! with_method {
    ($engine:expr, $family:expr, $method:ident => $act:expr) => {
        match ($family, &mut $engine.stiff, &mut $engine.multistep) {
            (Family::Stiff, Some($method), _) => $act,
            (Family::Multistep, _, Some($method)) => $act,
            _ => {
                let $method = &mut $engine.explicit;
                $act
            }
        }
    };
}

mod start;
mod within;

/// What is to become of a trial.
#[derive(Clone, Copy)]
enum Verdict {
    Idle,
    /// Taken, with this error.
    Taken(f64),
    /// Taken although its error is too large: see [`Engine::is_jump`].
    Jump,
    Refused(Refused),
}

/// A trial of one lane.
#[derive(Clone, Copy)]
struct Planned {
    h: f64,
    /// Where it ends.
    end: f64,
    /// That is the limit.
    last: bool,
}

impl<const W: usize> Engine<W> {
    /// All lanes vacant.
    pub fn new<S: LaneSystem<W> + ?Sized>(system: &S) -> Self {
        let n = system.dimension();
        let zeros = || Rows::zeros(n);
        Engine {
            weights: Weights { rtol: [0.0; W], atol: Rows::new(n, 1.0) },
            floor: Floor::of(system),
            explicit: Tsit5::new(n),
            stiff: None,
            multistep: None,
            lanes: std::array::from_fn(|_| Lane::new(system.roots())),
            y: zeros(),
            y_old: zeros(),
            y_end: zeros(),
            slope: zeros(),
            one: vec![0.0; n],
            start: Start::new(n),
        }
    }

    pub fn lane(&self, lane: usize) -> &Lane {
        &self.lanes[lane]
    }

    pub fn states(&self) -> &[[f64; W]] {
        &self.y
    }

    /// One trial step in each lane marked in `run`, none past its limit.
    pub fn attempt<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, limits: &[f64; W], run: &[bool; W]) -> [Trial; W] {
        let mut trials: [Trial; W] = std::array::from_fn(|_| Trial::Idle);
        for l in (0..W).filter(|&l| run[l]) {
            let remaining = limits[l] - self.lanes[l].t;
            if remaining.is_nan() || remaining < 0.0 {
                trials[l] = Trial::Failed(SolveError::Backwards { t: self.lanes[l].t, limit: limits[l] });
            } else if remaining == 0.0 {
                trials[l] = Trial::Done(Step::Limit);
            }
        }
        let mut going = std::array::from_fn(|l| run[l] && trials[l] == Trial::Idle);
        if !going.contains(&true) {
            return trials;
        }
        self.begin(system, limits, &mut going, &mut trials);
        let planned = self.plan(limits, &mut going, &mut trials);
        let verdicts = self.try_steps(system, &planned, &going);
        self.move_on(&verdicts);
        let proposed = self.propose(&planned, &verdicts);
        for l in (0..W).filter(|&l| going[l]) {
            trials[l] = self.conclude(system, l, planned[l], verdicts[l], proposed[l]);
        }
        trials
    }

    /// Prepares the methods, and the first steps after a start, where they are needed.
    fn begin<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        limits: &[f64; W],
        going: &mut [bool; W],
        trials: &mut [Trial; W],
    ) {
        let new: [bool; W] = std::array::from_fn(|l| going[l] && self.lanes[l].entry != Entry::Again);
        if new.contains(&true) {
            take(&mut self.y_old, &self.y, &new);
        }
        for l in (0..W).filter(|&l| new[l]) {
            (self.lanes[l].t_old, self.lanes[l].h_old) = (self.lanes[l].t, 0.0);
            if self.lanes[l].entry == Entry::Fresh
                && !self.lanes[l].has_slope
                && let Err(error) = self.evaluate(system, l)
            {
                trials[l] = Trial::Failed(error);
                going[l] = false;
            }
            self.lanes[l].has_slope = false;
        }
        let t = self.times();
        for family in Family::ALL {
            let mine: [bool; W] = std::array::from_fn(|l| going[l] && self.lanes[l].active == family);
            if !mine.contains(&true) {
                continue;
            }
            let entries = std::array::from_fn(|l| if mine[l] { self.lanes[l].entry } else { Entry::Absent });
            let scene = Scene { system, floor: &self.floor, weights: &self.weights };
            let now = Now { t: &t, y: &self.y };
            let mut cost = [Cost::default(); W];
            let failed =
                with_method!(self, family, method => method.begin(&scene, now, &entries, &self.slope, &mut cost));
            for l in (0..W).filter(|&l| mine[l]) {
                self.lanes[l].add(&cost[l]);
                if let Some((what, component)) = failed[l] {
                    trials[l] = Trial::Failed(SolveError::NonFinite { t: t[l], component, what });
                    self.lanes[l].entry = Entry::Fresh;
                    going[l] = false;
                }
            }
            for l in 0..W {
                if new[l] && mine[l] && going[l] && self.lanes[l].h_next.is_none() {
                    self.choose_first(system, family, l, limits[l]);
                }
            }
        }
        for l in (0..W).filter(|&l| new[l] && going[l]) {
            let lane = &mut self.lanes[l];
            lane.h = lane.h_next.unwrap_or(lane.h);
        }
    }

    fn times(&self) -> [f64; W] {
        std::array::from_fn(|l| self.lanes[l].t)
    }

    fn plan(&mut self, limits: &[f64; W], going: &mut [bool; W], trials: &mut [Trial; W]) -> [Planned; W] {
        std::array::from_fn(|l| {
            let lane = &mut self.lanes[l];
            if !going[l] {
                // Lanes that take no part are computed too: with a step that does no harm.
                return Planned { h: f64::MIN_POSITIVE.sqrt(), end: lane.t, last: false };
            }
            lane.h = lane.h.min(lane.bounds.max_step);
            if lane.steps_since_start >= lane.bounds.max_steps {
                let (steps, component) = (lane.steps_since_start, lane.blame);
                trials[l] = Trial::Failed(SolveError::TooManySteps { t: lane.t, step: lane.h, steps, component });
                lane.entry = Entry::Fresh;
                going[l] = false;
            }
            lane.steps_since_start += 1;
            let (h, last) = lane.trial(limits[l] - lane.t);
            Planned { h, end: if last { limits[l] } else { lane.t + h }, last }
        })
    }

    fn try_steps<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        planned: &[Planned; W],
        going: &[bool; W],
    ) -> [Verdict; W] {
        let mut verdicts = [Verdict::Idle; W];
        let (t, h) = (self.times(), planned.map(|p| p.h));
        for family in Family::ALL {
            let mine: [bool; W] = std::array::from_fn(|l| going[l] && self.lanes[l].active == family);
            if !mine.contains(&true) {
                continue;
            }
            let scene = Scene { system, floor: &self.floor, weights: &self.weights };
            let now = Now { t: &t, y: &self.y };
            let (y_end, mut cost) = (&mut self.y_end, [Cost::default(); W]);
            let results = with_method!(self, family, method => {
                method.attempt(&scene, now, &h, &mine, y_end, &mut cost)
            });
            let violated = self.floor.violated(&self.y_end, &self.weights);
            for l in (0..W).filter(|&l| mine[l]) {
                self.lanes[l].add(&cost[l]);
                let result = results[l].and_then(|error| {
                    if !violated[l] {
                        return Ok(error);
                    }
                    match self.floor.deepest(l, &self.y_end, |i| self.y[i][l], &self.weights) {
                        Some((component, depth)) => Err(Refused::Negative(component, depth)),
                        None => Ok(error),
                    }
                });
                verdicts[l] = match result {
                    Ok(error) => Verdict::Taken(error),
                    Err(refused) if self.is_jump(l, h[l], refused) => Verdict::Jump,
                    Err(refused) => Verdict::Refused(refused),
                };
            }
        }
        verdicts
    }

    /// Whether a refused step of length `h` crosses a jump of the right-hand side, and is to be taken
    /// all the same: it is as short as t can tell, so its error is one of placing the jump in time.
    /// A singularity refuses the steps that follow as well, and is let fail.
    fn is_jump(&mut self, l: usize, h: f64, refused: Refused) -> bool {
        let Refused::Inaccurate(error) = refused else { return false };
        let lane = &self.lanes[l];
        lane.jumps < JUMPS
            && h > lane.bounds.min_step
            && with_method!(self, lane.active, method => method.after_error(l, h, error)) < lane.least_step()
            && self.y_end.iter().all(|v| v[l].is_finite())
    }

    /// Moves the state of the lanes whose steps are taken.
    fn move_on(&mut self, verdicts: &[Verdict; W]) {
        let taken = verdicts.map(|v| matches!(v, Verdict::Taken(_) | Verdict::Jump));
        if taken.contains(&true) {
            take(&mut self.y, &self.y_end, &taken);
        }
    }

    /// The lengths of the next steps of the lanes whose steps are taken.
    fn propose(&mut self, planned: &[Planned; W], verdicts: &[Verdict; W]) -> [f64; W] {
        let (mut proposed, mut errors) = ([0.0; W], [0.0; W]);
        for l in 0..W {
            if let Verdict::Taken(error) = verdicts[l] {
                errors[l] = error;
            }
        }
        let h = planned.map(|p| p.h);
        for family in Family::ALL {
            let mine: [bool; W] =
                std::array::from_fn(|l| matches!(verdicts[l], Verdict::Taken(_)) && self.lanes[l].active == family);
            if mine.contains(&true) {
                let next = with_method!(self, family, method => method.accepted(&mine, &h, &errors));
                proposed = std::array::from_fn(|l| if mine[l] { next[l] } else { proposed[l] });
            }
        }
        proposed
    }

    fn conclude<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        l: usize,
        plan: Planned,
        verdict: Verdict,
        proposed: f64,
    ) -> Trial {
        let (family, h) = (self.lanes[l].active, plan.h);
        match verdict {
            Verdict::Idle => Trial::Idle,
            Verdict::Taken(_) => {
                let lane = &mut self.lanes[l];
                lane.h_next = Some(if h < lane.h { proposed.max(lane.h) } else { proposed });
                lane.jumps = 0;
                Trial::Done(self.accept(system, l, plan))
            }
            Verdict::Jump => {
                with_method!(self, family, method => method.reset(l));
                let lane = &mut self.lanes[l];
                lane.h_next = Some(h);
                lane.jumps += 1;
                let step = self.accept(system, l, plan);
                self.lanes[l].entry = Entry::Fresh;
                Trial::Done(step)
            }
            Verdict::Refused(Refused::AtStart(what, component)) => {
                self.lanes[l].entry = Entry::Fresh;
                Trial::Failed(SolveError::NonFinite { t: self.lanes[l].t, component, what })
            }
            Verdict::Refused(refused) => match self.refuse(l, h, refused) {
                Ok(shorter) => {
                    self.lanes[l].h = shorter;
                    self.lanes[l].entry = Entry::Again;
                    Trial::Refused
                }
                Err(_) if self.lanes[l].bounds.method.may_change() && family == Family::Explicit => {
                    self.lanes[l].statistics.switches += 1;
                    self.lanes[l].statistics.stuck += 1;
                    self.lanes[l].h_next = None;
                    self.use_implicit(system, l);
                    Trial::Refused
                }
                Err(error) => {
                    self.lanes[l].entry = Entry::Fresh;
                    Trial::Failed(error)
                }
            },
        }
    }

    /// Takes note of a refused step of length `h`; the length to try next.
    fn refuse(&mut self, l: usize, h: f64, refused: Refused) -> Result<f64, SolveError> {
        let (family, t) = (self.lanes[l].active, self.lanes[l].t);
        let (component, not_finite) = match refused {
            Refused::Inaccurate(_) => {
                let (weights, y, y_end) = (&self.weights, &self.y, &self.y_end);
                (with_method!(self, family, method => method.worst(weights, l, y, y_end)), None)
            }
            Refused::NotFinite(what, component) | Refused::AtStart(what, component) => (component, Some(what)),
            Refused::Singular(component) | Refused::Negative(component, _) => (component, None),
        };
        self.lanes[l].blame = component;
        self.lanes[l].statistics.rejected += 1;
        if let Refused::Negative(..) = refused
            && self.y[component][l] <= 0.0
            && with_method!(self, family, method => method.slope()[component][l]) < 0.0
        {
            return Err(SolveError::Exhausted { t, component });
        }
        let shorter = with_method!(self, family, method => method.refused(l, h, refused));
        if shorter < self.lanes[l].least_step() {
            return Err(match refused {
                Refused::Singular(_) => SolveError::SingularMatrix { t, step: h, component },
                Refused::Negative(..) => SolveError::Exhausted { t, component },
                _ => SolveError::StepUnderflow { t, step: h, component, not_finite },
            });
        }
        Ok(shorter)
    }

    /// Moves to the end of an accepted step, or to the first root within.
    fn accept<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize, plan: Planned) -> Step {
        let lane = &mut self.lanes[l];
        lane.statistics.accepted += 1;
        lane.statistics.stiff_steps += usize::from(lane.active != Family::Explicit);
        lane.statistics.multistep_steps += usize::from(lane.active == Family::Multistep);
        (lane.h_old, lane.t) = (plan.h, plan.end);
        lane.entry = Entry::Continued;
        lane.last = lane.active;
        let step = match self.find_root(system, l, plan.end) {
            Some(root) => {
                self.lanes[l].statistics.roots += 1;
                if root.t < plan.end {
                    self.move_back(system, l, root.t);
                }
                Step::Root(root)
            }
            None if plan.last => Step::Limit,
            None => Step::Accepted,
        };
        self.reconsider(system, l, plan.h);
        step
    }

    /// Changes the method for the next step when the last one showed the other to be better.
    fn reconsider<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize, h: f64) {
        if !self.lanes[l].bounds.method.may_change() {
            return;
        }
        let family = self.lanes[l].active;
        let scene = Scene { system, floor: &self.floor, weights: &self.weights };
        if !with_method!(self, family, method => method.is_outdone(&scene, l, h)) {
            return;
        }
        self.lanes[l].statistics.switches += 1;
        match family {
            Family::Explicit => {
                self.lanes[l].statistics.stiffened += 1;
                self.use_implicit(system, l);
            }
            Family::Stiff | Family::Multistep => {
                self.lanes[l].statistics.eased += 1;
                self.use_explicit(l);
            }
        }
    }

    fn use_implicit<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize) {
        match Implicit::of::<W>(self.lanes[l].bounds.method, system.dimension(), self.weights.rtol[l]) {
            Implicit::Multistep => {
                self.multistep.get_or_insert_with(|| Box::new(Bdf::new(system))).reset(l);
                self.lanes[l].active = Family::Multistep;
            }
            Implicit::Rosenbrock => {
                self.stiff.get_or_insert_with(|| Box::new(Rosenbrock::new(system, &RODAS5P))).reset(l);
                self.lanes[l].active = Family::Stiff;
            }
        }
        self.lanes[l].entry = Entry::Fresh;
    }

    fn use_explicit(&mut self, l: usize) {
        self.explicit.reset(l);
        self.lanes[l].active = Family::Explicit;
        self.lanes[l].entry = Entry::Fresh;
    }
}
