//! Declarations: everything that may stand in a file, a pathway, a cell or a model.

use super::{Claim, Drug, Evidence, Experiment, Expr, Name, Observable, Path, Perturbation, Process, Ref, Text, Value};
use crate::source::Span;

/// One declaration with its `///` lines. Where a kind of item may stand (`place` only in a model, say) has been
/// checked by the parser.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub docs: Option<Text>,
    pub kind: ItemKind,
    /// From the keyword to the end; without the docs.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// Text that was no item; a diagnostic has been given.
    Error,
    Use(Use),
    Source(Source),
    Unit(UnitDeclaration),
    Param(Param),
    Function(Function),
    Let(Let),
    Input(Input),
    Change(Change),
    When(When),
    Compartment(Compartment),
    Species(Species),
    Complex(Complex),
    Vesicle(Vesicle),
    Process(Process),
    Pathway(Block),
    Hypothesis(Block),
    Cell(Cell),
    Model(Block),
    For(For),
    Include(Include),
    Set(Set),
    Assume(Assume),
    Place(Place),
    Perturbation(Perturbation),
    Drug(Drug),
    Experiment(Experiment),
    Claim(Claim),
    Observable(Observable),
}

/// `use std.release.rab27`, or `use std.release.rab27.{Rab27a, Rab27b}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// All before the brace.
    pub path: Path,
    /// The names in braces; `None` without braces.
    pub names: Option<Vec<Name>>,
}

/// `source review = "…"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub name: Name,
    pub text: Text,
}

/// `unit dose = 10 uM`.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitDeclaration {
    pub name: Name,
    pub value: Expr,
}

/// `param k: 1/time = 0.2 / min within 3 fold assumed`, `param g_P required`.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub name: Name,
    /// An expression over names of dimensions: `1/time`, `amount / volume / time`.
    pub dimension: Option<Expr>,
    /// `None` for `required`.
    pub value: Option<Value>,
}

/// `fn hill(x, half, n) = x^n / (half^n + x^n)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub name: Name,
    pub parameters: Vec<Name>,
    pub body: Expr,
}

/// `let ratio = CD63@ILV / ILV`.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    pub name: Name,
    pub value: Expr,
}

/// `input pH = 7.4`: a condition that experiments may set.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub name: Name,
    pub value: Value,
}

/// `change pH by -0.01 / min`: a rate rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub target: Ref,
    pub by: Expr,
}

/// `when [Ca] > 1 uM after 5 s { Ca_pump = 2 fold }`.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    pub condition: Expr,
    pub after: Option<Expr>,
    pub assignments: Vec<Assignment>,
}

/// `x = expr` in the braces of a `when`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    pub target: Ref,
    pub value: Expr,
    pub span: Span,
}

/// A name with the spelling that readers know: `miR21 "miR-21"`.
#[derive(Clone, Debug, PartialEq)]
pub struct NameAlias {
    pub name: Name,
    pub alias: Option<Text>,
}

/// `compartment cytosol = 2 pL in medium`.
#[derive(Clone, Debug, PartialEq)]
pub struct Compartment {
    pub name: NameAlias,
    /// A volume or an area.
    pub size: Value,
    pub placement: Placement,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Placement {
    /// Nothing written: an outermost place.
    Outermost,
    /// `in medium`.
    In(Ref),
    /// `between cytosol and medium`, in this order.
    Between(Ref, Ref),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeciesRole {
    Machinery,
    Cargo,
    Species,
}

/// `machinery A, B "bee" = 20_000 copies in cytosol { gdp 60 %, gtp 40 % } assumed`.
#[derive(Clone, Debug, PartialEq)]
pub struct Species {
    pub role: SpeciesRole,
    /// Never empty; all alike.
    pub names: Vec<NameAlias>,
    /// What is written after `=`, with the uncertainty and evidence wherever they stood.
    pub amount: Option<Value>,
    /// Evidence of a declaration that gives no amount.
    pub evidence: Option<Evidence>,
    /// May be empty.
    pub places: Vec<Ref>,
    /// `, fixed`: where.
    pub fixed: Option<Span>,
    /// Exclusive states; may be empty.
    pub states: Vec<State>,
}

/// `gdp 60 %` in the braces of a molecule or after `states` of a vesicle.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub name: Name,
    /// The initial share.
    pub share: Option<Expr>,
    /// `states escrt { diameter 60 nm }`; only vesicles have it.
    pub diameter: Option<Diameter>,
}

/// `complex AB = A + 2 B`, `complex AB = A + 2 B, 100 copies in cytosol assumed`.
#[derive(Clone, Debug, PartialEq)]
pub struct Complex {
    pub name: NameAlias,
    /// Never empty.
    pub composition: Vec<super::Term>,
    pub amount: Option<Value>,
    /// Evidence of a declaration that gives no amount.
    pub evidence: Option<Evidence>,
    /// May be empty.
    pub places: Vec<Ref>,
}

/// `vesicle MVB = 50 copies in cytosol { states early, docked; diameter 500 nm }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Vesicle {
    pub name: NameAlias,
    pub amount: Option<Value>,
    /// Evidence of a declaration that gives no amount.
    pub evidence: Option<Evidence>,
    /// May be empty.
    pub places: Vec<Ref>,
    /// May be empty.
    pub states: Vec<State>,
    pub diameter: Option<Diameter>,
}

