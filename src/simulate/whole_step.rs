//! A whole step of a Rosenbrock method for a small model as one program: Jacobian, factors, stages, the solution and its
//! slope. And the correction of its dense output, for models that need it, as another.
//!
//! Between the stages of a small model an integrator has more to do than the model: loops over a dozen numbers, calls,
//! checks. Here all stages are straight-line code, and every value goes from one operation to the next.
//!
//! Invariants: each number is the same sequence of operations as in the integrator's own loops, [`StaticLu`]'s and the
//! right-hand side's, so the bits are the same, and a step may be done either way at any time; no program is made before
//! so many steps were taken that compiling pays, and none for large models, whose code the processor's caches would not hold.
//! Deliberately absent: rates that depend on the time; stages below zero, which the program only tells of.
//!
//! [`StaticLu`]: crate::solve::linear::StaticLu

use super::factors::{Layout, factor, less, solve};
use crate::codegen::Function;
use crate::kernel::{Builder, Inputs, Model, Part, Program, Value};
use crate::network::BinaryOp;
use crate::solve::linear::Symbolic;
use crate::solve::{FROM_NODES, InterpolantShape, NEGLIGIBLE, NODES, StepShape, Tableau};
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

/// Operations beyond which a program gains nothing.
const MOST: usize = 12_000;
/// Corrections by loops, each some tenths of a microsecond slower than code, that take as long as compiling does.
const CORRECTIONS_BEFORE_CODE: u32 = 10_000;

/// The program of a step, and how its numbers lie. Reads the rows that go in as states.
#[derive(Debug)]
pub(super) struct WholeStep {
    pub shape: StepShape,
    pub function: Function,
    correction: Function,
    corrections: AtomicU32,
}

impl WholeStep {
    /// For an autonomous model that is small enough. `is_amount` tells which species can't be negative.
    pub fn of(
        model: &Model,
        symbolic: &Symbolic,
        tableau: &Tableau,
        is_amount: impl Fn(usize) -> bool,
    ) -> Option<WholeStep> {
        let (factoring, solving) = symbolic.work();
        let (n, stages) = (model.states(), tableau.a.len());
        let of_a_stage = model.program(Part::Rhs).operations() + 2 * solving + n * (2 * stages + 4);
        let of_the_matrix = model.program(Part::Jacobian).operations() + 2 * factoring;
        if n == 0 || of_the_matrix + stages * of_a_stage > MOST {
            return None;
        }
        let layout = Layout::of(symbolic);
        let shape = StepShape { components: n, stages, multipliers: layout.u - layout.pivots };
        let writer = || Writer { code: Builder::new(), model, symbolic, tableau };
        Some(WholeStep {
            shape,
            function: Function::of_often(writer().step(shape, &is_amount)),
            correction: Function::of_often(writer().correction(InterpolantShape { components: n }, &is_amount)),
            corrections: AtomicU32::new(0),
        })
    }

    /// The program that corrects an interpolant, once it is worth having: its numbers lie as [`InterpolantShape`] says. To be
    /// asked for before each correction.
    pub fn correction(&self) -> Option<&Function> {
        let is_early = self.corrections.fetch_add(1, Ordering::Relaxed) < CORRECTIONS_BEFORE_CODE;
        (!is_early).then_some(&self.correction)
    }
}

struct Writer<'m> {
    code: Builder,
    model: &'m Model,
    symbolic: &'m Symbolic,
    tableau: &'m Tableau,
}

