//! When the clock alone turns something: comparisons of the time with what stands still between interventions, in rates
//! and in the conditions of events. Integration stops there exactly, so that a pulse of a second in a run of a week is
//! neither stepped over nor smeared.
//!
//! Invariants: a turn is a pair of neighbouring floats with the old value at the first and the new one at the second, as
//! the rates themselves evaluate it; no turn that is wider than the resolution is left out, unless the budget of the search is
//! used up by a function that hovers at its threshold. The search encloses each function over ever smaller intervals of time
//! (R. E. Moore, *Interval Analysis*, 1966), the earliest first.
//!
//! Deliberately absent: conditions in which amounts take part; those are watched on the dense output
//! (`solve::ode::events`).

use std::ops::ControlFlow;

use super::interval::Interval;
use crate::network::{BinaryOp, Expr, Network, UnaryOp, Values};

/// Enclosures computed for one function in one search at most.
const BUDGET: usize = 20_000;
/// A window shorter than this share of the time searched is not looked for.
const RESOLUTION: f64 = 1e-12;

/// The functions of the clock in a network: each constant from one turn to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    functions: Vec<Expr>,
}

/// Where something turns: the last time before and the first after, which are neighbours.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Turn {
    pub before: f64,
    pub after: f64,
}

impl Clock {
    pub fn of(network: &Network) -> Clock {
        let mut scan = Scan { network, seen: vec![None; network.definitions.len()], found: Vec::new() };
        for event in &network.events {
            scan.trigger(&event.trigger);
        }
        for rate in network.reactions.iter().map(|r| &r.rate).chain(network.rate_rules.iter().map(|r| &r.rate)) {
            scan.rate(rate);
        }
        Clock { functions: scan.found }
    }

    /// The first turn after `from` and before `end`, under these parameters.
    pub fn next(&self, network: &Network, parameters: &[f64], from: f64, end: f64) -> Option<Turn> {
        let mut first: Option<Turn> = None;
        for function in &self.functions {
            let until = first.map_or(end, |turn| turn.before);
            let mut search = Search::new(network, parameters, function, (from, until));
            first = search.earliest(from, until).or(first);
        }
        first
    }
}

/// What an expression depends on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    /// Nothing that changes between interventions.
    Nothing,
    Time,
    Amounts,
}

/// The walk over a network's expressions.
struct Scan<'n> {
    network: &'n Network,
    /// What each definition depends on; looked into once.
    seen: Vec<Option<On>>,
    found: Vec<Expr>,
}

impl Scan<'_> {
    /// The parts of a condition, each of them true where it is above 0.
    fn trigger(&mut self, expr: &Expr) {
        match expr {
            Expr::Binary(BinaryOp::Min | BinaryOp::Max, a, b) => [a, b].into_iter().for_each(|part| self.trigger(part)),
            Expr::Unary(UnaryOp::Neg, a) if matches!(**a, Expr::Binary(BinaryOp::Min | BinaryOp::Max, ..)) => {
                self.trigger(a);
            }
            _ => {
                if self.rate(expr) == On::Time {
                    self.found.push(Expr::binary(BinaryOp::Less, Expr::ZERO, expr.clone()));
                }
            }
        }
    }

    /// Collects where an expression jumps or bends with the time; what it depends on.
    fn rate(&mut self, expr: &Expr) -> On {
        match expr {
            Expr::Constant(_) | Expr::Parameter(_) => On::Nothing,
            Expr::Time => On::Time,
            Expr::Species(_) => On::Amounts,
            Expr::Definition(id) => {
                if let Some(on) = self.seen.get(id.index()).copied().flatten() {
                    return on;
                }
                let on = self.network.definitions.get(id.index()).map_or(On::Nothing, |d| self.rate(&d.value));
                if let Some(slot) = self.seen.get_mut(id.index()) {
                    *slot = Some(on);
                }
                on
            }
            Expr::Unary(op, a) => {
                let on = self.rate(a);
                if on == On::Time {
                    let zero = |a: &Expr| Expr::binary(BinaryOp::Less, Expr::ZERO, a.clone());
                    match op {
                        UnaryOp::Floor | UnaryOp::Ceil => self.found.push(expr.clone()),
                        UnaryOp::Abs => self.found.push(zero(a)),
                        _ => {}
                    }
                }
                on
            }
            Expr::Binary(op, a, b) => {
                let on = joined(self.rate(a), self.rate(b));
                if on == On::Time {
                    let less = || Expr::binary(BinaryOp::Less, (**a).clone(), (**b).clone());
                    match op {
                        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Equal => self.found.push(expr.clone()),
                        BinaryOp::Min | BinaryOp::Max => self.found.push(less()),
                        _ => {}
                    }
                }
                on
            }
            Expr::Select(s) => [&s.condition, &s.then, &s.otherwise]
                .into_iter()
                .fold(On::Nothing, |on, part| joined(on, self.rate(part))),
        }
    }
}

fn joined(a: On, b: On) -> On {
    match (a, b) {
        (On::Amounts, _) | (_, On::Amounts) => On::Amounts,
        (On::Time, _) | (_, On::Time) => On::Time,
        _ => On::Nothing,
    }
}

/// The search for the first turn of one function.
struct Search<'n> {
    network: &'n Network,
    function: &'n Expr,
    values: Values,
    /// What the function is at the start.
    old: f64,
    /// Windows shorter than this are not looked for.
    least: f64,
    left: usize,
}

