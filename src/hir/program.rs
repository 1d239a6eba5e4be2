//! What is declared where: every declaration of every module with its tree, its id and its place in the nest of names.
//!
//! Invariants: ids are positions in the tables here and, after lowering, in those of the [`Hir`](super::Hir), which
//! has the same order. A declaration inside `for` is there once for each value, with the same tree and its own site.
//! Deliberately absent: values and dimensions (found on demand, from the trees kept here).

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ids::*;
use super::{Decl, GroupKind, MoleculeKind, Position, VesicleHome};
use crate::source::{FileId, Span};
use crate::syntax::ast;

/// A declaration: its tree and where it stands.
#[derive(Clone, Debug)]
pub struct Declared<T> {
    pub ast: T,
    /// As messages and results show it; a process has its `of X` here.
    pub name: SmolStr,
    pub doc: String,
    pub module: ModuleId,
    /// Where the names inside it are looked up.
    pub site: SiteId,
    /// Of the name.
    pub span: Span,
}

/// The two ways to declare a molecule.
#[derive(Clone, Copy, Debug)]
pub enum MoleculeAst<'a> {
    /// One of the names of a declaration.
    Species(&'a ast::Species, &'a ast::NameAlias),
    Complex(&'a ast::Complex),
}

impl<'a> MoleculeAst<'a> {
    pub fn alias(&self) -> Option<String> {
        let name = match self {
            MoleculeAst::Species(_, name) => name,
            MoleculeAst::Complex(complex) => &complex.name,
        };
        name.alias.as_ref().map(|a| a.text.to_string())
    }

    pub fn amount(&self) -> Option<&'a ast::Value> {
        match self {
            MoleculeAst::Species(species, _) => species.amount.as_ref(),
            MoleculeAst::Complex(complex) => complex.amount.as_ref(),
        }
    }

    pub fn places(&self) -> &'a [ast::Ref] {
        match self {
            MoleculeAst::Species(species, _) => &species.places,
            MoleculeAst::Complex(complex) => &complex.places,
        }
    }

    /// That of a declaration that gives no amount.
    pub fn evidence(&self) -> Option<&'a ast::Evidence> {
        match self {
            MoleculeAst::Species(species, _) => species.evidence.as_ref(),
            MoleculeAst::Complex(complex) => complex.evidence.as_ref(),
        }
    }

    pub fn states(&self) -> &'a [ast::State] {
        match self {
            MoleculeAst::Species(species, _) => &species.states,
            MoleculeAst::Complex(_) => &[],
        }
    }

    pub fn kind(&self) -> MoleculeKind {
        match self {
            MoleculeAst::Complex(_) => MoleculeKind::Complex,
            MoleculeAst::Species(species, _) => match species.role {
                ast::SpeciesRole::Machinery => MoleculeKind::Machinery,
                ast::SpeciesRole::Cargo => MoleculeKind::Cargo,
                ast::SpeciesRole::Species => MoleculeKind::Species,
            },
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Def {
    Module(ModuleId),
    Group(GroupId),
    Compartment(CompartmentId),
    Molecule(MoleculeId),
    Vesicle(VesicleId),
    Param(ParamId),
    Let(LetId),
    Input(InputId),
    Function(FunctionId),
    Unit(UserUnitId),
    Source(SourceId),
    Process(ProcessId),
    Observable(ObservableId),
    Perturbation(PerturbationId),
    Drug(DrugId),
    Experiment(ExperimentId),
    /// `place donor: …` of a model: position in [`DeclaredGroup::places`].
    Placed(GroupId, u32),
    /// An import that could not be had; reported already.
    Missing,
}

impl Def {
    /// As in "a molecule", without the article.
    pub fn noun(self) -> &'static str {
        match self {
            Def::Module(_) => "module",
            Def::Group(_) => "group of declarations",
            Def::Compartment(_) => "compartment",
            Def::Molecule(_) => "molecule",
            Def::Vesicle(_) => "vesicle class",
            Def::Param(_) => "parameter",
            Def::Let(_) => "definition (`let`)",
            Def::Input(_) => "input",
            Def::Function(_) => "function",
            Def::Unit(_) => "unit",
            Def::Source(_) => "source of citations",
            Def::Process(_) => "process",
            Def::Observable(_) => "observable",
            Def::Perturbation(_) => "perturbation",
            Def::Drug(_) => "drug",
            Def::Experiment(_) => "experiment",
            Def::Placed(..) => "placed cell",
            Def::Missing => "missing import",
        }
    }
}

impl Decl {
    /// What a name would stand for; rules and events have none.
    pub fn named(self) -> Option<Def> {
        Some(match self {
            Decl::Compartment(id) => Def::Compartment(id),
            Decl::Molecule(id) => Def::Molecule(id),
            Decl::Vesicle(id) => Def::Vesicle(id),
            Decl::Param(id) => Def::Param(id),
            Decl::Let(id) => Def::Let(id),
            Decl::Input(id) => Def::Input(id),
            Decl::Process(id) => Def::Process(id),
            Decl::Observable(id) => Def::Observable(id),
            Decl::Rule(_) | Decl::Event(_) => return None,
        })
    }
}

/// Names of different kinds that can't be mixed up may be alike: a process `secretion`, an observable `secretion` and
/// an experiment `secretion` get along.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Space {
    Thing,
    Process,
    Observable,
    Experiment,
}