impl Writer<'_> {
    fn step(mut self, shape: StepShape, is_amount: impl Fn(usize) -> bool) -> Program {
        let tableau = self.tableau;
        let n = shape.components;
        let (shift, reciprocal) = (self.code.state(shape.shift()), self.code.state(shape.reciprocal()));
        let y = self.block(0..n);
        let (jacobian, factors) = self.factors(&y, shift, &is_amount);
        let mut lowest = vec![self.code.constant(0.0); n];
        let mut order: Vec<Value> = Vec::new();
        let mut u: Vec<Vec<Value>> = Vec::with_capacity(shape.stages);
        for (a, c) in tableau.a.iter().zip(tableau.c) {
            let right_side: Vec<Value> = if u.is_empty() {
                self.block(shape.slope()..shape.slope() + n)
            } else {
                let state: Vec<Value> = (0..n).map(|i| self.moved(y[i], a, &u, i)).collect();
                self.note_lowest(&mut lowest, &state, &is_amount);
                order.extend(&lowest);
                let slope = self.slope(&state, &is_amount);
                let past = (0..n).map(|i| {
                    let sum = self.sum(c, &u, i);
                    let scaled = self.code.mul(reciprocal, sum);
                    self.code.add(slope[i], scaled)
                });
                past.collect()
            };
            u.push(solve(&mut self.code, self.symbolic, &right_side, |_, at| factors[at]));
            order.extend(u.last().into_iter().flatten());
        }
        let end: Vec<Value> = (0..n).map(|i| self.moved(y[i], tableau.m, &u, i)).collect();
        let slope_at_end = self.slope(&end, &is_amount);
        let mut diagonal = vec![self.code.constant(0.0); n];
        for (k, variable) in self.symbolic.order().enumerate() {
            if let Some((at, _)) = self.symbolic.given(k).find(|(_, column)| *column == k) {
                diagonal[variable] = jacobian[at];
            }
        }
        let checked = &factors[..n + shape.multipliers];
        let below = self.is_below(&lowest, shape.slack());
        let outputs = [&u.concat()[..], &end, &slope_at_end, &[below], &diagonal, checked].concat();
        let inputs = Inputs { states: shape.inputs(), parameters: self.model.parameters() };
        // Stage by stage: what only tells of negative amounts is done while others wait, and not at the end.
        self.code.extract_after(&order, &outputs, inputs)
    }

    fn correction(mut self, shape: InterpolantShape, is_amount: impl Fn(usize) -> bool) -> Program {
        let n = shape.components;
        let (shift, reciprocal) = (self.code.state(shape.shift()), self.code.state(shape.reciprocal()));
        let (y, r) = (self.block(shape.start()), [0, 1, 2, 3].map(|k| self.block(shape.coefficient(k))));
        let (_, factors) = self.factors(&y, shift, &is_amount);
        let mut lowest = vec![self.code.constant(0.0); n];
        let mut order: Vec<Value> = Vec::new();
        let mut added: Vec<Value> = Vec::new();
        for (theta, factor) in NODES.into_iter().zip(FROM_NODES) {
            let at_node = (0..n).map(|i| self.at_node(theta, y[i], [0, 1, 2, 3].map(|k| r[k][i])));
            let (state, own_slope): (Vec<Value>, Vec<Value>) = at_node.unzip();
            self.note_lowest(&mut lowest, &state, &is_amount);
            order.extend(&lowest);
            let slope = self.slope(&state, &is_amount);
            let defect: Vec<Value> =
                (0..n).map(|i| less(&mut self.code, Some(slope[i]), reciprocal, own_slope[i])).collect();
            let once = solve(&mut self.code, self.symbolic, &defect, |_, at| factors[at]);
            let twice = solve(&mut self.code, self.symbolic, &once, |_, at| factors[at]);
            let correction: Vec<Value> = (0..n).map(|i| less(&mut self.code, Some(once[i]), shift, twice[i])).collect();
            for (k, factor) in factor.into_iter().enumerate() {
                let factor = self.code.constant(factor);
                for (i, &value) in correction.iter().enumerate() {
                    let term = self.code.mul(factor, value);
                    match added.get(k * n + i) {
                        Some(&sum) => added[k * n + i] = self.code.add(sum, term),
                        None => added.push(term),
                    }
                }
            }
        }
        added.push(self.is_below(&lowest, shape.slack()));
        let inputs = Inputs { states: shape.inputs(), parameters: self.model.parameters() };
        self.code.extract_after(&order, &added, inputs)
    }

    /// Inputs that follow each other.
    fn block(&mut self, at: Range<usize>) -> Vec<Value> {
        at.map(|i| self.code.state(i)).collect()
    }

    /// The Jacobian of a state, and the factors of `shift·I` less it.
    fn factors(&mut self, y: &[Value], shift: Value, is_amount: impl Fn(usize) -> bool) -> (Vec<Value>, Vec<Value>) {
        let seen = self.seen(y, is_amount);
        let jacobian = self.code.replay_at(self.model.program(Part::Jacobian), |_, i| seen[i]);
        let factors = factor(&mut self.code, self.symbolic, shift, |_, at| jacobian[at]);
        (jacobian, factors)
    }

    /// One component of an interpolant at a node, and its slope as a share of the step.
    fn at_node(&mut self, theta: f64, y: Value, [r0, r1, r2, r3]: [Value; 4]) -> (Value, Value) {
        let code = &mut self.code;
        let mut plus = |a: Value, factor: f64, b: Value| {
            let factor = code.constant(factor);
            let product = code.mul(factor, b);
            code.add(a, product)
        };
        let upper = plus(r2, theta, r3);
        let inner = plus(r1, theta, upper);
        let whole = plus(r0, 1.0 - theta, inner);
        let state = plus(y, theta, whole);
        let bend = plus(r2, 2.0 * theta, r3);
        let straight = plus(r0, 1.0 - 2.0 * theta, inner);
        (state, plus(straight, theta * (1.0 - theta), bend))
    }

    /// Takes note of amounts below zero: the lowest of each component by itself, so that none waits for another.
    fn note_lowest(&mut self, lowest: &mut [Value], state: &[Value], is_amount: impl Fn(usize) -> bool) {
        for i in (0..state.len()).filter(|&i| is_amount(i)) {
            let is_lower = self.code.binary(BinaryOp::Less, state[i], lowest[i]);
            lowest[i] = self.code.select(is_lower, state[i], lowest[i]);
        }
    }

    /// Whether one is below zero by more than that input. Those of even number are looked at side by side with those of odd.
    fn is_below(&mut self, lowest: &[Value], slack: usize) -> Value {
        let (slack, zero) = (self.code.state(slack), self.code.constant(0.0));
        let tolerated = self.code.neg(slack);
        let mut below = [zero; 2];
        for (i, &lowest) in lowest.iter().enumerate() {
            let is_below = self.code.binary(BinaryOp::Less, lowest, tolerated);
            below[i % 2] = self.code.binary(BinaryOp::Or, below[i % 2], is_below);
        }
        self.code.binary(BinaryOp::Or, below[0], below[1])
    }

    /// Σ a_j u_j of one component, in the integrator's order.
    fn sum(&mut self, a: &[f64], u: &[Vec<Value>], component: usize) -> Value {
        let mut terms = a.iter().zip(u).map(|(a, u)| (*a, u[component]));
        let mut term = |code: &mut Builder| {
            let (a, u) = terms.next()?;
            let a = code.constant(a);
            Some(code.mul(a, u))
        };
        let mut sum = term(&mut self.code).unwrap_or_else(|| self.code.constant(0.0));
        while let Some(term) = term(&mut self.code) {
            sum = self.code.add(sum, term);
        }
        sum
    }

    /// y + Σ a_j u_j of one component.
    fn moved(&mut self, y: Value, a: &[f64], u: &[Vec<Value>], component: usize) -> Value {
        let sum = self.sum(a, u, component);
        self.code.add(y, sum)
    }

    /// f of a state as rates see it.
    fn slope(&mut self, state: &[Value], is_amount: impl Fn(usize) -> bool) -> Vec<Value> {
        let seen = self.seen(state, is_amount);
        self.code.replay_at(self.model.program(Part::Rhs), |_, i| seen[i])
    }

    /// What rates see of a state: what is negative or negligible is none.
    fn seen(&mut self, state: &[Value], is_amount: impl Fn(usize) -> bool) -> Vec<Value> {
        let (none, negligible) = (self.code.constant(0.0), self.code.constant(NEGLIGIBLE));
        let mut seen = Vec::with_capacity(state.len());
        for (i, &value) in state.iter().enumerate() {
            seen.push(if is_amount(i) {
                let vanishes = self.code.binary(BinaryOp::LessEqual, value, negligible);
                self.code.select(vanishes, none, value)
            } else {
                value
            });
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Model, Parameters, Protocol, Settings, State, run};
    use super::*;
    use crate::codegen::Engine;
    use crate::solve::RODAS5P;
    use crate::solve::linear::StaticLu;
    use crate::source::{MemoryLoader, SourceMap};
    use crate::{hir, network};
    use std::sync::Arc;

    /// Its Jacobian is infinite where it starts.
    const ROOT: &str = "
        compartment cell = 1 um^3   assumed
        species S, P in cell
        param make = 3 copies / s   assumed
        param take = 2 / s          assumed
        param half = 1 copies       assumed
        process made:   -> S        rate make
        process used: S -> P        rate take * sqrt(S * half)
    ";

    const MODELS: [&str; 3] = [
        include_str!("../../benches/models/A.exo"),
        include_str!("../../benches/models/HIRES.exo"),
        include_str!("../../benches/models/ROBER.exo"),
    ];

    fn model(text: &str) -> Model {
        let mut sources = SourceMap::new();
        let root = sources.add("model.exo", text);
        let (program, _) = hir::check(&mut sources, &MemoryLoader::default(), root).gate();
        Model::new(network::build(&program.unwrap(), 0).unwrap().network, Engine::Native)
    }

    /// The model's programs, as after many steps.
    fn warmed(model: &Model) -> &WholeStep {
        let whole = (0..100_000).find_map(|_| model.whole_step(&RODAS5P, 1)).expect("a small model has whole steps");
        (0..100_000).find_map(|_| whole.correction()).expect("and corrects at once");
        whole
    }

    fn bits(numbers: &[f64]) -> Vec<u64> {
        numbers.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn runs_have_the_same_bits_before_and_after() {
        for text in MODELS.into_iter().chain([ROOT]) {
            let model = model(text);
            let protocol = Protocol { samples: (0..40).map(|i| 8.0 * f64::from(i)).collect(), interventions: vec![] };
            let settings = Settings::new(1e-6, Some(1e-9)).unwrap();
            let samples = || {
                let mut all = Vec::new();
                let start = State::initial(&model, Parameters::new(&model, &[]));
                let outcome = run(&model, start, &protocol, &settings, &mut |s| all.extend(bits(s.species)));
                assert!(outcome.failure.is_none() && outcome.statistics.stiff_steps > 20);
                all
            };
            let before = samples();
            let corrections = &warmed(&model).corrections;
            corrections.store(CORRECTIONS_BEFORE_CODE, Ordering::Relaxed);
            assert_eq!(before, samples());
            let corrected = corrections.load(Ordering::Relaxed) > CORRECTIONS_BEFORE_CODE;
            assert_eq!(corrected, text.contains("HIRES") || text.contains("photomorphogenesis"));
        }
    }

    #[test]
    fn a_step_at_once_solves_the_equations_of_its_stages() {
        for text in MODELS {
            let model = model(text);
            let WholeStep { shape, function, .. } = warmed(&model);
            let (n, h) = (shape.components, 1e-7);
            let p = model.kernel().parameter_values(&[]);
            let y: Vec<f64> = model.kernel().initial_state(&p).iter().map(|y| y + 0.01).collect();
            let pattern = model.jacobian_pattern();
            let (mut slope, mut jacobian) = (vec![0.0; n], vec![0.0; pattern.nnz()]);
            model.code().rhs(0.0, &y, &p, &mut slope);
            model.code().jacobian(0.0, &y, &p, &mut jacobian);
            let shift = 1.0 / (h * RODAS5P.gamma);
            let inputs = [&y[..], &slope, &[shift, 1.0 / h, 0.0]].concat();
            let mut out = vec![0.0; shape.outputs()];
            function.run(0.0, &inputs, &p, &mut out);
            assert_eq!(out[shape.below()], 0.0);
            let mut lu = StaticLu::with(Arc::new(Symbolic::new(pattern)));
            lu.factor_lanes(&[shift], jacobian.as_chunks().0);
            let mut u = slope.clone();
            lu.solve_lanes(u.as_chunks_mut().0);
            assert_eq!(bits(&u), bits(&out[shape.u(0)]));
            let on_diagonal = |i: usize| pattern.lookup(i, i).map_or(0.0, |at| jacobian[at]);
            assert_eq!(bits(&out[shape.diagonal()]), bits(&(0..n).map(on_diagonal).collect::<Vec<_>>()));
            let (end, mut at_end) = (&out[shape.end()], vec![0.0; n]);
            assert!(end.iter().zip(&y).any(|(end, y)| end != y));
            model.code().rhs(0.0, end, &p, &mut at_end);
            assert_eq!(bits(&at_end), bits(&out[shape.slope_at_end()]));
        }
    }
}
