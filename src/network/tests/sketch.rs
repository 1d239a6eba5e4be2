//! Checked programs made piece by piece, of one model.

use indexmap::{IndexMap, IndexSet};

use crate::hir::experiment::Experiment;
use crate::hir::model::{Model, PlacedCell, Scope};
use crate::hir::units::{Dimension, Unit};
use crate::hir::*;
use crate::source::Span;

/// A program with one model, whose members are all in the shared scope until [`Sketch::in_cells`].
pub struct Sketch {
    pub hir: Hir,
}

pub fn number(value: f64) -> Value {
    with_dimension(value, Dimension::NONE)
}

fn with_dimension(value: f64, dimension: Dimension) -> Value {
    Value {
        expr: Expr { kind: ExprKind::Number(value), dimension, unit: None, span: Span::default() },
        unit: Unit::default(),
        uncertainty: None,
        evidence: Evidence { assumed: true, citations: Vec::new() },
        span: Span::default(),
    }
}

pub fn home(place: CompartmentId) -> VesicleHome {
    VesicleHome::Compartment(place)
}

pub fn carried(by: VesicleId) -> VesicleHome {
    VesicleHome::Vesicle(by)
}

fn pool(what: Entity, at: Vec<Location>) -> Pool {
    Pool { what, state: None, at, scope: None, span: Span::default() }
}

fn vesicles(id: VesicleId) -> Pool {
    pool(Entity::Vesicle(id), Vec::new())
}

impl Sketch {
    pub fn new() -> Sketch {
        let scope = Scope { name: "".into(), cell: None, members: IndexSet::new(), sets: Vec::new() };
        let model = Model { name: "model".into(), scopes: vec![scope], span: Span::default() };
        Sketch { hir: Hir { models: vec![model], experiments: Vec::<Experiment>::new(), ..Hir::default() } }
    }

    fn member(&mut self, decl: Decl) {
        self.hir.models[0].scopes[0].members.insert(decl);
    }

    pub fn volume(&mut self, name: &str, size: f64, inside: Option<CompartmentId>) -> CompartmentId {
        self.compartment(name, size, inside.map_or(Position::Outermost, Position::Inside))
    }

    pub fn membrane(&mut self, name: &str, size: f64, inner: CompartmentId, outer: CompartmentId) -> CompartmentId {
        self.compartment(name, size, Position::Between { inner, outer })
    }

    fn compartment(&mut self, name: &str, size: f64, position: Position) -> CompartmentId {
        let id = CompartmentId(self.hir.compartments.len() as u32);
        self.hir.compartments.push(Compartment {
            name: name.into(),
            size: number(size),
            position,
            depth: 0,
            doc: String::new(),
            module: ModuleId(0),
            span: Span::default(),
        });
        self.member(Decl::Compartment(id));
        id
    }

    pub fn molecule(&mut self, name: &str, amount: f64, place: CompartmentId, membrane_bound: bool) -> MoleculeId {
        let id = MoleculeId(self.hir.molecules.len() as u32);
        self.hir.molecules.push(Molecule {
            name: name.into(),
            alias: None,
            kind: MoleculeKind::Cargo,
            amount: Some(with_dimension(amount, Dimension::AMOUNT)),
            places: vec![place],
            fixed: false,
            states: Vec::new(),
            composition: Vec::new(),
            membrane_bound,
            doc: String::new(),
            module: ModuleId(0),
            span: Span::default(),
        });
        self.member(Decl::Molecule(id));
        id
    }

    pub fn vesicle(&mut self, name: &str, amount: Option<f64>, places: &[VesicleHome], diameter: f64) -> VesicleId {
        let id = VesicleId(self.hir.vesicles.len() as u32);
        let diameter = Diameter { mean: number(diameter), sd: None, range: None };
        self.hir.vesicles.push(Vesicle {
            name: name.into(),
            amount: amount.map(|n| with_dimension(n, Dimension::AMOUNT)),
            places: places.to_vec(),
            states: vec![VesicleState { name: "".into(), diameter }],
            doc: String::new(),
            module: ModuleId(0),
            span: Span::default(),
        });
        self.member(Decl::Vesicle(id));
        id
    }

