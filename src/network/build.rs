//! From a checked program to a network: the order in which things are made.
//!
//! Places first; then everything is asked for by what refers to it: parameters by the numbers that use them, pools by
//! initial amounts, processes and what vesicles carry. Pools are closed under transport before any rate is written,
//! so that a sum over pools has all of them.

use rustc_hash::{FxHashMap, FxHashSet};
use thiserror::Error;

use super::facts::Facts;
use super::pools::Pools;
use super::vesicles::Traffic;
use super::{
    CellId, DefinitionId, Expr, Network, ParameterId, PlaceId, Process, ProcessId, SpeciesId, Values, conservation,
    plan::Plan,
};
use crate::diagnostics::Diagnostic;
use crate::hir::model::Model;
use crate::hir::{self, CompartmentId, Decl, DrugId, Hir, MoleculeId, ScopeId};
use crate::source::Span;

/// What building gives.
#[derive(Clone, Debug, Default)]
pub struct Built {
    pub network: Network,
    /// Notes on what the mean field can't say exactly.
    pub notes: Vec<Diagnostic>,
    /// The experiments that have an arm on this network.
    pub experiments: Vec<Plan>,
    /// Uncertain numbers that went into the network, or its plans, with their nominal value and can't be drawn.
    pub kept: Vec<Kept>,
}

/// An uncertain number of which only the nominal value is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// In words: `the diameter of ILV.early`.
    pub name: String,
    pub span: Span,
}

/// Why no network could be made: a gap in what checking promises, never a user's mistake.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BuildError {
    #[error("the program has no model {0}")]
    NoModel(usize),
    #[error("`{name}` is used by a cell that doesn't have it")]
    Missing { name: String, span: Span },
    #[error("`{name}` is defined by itself")]
    Circular { name: String, span: Span },
    #[error("vesicles would lie inside one another without end")]
    Nesting { span: Span },
    #[error("an expression was not understood")]
    Unresolved { span: Span },
}

pub(super) type Result<T> = std::result::Result<T, BuildError>;

/// From where pools are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// A cell, with the places it shares; or what cells share alone.
    Cell(ScopeId),
    /// All cells.
    Experiment,
}

/// Makes the network of one model and the plans of its experiments.
pub fn build(hir: &Hir, model: usize) -> std::result::Result<Built, BuildError> {
    let elaborated = hir.models.get(model).ok_or(BuildError::NoModel(model))?;
    let mut builder = Builder::new(hir, elaborated, model);
    builder.facts = Facts::of(&builder);
    builder.make_places()?;
    builder.track_sizes();
    builder.measure_vesicles()?;
    builder.follow_areas();
    builder.seed_pools()?;
    builder.seed_additions()?;
    builder.register_processes()?;
    builder.close_pools()?;
    builder.write_initial_areas();
    builder.write_reactions()?;
    builder.write_traffic()?;
    builder.export_vesicles();
    builder.write_rules()?;
    builder.write_events()?;
    builder.write_observables()?;
    builder.reveal_hidden();
    let experiments = builder.plan_experiments()?;
    let mut network = builder.network;
    network.conservation = conservation::laws(&network);
    Ok(Built { network, notes: builder.notes, experiments, kept: builder.kept })
}