/// A name in a site.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub def: Def,
    /// Where it got that name: the declaration, or the `use`.
    pub span: Span,
    pub imported: bool,
}

/// A nest of names: a file, a group in it, or one round of a `for`.
#[derive(Clone, Debug)]
pub struct Site {
    pub parent: Option<SiteId>,
    pub module: ModuleId,
    /// The group whose declarations stand here; a round of a `for` has that of what it stands in.
    pub group: GroupId,
    pub names: FxHashMap<(Space, SmolStr), Entry>,
    /// The sites of all groups included here, also by way of others.
    pub included: Vec<SiteId>,
}

#[derive(Clone, Debug)]
pub struct DeclaredModule<'a> {
    /// `std.cells.HeLa`, or the file's name for the root.
    pub path: String,
    pub file: FileId,
    pub ast: &'a ast::Ast,
    pub site: SiteId,
    pub group: GroupId,
}

/// A pathway, hypothesis, cell, model or file as declared.
#[derive(Clone, Debug)]
pub struct DeclaredGroup<'a> {
    pub name: SmolStr,
    pub kind: GroupKind,
    pub site: SiteId,
    pub members: Vec<Decl>,
    pub includes: Vec<(GroupId, Span)>,
    /// Something that it includes could not be found; reported already.
    pub incomplete: bool,
    /// In order, with the site of each (a `for` may hold some).
    pub sets: Vec<(&'a ast::Set, SiteId)>,
    pub assumes: Vec<(GroupId, Span)>,
    /// `place`, of a model.
    pub places: Vec<&'a ast::Place>,
    pub doc: String,
    pub module: ModuleId,
    /// Of the name.
    pub span: Span,
}

/// Where things lie; filled before any expression is looked at.
#[derive(Clone, Debug, Default)]
pub struct Geometry {
    /// By compartment.
    pub positions: Vec<Position>,
    /// By compartment: membranes between it and the outside.
    pub depths: Vec<u32>,
    /// By molecule.
    pub places: Vec<Vec<CompartmentId>>,
    /// By vesicle class.
    pub homes: Vec<Vec<VesicleHome>>,
}

impl Geometry {
    pub fn position(&self, id: CompartmentId) -> Position {
        self.positions.get(id.index()).copied().unwrap_or(Position::Outermost)
    }

    pub fn is_membrane(&self, id: CompartmentId) -> bool {
        matches!(self.position(id), Position::Between { .. })
    }

    pub fn depth(&self, id: CompartmentId) -> u32 {
        self.depths.get(id.index()).copied().unwrap_or(0)
    }

    pub fn places(&self, id: MoleculeId) -> &[CompartmentId] {
        self.places.get(id.index()).map_or(&[], Vec::as_slice)
    }

    pub fn homes(&self, id: VesicleId) -> &[VesicleHome] {
        self.homes.get(id.index()).map_or(&[], Vec::as_slice)
    }
}

