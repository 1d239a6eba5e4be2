//! How accurately to run.

use crate::network::{Network, Species, SpeciesKind};
use crate::simulate::Parameters;
use crate::solve::{self, AbsoluteTolerance, Method, ToleranceError, Tolerances};

/// Tolerances and method of a run.
///
/// The relative tolerance holds for every species down to one copy in a cell, and is absolute below that: unless the
/// caller gives an absolute tolerance, that of a species is `rtol` × 1 copy (1 µm² for membrane areas, one of its own
/// unit for a condition), times the number of cells for what cells share. So `rtol` = 1e-6 tells a millionth of a
/// molecule in a cell from none, and no accuracy is wasted on less.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    rtol: f64,
    atol: Option<f64>,
    pub method: Method,
    /// Whether a single run measures where its time goes.
    pub timed: bool,
    /// An arm that needs more steps is given up.
    pub max_steps: usize,
}

impl Settings {
    /// The relative tolerance, and the absolute one in copies of a cell's own species, if it is not to follow from it.
    ///
    /// # Errors
    /// Tolerances that no computation in double precision can meet.
    pub fn new(rtol: f64, atol: Option<f64>) -> Result<Settings, ToleranceError> {
        Tolerances::scalar(rtol, atol.unwrap_or(rtol))?;
        Ok(Settings { rtol, atol, ..Settings::default() })
    }

    pub fn rtol(&self) -> f64 {
        self.rtol
    }

    /// With tolerances that are so many times as large; the relative one becomes no larger than `coarsest`.
    pub(super) fn relaxed(&self, times: f64, coarsest: f64) -> Settings {
        let atol = times * self.atol.unwrap_or(self.rtol);
        Settings { rtol: self.rtol.max(coarsest.min(times * self.rtol)), atol: Some(atol), ..self.clone() }
    }

    /// What the integrators are told for a network under the given parameters.
    pub(super) fn for_network(
        &self,
        network: &Network,
        parameters: &Parameters,
    ) -> Result<solve::Settings, ToleranceError> {
        let atol = self.atol.unwrap_or(self.rtol);
        let each = scales(network, parameters).into_iter().map(|scale| atol * scale).collect();
        let tolerances = Tolerances::new(self.rtol, AbsoluteTolerance::PerComponent(each))?;
        Ok(solve::Settings { tolerances, method: self.method, max_steps: self.max_steps, ..solve::Settings::default() })
    }
}

impl Default for Settings {
    /// `rtol` 1e-6, a million steps.
    fn default() -> Settings {
        let max_steps = solve::Settings::default().max_steps;
        Settings { rtol: 1e-6, atol: None, method: Method::Auto, timed: false, max_steps }
    }
}

/// The amount of each species below which it doesn't matter, in internal units.
pub(super) fn scales(network: &Network, parameters: &Parameters) -> Vec<f64> {
    let cells: f64 = network.cells.iter().map(|cell| parameters.get(cell.count)).sum();
    let shared = if cells.is_finite() && cells > 1.0 { cells } else { 1.0 };
    let scale = |species: &Species| match species.kind {
        SpeciesKind::Condition => species.unit.factor,
        _ if species.cell.is_none() => shared,
        _ => 1.0,
    };
    network.species.iter().map(scale).collect()
}
