//! What must be known of a model before it is built: which membranes and sizes vary, which numbers rules move, which
//! drugs are given.
//!
//! A membrane's area is a state variable only where it matters: where a bud is taken from it, or where something
//! changes it and something reads it.

use rustc_hash::FxHashSet;

use super::build::{Builder, Number};
use super::vesicles::has_reverse;
use crate::hir::experiment::{Experiment, Swept, Treatment};
use crate::hir::{
    Assignable, Basis, CompartmentId, Decl, DrugId, Entity, Expr, ExprKind, Hir, Law, Location, Membrane, Partner,
    Pool, Position, Process, ProcessKind, VesicleId,
};

#[derive(Default)]
pub(super) struct Facts {
    /// Membranes with an area of their own.
    pub membranes: FxHashSet<CompartmentId>,
    /// Classes whose populations have an area of their own; complete after [`Builder::follow_areas`].
    pub classes: FxHashSet<VesicleId>,
    /// Numbers that a `change` rule moves.
    pub moved: FxHashSet<Number>,
    pub moved_places: FxHashSet<CompartmentId>,
    /// Drugs given in an experiment on this model, in the order of the program.
    pub drugs: Vec<DrugId>,
}

/// What is read and changed, while it is collected.
struct Scan<'h> {
    hir: &'h Hir,
    read: FxHashSet<CompartmentId>,
    changed: FxHashSet<CompartmentId>,
    facts: Facts,
}

impl Facts {
    pub fn of(builder: &Builder<'_>) -> Facts {
        let hir = builder.hir;
        let mut scan = Scan { hir, read: FxHashSet::default(), changed: FxHashSet::default(), facts: Facts::default() };
        let mut processes: Vec<&Process> = Vec::new();
        for (_, decl) in builder.members() {
            match decl {
                Decl::Process(id) => processes.extend(hir.processes.get(id.index())),
                Decl::Let(id) => hir.lets.get(id.index()).into_iter().for_each(|l| scan.expr(&l.value)),
                Decl::Rule(id) => hir.rules.get(id.index()).into_iter().for_each(|r| scan.rule(&r.target, &r.rate)),
                Decl::Event(id) => {
                    if let Some(event) = hir.events.get(id.index()) {
                        scan.expr(&event.condition);
                        event.assignments.iter().for_each(|a| scan.expr(&a.value));
                    }
                }
                _ => {}
            }
        }
        processes.iter().for_each(|process| scan.process(process));
        for experiment in builder.own_experiments() {
            scan.experiment(experiment);
        }
        let Scan { read, changed, mut facts, .. } = scan;
        facts.membranes.extend(read.intersection(&changed));
        facts.drugs.sort();
        facts.drugs.dedup();
        facts
    }

    /// A class that becomes, or gives its membrane to, one with an area of its own has one too.
    fn follow(&mut self, processes: &[&Process]) {
        grow(&mut self.classes, processes, |process, classes| {
            heirs(process)
                .into_iter()
                .find(|(from, to)| classes.contains(to) && !classes.contains(from))
                .map(|(from, _)| from)
        });
    }
}

impl Builder<'_> {
    /// Completes the classes that have an area of their own, once sizes are known. What the size of a class says is the
    /// membrane of its members where they were made so large and stayed so. Where they grow, or come from a class of
    /// another size, and give their membrane to one that is followed, it must be followed through them, or there would
    /// be more or less of it afterwards.
    pub(super) fn follow_areas(&mut self) {
        let hir = self.hir;
        let members = self.members();
        let processes = members.iter().filter_map(|(_, decl)| match decl {
            Decl::Process(id) => hir.processes.get(id.index()),
            _ => None,
        });
        let processes: Vec<&Process> = processes.collect();
        let mut resized: FxHashSet<VesicleId> = processes.iter().flat_map(|process| self.resized(process)).collect();
        grow(&mut resized, &processes, |process, resized| match process.kind {
            ProcessKind::Convert { .. } => heirs(process)
                .into_iter()
                .find(|(from, to)| resized.contains(from) && !resized.contains(to))
                .map(|(_, to)| to),
            _ => None,
        });
        let giving = processes.iter().filter_map(|process| self.giver(process));
        let giving: Vec<VesicleId> = giving.filter(|class| resized.contains(class)).collect();
        self.facts.classes.extend(giving);
        self.facts.follow(&processes);
    }

    /// Classes whose members have another size than their own after a process.
    fn resized(&self, process: &Process) -> Vec<VesicleId> {
        let (ProcessKind::Convert { from, to } | ProcessKind::Fuse { what: from, with: Partner::Vesicle(to) }) =
            &process.kind
        else {
            return Vec::new();
        };
        let (Entity::Vesicle(first), Entity::Vesicle(second)) = (from.what, to.what) else { return Vec::new() };
        if matches!(process.kind, ProcessKind::Fuse { .. }) {
            return vec![second];
        }
        let sizes = |class: VesicleId, pool: &Pool| {
            let states = self.diameters.get(class.index()).map_or(&[][..], Vec::as_slice);
            match pool.state {
                Some(state) => states.get(state.index()).map_or(&[][..], std::slice::from_ref),
                None => states,
            }
        };
        let (before, after) = (sizes(first, from), sizes(second, to));
        let same = before.iter().chain(after).all(|size| Some(size) == before.first());
        match (same, has_reverse(process)) {
            (true, _) => Vec::new(),
            (false, true) => vec![first, second],
            (false, false) => vec![second],
        }
    }

    /// The class that gives its membrane to one that is followed.
    fn giver(&self, process: &Process) -> Option<VesicleId> {
        let ProcessKind::Fuse { what, with } = &process.kind else { return None };
        let followed = |id: &CompartmentId| self.facts.membranes.contains(id);
        let given = match with {
            Partner::Membrane(id) => followed(id),
            Partner::Volume(volume) => around(self.hir, *volume).any(|id| followed(&id)),
            Partner::Vesicle(_) => false,
        };
        match what.what {
            Entity::Vesicle(class) if given => Some(class),
            _ => None,
        }
    }
}

