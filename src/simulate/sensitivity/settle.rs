//! How the steady state that a model settles in moves.
//!
//! At the steady state y*, `ds/dt = J s + f_p p'` is linear with coefficients that stand still. Integrated from the
//! derivatives of the initial amounts until it stands still as well, it ends in the s that solves `J s = -f_p p'` with the
//! derivatives of all conserved sums as they were at first: J may be singular, and no sum need be known. What is held
//! while the model settles keeps its derivatives too.

use super::system::Along;
use super::{Derivatives, Moving};
use crate::simulate::error::{Culprit, Direction};
use crate::simulate::settings::scales;
use crate::simulate::settle::patience;
use crate::simulate::{Held, Problem, Settings, SimulationError};
use crate::solve::{Forward, SolveError};

/// The first stretch, in seconds; each is as long as all before it.
const SHORTEST: f64 = 3600.0;

/// From a state before a model settles, and the amounts it settles in: these with their derivatives.
///
/// # Errors
/// Numerical failures, and derivatives that still change when a model's patience would end.
pub fn settle(
    derivatives: &Derivatives,
    start: &Moving,
    amounts: &[f64],
    held: &Held,
    duration: f64,
    settings: &Settings,
) -> Result<Moving, SimulationError> {
    let model = derivatives.model();
    let mut settled = start.clone();
    settled.state.species.copy_from_slice(amounts);
    let parameters = &start.state.parameters;
    let named = |e: SolveError, y: &[f64]| SimulationError::name(e, model, parameters, y);
    let solver =
        settings.for_network(model.network(), parameters).map_err(|e| named(SolveError::BadTolerance(e), amounts))?;
    let scales = scales(model.network(), parameters);
    let held: Vec<bool> = (0..amounts.len()).map(|i| held.holds(i)).collect();
    let system = Along::new(derivatives, start, Some(&held));
    let mut integrator =
        Forward::start(&system, 0.0, amounts, &settled.species, &solver).map_err(|e| named(e, amounts))?;
    let mut end = duration.max(SHORTEST);
    let worst = loop {
        let before = integrator.derivatives().to_vec();
        if let Err(error) = integrator.advance(&system, end) {
            return Err(named(error, integrator.state()));
        }
        let rows =
            |values: &'_ [f64]| values.chunks_exact(start.stride().max(1)).map(<[f64]>::to_vec).collect::<Vec<_>>();
        let (before, after) = (rows(&before), rows(integrator.derivatives()));
        let share = |i: usize| {
            let size = integrator.state()[i].abs().max(scales[i]);
            let change = before[i].iter().zip(&after[i]).map(|(a, b)| (b - a).abs() / size.max(a.abs()).max(b.abs()));
            change.fold(0.0, f64::max)
        };
        let worst = (0..amounts.len()).map(|i| (i, share(i))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default();
        if worst.1 <= 10.0 * settings.rtol() {
            settled.species.copy_from_slice(integrator.derivatives());
            return Ok(settled);
        }
        if end >= patience(duration) {
            break worst;
        }
        end *= 2.0;
    };
    let culprit = Culprit::species(worst.0, 0.0, model, parameters, integrator.state(), Direction::Both);
    Err(SimulationError {
        time: integrator.time(),
        problem: Problem::Unsettled { share: worst.1, growing: false },
        culprit,
    })
}
