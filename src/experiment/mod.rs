//! Arms, doses, grids and claims: what an experiment means, carried out with the simulators.

pub mod results;
