//! A network together with what computes it.

use std::cell::RefCell;

use crate::kernel::{self, Part, Scratch};
use crate::network::Network;
use crate::solve::SparsePattern;

/// A network and its programs, ready to run.
#[derive(Debug)]
pub struct Model {
    network: Network,
    kernel: kernel::Model,
    pattern: SparsePattern,
    scratch: RefCell<Scratch>,
}

impl Model {
    /// Lowers, differentiates and compiles a network.
    pub fn new(network: Network) -> Model {
        let kernel = kernel::Model::new(&network);
        let sparsity = kernel.sparsity();
        let entries = (0..sparsity.size()).flat_map(|c| {
            sparsity.rows[sparsity.column_starts[c]..sparsity.column_starts[c + 1]].iter().map(move |&r| (r, c))
        });
        let pattern = SparsePattern::from_entries(sparsity.size(), entries);
        Model { network, kernel, pattern, scratch: RefCell::default() }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn kernel(&self) -> &kernel::Model {
        &self.kernel
    }

    pub(super) fn run(&self, part: Part, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.kernel.program(part).interpret(t, y, p, out, &mut self.scratch.borrow_mut());
    }

    pub(super) fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }
}
