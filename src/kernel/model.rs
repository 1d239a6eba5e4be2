//! All programs of one network, and its parameters.
//!
//! Invariants: every program reads the same `y` (one number for each species, in the network's order and internal
//! units) and the same `p`: the network's parameters, followed by values derived from them once per parameter set.
//! A `p` is made by [`Model::parameter_values`] and by nothing else, so what is derived never lags behind.
//! Deliberately absent: names, units, solvers, code.

use super::interpret::Scratch;
use super::lower::{Lowering, Sparsity};
use super::order::Hoisted;
use super::program::{Inputs, Program, Value};
use crate::network::{Expr, Network, ParameterId, Target};

/// What an event assigns: one output of the program for each target.
#[derive(Clone, PartialEq, Debug)]
pub struct Assignments {
    pub targets: Vec<Target>,
    /// Reads `t`, `y`, `p` as they are when the event takes effect; all values are computed before any is assigned.
    pub program: Program,
}

/// The programs that integrators call at every step: these are compiled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// `dy/dt` (n, per second).
    Rhs,
    /// `∂(dy/dt)/∂y`, the entries of [`Model::sparsity`] in its order (per second).
    Jacobian,
    /// `∂(dy/dt)/∂t` at constant `y` (n, per second squared).
    TimeDerivative,
    /// The network's observables, in their order and internal units.
    Observables,
    /// The events' triggers, in order: positive while the condition holds.
    Triggers,
}

impl Part {
    pub const ALL: [Part; 5] = [Part::Rhs, Part::Jacobian, Part::TimeDerivative, Part::Observables, Part::Triggers];

    /// As programs and symbols are called.
    pub fn name(self) -> &'static str {
        match self {
            Part::Rhs => "rhs",
            Part::Jacobian => "jacobian",
            Part::TimeDerivative => "time_derivative",
            Part::Observables => "observables",
            Part::Triggers => "triggers",
        }
    }
}

/// One network as programs.
#[derive(Clone, PartialEq, Debug)]
pub struct Model {
    states: usize,
    parts: [Program; Part::ALL.len()],
    sparsity: Sparsity,
    /// The rate of each reaction (firings per second), then of each rate rule; to find the process behind a failure.
    pub rates: Program,
    /// `y` at the start; reads `p` only.
    pub initial: Program,
    /// Each event's delay in seconds; reads `p` only.
    pub delays: Program,
    /// Each event's assignments.
    pub assignments: Vec<Assignments>,
    parameters: Parameters,
}

/// How parameters are computed.
#[derive(Clone, PartialEq, Debug)]
struct Parameters {
    /// The values of those that are plain numbers; NaN for the rest, until computed.
    numbers: Vec<f64>,
    /// The rest, in order, each over earlier ones.
    dependent: Vec<(usize, Program)>,
    /// What programs read besides, over all of them.
    derived: Program,
}

/// Whether programs may share values computed once per parameter set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Hoisting {
    /// `p` is longer than the network's parameters, and programs are quicker.
    #[default]
    On,
    /// `p` is exactly the network's parameters: for code that others call.
    Off,
}

impl Model {
    /// Lowers and differentiates a network.
    pub fn new(network: &Network) -> Model {
        Model::with_hoisting(network, Hoisting::On)
    }

    pub fn with_hoisting(network: &Network, hoisting: Hoisting) -> Model {
        let mut lowering = Lowering::new(network);
        let rates = lowering.rates();
        let rhs = lowering.derivatives(&rates);
        let (sparsity, jacobian) = lowering.jacobian(&rates);
        let time_derivative = lowering.time_derivatives(&rates);
        let observables = lowering.expressions(network.observables.iter().map(|o| &o.value));
        let triggers = lowering.expressions(network.events.iter().map(|e| &e.trigger));
        let parts = [rhs, jacobian, time_derivative, observables, triggers];
        let initial = lowering.expressions(network.species.iter().map(|s| &s.initial));
        let delays = lowering.expressions(network.events.iter().map(|e| &e.delay));
        let assigned: Vec<Vec<Value>> =
            network.events.iter().map(|e| lowering.expressions(e.assignments.iter().map(|a| &a.1))).collect();

        let declared = network.parameters.len();
        let hoisted = match hoisting {
            Hoisting::On => lowering.builder.hoist(&parts.concat(), declared),
            Hoisting::Off => Hoisted::default(),
        };
        let inputs = Inputs { states: network.species.len(), parameters: declared + hoisted.len() };
        let cut = |values: &[Value]| lowering.builder.extract(values, inputs, &hoisted);
        let assignments = network.events.iter().zip(&assigned).map(|(event, values)| Assignments {
            targets: event.assignments.iter().map(|a| a.0).collect(),
            program: cut(values),
        });
        let derived_inputs = Inputs { states: 0, parameters: declared };
        let derived = lowering.builder.extract(hoisted.values(), derived_inputs, &Hoisted::default());
        Model {
            states: inputs.states,
            parts: parts.each_ref().map(|values| cut(values)),
            sparsity,
            rates: cut(&rates),
            initial: cut(&initial),
            delays: cut(&delays),
            assignments: assignments.collect(),
            parameters: Parameters::new(network, derived),
        }
    }

