//! A network together with what computes it.

use crate::codegen::{CompiledModel, Engine};
use crate::kernel;
use crate::network::Network;
use crate::solve::SparsePattern;

/// A network and its code, ready to run.
#[derive(Debug)]
pub struct Model {
    network: Network,
    code: CompiledModel,
    pattern: SparsePattern,
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
        Model { code: CompiledModel::new(kernel, engine), network, pattern }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn code(&self) -> &CompiledModel {
        &self.code
    }

    pub(super) fn kernel(&self) -> &kernel::Model {
        self.code.model()
    }

    pub(super) fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }
}