/// The membranes around a volume.
fn around(hir: &Hir, volume: CompartmentId) -> impl Iterator<Item = CompartmentId> {
    let bounds = move |position: &Position| matches!(position, Position::Between { inner, .. } if *inner == volume);
    let all = hir.compartments.iter().zip(0u32..);
    all.filter(move |(c, _)| bounds(&c.position)).map(|(_, id)| CompartmentId(id))
}

/// Adds to a set of classes what processes add to it, until they add nothing more.
fn grow(
    classes: &mut FxHashSet<VesicleId>,
    processes: &[&Process],
    more: impl Fn(&Process, &FxHashSet<VesicleId>) -> Option<VesicleId>,
) {
    loop {
        let before = classes.len();
        for process in processes {
            if let Some(class) = more(process, classes) {
                classes.insert(class);
            }
        }
        if classes.len() == before {
            return;
        }
    }
}

/// Whose membrane becomes whose: from the first class to the second.
fn heirs(process: &Process) -> Vec<(VesicleId, VesicleId)> {
    let (from, to) = match &process.kind {
        ProcessKind::Convert { from, to } => (from, to),
        ProcessKind::Fuse { what, with: Partner::Vesicle(with) } => (what, with),
        _ => return Vec::new(),
    };
    match (from.what, to.what) {
        (Entity::Vesicle(from), Entity::Vesicle(to)) if has_reverse(process) => vec![(from, to), (to, from)],
        (Entity::Vesicle(from), Entity::Vesicle(to)) => vec![(from, to)],
        _ => Vec::new(),
    }
}

impl Scan<'_> {
    fn process(&mut self, process: &Process) {
        match &process.law {
            Law::MassAction { forward, reverse, basis } => {
                self.expr(&forward.expr);
                reverse.iter().for_each(|v| self.expr(&v.expr));
                if let (Basis::Concentrations, ProcessKind::Reaction { left, right }) = (basis, &process.kind) {
                    left.iter().chain(right).for_each(|(pool, _)| self.room(pool));
                }
            }
            Law::PerVesicle { forward, reverse } => {
                self.expr(&forward.expr);
                reverse.iter().for_each(|v| self.expr(&v.expr));
            }
            Law::Rate(value) => self.expr(&value.expr),
            Law::Along => {}
        }
        match &process.kind {
            ProcessKind::Bud { from: Membrane::Compartment(id), .. } => {
                self.facts.membranes.insert(*id);
            }
            ProcessKind::Bud { from: Membrane::OffVesicle(host) | Membrane::IntoVesicle(host), .. } => {
                self.class(host);
            }
            ProcessKind::Fuse { with: Partner::Membrane(id), .. } => {
                self.changed.insert(*id);
            }
            ProcessKind::Fuse { with: Partner::Volume(volume), .. } => {
                self.changed.extend(around(self.hir, *volume));
            }
            _ => {}
        }
    }

    fn rule(&mut self, target: &Assignable, rate: &Expr) {
        self.expr(rate);
        match target {
            Assignable::Param(id, _) => {
                self.facts.moved.insert(Number::Param(*id));
            }
            Assignable::Input(id, _) => {
                self.facts.moved.insert(Number::Input(*id));
            }
            Assignable::Compartment(id, _) => {
                self.facts.moved_places.insert(*id);
            }
            Assignable::Amount(_) => {}
        }
    }

    fn experiment(&mut self, experiment: &Experiment) {
        experiment.measures.iter().for_each(|measure| self.expr(&measure.value));
        for arm in &experiment.arms {
            for treatment in &arm.treatments {
                match treatment {
                    Treatment::Dose { drug, .. } => self.facts.drugs.push(*drug),
                    Treatment::Set(set) => self.expr(&set.value),
                    _ => {}
                }
            }
            self.facts.drugs.extend(arm.sweep.iter().filter_map(|sweep| match sweep.over {
                Swept::Drug(drug) => Some(drug),
                _ => None,
            }));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::SizeOf(id, _) => {
                self.read.insert(*id);
            }
            ExprKind::Concentration(pool) => self.room(pool),
            ExprKind::AreaOf(pool) => self.class(pool),
            ExprKind::Unary(_, a) => self.expr(a),
            ExprKind::Binary(_, a, b) => {
                self.expr(a);
                self.expr(b);
            }
            _ => {}
        }
    }

    fn class(&mut self, pool: &Pool) {
        if let Entity::Vesicle(id) = pool.what {
            self.facts.classes.insert(id);
        }
    }

    /// The size of where the pool lies is read.
    fn room(&mut self, pool: &Pool) {
        match pool.at.first() {
            Some(Location::Compartment(id)) => {
                self.read.insert(*id);
            }
            Some(Location::Vesicle(class, _)) => {
                let bound = matches!(pool.what, Entity::Molecule(id)
                    if self.hir.molecules.get(id.index()).is_some_and(|m| m.membrane_bound));
                if bound {
                    self.facts.classes.insert(*class);
                }
            }
            _ => {
                if let Entity::Molecule(id) = pool.what {
                    self.read.extend(self.hir.molecules.get(id.index()).into_iter().flat_map(|m| &m.places));
                }
            }
        }
    }
}
