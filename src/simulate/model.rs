//! A network together with what computes it.

use super::clock::{Clock, Turn};
use crate::codegen::{CompiledModel, Engine};
use crate::kernel::{self, Part};
use crate::network::{Network, SpeciesKind};
use crate::solve::linear::Suited;
use crate::solve::{NEGLIGIBLE, SparsePattern};
use std::sync::OnceLock;

/// A network and its code, ready to run.
#[derive(Debug)]
pub struct Model {
    network: Network,
    code: CompiledModel,
    pattern: SparsePattern,
    autonomous: bool,
    /// Made when first needed.
    suited: OnceLock<Suited>,
    clock: Clock,
}

impl Model {
    /// Lowers, differentiates and compiles a network.
    pub fn new(network: Network, engine: Engine) -> Model {
        let kernel = kernel::Model::new(&network);
        let sparsity = kernel.sparsity();
        let columns = sparsity.column_starts.windows(2).enumerate();
        let entries = columns.flat_map(|(column, ends)| {
            let rows = sparsity.rows.get(ends[0]..ends[1]).unwrap_or_default();
            rows.iter().map(move |&row| (row, column))
        });
        // The kernel's order is the same: columns ascending, rows ascending within, the diagonal present.
        let pattern = SparsePattern::from_entries(sparsity.size(), entries);
        let autonomous = kernel.program(Part::TimeDerivative).is_zero();
        let code = CompiledModel::new(kernel, engine);
        let clock = Clock::of(&network);
        Model { code, network, pattern, autonomous, suited: OnceLock::new(), clock }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn code(&self) -> &CompiledModel {
        &self.code
    }

    /// The amounts that follow from parameters at time 0, one for each species.
    pub fn initial_amounts(&self, parameters: &super::Parameters) -> Vec<f64> {
        self.kernel().initial_state(parameters.values())
    }

    /// Whether a species is an amount of something, not a condition such as a pH: it can't be negative.
    pub(super) fn is_amount(&self, species: usize) -> bool {
        self.network.species.get(species).is_some_and(|s| s.kind != SpeciesKind::Condition)
    }

    /// Takes amounts below zero, which are so by less than the tolerance, and vanishing ones for none: as the rates do, and as people
    /// should see them.
    pub(super) fn without_negatives(&self, state: &mut [f64]) {
        for (i, amount) in state.iter_mut().enumerate() {
            if *amount <= NEGLIGIBLE && self.is_amount(i) {
                *amount = 0.0;
            }
        }
    }

    pub(super) fn kernel(&self) -> &kernel::Model {
        self.code.model()
    }

    /// Whether no rate depends on the time.
    pub(super) fn is_autonomous(&self) -> bool {
        self.autonomous
    }

    /// What gives solvers with the matrices of implicit methods.
    pub(super) fn suited(&self) -> &Suited {
        self.suited.get_or_init(|| Suited::new(&self.pattern))
    }

    /// The first turn of the clock after `from` and before `end`.
    pub(super) fn next_turn(&self, parameters: &[f64], from: f64, end: f64) -> Option<Turn> {
        self.clock.next(&self.network, parameters, from, end)
    }

    pub(super) fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }
}
