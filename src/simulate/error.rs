//! What can go wrong with the numbers, in names: the species, the processes that drive it, and what to do.

use thiserror::Error;

use super::{Model, Parameters};
use crate::network::DisplayUnit;
use crate::solve::{SolveError, ToleranceError};
use crate::source::Span;

/// Why a simulation ended before its time. Shown with times in seconds; [`SimulationError::message`] shows them in the
/// author's unit.
#[derive(Clone, PartialEq, Debug, Error)]
#[error("{}", self.message(&SECONDS))]
pub struct SimulationError {
    /// Seconds since the start of the run; of the settling, for what happens there.
    pub time: f64,
    pub problem: Problem,
    pub culprit: Option<Box<Culprit>>,
}

static SECONDS: std::sync::LazyLock<DisplayUnit> =
    std::sync::LazyLock::new(|| DisplayUnit { symbol: "s".to_owned(), factor: 1.0 });

/// What went wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum Problem {
    /// An amount was no number before anything ran.
    Start,
    /// A rate became infinite or no number, however short the step.
    NotFinite,
    /// No step was short enough to be accurate; in seconds.
    StepUnderflow { step: f64 },
    /// So many steps did not reach the end.
    TooManySteps { steps: usize },
    /// The implicit equations had no solution.
    Singular,
    /// Events that set each other off, this many at one time.
    Cascade { event: String, firings: usize },
    /// So many events that the run got nowhere; the last of them.
    Endless { event: String, firings: usize },
    /// A pool is empty and something still takes from it.
    Exhausted,
    /// A place has no size, or none that a place can have; with its unit.
    NoRoom { place: String, size: String },
    /// The coefficient of a process is negative; with its unit.
    Backwards { process: String, parameter: String, value: String },
    /// An amount was made negative before a run or by a change within it.
    /// With its unit.
    Negative { value: String },
    /// An event's delay, in seconds, is negative or no number.
    Delay { event: String, delay: f64 },
    /// Still changing when patience ended: by this share of its amount over the last half of the time.
    Unsettled { share: f64, growing: bool },
    /// An event's condition became true without rising through zero: when it does so has no derivative.
    Grazing { event: String },
    /// In an exact run: a process would happen less often than never; firings per second.
    NegativeRate { rate: String },
    /// In an exact run: how often a process happens is no finite number.
    RateNotFinite,
    /// In an exact run: so many events did not reach the end.
    TooManyEvents { events: u64 },
    /// In an exact run: too many to count one by one.
    TooManyCopies { copies: String },
    /// The tolerances can't be met.
    Tolerance(ToleranceError),
    /// The integrator's contract was broken: a defect of exoc.
    Defect(SolveError),
}

/// Which of the processes that change a species to name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Both,
    Loss,
    Gain,
}

/// What is to blame: a species and what changes it, or an event.
#[derive(Clone, PartialEq, Debug)]
pub struct Culprit {
    pub species: String,
    /// The processes that change it, those that change it most first; at most three.
    pub processes: Vec<String>,
    /// Where the first of them is declared, or else the species.
    pub span: Span,
}

impl Problem {
    /// Of the place whose size is that species.
    fn no_room(model: &Model, species: usize, size: f64) -> Problem {
        let place = model.place_of_size(species).map_or_else(String::new, |place| place.name.clone());
        Problem::NoRoom { place, size: amount(model, species, size) }
    }
}