    /// Number of states: the length of `y`.
    pub fn states(&self) -> usize {
        self.states
    }

    /// Length of `p`: the network's parameters and what is derived from them.
    pub fn parameters(&self) -> usize {
        self.parameters.numbers.len() + self.parameters.derived.outputs().len()
    }

    /// What `p` has beyond the network's parameters, computed from these once per parameter set.
    pub fn derived(&self) -> &Program {
        &self.parameters.derived
    }

    /// The parameters that are no plain numbers with what computes them, each over earlier ones.
    pub fn dependent(&self) -> &[(usize, Program)] {
        &self.parameters.dependent
    }

    /// One of the programs that are called at every step.
    pub fn program(&self, part: Part) -> &Program {
        &self.parts[part as usize]
    }

    /// Where the Jacobian's entries lie.
    pub fn sparsity(&self) -> &Sparsity {
        &self.sparsity
    }

    /// The parameter vector `p`, in internal units. An override replaces a parameter's own expression and flows into
    /// those that depend on it; of two for the same parameter the later one counts.
    pub fn parameter_values(&self, overrides: &[(ParameterId, f64)]) -> Vec<f64> {
        self.parameters.evaluate(overrides)
    }

    /// `y` at the start, in copies (or the state's own internal unit).
    pub fn initial_state(&self, p: &[f64]) -> Vec<f64> {
        self.initial.evaluate(0.0, &vec![0.0; self.states], p)
    }
}

impl Parameters {
    fn new(network: &Network, derived: Program) -> Parameters {
        let mut numbers = Vec::with_capacity(network.parameters.len());
        let mut dependent = Vec::new();
        for (index, parameter) in network.parameters.iter().enumerate() {
            if let Expr::Constant(c) = parameter.value {
                numbers.push(c);
                continue;
            }
            let mut lowering = Lowering::new(network);
            let value = lowering.expression(&parameter.value);
            let inputs = Inputs { states: 0, parameters: index };
            dependent.push((index, lowering.builder.extract(&[value], inputs, &Hoisted::default())));
            numbers.push(f64::NAN);
        }
        Parameters { numbers, dependent, derived }
    }

    fn evaluate(&self, overrides: &[(ParameterId, f64)]) -> Vec<f64> {
        let declared = self.numbers.len();
        let mut p = self.numbers.clone();
        p.resize(declared + self.derived.outputs().len(), f64::NAN);
        let mut overridden = vec![false; declared];
        for &(id, value) in overrides {
            p[id.index()] = value;
            overridden[id.index()] = true;
        }
        let mut scratch = Scratch::default();
        for (index, program) in self.dependent.iter().filter(|(index, _)| !overridden[*index]) {
            let (earlier, rest) = p.split_at_mut(*index);
            program.interpret(0.0, &[], earlier, &mut rest[..1], &mut scratch);
        }
        let (values, derived) = p.split_at_mut(declared);
        self.derived.interpret(0.0, &[], values, derived, &mut scratch);
        p
    }
}

/// One program for any expressions over the network, reading the same `y` and `p` as the model's own.
pub fn expressions(network: &Network, exprs: &[Expr]) -> Program {
    let mut lowering = Lowering::new(network);
    let values = lowering.expressions(exprs);
    lowering.program(&values)
}