impl<'n> Search<'n> {
    fn new(network: &'n Network, parameters: &[f64], function: &'n Expr, (from, until): (f64, f64)) -> Search<'n> {
        let values = Values { time: from, parameters: parameters.to_vec(), species: Vec::new() };
        let old = network.evaluate_at(function, &values);
        let least = RESOLUTION * (until - from).max(until.abs());
        Search { network, function, values, old, least, left: BUDGET }
    }

    fn earliest(&mut self, from: f64, until: f64) -> Option<Turn> {
        if from < until { self.within(from, until).break_value() } else { None }
    }

    /// Whether the function is at `t` what it was at the start.
    fn is_old(&mut self, t: f64) -> bool {
        self.values.time = t;
        self.network.evaluate_at(self.function, &self.values) == self.old
    }

    /// Looks between two times, at the first of which nothing has turned.
    fn within(&mut self, a: f64, b: f64) -> ControlFlow<Turn> {
        let enclosed = enclose(self.network, self.function, Interval::new(a, b), &self.values.parameters);
        if enclosed.is_point(self.old) {
            return ControlFlow::Continue(());
        }
        self.left = self.left.saturating_sub(1);
        let turned = !self.is_old(b);
        if self.left == 0 || b - a <= self.least {
            return if turned { ControlFlow::Break(self.between(a, b)) } else { ControlFlow::Continue(()) };
        }
        let middle = a + 0.5 * (b - a);
        if self.is_old(middle) {
            self.within(a, middle)?;
            self.within(middle, b)
        } else {
            // It turns before the middle, be it only at the middle itself.
            self.within(a, middle)?;
            ControlFlow::Break(self.between(a, middle))
        }
    }

    /// The neighbours between which the function turns, given that it does between `a` and `b`.
    fn between(&mut self, mut a: f64, mut b: f64) -> Turn {
        loop {
            let middle = a + 0.5 * (b - a);
            if middle <= a || middle >= b {
                return Turn { before: a, after: b };
            }
            if self.is_old(middle) { a = middle } else { b = middle }
        }
    }
}

/// What an expression of the time can be over an interval of it.
fn enclose(network: &Network, expr: &Expr, time: Interval, parameters: &[f64]) -> Interval {
    let of = |expr: &Expr| enclose(network, expr, time, parameters);
    match expr {
        Expr::Constant(value) => Interval::point(*value),
        Expr::Time => time,
        Expr::Parameter(id) => Interval::point(parameters.get(id.index()).copied().unwrap_or(f64::NAN)),
        Expr::Species(_) => Interval::ANYTHING,
        Expr::Definition(id) => network.definitions.get(id.index()).map_or(Interval::ANYTHING, |d| of(&d.value)),
        Expr::Unary(op, a) => of(a).unary(*op),
        Expr::Binary(op, a, b) => of(a).binary(*op, of(b)),
        Expr::Select(select) => match of(&select.condition) {
            condition if condition.is_point(0.0) => of(&select.otherwise),
            condition if condition.contains(0.0) => of(&select.then).or(of(&select.otherwise)),
            _ => of(&select.then),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::network::{Event, ParameterId};

    fn c(value: f64) -> Expr {
        Expr::Constant(value)
    }

    fn triggered_by(trigger: Expr) -> Network {
        let (delay, assignments) = (Expr::ZERO, Vec::new());
        let event = Event { name: "event".into(), trigger, delay, assignments, span: Default::default() };
        Network { events: vec![event], ..Network::default() }
    }

    /// All turns of a trigger up to `end`.
    fn turns(trigger: Expr, parameters: &[f64], end: f64) -> Vec<Turn> {
        let network = triggered_by(trigger);
        let clock = Clock::of(&network);
        let mut found = Vec::new();
        let mut t = 0.0;
        while let Some(turn) = clock.next(&network, parameters, t, end) {
            found.push(turn);
            t = turn.after;
        }
        found
    }

    #[test]
    fn a_comparison_turns_between_neighbouring_floats() {
        let dose = Expr::Parameter(ParameterId(0));
        let found = turns(Expr::Time - dose, &[10_800.0], 1e6);
        assert_eq!(found, [Turn { before: 10_800.0, after: 10_800f64.next_up() }]);
    }

    #[test]
    fn every_beat_of_a_wave_is_found() {
        let wave = Expr::unary(UnaryOp::Sin, Expr::Time * c(0.1)) - c(0.999_99);
        let found = turns(wave, &[], 1000.0);
        assert_eq!(found.len(), 32);
        for (i, pair) in found.chunks(2).enumerate() {
            let peak = (std::f64::consts::FRAC_PI_2 + 2.0 * std::f64::consts::PI * i as f64) / 0.1;
            assert!(pair[0].after < peak && peak < pair[1].before, "{pair:?} around {peak}");
        }
    }

    #[test]
    fn steps_of_the_clock_are_found_and_amounts_are_left_alone() {
        let steps = Expr::unary(UnaryOp::Floor, Expr::Time / c(7.0));
        let mut network = triggered_by(Expr::Species(crate::network::SpeciesId(0)) - Expr::Time);
        assert!(Clock::of(&network).functions.is_empty());
        network.events[0].trigger = steps;
        let found = Clock::of(&network).next(&network, &[], 0.0, 100.0).unwrap();
        assert_eq!(found, Turn { before: 7f64.next_down(), after: 7.0 });
    }

    proptest! {
        #[test]
        fn no_window_is_missed(start in 0.0f64..1e5, log_width in -5.0f64..3.0, end in 1.1e5f64..1e6) {
            let stop = start + 10f64.powf(log_width);
            let window = (Expr::Time - c(start)).min(c(stop) - Expr::Time);
            let found = turns(window, &[], end);
            prop_assert_eq!(found.len(), 2);
            prop_assert_eq!(found[0].before, start);
            prop_assert_eq!(found[1].after, stop);
        }
    }
}