impl SimulationError {
    /// Puts names to an integrator's failure at the state `y`.
    pub(super) fn name(error: SolveError, model: &Model, parameters: &Parameters, y: &[f64]) -> SimulationError {
        let (time, component, problem) = match error {
            SolveError::NonFinite { t, component, what: crate::solve::Evaluated::InitialState } => {
                (t, Some(component), Problem::Start)
            }
            SolveError::NonFinite { t, component, .. } => (t, Some(component), Problem::NotFinite),
            SolveError::StepUnderflow { t, component, not_finite: Some(_), .. } => {
                (t, Some(component), Problem::NotFinite)
            }
            SolveError::StepUnderflow { t, step, component, .. } => {
                (t, Some(component), Problem::StepUnderflow { step })
            }
            SolveError::TooManySteps { t, steps, component, .. } => {
                (t, Some(component), Problem::TooManySteps { steps })
            }
            SolveError::SingularMatrix { t, component, .. } => (t, Some(component), Problem::Singular),
            SolveError::Exhausted { t, component } if model.place_of_size(component).is_some() => {
                (t, Some(component), Problem::no_room(model, component, 0.0))
            }
            SolveError::Negative { t, component, value } if model.place_of_size(component).is_some() => {
                (t, Some(component), Problem::no_room(model, component, value))
            }
            SolveError::Exhausted { t, component } => (t, Some(component), Problem::Exhausted),
            SolveError::Negative { t, component, value } => {
                (t, Some(component), Problem::Negative { value: amount(model, component, value) })
            }
            SolveError::BadTolerance(why) => (0.0, None, Problem::Tolerance(why)),
            other => (0.0, None, Problem::Defect(other)),
        };
        let of_interest = match problem {
            Problem::Exhausted => Some(Direction::Loss),
            Problem::Start | Problem::Negative { .. } | Problem::NoRoom { .. } => None,
            _ => Some(Direction::Both),
        };
        let culprit = component.and_then(|c| match (of_interest, &problem) {
            (Some(_), Problem::NotFinite) => Culprit::not_finite(c, time, model, parameters, y),
            (Some(direction), _) => Culprit::species(c, time, model, parameters, y, direction),
            (None, _) => Culprit::alone(c, model),
        });
        SimulationError { time, problem, culprit }
    }