/// `diameter 80 nm ± 25 nm, 30 nm .. 150 nm`: how the members of a population differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Diameter {
    pub mean: Expr,
    /// Standard deviation between members.
    pub spread: Option<Expr>,
    /// Smallest and largest.
    pub range: Option<(Expr, Expr)>,
    pub evidence: Option<Evidence>,
    pub span: Span,
}

/// A named set of items: `pathway`, `hypothesis`, `model`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub name: Name,
    pub items: Vec<Item>,
}

/// `cell MCF7 like HeLa { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub name: NameAlias,
    pub like: Option<Path>,
    pub items: Vec<Item>,
}

/// `for Rab in Rab27a, Rab27b { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    pub variable: Name,
    /// Never empty.
    pub over: Vec<Path>,
    pub items: Vec<Item>,
}

/// `include dish`, `include std.release.rab27, std.uptake.engulfment`. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Include {
    pub paths: Vec<Path>,
}

/// `set k_dock = 0.03 / min cites …`, or `set k_raft 1.5 fold`.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    pub target: Ref,
    pub kind: SetKind,
    pub value: Value,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// With `=`: the new value (a bare fold then means that many times the old one).
    To,
    /// Without `=`: times the old value.
    Scale,
}

/// `assume arl8_degrades`: switches a hypothesis on.
#[derive(Clone, Debug, PartialEq)]
pub struct Assume {
    pub hypothesis: Path,
    pub span: Span,
}

/// `place donor: HeLa, 1e6 cells in medium`.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub name: Name,
    pub cell: Path,
    pub count: Expr,
    pub within: Ref,
}

impl ItemKind {
    /// The word that begins it; empty for [`ItemKind::Error`].
    pub fn keyword(&self) -> &'static str {
        match self {
            ItemKind::Error => "",
            ItemKind::Use(_) => "use",
            ItemKind::Source(_) => "source",
            ItemKind::Unit(_) => "unit",
            ItemKind::Param(_) => "param",
            ItemKind::Function(_) => "fn",
            ItemKind::Let(_) => "let",
            ItemKind::Input(_) => "input",
            ItemKind::Change(_) => "change",
            ItemKind::When(_) => "when",
            ItemKind::Compartment(_) => "compartment",
            ItemKind::Species(species) => species.role.keyword(),
            ItemKind::Complex(_) => "complex",
            ItemKind::Vesicle(_) => "vesicle",
            ItemKind::Process(_) => "process",
            ItemKind::Pathway(_) => "pathway",
            ItemKind::Hypothesis(_) => "hypothesis",
            ItemKind::Cell(_) => "cell",
            ItemKind::Model(_) => "model",
            ItemKind::For(_) => "for",
            ItemKind::Include(_) => "include",
            ItemKind::Set(_) => "set",
            ItemKind::Assume(_) => "assume",
            ItemKind::Place(_) => "place",
            ItemKind::Perturbation(perturbation) => perturbation.kind.keyword(),
            ItemKind::Drug(_) => "drug",
            ItemKind::Experiment(_) => "experiment",
            ItemKind::Claim(_) => "claim",
            ItemKind::Observable(_) => "observable",
        }
    }
}

impl SpeciesRole {
    pub fn keyword(self) -> &'static str {
        match self {
            SpeciesRole::Machinery => "machinery",
            SpeciesRole::Cargo => "cargo",
            SpeciesRole::Species => "species",
        }
    }
}
