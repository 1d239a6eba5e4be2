//! Sparse linear algebra for the matrices that implicit methods solve with.

mod pattern;

pub use pattern::{PatternError, SparsePattern};