/// What is under construction.
pub(super) struct Builder<'h> {
    pub hir: &'h Hir,
    pub model: &'h Model,
    pub index: usize,
    pub network: Network,
    pub notes: Vec<Diagnostic>,
    pub kept: Vec<Kept>,
    /// Observables without a name, to come behind the others.
    pub hidden: Vec<(Expr, Span)>,
    pub facts: Facts,
    pub pools: Pools,
    pub traffic: Traffic<'h>,
    pub reactions: Vec<super::reactions::Instance<'h>>,
    /// Parameters so far, at their unperturbed values.
    pub nominal: Values,
    pub places: FxHashMap<(ScopeId, CompartmentId), PlaceId>,
    /// The scope of each place, and all compartments that mean it: its own, and the exteriors bound to it.
    pub place_scopes: Vec<(ScopeId, Vec<CompartmentId>)>,
    /// The membrane around a volume, if declared.
    pub limiting: FxHashMap<PlaceId, PlaceId>,
    /// Of each class, each state.
    pub geometries: Vec<Vec<super::geometry::Geometry>>,
    /// Their distributions.
    pub diameters: Vec<Vec<super::individuals::Diameter>>,
    /// The variables of sizes that vary.
    pub varying_sizes: FxHashMap<PlaceId, SpeciesId>,
    /// Params, inputs and what else a name stands for, in each scope; `None` while it is being made.
    pub numbers: FxHashMap<(ScopeId, Number), Option<Expr>>,
    /// Numbers written in place that became parameters, told by where they are in the program.
    pub written: FxHashMap<(ScopeId, *const hir::Value), ParameterId>,
    pub lets: FxHashMap<(ScopeId, hir::LetId, bool), Option<DefinitionId>>,
    pub synthesis: FxHashMap<(ScopeId, MoleculeId), ParameterId>,
    pub relatives: FxHashMap<(ScopeId, Vec<SpeciesId>), Expr>,
    pub drugs: FxHashMap<DrugId, super::drugs::Concentration>,
    pub potencies: FxHashMap<(DrugId, usize), Expr>,
    pub activities: FxHashMap<(ScopeId, super::drugs::Target), Expr>,
    pub processes: FxHashMap<(ScopeId, hir::ProcessId), ProcessId>,
    names: FxHashSet<String>,
}

/// A named number of the source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Number {
    Param(hir::ParamId),
    Input(hir::InputId),
}

impl<'h> Builder<'h> {
    fn new(hir: &'h Hir, model: &'h Model, index: usize) -> Builder<'h> {
        Builder {
            hir,
            model,
            index,
            network: Network { name: model.name.to_string(), ..Network::default() },
            notes: Vec::new(),
            kept: Vec::new(),
            hidden: Vec::new(),
            facts: Facts::default(),
            pools: Pools::default(),
            traffic: Traffic::default(),
            reactions: Vec::new(),
            nominal: Values::default(),
            places: FxHashMap::default(),
            place_scopes: Vec::new(),
            limiting: FxHashMap::default(),
            geometries: Vec::new(),
            diameters: Vec::new(),
            varying_sizes: FxHashMap::default(),
            numbers: FxHashMap::default(),
            written: FxHashMap::default(),
            lets: FxHashMap::default(),
            synthesis: FxHashMap::default(),
            relatives: FxHashMap::default(),
            drugs: FxHashMap::default(),
            potencies: FxHashMap::default(),
            activities: FxHashMap::default(),
            processes: FxHashMap::default(),
            names: FxHashSet::default(),
        }
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = ScopeId> + use<> {
        (0..self.model.scopes.len() as u32).map(ScopeId)
    }

