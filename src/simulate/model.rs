//! A network together with what computes it.

use super::clock::{Clock, Turn};
use super::error::{Culprit, Problem, SimulationError, significant};
use super::factors::Factors;
use super::parameters::Parameters;
use super::whole_step::WholeStep;
use crate::codegen::{CompiledModel, Engine};
use crate::kernel::{self, Part};
use crate::network::{Expr, Network, Place, PlaceKind, SpeciesKind};
use crate::solve::linear::{LaneSolver, LinearSolver, Suited};
use crate::solve::{NEGLIGIBLE, RODAS5P, SparsePattern, Tableau};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// A network and its code, ready to run.
#[derive(Debug)]
pub struct Model {
    network: Network,
    code: CompiledModel,
    pattern: SparsePattern,
    autonomous: bool,
    /// Made when first needed.
    suited: OnceLock<Suited>,
    /// As well; none where loops serve better.
    factors: OnceLock<Option<Arc<Factors>>>,
    /// Made when enough steps were taken; none where the model is too large, or reads the clock.
    whole_step: OnceLock<Option<WholeStep>>,
    steps: AtomicU32,
    clock: Clock,
}

/// After so many steps a program for whole ones is made: what it would have saved them is about what its compilation takes,
/// 10 to 20 ms (`cargo bench --bench ode`).
const STEPS_BEFORE_WHOLE: u32 = 20_000;

