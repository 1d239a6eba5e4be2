//! Propensities: from each reaction's law to what a jump simulation computes.
//!
//! Mass action counts combinations, n (n − 1) / 2 for a pair of one kind (Gillespie, J. Comput. Phys. 22, 1976); a whole
//! rate is the propensity. A reaction happens only if everything is there that it consumes: where the law doesn't see to
//! that by itself, the propensity is zero otherwise.
//!
//! Invariants: combinations of up to two reactants with a coefficient that stands still are left as such, for tables;
//! everything else becomes a program over `t`, `y` and this module's own `p`: the network's parameters, followed by
//! what is derived from them. Both give the same bits for the same law.
//! Deliberately absent: reactions that follow others; whoever moves vesicles moves what is in them.

use super::lower::Lowering;
use super::program::{Inputs, Instruction, Program, Value};
use crate::network::{BinaryOp, Expr, Law, Network, Reaction, SpeciesId, SpeciesKind};

/// The propensity of one reaction, per second.
#[derive(Clone, PartialEq, Debug)]
pub enum Propensity {
    /// `(c y[i]) (y[j] − less)`, where an index equal to the number of states reads 1; c is the output of
    /// [`Jumps::coefficients`] at the reaction's position.
    Combination { i: usize, j: usize, less: f64 },
    /// One output.
    General(Program),
    /// It goes along with another reaction.
    Follows,
}

/// All propensities of a network.
#[derive(Clone, PartialEq, Debug)]
pub struct Jumps {
    /// One for each reaction.
    pub propensities: Vec<Propensity>,
    /// One output for each reaction, 0 if it has no coefficient; reads `p` only.
    pub coefficients: Program,
    /// The rates of the network's rate rules, per second.
    pub rules: Program,
    /// What `p` has beyond the network's parameters, from these.
    pub derived: Program,
}

/// A law on its way.
enum Draft {
    Combination { i: usize, j: usize, less: f64, coefficient: Value },
    General(Value),
    Follows,
}

/// Whether something comes in whole copies.
pub fn is_counted(kind: &SpeciesKind) -> bool {
    matches!(kind, SpeciesKind::Molecules | SpeciesKind::Vesicles | SpeciesKind::Contents { .. })
}

impl Jumps {
    /// Lowers the laws of a network.
    pub fn new(network: &Network) -> Jumps {
        let mut lowering = Lowering::new(network);
        let drafts: Vec<Draft> = network.reactions.iter().map(|r| draft(&mut lowering, network, r)).collect();
        let zero = lowering.builder.constant(0.0);
        let coefficient = |draft: &Draft| match draft {
            Draft::Combination { coefficient, .. } => *coefficient,
            _ => zero,
        };
        let coefficients: Vec<Value> = drafts.iter().map(coefficient).collect();
        let rules = lowering.expressions(network.rate_rules.iter().map(|r| &r.rate));
        let general = drafts.iter().filter_map(|d| if let Draft::General(value) = d { Some(*value) } else { None });
        let all: Vec<Value> = coefficients.iter().copied().chain(general).chain(rules.iter().copied()).collect();
        let declared = network.parameters.len();
        let hoisted = lowering.builder.hoist(&all, declared);
        let inputs = Inputs { states: network.species.len(), parameters: declared + hoisted.len() };
        let cut = |values: &[Value]| lowering.builder.extract(values, inputs, &hoisted);
        let propensities = drafts.iter().map(|draft| match *draft {
            Draft::Combination { i, j, less, .. } => Propensity::Combination { i, j, less },
            Draft::General(value) => Propensity::General(cut(&[value])),
            Draft::Follows => Propensity::Follows,
        });
        let derived_inputs = Inputs { states: 0, parameters: declared };
        Jumps {
            propensities: propensities.collect(),
            coefficients: cut(&coefficients),
            rules: cut(&rules),
            derived: lowering.builder.extract(hoisted.values(), derived_inputs, &Default::default()),
        }
    }

    /// `p` for the network's parameters, of which more may be given than are read.
    pub fn parameters(&self, declared: &[f64]) -> Vec<f64> {
        let declared = &declared[..self.derived.inputs().parameters];
        let mut p = declared.to_vec();
        p.extend(self.derived.evaluate(0.0, &[], declared));
        p
    }
}

