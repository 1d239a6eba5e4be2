//! The integration tests, as one binary.

mod kernel;
mod output;
