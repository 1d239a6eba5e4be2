//! The integration tests, as one binary.

mod golden;
mod kernel;
mod output;
mod parse;
