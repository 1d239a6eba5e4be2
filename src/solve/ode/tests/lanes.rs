//! A problem gives the same bits alone and among others.

use std::sync::Arc;

use proptest::prelude::*;

use super::networks::networks;
use super::problems::{Network, Problem, oscillator, tight};
use crate::solve::SparsePattern;
use crate::solve::linear::{LaneSolver, StaticLu, Symbolic};
use crate::solve::ode::{
    Bundle, Integrator, LaneSystem, Method, Settings, SolveError, Statistics, Step, System, Trial,
};

/// One scalar system in each lane.
struct Side<'a, S, const W: usize>([&'a S; W]);

fn lane<const W: usize>(l: usize, from: &[[f64; W]]) -> Vec<f64> {
    from.iter().map(|v| v[l]).collect()
}

impl<S, const W: usize> Side<'_, S, W> {
    fn each(&self, y: &[[f64; W]], out: &mut [[f64; W]], f: impl Fn(usize, &[f64], &mut [f64])) {
        for l in 0..W {
            let mut one = lane(l, out);
            f(l, &lane(l, y), &mut one);
            out.iter_mut().zip(one).for_each(|(out, one)| out[l] = one);
        }
    }
}

impl<S: System, const W: usize> LaneSystem<W> for Side<'_, S, W> {
    fn dimension(&self) -> usize {
        System::dimension(self.0[0])
    }
    fn rhs(&self, t: &[f64; W], y: &[[f64; W]], dydt: &mut [[f64; W]]) {
        self.each(y, dydt, |l, y, f| System::rhs(self.0[l], t[l], y, f));
    }
    fn rhs_of(&self, lane: usize, t: f64, y: &[f64], dydt: &mut [f64]) {
        System::rhs(self.0[lane], t, y, dydt);
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        System::jacobian_pattern(self.0[0])
    }
    fn jacobian(&self, t: &[f64; W], y: &[[f64; W]], values: &mut [[f64; W]]) {
        self.each(y, values, |l, y, v| System::jacobian(self.0[l], t[l], y, v));
    }
    fn is_autonomous(&self) -> bool {
        System::is_autonomous(self.0[0])
    }
    fn time_derivative(&self, t: &[f64; W], y: &[[f64; W]], dfdt: &mut [[f64; W]]) {
        self.each(y, dfdt, |l, y, f| System::time_derivative(self.0[l], t[l], y, f));
    }
    fn is_nonnegative(&self, component: usize) -> bool {
        System::is_nonnegative(self.0[0], component)
    }
    fn lane_solver(&self) -> LaneSolver<W> {
        LaneSolver::Together(Box::new(StaticLu::with(Arc::new(Symbolic::new(System::jacobian_pattern(self.0[0]))))))
    }
    fn roots(&self) -> usize {
        System::roots(self.0[0])
    }
    fn root_values(&self, lane: usize, t: f64, y: &[f64], g: &mut [f64]) {
        System::root_values(self.0[lane], t, y, g);
    }
}

/// Bits of a run: after each accepted step its time, its state and one inside it, and how it ended.
#[derive(Debug, Default, PartialEq)]
struct Trace {
    bits: Vec<u64>,
    statistics: Statistics,
    ended: Option<Result<Step, SolveError>>,
}

const END: f64 = 20.0;

impl Trace {
    fn push(&mut self, t: f64, state: &[f64], inside: &[f64]) {
        self.bits.push(t.to_bits());
        self.bits.extend(state.iter().chain(inside).map(|v| v.to_bits()));
    }
}

fn alone(system: &impl System, y0: &[f64], settings: &Settings) -> Trace {
    let mut trace = Trace::default();
    let mut integrator = match Integrator::start(system, 0.0, y0, settings) {
        Ok(integrator) => integrator,
        Err(error) => return Trace { ended: Some(Err(error)), ..trace },
    };
    let mut inside = vec![0.0; y0.len()];
    loop {
        let step = integrator.step(system, END);
        if step.is_ok() {
            integrator.interpolate(system, 0.5 * (integrator.previous_time() + integrator.time()), &mut inside);
            trace.push(integrator.time(), integrator.state(), &inside);
        }
        trace.statistics = integrator.statistics();
        if step.as_ref().is_ok_and(|step| *step != Step::Limit) {
            continue;
        }
        trace.ended = Some(step);
        return trace;
    }
}

