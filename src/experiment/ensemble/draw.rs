//! The parameters of a member, drawn from their declared uncertainties.
//!
//! Invariants: a number declared once is drawn once, whichever cells and models have a parameter of it, and each takes the
//! draw as a quantile of its own distribution; a value of the caller's is not drawn over; what others are drawn does not
//! depend on that. A drawn number has the sign of its nominal value: a normal distribution is cut off at zero.

use rustc_hash::FxHashMap;

use super::{Ensemble, EnsembleError};
use crate::experiment::{Bench, Setting};
use crate::network::{Expr, ParameterId, Role, Uncertainty};
use crate::simulate::{Model, Parameters};
use crate::solve::random::{Design, normal_below, normal_quantile};
use crate::source::Span;

/// What is drawn, and how.
#[derive(Debug)]
pub(super) struct Draws {
    design: Design,
    /// For each bench.
    drawn: Vec<Vec<Drawn>>,
}

#[derive(Debug)]
struct Drawn {
    parameter: ParameterId,
    dimension: usize,
    uncertainty: Uncertainty,
    /// Computed from other parameters, and uncertain about that.
    follows: bool,
}

impl Draws {
    pub fn new(benches: &[Bench], ensemble: &Ensemble) -> Result<Draws, EnsembleError> {
        let mut dimensions: FxHashMap<Span, usize> = FxHashMap::default();
        let mut drawn = Vec::new();
        for bench in benches {
            let mut own = Vec::new();
            for (parameter, id) in bench.model.network().parameters.iter().zip(0u32..) {
                let Some(uncertainty) = parameter.uncertainty.filter(|_| parameter.role != Role::Count) else {
                    continue;
                };
                let next = dimensions.len();
                let dimension = *dimensions.entry(parameter.origin).or_insert(next);
                let follows = !matches!(parameter.value, Expr::Constant(_));
                own.push(Drawn { parameter: ParameterId(id), dimension, uncertainty, follows });
            }
            drawn.push(own);
        }
        let design = Design::new(ensemble.sampling, ensemble.seed, ensemble.members, dimensions.len())?;
        Ok(Draws { design, drawn })
    }

    /// How many numbers are drawn, given what is set.
    pub fn uncertain(&self, benches: &[Bench]) -> usize {
        let mut free: Vec<usize> = (self.drawn.iter().zip(benches))
            .flat_map(|(drawn, bench)| drawn.iter().filter(|d| !is_set(&bench.set, d.parameter)))
            .map(|drawn| drawn.dimension)
            .collect();
        free.sort_unstable();
        free.dedup();
        free.len()
    }

    /// The values of a bench's parameters in a member: those that are set, then those that are drawn.
    pub fn setting(&self, bench: usize, model: &Model, set: &Setting, member: u64) -> Setting {
        let mut setting = set.clone();
        for drawn in self.drawn.get(bench).into_iter().flatten() {
            if is_set(set, drawn.parameter) {
                continue;
            }
            let uncertainty = match drawn.follows {
                true => about(drawn.uncertainty, Parameters::new(model, &setting).get(drawn.parameter)),
                false => drawn.uncertainty,
            };
            setting.push((drawn.parameter, quantile(uncertainty, self.design.coordinate(member, drawn.dimension))));
        }
        setting
    }
}

fn is_set(set: &Setting, parameter: ParameterId) -> bool {
    set.iter().any(|(id, _)| *id == parameter)
}

/// The same uncertainty about another value.
fn about(uncertainty: Uncertainty, value: f64) -> Uncertainty {
    match uncertainty {
        Uncertainty::LogNormal { ln_sd, .. } => Uncertainty::LogNormal { median: value, ln_sd },
        Uncertainty::Normal { sd, .. } => Uncertainty::Normal { mean: value, sd },
        Uncertainty::Uniform { .. } => uncertainty,
    }
}

/// The value below which a share `u` in (0, 1) of the distribution lies.
fn quantile(uncertainty: Uncertainty, u: f64) -> f64 {
    match uncertainty {
        Uncertainty::LogNormal { median, ln_sd } => median * libm::exp(ln_sd * normal_quantile(u)),
        Uncertainty::Normal { mean, sd } if mean < 0.0 => -quantile(Uncertainty::Normal { mean: -mean, sd }, 1.0 - u),
        Uncertainty::Normal { mean, sd } => {
            // Nothing is cut off around zero itself.
            let below = if mean > 0.0 { normal_below(-mean / sd) } else { 0.0 };
            let value = mean + sd * normal_quantile(below + u * (1.0 - below));
            if mean > 0.0 { value.max(0.0) } else { value }
        }
        Uncertainty::Uniform { low, high } => low + (high - low) * u,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_keep_to_the_support() {
        let wide = Uncertainty::Normal { mean: 1.0, sd: 3.0 };
        let all: Vec<f64> = (1..1000).map(|i| quantile(wide, f64::from(i) / 1000.0)).collect();
        assert!(all.windows(2).all(|w| w[0] < w[1]) && all[0] > 0.0);
        let mirrored = Uncertainty::Normal { mean: -1.0, sd: 3.0 };
        assert_eq!(quantile(mirrored, 0.75), -quantile(wide, 0.25));
        let narrow = quantile(Uncertainty::Normal { mean: 10.0, sd: 1.0 }, 0.975);
        assert!((narrow - 11.959_964).abs() < 1e-6, "{narrow}");
        assert!((quantile(Uncertainty::Normal { mean: 0.0, sd: 1.0 }, 0.025) + 1.959_964).abs() < 1e-6);
        let fold = Uncertainty::LogNormal { median: 2.0, ln_sd: 3f64.ln() / 1.959_964 };
        assert!((quantile(fold, 0.975) - 6.0).abs() < 1e-6 && (quantile(fold, 0.5) - 2.0).abs() < 1e-15);
        assert_eq!(quantile(Uncertainty::Uniform { low: -1.0, high: 3.0 }, 0.25), 0.0);
    }
}
