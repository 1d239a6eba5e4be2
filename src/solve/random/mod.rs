//! Random numbers that are functions: of a seed, an index and a purpose, never of who asks or when.
//!
//! Deliberately absent: generators with a state that threads would share.

mod counts;
mod design;
mod normal;
mod philox;

pub use counts::{LARGEST_MEAN, binomial, poisson};
pub use design::{Design, SOBOL_DIMENSIONS, Sampling, TooManyDimensions};
pub use normal::{normal_below, normal_quantile};
pub use philox::{Philox, Purpose, Stream, unit};