    /// One or two sentences with the species, the processes that change it, and what to do; times in `unit`.
    pub fn message(&self, unit: &DisplayUnit) -> String {
        let at = |seconds: f64| format!("{} {}", significant(seconds / unit.factor), unit.symbol);
        let species = self.culprit.as_ref().map_or("a species", |c| &c.species);
        let driven = self.culprit.as_ref().map_or_else(String::new, |c| c.driven_by());
        let time = at(self.time);
        match &self.problem {
            Problem::Start => format!(
                "the initial amount of `{species}` is not a number; look for a division by zero in what it is computed from"
            ),
            Problem::NotFinite => format!(
                "at {time} the rate of change of `{species}` is no longer a finite number{driven}; look for a division \
                 by an amount that reaches zero, or for growth without limit"
            ),
            Problem::StepUnderflow { step } => format!(
                "at {time} no step is short enough for `{species}` (the last was {}){driven}; it grows without limit, or its \
                 rate jumps: bound the growth, make the jump a `when`, or loosen the tolerance with `--rtol`",
                at(*step)
            ),
            Problem::TooManySteps { steps } => format!(
                "{steps} steps and only {time} reached; `{species}` holds the integration back{driven}; loosen the \
                 tolerance with `--rtol`, or look for rates that differ by many orders of magnitude"
            ),
            Problem::Singular => format!(
                "at {time} the equations of `{species}` have no unique solution{driven}; look for a rate that is beyond all \
                 others there, such as a constant with an exponent too many, or infinitely steep, such as a root of an \
                 amount at zero"
            ),
            Problem::Cascade { event, firings } => format!(
                "at {time} events set each other off without end ({firings} times, the last was {event}); give one of \
                 them a delay (`after`), or make its condition false by what it assigns"
            ),
            Problem::Endless { event, firings } => format!(
                "{firings} events and only {time} reached, the last was {event}; let what it assigns take its condition \
                 farther from true, or give it a delay (`after`)"
            ),
            Problem::Exhausted => {
                let takers = self.culprit.as_ref().map_or_else(String::new, |c| c.quoted());
                let (takers, verb) = match takers.as_str() {
                    "" => ("something", "takes"),
                    some if some.contains(" and ") => (some, "take"),
                    some => (some, "takes"),
                };
                format!(
                    "at {time} `{species}` has run out, and {takers} still {verb} from it; let the rate fall with the \
                     amount, as `at k` does or a factor `{species} / ({species} + half)` in `rate`"
                )
            }
            Problem::NoRoom { place, size } => format!(
                "at {time} `{place}` has no room: its size is {size}; keep it above zero, with what it is computed from or \
                 by a `change` that slows down as it shrinks"
            ),
            Problem::Backwards { process, parameter, value } => format!(
                "`{process}` would go backwards: `{parameter}` is {value}; write the process the other way round, or \
                 `rate` for a whole rate law that may change its sign"
            ),
            Problem::Negative { value } => format!(
                "at {time} `{species}` becomes {value}, and an amount can't be negative; use `max(0 copies, …)` in what \
                 is assigned"
            ),
            Problem::Delay { event, delay } => {
                format!("the delay of {event} is {}; a delay is zero or a positive time", at(*delay))
            }
            Problem::Unsettled { share, growing: true } => format!(
                "no steady state was found: after {time} `{species}` is still growing, by {} % since half that time{}; \
                 give it a way to be lost as well as a way to be made",
                significant(100.0 * share),
                self.culprit.as_ref().map_or_else(String::new, |c| c.fed_by())
            ),
            Problem::Unsettled { share, growing: false } => format!(
                "no steady state was found: after {time} `{species}` is still changing, by {} % since half that \
                 time{driven}; it oscillates or drifts: look at it with a longer `run`",
                significant(100.0 * share)
            ),
            Problem::Grazing { event } => format!(
                "at {time} the condition of {event} becomes true without rising through its threshold, so its time has no \
                 sensitivity; write the condition so that it crosses at an angle"
            ),
            Problem::NegativeRate { rate } => format!(
                "at {time} the rate of {} is {rate} / s, and nothing can happen less often than never; write a process \
                 that goes both ways as two",
                self.process()
            ),
            Problem::RateNotFinite => format!(
                "at {time} the rate of {} is no longer a finite number; look for a division by an amount that reaches \
                 zero, or for growth without limit",
                self.process()
            ),
            Problem::TooManyEvents { events } => format!(
                "{events} events and only {time} reached; the last was {}; allow more with `--max-events`, or let \
                 what is abundant flow with `--hybrid`",
                self.process()
            ),
            Problem::TooManyCopies { copies } => format!(
                "at {time} there are {copies} of `{species}`, too many to count one by one; bound its growth, or run the \
                 model without `--exact`"
            ),
            Problem::Tolerance(why) => format!("{why}"),
            Problem::Defect(error) => {
                format!("exoc asked its integrator for something impossible: {error}; please report it")
            }
        }
    }

    /// The process to blame, as words.
    fn process(&self) -> String {
        let quoted = self.culprit.as_ref().map_or_else(String::new, |c| c.quoted());
        if quoted.is_empty() { "all processes together".to_owned() } else { quoted }
    }

    /// Where the process or species to blame is declared.
    pub fn span(&self) -> Option<Span> {
        self.culprit.as_ref().map(|c| c.span)
    }
}

impl Culprit {
    /// The species of that index and nothing that changes it.
    fn alone(index: usize, model: &Model) -> Option<Box<Culprit>> {
        let species = model.network().species.get(index)?;
        Some(Box::new(Culprit { species: species.name.clone(), span: species.span, processes: Vec::new() }))
    }