fn draft(lowering: &mut Lowering<'_>, network: &Network, reaction: &Reaction) -> Draft {
    match &reaction.law {
        Law::Follows { .. } => Draft::Follows,
        Law::Whole => {
            let rate = lowering.expression(&reaction.rate);
            Draft::General(gated(lowering, network, reaction, &[], rate))
        }
        Law::MassAction { coefficient, reactants } => combinations(lowering, network, reaction, coefficient, reactants),
    }
}

/// Mass action, as a table's entry where that will do.
fn combinations(
    lowering: &mut Lowering<'_>,
    network: &Network,
    reaction: &Reaction,
    coefficient: &Expr,
    reactants: &[(SpeciesId, u32)],
) -> Draft {
    let mut coefficient = lowering.expression(coefficient);
    for &(_, count) in reactants.iter().filter(|(_, count)| *count > 1) {
        let orders: f64 = (2..=count).map(f64::from).product();
        let factor = lowering.builder.constant(1.0 / orders);
        coefficient = lowering.builder.mul(coefficient, factor);
    }
    let one = network.species.len();
    let slots: Vec<(usize, f64)> =
        reactants.iter().flat_map(|&(id, count)| (0..count).map(move |taken| (id.index(), f64::from(taken)))).collect();
    let (i, (j, less)) = match slots[..] {
        [] => (one, (one, 0.0)),
        [(i, _)] => (i, (one, 0.0)),
        [(i, _), second] => (i, second),
        _ => (one, (one, 0.0)),
    };
    let short = missing(network, reaction, reactants);
    if slots.len() <= 2 && short.is_empty() && stands_still(lowering, coefficient) {
        return Draft::Combination { i, j, less, coefficient };
    }
    let mut value = coefficient;
    for (state, taken) in slots {
        let amount = lowering.builder.state(state);
        let taken = lowering.builder.constant(taken);
        let left = lowering.builder.sub(amount, taken);
        value = lowering.builder.mul(value, left);
    }
    Draft::General(gated(lowering, network, reaction, reactants, value))
}

/// What a reaction consumes of each amount, as far as its reactants don't see to it that so much is there.
fn missing(network: &Network, reaction: &Reaction, reactants: &[(SpeciesId, u32)]) -> Vec<(usize, f64)> {
    let needed = reaction.stoichiometry.iter().filter(|(_, change)| *change < 0.0).map(|(id, change)| (*id, -change));
    let limited = |id: SpeciesId| {
        network.species.get(id.index()).is_some_and(|s| is_counted(&s.kind) || s.kind == SpeciesKind::Area)
    };
    let covered = |id: SpeciesId, amount: f64| {
        reactants.iter().any(|&(reactant, count)| reactant == id && f64::from(count) >= amount)
    };
    needed.filter(|&(id, amount)| limited(id) && !covered(id, amount)).map(|(id, n)| (id.index(), n)).collect()
}

/// Zero unless everything is there.
fn gated(
    lowering: &mut Lowering<'_>,
    network: &Network,
    reaction: &Reaction,
    reactants: &[(SpeciesId, u32)],
    value: Value,
) -> Value {
    let builder = &mut lowering.builder;
    let mut value = value;
    for (state, amount) in missing(network, reaction, reactants) {
        let (there, needed) = (builder.state(state), builder.constant(amount));
        let enough = builder.binary(BinaryOp::LessEqual, needed, there);
        let zero = builder.constant(0.0);
        value = builder.select(enough, value, zero);
    }
    value
}

/// A program of one output over the network's own parameters, and over its states or so many numbers in their place.
pub fn lone(network: &Network, expr: &Expr, states: Option<usize>) -> Program {
    let mut lowering = Lowering::new(network);
    let value = lowering.expression(expr);
    let states = states.unwrap_or(network.species.len());
    let inputs = Inputs { states, parameters: network.parameters.len() };
    lowering.builder.extract(&[value], inputs, &Default::default())
}

/// Whether a value depends on parameters alone.
fn stands_still(lowering: &Lowering<'_>, value: Value) -> bool {
    let mut stack = vec![value];
    let mut seen = rustc_hash::FxHashSet::default();
    while let Some(value) = stack.pop() {
        let instruction = lowering.builder.instruction(value);
        if matches!(instruction, Instruction::Time | Instruction::State(_)) {
            return false;
        }
        stack.extend(instruction.operands().filter(|v| seen.insert(*v)));
    }
    true
}

impl Program {
    /// The states it reads, ascending.
    pub fn states_read(&self) -> Vec<u32> {
        let state = |i: &Instruction| if let Instruction::State(state) = i { Some(*state) } else { None };
        let mut all: Vec<u32> = self.instructions().iter().filter_map(state).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
