//! The integration tests, as one binary.

mod check;
mod documents;
mod fmt;
mod golden;
mod kernel;
mod network;
mod output;
mod parse;
mod syntax_properties;