/// All problems through W lanes; a lane that is free takes the next.
fn together<S: System, const W: usize>(problems: &[(S, Vec<f64>, Settings)]) -> Vec<Trace> {
    let mut traces: Vec<Trace> = problems.iter().map(|_| Trace::default()).collect();
    let mut side = Side::<S, W>([&problems[0].0; W]);
    let mut bundle = Bundle::<W>::new(&side);
    let (mut waiting, mut jobs) = (0..problems.len(), [None; W]);
    let n = problems[0].1.len();
    let (mut state, mut inside, mut before) = (vec![0.0; n], vec![0.0; n], [0.0; W]);
    loop {
        for l in 0..W {
            while jobs[l].is_none() {
                let Some(job) = waiting.next() else { break };
                let (system, y0, settings) = &problems[job];
                side.0[l] = system;
                before[l] = 0.0;
                match bundle.start(&side, l, 0.0, y0, settings) {
                    Ok(()) => jobs[l] = Some(job),
                    Err(error) => traces[job].ended = Some(Err(error)),
                }
            }
        }
        if jobs == [None; W] {
            return traces;
        }
        let trials = bundle.attempt(&side, &[END; W], &jobs.map(|job| job.is_some()));
        for (l, trial) in trials.into_iter().enumerate() {
            let Some(job) = jobs[l] else { continue };
            let ended = match trial {
                Trial::Idle | Trial::Refused => continue,
                Trial::Failed(error) => Some(Err(error)),
                Trial::Done(step) => {
                    let t = bundle.time(l);
                    bundle.state(l, &mut state);
                    bundle.interpolate(&side, l, 0.5 * (before[l] + t), &mut inside);
                    traces[job].push(t, &state, &inside);
                    before[l] = t;
                    (step == Step::Limit).then_some(Ok(step))
                }
            };
            traces[job].statistics = bundle.statistics(l);
            if ended.is_some() {
                traces[job].ended = ended;
                jobs[l] = None;
            }
        }
    }
}

fn assert_same<S: System>(problems: &[(S, Vec<f64>, Settings)]) {
    let expected: Vec<Trace> = problems.iter().map(|(s, y0, settings)| alone(s, y0, settings)).collect();
    for (lanes, found) in
        [(1, together::<S, 1>(problems)), (2, together::<S, 2>(problems)), (8, together::<S, 8>(problems))]
    {
        for (job, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "problem {job} in {lanes} lanes");
        }
    }
}

/// The same reactions under other coefficients, tolerances and methods.
fn variants(n: usize, network: &Network) -> Vec<(Network, Vec<f64>, Settings)> {
    let methods = [Method::Auto, Method::Stiff, Method::Explicit];
    let variant = |i: usize| {
        let factor = [1.0, 3.0, 0.2, 50.0][i % 4] * (1.0 + 0.01 * i as f64);
        let y0 = (0..System::dimension(network)).map(|s| if s < n { 1.0 + (s + i) as f64 } else { 0.0 }).collect();
        let settings = Settings { max_steps: 4000, ..tight(methods[i % 3], [1e-4, 1e-6, 1e-7][i % 3]) };
        (network.scaled(factor), y0, settings)
    };
    (0..13).map(variant).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn networks_give_the_same_bits_in_any_number_of_lanes((n, network) in networks()) {
        assert_same(&variants(n, &network));
    }
}

#[test]
fn failures_roots_and_time_stay_in_their_lanes() {
    let watched = || oscillator().with_roots(1, |_, y, g| g[0] = y[0] - 0.25);
    let start = |x: f64| vec![x, 0.0];
    let oscillators: Vec<_> = (0..11)
        .map(|i| {
            let y0 = if i == 4 { vec![f64::NAN, 0.0] } else { start(1.0 + 0.1 * f64::from(i)) };
            let max_steps = if i == 7 { 5 } else { 10_000 };
            (watched(), y0, Settings { max_steps, ..tight([Method::Auto, Method::Stiff][i as usize % 2], 1e-6) })
        })
        .collect();
    assert_same(&oscillators);
    let explosion = || {
        Problem::new(1, |t, y, f| f[0] = y[0] * y[0] * t.cos(), |t, y, set| set(0, 0, 2.0 * y[0] * t.cos()))
            .with_time_derivative(|t, y, f| f[0] = -y[0] * y[0] * t.sin())
    };
    let exploding: Vec<_> = [0.1, 1.2, -1.0, 0.9, 5.0, 0.5, 0.99, 1.0, 2.0, 0.3]
        .into_iter()
        .enumerate()
        .map(|(i, y)| (explosion(), vec![y], tight([Method::Auto, Method::Stiff][i % 2], 1e-7)))
        .collect();
    assert_same(&exploding);
}