    /// The species of that index, if a rate that changes it is no longer finite at `(t, y)` or where the model goes from
    /// there, and else the species that such a rate does change: what is not finite spreads within a step.
    fn not_finite(index: usize, t: f64, model: &Model, parameters: &Parameters, y: &[f64]) -> Option<Box<Culprit>> {
        let network = model.network();
        let rates = |t: f64, y: &[f64]| model.kernel().rates.evaluate(t, y, parameters.values());
        let mut here = y.to_vec();
        model.without_negatives(&mut here);
        let mut slope = vec![0.0; y.len()];
        for (reaction, rate) in network.reactions.iter().zip(rates(t, &here)) {
            for (species, coefficient) in &reaction.stoichiometry {
                slope.get_mut(species.index()).into_iter().for_each(|s| *s += coefficient * rate);
            }
        }
        // From nothing to a millionth of the time past, or of a second: what comes next at any step.
        let steps = (-16..=-6).map(|ten| t.abs().max(1.0) * 10f64.powi(ten));
        for h in std::iter::once(0.0).chain(steps) {
            let ahead = |(y, slope): (&f64, &f64)| if h > 0.0 { y + h * slope } else { *y };
            let mut there: Vec<f64> = y.iter().zip(&slope).map(ahead).collect();
            model.without_negatives(&mut there);
            let found = rates(t + h, &there);
            let broken = || network.reactions.iter().zip(&found).filter(|(_, rate)| !rate.is_finite());
            let changed = || broken().flat_map(|(reaction, _)| reaction.stoichiometry.iter().map(|(s, _)| s.index()));
            if let Some(first) = changed().find(|&s| s == index).or_else(|| changed().next()) {
                return Culprit::species(first, t + h, model, parameters, &there, Direction::Both);
            }
        }
        Culprit::species(index, t, model, parameters, y, Direction::Both)
    }

    /// The species of that index and the processes that change it fastest at `(t, y)`.
    pub(super) fn species(
        index: usize,
        t: f64,
        model: &Model,
        parameters: &Parameters,
        y: &[f64],
        direction: Direction,
    ) -> Option<Box<Culprit>> {
        let network = model.network();
        let mut y = y.to_vec();
        model.without_negatives(&mut y);
        let species = network.species.get(index)?;
        let rates = model.kernel().rates.evaluate(t, &y, parameters.values());
        let mut fluxes: Vec<(f64, usize)> = Vec::new();
        for (reaction, rate) in network.reactions.iter().zip(&rates) {
            for (_, coefficient) in reaction.stoichiometry.iter().filter(|(s, _)| s.index() == index) {
                let flux = coefficient * rate;
                let other_way = match direction {
                    Direction::Both => false,
                    Direction::Loss => flux >= 0.0,
                    Direction::Gain => flux <= 0.0,
                };
                if other_way {
                    continue;
                }
                let flux = flux.abs();
                // What is no number is to blame first.
                fluxes.push((if flux.is_nan() { f64::INFINITY } else { flux }, reaction.process.index()));
            }
        }
        fluxes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut ranked: Vec<usize> = Vec::new();
        for (_, process) in fluxes {
            if !ranked.contains(&process) && ranked.len() < 3 {
                ranked.push(process);
            }
        }
        let processes: Vec<_> = ranked.iter().filter_map(|&p| network.processes.get(p)).collect();
        Some(Box::new(Culprit {
            species: species.name.clone(),
            span: processes.first().map_or(species.span, |p| p.span),
            processes: processes.into_iter().map(|p| p.name.clone()).collect(),
        }))
    }

    fn driven_by(&self) -> String {
        if self.processes.is_empty() { String::new() } else { format!(", changed by {}", self.quoted()) }
    }

    fn fed_by(&self) -> String {
        if self.processes.is_empty() { String::new() } else { format!(", fed by {}", self.quoted()) }
    }

    /// The processes as words: `a`, `b` and `c`.
    fn quoted(&self) -> String {
        let quoted: Vec<String> = self.processes.iter().map(|p| format!("`{p}`")).collect();
        match quoted.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        }
    }
}

/// An amount of a species in its unit.
fn amount(model: &Model, species: usize, value: f64) -> String {
    match model.network().species.get(species) {
        Some(species) => format!("{} {}", significant(value / species.unit.factor), species.unit.symbol),
        None => significant(value),
    }
}

/// A number with four significant digits, without trailing zeros.
pub(super) fn significant(x: f64) -> String {
    if x != 0.0 && x.is_finite() && !(1e-3..1e6).contains(&x.abs()) {
        return format!("{x:.3e}");
    }
    let digits = if x == 0.0 || !x.is_finite() { 0 } else { (3 - x.abs().log10().floor() as i32).max(0) as usize };
    let text = format!("{x:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
