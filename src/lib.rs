//! exoc, the compiler for Exo.
//!
//! What happens to a file, in the order of the folders: see each module's first lines.

pub mod cli;
pub mod codegen;
pub mod diagnostics;
pub mod experiment;
pub mod hir;
pub mod kernel;
pub mod network;
pub mod output;
pub mod simulate;
pub mod solve;
pub mod source;
pub mod syntax;
