//! From the network's expressions to values in a builder.
//!
//! Invariants: each definition is lowered once and shared; a reaction's rate is one value, whoever reads it; sums run
//! in the order of the network's tables (reactions, then rate rules), so the rounding is the network's alone.
//! Deliberately absent: checks. A [`Network`] has passed the gate; ids that point nowhere are a defect and panic.

use super::build::Builder;
use super::differentiate::{Gradient, Variables, gradients};
use super::order::Hoisted;
use super::program::{Inputs, Program, Value};
use crate::network::{BinaryOp, DefinitionId, Expr, Network};
use rustc_hash::FxHashMap;

/// A network on its way into a builder.
pub struct Lowering<'n> {
    network: &'n Network,
    pub builder: Builder,
    definitions: FxHashMap<DefinitionId, Value>,
}

/// Which entries of an n × n matrix may be nonzero, in compressed sparse columns.
/// The diagonal is always among them; rows increase within a column.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sparsity {
    /// n + 1 positions in `rows`: column `j` is `rows[column_starts[j]..column_starts[j + 1]]`.
    pub column_starts: Vec<usize>,
    pub rows: Vec<usize>,
}

impl Sparsity {
    /// n.
    pub fn size(&self) -> usize {
        self.column_starts.len().saturating_sub(1)
    }

    /// Number of entries.
    pub fn entries(&self) -> usize {
        self.rows.len()
    }
}

/// A coefficient times a rate, in the derivative of one species.
struct Term {
    species: usize,
    coefficient: f64,
}

impl<'n> Lowering<'n> {
    pub fn new(network: &'n Network) -> Self {
        Lowering { network, builder: Builder::new(), definitions: FxHashMap::default() }
    }

    /// The value of an expression.
    pub fn expression(&mut self, expr: &Expr) -> Value {
        // Long sums lean to the left; walking that spine keeps the recursion as deep as the parentheses.
        let mut spine: Vec<(BinaryOp, &Expr)> = Vec::new();
        let mut innermost = expr;
        while let Expr::Binary(op, left, right) = innermost {
            spine.push((*op, right));
            innermost = left;
        }
        let mut value = match innermost {
            Expr::Constant(c) => self.builder.constant(*c),
            Expr::Time => self.builder.time(),
            Expr::Species(id) => self.builder.state(id.index()),
            Expr::Parameter(id) => self.builder.parameter(id.index()),
            Expr::Definition(id) => self.definition(*id),
            Expr::Unary(op, a) => {
                let a = self.expression(a);
                self.builder.unary(*op, a)
            }
            Expr::Binary(..) => unreachable!("the spine ends where binary operations do"),
            Expr::Select(parts) => {
                let condition = self.expression(&parts.condition);
                let then = self.expression(&parts.then);
                let otherwise = self.expression(&parts.otherwise);
                self.builder.select(condition, then, otherwise)
            }
        };
        for (op, right) in spine.into_iter().rev() {
            let right = self.expression(right);
            value = self.builder.binary(op, value, right);
        }
        value
    }

    /// The values of several expressions.
    pub fn expressions<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> Vec<Value> {
        exprs.into_iter().map(|e| self.expression(e)).collect()
    }

    /// The program that computes `outputs` from the network's states and parameters.
    pub fn program(&self, outputs: &[Value]) -> Program {
        let inputs = Inputs { states: self.network.species.len(), parameters: self.network.parameters.len() };
        self.builder.extract(outputs, inputs, &Hoisted::default())
    }

    fn definition(&mut self, id: DefinitionId) -> Value {
        if let Some(&value) = self.definitions.get(&id) {
            return value;
        }
        let network = self.network;
        let value = self.expression(&network.definitions[id.index()].value);
        self.definitions.insert(id, value);
        value
    }

    /// The rate of each reaction, in firings per second, then of each rate rule, per second.
    pub fn rates(&mut self) -> Vec<Value> {
        let network = self.network;
        let reactions = network.reactions.iter().map(|r| &r.rate);
        self.expressions(reactions.chain(network.rate_rules.iter().map(|r| &r.rate)))
    }

