//! What a name means where it is used.
//!
//! The seam between names and types. Every question takes the [`Context`], gives the answer or [`Reported`] after
//! having pushed the diagnostic itself. Names are looked up from the inside out: the rounds of `for`, the group,
//! what it includes, the file with its imports; in an experiment, then, all that its model contains; units at last.
//!
//! Who does what: names (`declare`, `resolve`, `topology`, `process`, `cells`, `elaborate`) calls `typing` and `value`
//! for what is in expressions; typing calls [`Context::resolve`] for what a name in one means. Params, lets and
//! inputs are typed on demand (`typing`), since any may refer to any other.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ids::*;
use super::program::{Def, Program};
use super::units::{UnitId, Units};
use super::{Decl, Pool};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::{SourceMap, Span};

/// In place of a value: there is none, and a diagnostic has been given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reported;

/// All messages of a check, and which imports have been of use.
#[derive(Debug, Default)]
pub struct Sink {
    pub diagnostics: Vec<Diagnostic>,
    /// The text itself was broken: things may be missing that were meant to be there.
    pub broken: bool,
    pub(super) used: rustc_hash::FxHashSet<(SiteId, SmolStr)>,
    pub(super) given: rustc_hash::FxHashSet<(Code, Option<Span>, String)>,
}

impl Sink {
    /// Takes a message, unless it has been given before: what stands in a `for`, a library or a perturbation is
    /// looked at once for each use.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.given.insert((diagnostic.code, diagnostic.span(), diagnostic.message.clone())) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether anything was wrong so far.
    pub fn has_errors(&self) -> bool {
        self.broken || self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// `sink.fail(report)?`.
    pub fn fail<T>(&mut self, diagnostic: Diagnostic) -> Result<T, Reported> {
        self.push(diagnostic);
        Err(Reported)
    }
}

/// What checking carries about.
pub struct Context<'p> {
    pub program: &'p Program<'p>,
    /// For what messages quote.
    pub sources: &'p SourceMap,
    pub library: &'p super::library::Library<'p>,
    pub units: Units,
    pub sink: Sink,
    /// What has been typed so far, each thing once.
    pub typed: super::typing::Typed,
    /// One for each of [`Hir::models`](super::Hir::models), once those are elaborated.
    pub models: Vec<ModelNames>,
}

impl Context<'_> {
    /// Asks without anything being said about a failure. Only for look-ups: what is typed meanwhile stays typed.
    pub fn quietly<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let said = self.sink.diagnostics.len();
        let answer = ask(self);
        let unsaid = self.sink.diagnostics.split_off(said.min(self.sink.diagnostics.len()));
        for diagnostic in unsaid {
            self.sink.given.remove(&(diagnostic.code, diagnostic.span(), diagnostic.message));
        }
        answer
    }
}

/// The names of an elaborated model.
#[derive(Clone, Debug, Default)]
pub struct ModelNames {
    pub things: FxHashMap<SmolStr, Vec<(Def, Vec<ScopeId>)>>,
    /// `donor`.
    pub scopes: FxHashMap<SmolStr, ScopeId>,
    /// Something of it could not be understood, so that names may be missing for that reason.
    pub incomplete: bool,
    /// Whether the model contains it, and in which scopes.
    pub members: FxHashMap<Decl, Vec<ScopeId>>,
}

/// A place of use.
#[derive(Clone, Copy, Debug)]
pub struct At<'l> {
    pub site: SiteId,
    /// Position in [`Context::models`], in experiments, treatments and claims.
    pub model: Option<usize>,
    /// Parameters of a function, variables of a sweep: they come first.
    pub locals: &'l [SmolStr],
}

impl At<'_> {
    pub fn site(site: SiteId) -> At<'static> {
        At { site, model: None, locals: &[] }
    }

    pub fn in_model(site: SiteId, model: usize) -> At<'static> {
        At { site, model: Some(model), locals: &[] }
    }
}

/// What a reference in an expression, a `set` or a treatment means.
#[derive(Clone, PartialEq, Debug)]
pub enum Referent {
    /// Position in [`At::locals`].
    Local(usize),
    Time,
    /// With the placed cell it is asked of, if one is named (`donor.k_dock`).
    Param(ParamId, Option<ScopeId>),
    Let(LetId, Option<ScopeId>),
    Input(InputId, Option<ScopeId>),
    /// A molecule or vesicle class, as far as the source says which pools of it.
    Pool(Pool),
    Compartment(CompartmentId, Option<ScopeId>),
    /// `ILV@medium / cell`: a unit standing for one of it.
    Unit(UnitId),
    UserUnit(UserUnitId),
    Observable(ObservableId, Option<ScopeId>),
    Process(ProcessId, Option<ScopeId>),
}

/// What `f(…)` calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callee {
    Declared(FunctionId),
    /// Position in the names given.
    Builtin(usize),
}

/// What the name of a treatment means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    Perturbation(PerturbationId),
    Drug(DrugId),
}
