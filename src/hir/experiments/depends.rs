//! Which molecules matter in a model: on which some process, rule or event depends.

use rustc_hash::FxHashSet;

use crate::hir::expr::{Entity, Expr, Pool};
use crate::hir::ids::*;
use crate::hir::{Channel, Decl, Hir, Law, Process, ProcessKind, refs};

/// The molecules that are used up, carried, needed or read by anything in a model. What is only made is not among them.
pub fn on(hir: &Hir, model: usize) -> FxHashSet<MoleculeId> {
    let mut found = Found { hir, molecules: FxHashSet::default(), lets: FxHashSet::default() };
    let scopes = hir.models.get(model).map_or(&[][..], |m| m.scopes.as_slice());
    for decl in scopes.iter().flat_map(|s| &s.members) {
        match decl {
            Decl::Process(id) => hir.processes.get(id.index()).into_iter().for_each(|p| found.process(p)),
            Decl::Rule(id) => hir.rules.get(id.index()).into_iter().for_each(|r| found.expr(&r.rate)),
            Decl::Event(id) => {
                if let Some(event) = hir.events.get(id.index()) {
                    found.expr(&event.condition);
                    event.assignments.iter().for_each(|a| found.expr(&a.value));
                }
            }
            _ => {}
        }
    }
    found.molecules
}

struct Found<'h> {
    hir: &'h Hir,
    molecules: FxHashSet<MoleculeId>,
    lets: FxHashSet<LetId>,
}

impl Found<'_> {
    fn pool(&mut self, pool: &Pool) {
        if let Entity::Molecule(id) = pool.what {
            self.molecules.insert(id);
        }
    }

    fn process(&mut self, process: &Process) {
        match &process.kind {
            ProcessKind::Reaction { left, .. } => left.iter().for_each(|(pool, _)| self.pool(pool)),
            ProcessKind::Load { what, .. } => self.pool(&what.what),
            ProcessKind::Bud { capturing, .. } => capturing.iter().for_each(|capture| self.pool(&capture.what)),
            _ => {}
        }
        process.turning.iter().flat_map(|turning| &turning.left).for_each(|(pool, _)| self.pool(pool));
        process.modifiers.iter().for_each(|m| self.pool(&m.by));
        if let Some(Channel::Molecule(pool)) = &process.through {
            self.pool(pool);
        }
        match &process.law {
            Law::MassAction { forward, reverse, .. } | Law::PerVesicle { forward, reverse } => {
                self.expr(&forward.expr);
                // What can be taken apart again matters too.
                if let (Some(reverse), ProcessKind::Reaction { right, .. }) = (reverse, &process.kind) {
                    right.iter().for_each(|(pool, _)| self.pool(pool));
                    self.expr(&reverse.expr);
                }
            }
            Law::Rate(rate) => self.expr(&rate.expr),
            Law::Along => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let mut read = Vec::new();
        refs::expr(expr, &mut read);
        for decl in read {
            match decl {
                Decl::Molecule(id) => {
                    self.molecules.insert(id);
                }
                Decl::Let(id) if self.lets.insert(id) => {
                    let hir = self.hir;
                    hir.lets.get(id.index()).into_iter().for_each(|definition| self.expr(&definition.value));
                }
                _ => {}
            }
        }
    }
}