    pub(super) fn scope(&self, id: ScopeId) -> Option<&'h hir::model::Scope> {
        self.model.scopes.get(id.index())
    }

    /// Every declaration of every scope.
    pub(super) fn members(&self) -> Vec<(ScopeId, Decl)> {
        let scopes = self.model.scopes.iter().zip(0u32..);
        scopes.flat_map(|(scope, id)| scope.members.iter().map(move |decl| (ScopeId(id), *decl))).collect()
    }

    /// `donor.` for what belongs to a cell; nothing for what is shared.
    pub(super) fn scope_prefix(&self, id: ScopeId) -> String {
        match self.scope(id) {
            Some(scope) if scope.cell.is_some() => format!("{}.", scope.name),
            _ => String::new(),
        }
    }

    /// The scope that a declaration belongs to, as seen from another: there, among what is shared, or anywhere.
    pub(super) fn owner(&self, from: Option<ScopeId>, decl: Decl) -> ScopeId {
        let has = |id: ScopeId| self.scope(id).is_some_and(|scope| scope.members.contains(&decl));
        let near = from.into_iter().chain([ScopeId(0)]);
        near.chain(self.scopes()).find(|&id| has(id)).or(from).unwrap_or(ScopeId(0))
    }

    /// The scopes that a declaration means: that of a cell if one is said, otherwise all that have it.
    pub(super) fn owners(&self, said: Option<ScopeId>, decl: Decl) -> Vec<ScopeId> {
        let has = |id: &ScopeId| self.scope(*id).is_some_and(|scope| scope.members.contains(&decl));
        let all: Vec<ScopeId> = if said.is_none() { self.scopes().filter(has).collect() } else { Vec::new() };
        if all.is_empty() { vec![self.owner(said, decl)] } else { all }
    }

    pub(super) fn place_scope(&self, place: PlaceId) -> ScopeId {
        self.place_scopes.get(place.index()).map_or(ScopeId(0), |(scope, _)| *scope)
    }

    pub(super) fn is_compartment(&self, place: PlaceId, compartment: CompartmentId) -> bool {
        self.place_scopes.get(place.index()).is_some_and(|(_, same)| same.contains(&compartment))
    }

    pub(super) fn compartment_name(&self, place: PlaceId) -> &str {
        let first = self.place_scopes.get(place.index()).and_then(|(_, same)| same.first());
        first.and_then(|id| self.hir.compartments.get(id.index())).map_or("?", |c| c.name.as_str())
    }

    /// The place that a compartment is in some scope, or what it is bound to there.
    pub(super) fn place(&self, scope: ScopeId, compartment: CompartmentId) -> Result<PlaceId> {
        let shared = (ScopeId(0), compartment);
        let found = self.places.get(&(scope, compartment)).or_else(|| self.places.get(&shared));
        found.copied().ok_or_else(|| {
            let declared = self.hir.compartments.get(compartment.index());
            let name = declared.map(|c| c.name.to_string()).unwrap_or_default();
            BuildError::Missing { name, span: declared.map(|c| c.span).unwrap_or_default() }
        })
    }

    /// The number of cells of a scope; 1 for what is shared.
    pub(super) fn count(&self, scope: ScopeId) -> f64 {
        let Some(cell) = scope.index().checked_sub(1).filter(|_| self.is_cell(scope)) else { return 1.0 };
        let count = self.network.cells.get(cell).map(|cell| cell.count);
        count.and_then(|count| self.nominal.parameters.get(count.index()).copied()).unwrap_or(1.0)
    }

    pub(super) fn is_cell(&self, scope: ScopeId) -> bool {
        self.scope(scope).is_some_and(|s| s.cell.is_some())
    }

    pub(super) fn cell_id(&self, scope: ScopeId) -> Option<CellId> {
        self.is_cell(scope).then(|| CellId(scope.0.saturating_sub(1)))
    }

    /// The process in one cell, for reports.
    pub(super) fn process(&mut self, scope: ScopeId, id: hir::ProcessId) -> ProcessId {
        if let Some(process) = self.processes.get(&(scope, id)) {
            return *process;
        }
        let declared = self.hir.processes.get(id.index());
        let name = declared.map(|p| p.name.as_str()).unwrap_or_default();
        let name = format!("{}{name}", self.scope_prefix(scope));
        let cell = self.cell_id(scope);
        let made = ProcessId(self.network.processes.len() as u32);
        let span = declared.map(|p| p.span).unwrap_or_default();
        self.network.processes.push(Process { name, cell, span });
        self.processes.insert((scope, id), made);
        made
    }

    /// The name, told apart from others of the same spelling by its module, or else by a number.
    pub(super) fn unique(&mut self, name: String, module: Option<hir::ModuleId>) -> String {
        if self.names.insert(name.clone()) {
            return name;
        }
        let path = module.and_then(|id| self.hir.modules.get(id.index())).map(|module| module.path.as_str());
        let candidates = path.map(|path| format!("{name} ({path})")).into_iter();
        let mut candidates = candidates.chain((2..).map(|n: u32| format!("{name} ({n})")));
        candidates.find(|candidate| self.names.insert(candidate.clone())).unwrap_or(name)
    }
}