/// Everything declared in all modules of a compilation.
#[derive(Default)]
pub struct Program<'a> {
    /// So many modules come first whose models, experiments and claims are taken in.
    pub roots: usize,
    pub modules: Vec<DeclaredModule<'a>>,
    pub module_by_path: FxHashMap<String, ModuleId>,
    pub sites: Vec<Site>,
    pub groups: Vec<DeclaredGroup<'a>>,
    pub compartments: Vec<Declared<&'a ast::Compartment>>,
    pub molecules: Vec<Declared<MoleculeAst<'a>>>,
    pub vesicles: Vec<Declared<&'a ast::Vesicle>>,
    pub params: Vec<Declared<&'a ast::Param>>,
    pub lets: Vec<Declared<&'a ast::Let>>,
    pub inputs: Vec<Declared<&'a ast::Input>>,
    pub functions: Vec<Declared<&'a ast::Function>>,
    pub units: Vec<Declared<&'a ast::UnitDeclaration>>,
    pub sources: Vec<Declared<&'a ast::Source>>,
    pub processes: Vec<Declared<&'a ast::Process>>,
    pub rules: Vec<Declared<&'a ast::Change>>,
    pub events: Vec<Declared<&'a ast::When>>,
    pub observables: Vec<Declared<&'a ast::Observable>>,
    pub perturbations: Vec<Declared<&'a ast::Perturbation>>,
    pub drugs: Vec<Declared<&'a ast::Drug>>,
    /// Of the root files.
    pub experiments: Vec<Declared<&'a ast::Experiment>>,
    /// Of the root files.
    pub claims: Vec<Declared<&'a ast::Claim>>,
    pub geometry: Geometry,
}

impl<'a> Program<'a> {
    /// Whether the models, experiments and claims of a module are taken in.
    pub fn is_root(&self, module: ModuleId) -> bool {
        module.index() < self.roots
    }

    pub fn site(&self, id: SiteId) -> Option<&Site> {
        self.sites.get(id.index())
    }

    pub fn group(&self, id: GroupId) -> Option<&DeclaredGroup<'a>> {
        self.groups.get(id.index())
    }

    /// Names of a molecule's states; empty if it has none.
    pub fn molecule_states(&self, id: MoleculeId) -> &'a [ast::State] {
        self.molecules.get(id.index()).map_or(&[], |m| m.ast.states())
    }

    /// Names of a vesicle class's states; empty if it has none.
    pub fn vesicle_states(&self, id: VesicleId) -> &'a [ast::State] {
        self.vesicles.get(id.index()).map_or(&[], |v| &v.ast.states)
    }

    /// The name of what is declared, and where.
    pub fn name_of(&self, def: Def) -> Option<(&SmolStr, Span)> {
        fn of<T>(table: &[Declared<T>], at: usize) -> Option<(&SmolStr, Span)> {
            table.get(at).map(|d| (&d.name, d.span))
        }
        match def {
            Def::Module(id) => {
                self.modules.get(id.index()).and_then(|m| self.group(m.group)).map(|g| (&g.name, g.span))
            }
            Def::Group(id) => self.group(id).map(|g| (&g.name, g.span)),
            Def::Compartment(id) => of(&self.compartments, id.index()),
            Def::Molecule(id) => of(&self.molecules, id.index()),
            Def::Vesicle(id) => of(&self.vesicles, id.index()),
            Def::Param(id) => of(&self.params, id.index()),
            Def::Let(id) => of(&self.lets, id.index()),
            Def::Input(id) => of(&self.inputs, id.index()),
            Def::Function(id) => of(&self.functions, id.index()),
            Def::Unit(id) => of(&self.units, id.index()),
            Def::Source(id) => of(&self.sources, id.index()),
            Def::Process(id) => of(&self.processes, id.index()),
            Def::Observable(id) => of(&self.observables, id.index()),
            Def::Perturbation(id) => of(&self.perturbations, id.index()),
            Def::Drug(id) => of(&self.drugs, id.index()),
            Def::Experiment(id) => of(&self.experiments, id.index()),
            Def::Missing => None,
            Def::Placed(group, at) => {
                let place = self.group(group)?.places.get(at as usize)?;
                Some((&place.name.text, place.name.span))
            }
        }
    }

    /// `a molecule`, `a pathway`: what kind of thing it is.
    pub fn describe(&self, def: Def) -> &'static str {
        let Def::Group(id) = def else {
            return def.noun();
        };
        match self.group(id).map(|g| g.kind) {
            Some(GroupKind::File) => "file",
            Some(GroupKind::Pathway) => "pathway",
            Some(GroupKind::Hypothesis) => "hypothesis",
            Some(GroupKind::Cell { .. }) => "cell",
            Some(GroupKind::Model) => "model",
            None => def.noun(),
        }
    }
}
