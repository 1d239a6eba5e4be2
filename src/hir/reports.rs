//! What checking has to say: one function to a code, by subject.

pub mod assignments;
pub mod cells;
pub mod claims;
pub mod crossing;
pub mod experiments;
pub mod laws;
pub mod matter;
pub mod members;
pub mod modifiers;
pub mod modules;
pub mod names;
pub mod perturbations;
pub mod places;
pub mod process;
mod quote;
pub mod units;
pub mod values;
pub mod vesicles;