    fn process(&mut self, name: &str, kind: ProcessKind, law: Law) {
        let id = ProcessId(self.hir.processes.len() as u32);
        self.hir.processes.push(Process {
            name: name.into(),
            kind,
            law,
            turning: None,
            modifiers: Vec::new(),
            through: None,
            evidence: Evidence::default(),
            doc: String::new(),
            module: ModuleId(0),
            span: Span::default(),
        });
        self.member(Decl::Process(id));
    }

    fn each(&mut self, name: &str, kind: ProcessKind, k: f64) {
        self.process(name, kind, Law::PerVesicle { forward: number(k), reverse: None });
    }

    pub fn reaction(
        &mut self,
        name: &str,
        left: &[(MoleculeId, u32)],
        right: &[(MoleculeId, u32)],
        k: f64,
        back: Option<f64>,
    ) {
        let side = |side: &[(MoleculeId, u32)]| {
            side.iter().map(|&(id, n)| (pool(Entity::Molecule(id), Vec::new()), n)).collect()
        };
        let kind = ProcessKind::Reaction { left: side(left), right: side(right) };
        let law = Law::MassAction { forward: number(k), reverse: back.map(number), basis: Basis::Amounts };
        self.process(name, kind, law);
    }

    pub fn create(&mut self, name: &str, what: VesicleId, rate: f64) {
        self.process(name, ProcessKind::Create { what: vesicles(what) }, Law::Rate(number(rate)));
    }

    pub fn convert(&mut self, name: &str, from: VesicleId, to: VesicleId, k: f64) {
        self.each(name, ProcessKind::Convert { from: vesicles(from), to: vesicles(to) }, k);
    }

    pub fn bud_into(&mut self, name: &str, what: VesicleId, host: VesicleId, k: f64, cargo: &[MoleculeId]) {
        let from = Membrane::IntoVesicle(vesicles(host));
        self.each(name, ProcessKind::Bud { what: vesicles(what), from, capturing: captures(cargo) }, k);
    }

    pub fn bud_from(&mut self, name: &str, what: VesicleId, from: CompartmentId, rate: f64, cargo: &[MoleculeId]) {
        let from = Membrane::Compartment(from);
        let kind = ProcessKind::Bud { what: vesicles(what), from, capturing: captures(cargo) };
        self.process(name, kind, Law::Rate(number(rate)));
    }

    pub fn fuse_with_volume(&mut self, name: &str, what: VesicleId, with: CompartmentId, k: f64) {
        self.each(name, ProcessKind::Fuse { what: vesicles(what), with: Partner::Volume(with) }, k);
    }

    pub fn fuse_with_membrane(&mut self, name: &str, what: VesicleId, with: CompartmentId, k: f64) {
        self.each(name, ProcessKind::Fuse { what: vesicles(what), with: Partner::Membrane(with) }, k);
    }

    pub fn engulf(&mut self, name: &str, what: VesicleId, at: CompartmentId, into: VesicleId, k: f64) {
        let what = pool(Entity::Vesicle(what), vec![Location::Compartment(at)]);
        self.each(name, ProcessKind::Engulf { what, into: vesicles(into) }, k);
    }

    pub fn degrade(&mut self, name: &str, what: VesicleId, at: CompartmentId, k: f64) {
        let what = pool(Entity::Vesicle(what), vec![Location::Compartment(at)]);
        self.each(name, ProcessKind::Degrade { what }, k);
    }

    /// Everything but `medium` becomes part of each of these cells, whose own exterior is bound to it.
    pub fn in_cells(&mut self, medium: CompartmentId, exterior: CompartmentId, cells: &[(&str, f64)]) {
        let model = &mut self.hir.models[0];
        let members = std::mem::take(&mut model.scopes[0].members);
        model.scopes[0].members.insert(Decl::Compartment(medium));
        for (name, count) in cells {
            let own = members.iter().copied().filter(|d| *d != Decl::Compartment(medium));
            let cell = PlacedCell {
                kind: GroupId(0),
                count: number(*count),
                exterior: IndexMap::from_iter([(exterior, medium)]),
                span: Span::default(),
            };
            model.scopes.push(Scope { name: (*name).into(), cell: Some(cell), members: own.collect(), sets: vec![] });
        }
    }
}

fn captures(cargo: &[MoleculeId]) -> Vec<Capture> {
    let capture = |&id: &MoleculeId| Capture { what: pool(Entity::Molecule(id), Vec::new()), enrichment: None };
    cargo.iter().map(capture).collect()
}