impl Model {
    /// Lowers, differentiates and compiles a network.
    pub fn new(network: Network, engine: Engine) -> Model {
        let kernel = kernel::Model::new(&network);
        let sparsity = kernel.sparsity();
        let columns = sparsity.column_starts.windows(2).enumerate();
        let entries = columns.flat_map(|(column, ends)| {
            let rows = sparsity.rows.get(ends[0]..ends[1]).unwrap_or_default();
            rows.iter().map(move |&row| (row, column))
        });
        // The kernel's order is the same: columns ascending, rows ascending within, the diagonal present.
        let pattern = SparsePattern::from_entries(sparsity.size(), entries);
        let autonomous = kernel.program(Part::TimeDerivative).is_zero();
        let code = CompiledModel::new(kernel, engine);
        let clock = Clock::of(&network);
        Model {
            code,
            network,
            pattern,
            autonomous,
            suited: OnceLock::new(),
            factors: OnceLock::new(),
            whole_step: OnceLock::new(),
            steps: AtomicU32::new(0),
            clock,
        }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn code(&self) -> &CompiledModel {
        &self.code
    }

    /// The amounts that follow from parameters at time 0, one for each species.
    pub fn initial_amounts(&self, parameters: &Parameters) -> Vec<f64> {
        self.kernel().initial_state(parameters.values())
    }

    /// Whether a species is an amount of something or the size of a place, not a condition such as a pH: it can't be
    /// negative.
    pub(super) fn is_amount(&self, species: usize) -> bool {
        self.network.species.get(species).is_some_and(|s| s.kind != SpeciesKind::Condition || s.place.is_some())
    }

    /// The place whose size is that species.
    pub(super) fn place_of_size(&self, species: usize) -> Option<&Place> {
        let declared = self.network.species.get(species).filter(|s| s.kind == SpeciesKind::Condition)?;
        self.network.places.get(declared.place?.index())
    }

    /// Why nothing can run with these parameters: a place without room, or a process that would go backwards.
    pub fn refusal(&self, parameters: &Parameters) -> Option<SimulationError> {
        let refused = |problem, span| {
            let culprit = Some(Box::new(Culprit { species: String::new(), processes: Vec::new(), span }));
            Some(SimulationError { time: 0.0, problem, culprit })
        };
        for place in &self.network.places {
            let Expr::Parameter(size) = place.size else { continue };
            let size = parameters.get(size);
            if size.is_nan() || size <= 0.0 {
                let (unit, place_name) = (if place.kind == PlaceKind::Volume { "µm³" } else { "µm²" }, &place.name);
                let (place_name, size) = (place_name.clone(), format!("{} {unit}", significant(size)));
                return refused(Problem::NoRoom { place: place_name, size }, place.span);
            }
        }
        for &(coefficient, process) in &self.network.coefficients {
            let value = parameters.get(coefficient);
            let named = (self.network.processes.get(process.index()), self.network.parameters.get(coefficient.index()));
            if let (true, (Some(process), Some(parameter))) = (value < 0.0, named) {
                let value = format!("{} {}", significant(value / parameter.unit.factor), parameter.unit.symbol);
                let (parameter, name) = (parameter.name.clone(), process.name.clone());
                return refused(Problem::Backwards { process: name, parameter, value }, process.span);
            }
        }
        None
    }

    /// Takes amounts below zero, which are so by less than the tolerance, and vanishing ones for none: as the rates do, and as people
    /// should see them.
    pub(super) fn without_negatives(&self, state: &mut [f64]) {
        for (i, amount) in state.iter_mut().enumerate() {
            if *amount <= NEGLIGIBLE && self.is_amount(i) {
                *amount = 0.0;
            }
        }
    }

    pub(super) fn kernel(&self) -> &kernel::Model {
        self.code.model()
    }

    /// Whether no rate depends on the time.
    pub(super) fn is_autonomous(&self) -> bool {
        self.autonomous
    }

    fn suited(&self) -> &Suited {
        self.suited.get_or_init(|| Suited::new(&self.pattern))
    }

    fn factors(&self) -> Option<&Arc<Factors>> {
        let of = || match self.suited() {
            Suited::Static(symbolic) => Factors::of(symbolic, &self.pattern, self.code.engine()),
            Suited::DenseTail(_) => None,
        };
        self.factors.get_or_init(of).as_ref()
    }

    /// The program of a whole step of the implicit method that small models use, once it is worth having: `steps` are those
    /// that are about to be taken.
    pub(super) fn whole_step(&self, tableau: &'static Tableau, steps: u32) -> Option<&WholeStep> {
        if let Some(made) = self.whole_step.get() {
            return made.as_ref();
        }
        let is_early = self.steps.fetch_add(steps, Ordering::Relaxed) < STEPS_BEFORE_WHOLE;
        if is_early || !std::ptr::eq(tableau, &RODAS5P) {
            return None;
        }
        let of = || match self.suited() {
            Suited::Static(symbolic) if self.autonomous && self.code.engine() == Engine::Native => {
                WholeStep::of(self.kernel(), symbolic, tableau, |species| self.is_amount(species))
            }
            _ => None,
        };
        self.whole_step.get_or_init(of).as_ref()
    }

    /// What solves with the matrix of an implicit method.
    pub(super) fn solver(&self) -> Box<dyn LinearSolver> {
        self.factors().map_or_else(|| self.suited().solver(), Factors::solver)
    }

    /// What solves with those of several lanes, with the same bits.
    pub(super) fn lane_solver<const W: usize>(&self) -> LaneSolver<W> {
        if W == 1 { LaneSolver::Each(vec![self.solver()]) } else { self.suited().lane_solver() }
    }

    /// Who runs the programs, factors and solves, and why: lines of text.
    pub fn explain(&self) -> String {
        let factors = match (self.factors(), self.suited()) {
            (Some(factors), _) => factors.explain(),
            (None, Suited::Static(symbolic)) => {
                let (factor, solution) = symbolic.work();
                format!("loops over the entries, {} multiplications for both", factor + solution)
            }
            (None, Suited::DenseTail(_)) => "loops over the entries, and a dense block where they fill".to_owned(),
        };
        format!("{}{:<16} {factors}\n", self.code.explain(), "factorisation")
    }

    /// The first turn of the clock after `from` and before `end`.
    pub(super) fn next_turn(&self, parameters: &[f64], from: f64, end: f64) -> Option<Turn> {
        self.clock.next(&self.network, parameters, from, end)
    }

    /// The rate of each reaction in firings per second, then of each rule, at time 0.
    pub fn rates(&self, species: &[f64], parameters: &Parameters) -> Vec<f64> {
        self.kernel().rates.evaluate(0.0, species, parameters.values())
    }

    pub(super) fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }
}
