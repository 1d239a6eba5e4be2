//! The integration tests, as one binary.

mod accuracy;
mod check;
mod cli;
mod compile;
mod conservation;
mod documents;
mod ensemble;
mod exact;
mod explanations;
mod fmt;
mod golden;
mod individuals;
mod jumps;
mod kernel;
mod language;
mod layering;
mod library;
mod network;
mod oracles;
mod output;
mod parse;
mod run;
mod sensitivity;
mod steady;
mod syntax_properties;
