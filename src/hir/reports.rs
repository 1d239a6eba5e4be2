//! What checking has to say: one function to a code, by subject.

pub mod assignments;
pub mod laws;
pub mod names;
mod quote;
pub mod units;
pub mod values;