    /// What each rate of [`Lowering::rates`] contributes to, in the same order.
    fn terms(&self) -> impl Iterator<Item = Vec<Term>> + use<'n> {
        let term = |species: usize, coefficient| Term { species, coefficient };
        let reactions = self
            .network
            .reactions
            .iter()
            .map(move |r| r.stoichiometry.iter().map(|(id, c)| term(id.index(), *c)).collect());
        let rules = self.network.rate_rules.iter().map(move |r| vec![term(r.species.index(), 1.0)]);
        reactions.chain(rules)
    }

    /// `dy/dt`, one value for each species, per second: Σ stoichiometry × rate.
    pub fn derivatives(&mut self, rates: &[Value]) -> Vec<Value> {
        let mut totals: Vec<Option<Value>> = vec![None; self.network.species.len()];
        for (terms, &rate) in self.terms().zip(rates) {
            for Term { species, coefficient } in terms {
                totals[species] = Some(self.accumulate(totals[species], coefficient, rate));
            }
        }
        let zero = self.builder.constant(0.0);
        totals.into_iter().map(|total| total.unwrap_or(zero)).collect()
    }

    fn accumulate(&mut self, total: Option<Value>, coefficient: f64, value: Value) -> Value {
        let factor = self.builder.constant(coefficient);
        let term = self.builder.mul(factor, value);
        match total {
            Some(total) => self.builder.add(total, term),
            None => term,
        }
    }

    /// `∂(dy/dt)/∂y` in the order of the returned pattern. Entries that are zero by structure are left out,
    /// except on the diagonal.
    pub fn jacobian(&mut self, rates: &[Value]) -> (Sparsity, Vec<Value>) {
        let slopes: Vec<Gradient> = gradients(&mut self.builder, rates, Variables::States);
        let mut entries: Vec<(u32, u32, f64, Value)> = Vec::new();
        for (terms, slope) in self.terms().zip(&slopes) {
            for Term { species, coefficient } in terms {
                let row = species as u32;
                entries.extend(slope.iter().map(|&(column, d)| (column, row, coefficient, d)));
            }
        }
        let zero = self.builder.constant(0.0);
        entries.retain(|&(_, _, _, d)| d != zero);
        // Stable: within an entry the order of the rates stays.
        entries.sort_by_key(|&(column, row, _, _)| (column, row));
        self.gather(&entries)
    }

    fn gather(&mut self, entries: &[(u32, u32, f64, Value)]) -> (Sparsity, Vec<Value>) {
        let size = self.network.species.len();
        let zero = self.builder.constant(0.0);
        let mut pattern = Sparsity { column_starts: vec![0], rows: Vec::new() };
        let mut values = Vec::new();
        let mut rest = entries;
        for column in 0..size {
            let mut diagonal_seen = false;
            while let Some(&(c, row, ..)) = rest.first().filter(|e| e.0 as usize == column) {
                let row_index = row as usize;
                if row_index > column && !std::mem::replace(&mut diagonal_seen, true) {
                    pattern.rows.push(column);
                    values.push(zero);
                }
                diagonal_seen |= row_index == column;
                let length = rest.iter().take_while(|e| (e.0, e.1) == (c, row)).count();
                let (same, later) = rest.split_at(length);
                let total = same.iter().fold(None, |total, e| Some(self.accumulate(total, e.2, e.3)));
                pattern.rows.push(row_index);
                values.push(total.unwrap_or(zero));
                rest = later;
            }
            if !diagonal_seen {
                pattern.rows.push(column);
                values.push(zero);
            }
            pattern.column_starts.push(pattern.rows.len());
        }
        (pattern, values)
    }

    /// `∂(dy/dt)/∂t` at constant `y`, one value for each species, per second squared.
    pub fn time_derivatives(&mut self, rates: &[Value]) -> Vec<Value> {
        let slopes = gradients(&mut self.builder, rates, Variables::Time);
        let mut totals: Vec<Option<Value>> = vec![None; self.network.species.len()];
        for (terms, slope) in self.terms().zip(&slopes) {
            for Term { species, coefficient } in terms {
                if let [(_, d)] = slope[..] {
                    totals[species] = Some(self.accumulate(totals[species], coefficient, d));
                }
            }
        }
        let zero = self.builder.constant(0.0);
        totals.into_iter().map(|total| total.unwrap_or(zero)).collect()
    }
}
