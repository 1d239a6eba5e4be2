//! Vesicles lowered: populations, what they carry, and what moves when one does.
//!
//! A vesicle process becomes an [`Edge`] for each population that it concerns: one leading reaction, whose firings
//! move single vesicles, and a follower for each pool that goes along. Whatever a population contains, however deep,
//! follows every edge of it; so pools are closed under edges (`close`) before rates are written (`emit`). The mean
//! field moves the same share of each content pool as of the population (Duso & Zechner, PNAS 2020): exact for the
//! means as long as rates don't depend on contents.
//!
//! A population's membrane is a pool that it contains, if its class gives membrane to buds or its area is read.
//! What an edge means for one vesicle is told in [`super::individuals`] (`single`). Deliberately absent: individuals themselves.

mod close;
mod edges;
mod emit;
mod single;

pub(super) use edges::has_reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use super::pools::Container;
use super::{PlaceId, SpeciesId};
use crate::hir::{self, Capture, Entity, Location, Pool, Process, ProcessKind, ScopeId, Value, VesicleId};

/// One vesicle process in one cell, in one direction.
#[derive(Clone, Copy)]
pub(super) struct Motion<'h> {
    pub scope: ScopeId,
    pub id: hir::ProcessId,
    pub process: &'h Process,
    pub reverse: bool,
}

/// Reactions of molecules inside vesicles: instantiated for each population that lies as `at` says.
#[derive(Clone, Copy)]
pub(super) struct Inside<'h> {
    pub scope: ScopeId,
    pub id: hir::ProcessId,
    pub process: &'h Process,
    pub at: &'h [Location],
}

/// What one motion does to one population.
pub(super) struct Edge<'h> {
    /// Position in [`Traffic::motions`].
    pub motion: usize,
    /// The population whose number multiplies a rate per vesicle; `None` for what comes from nothing or a membrane.
    pub principal: Option<SpeciesId>,
    /// The population it fuses with.
    pub partner: Option<SpeciesId>,
    pub changes: Vec<(SpeciesId, f64)>,
    pub budget: Option<Budget>,
    pub deed: Deed,
    pub followers: Vec<Follower<'h>>,
}

/// What an edge does to one vesicle.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    Appear(SpeciesId),
    Bud { bud: SpeciesId, membrane: Container },
    Move(SpeciesId),
    Dissolve(Outcome),
}

/// Membrane that a bud needs.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub of: Container,
    /// µm².
    pub needed: f64,
}

/// A pool that goes along, and what it becomes, if anything.
pub(super) struct Follower<'h> {
    pub of: SpeciesId,
    pub to: Option<SpeciesId>,
    pub how: How<'h>,
}

#[derive(Clone, Copy)]
pub(super) enum How<'h> {
    /// The share of the vesicles that move.
    Carried,
    /// From a source, at its concentration or surface density there.
    Captured { source: Container, on_membrane: bool, size: f64, enrichment: Enrichment<'h> },
}

/// How many times its concentration at the source is captured.
#[derive(Clone, Copy)]
pub(super) struct Enrichment<'h> {
    /// 1 if not given.
    pub value: Option<&'h Value>,
    /// The loading process whose modifiers multiply it, if it isn't the bud's own capture.
    pub by: Option<hir::ProcessId>,
}

/// `load X into V` in a cell.
#[derive(Clone, Copy)]
pub(super) struct Load<'h> {
    pub scope: ScopeId,
    pub id: hir::ProcessId,
    pub what: &'h Capture,
    pub into: &'h [Pool],
}

/// What an edge does to everything that a population contains.
#[derive(Clone, Copy)]
pub(super) struct Transport<'h> {
    pub edge: usize,
    pub outcome: Outcome,
    pub how: How<'h>,
}

#[derive(Clone, Copy)]
pub(super) enum Outcome {
    /// It goes to the same place in another population.
    Move(SpeciesId),
    /// It is set free: what was in the lumen, and what was in the membrane (lost, if that goes nowhere).
    Release {
        lumen: Container,
        membrane: Option<Container>,
    },
    Lose,
}

/// What a bud takes along from a container.
#[derive(Clone, Copy)]
pub(super) struct Siphon<'h> {
    pub edge: usize,
    pub what: &'h Pool,
    pub bud: SpeciesId,
    pub how: How<'h>,
}

/// All motions, and what has become of them so far.
#[derive(Default)]
pub(super) struct Traffic<'h> {
    pub motions: Vec<Motion<'h>>,
    /// What turns over with each vesicle that a motion moves, by motion.
    turnovers: Vec<Vec<(SpeciesId, f64)>>,
    inside: Vec<Inside<'h>>,
    pub loads: Vec<Load<'h>>,
    /// Motions and inner reactions that a class takes part in.
    by_class: FxHashMap<VesicleId, Vec<usize>>,
    inside_by_class: FxHashMap<VesicleId, Vec<usize>>,
    pub edges: Vec<Edge<'h>>,
    transports: FxHashMap<SpeciesId, Vec<Transport<'h>>>,
    siphons: FxHashMap<Container, Vec<Siphon<'h>>>,
    done: FxHashSet<SpeciesId>,
    fused: FxHashSet<(usize, SpeciesId, SpeciesId)>,
}

impl<'h> Traffic<'h> {
    pub fn register_contents(&mut self, scope: ScopeId, id: hir::ProcessId, process: &'h Process, at: &'h [Location]) {
        if let Some(Location::Vesicle(class, _)) = at.first() {
            self.inside_by_class.entry(*class).or_default().push(self.inside.len());
            self.inside.push(Inside { scope, id, process, at });
        }
    }

    fn register(&mut self, motion: Motion<'h>, turnover: Vec<(SpeciesId, f64)>) -> usize {
        let index = self.motions.len();
        for pool in watched(motion) {
            if let Entity::Vesicle(class) = pool.what {
                let motions = self.by_class.entry(class).or_default();
                if !motions.contains(&index) {
                    motions.push(index);
                }
            }
        }
        self.motions.push(motion);
        self.turnovers.push(turnover);
        index
    }
}

/// The references whose populations a motion happens to.
fn watched(motion: Motion<'_>) -> Vec<&Pool> {
    use crate::hir::{Membrane, Partner};
    match &motion.process.kind {
        ProcessKind::Convert { from, to } => vec![if motion.reverse { to } else { from }],
        ProcessKind::Bud { from: Membrane::IntoVesicle(host) | Membrane::OffVesicle(host), .. } => vec![host],
        ProcessKind::Fuse { what, with: Partner::Vesicle(with) } => vec![what, with],
        ProcessKind::Fuse { what, .. }
        | ProcessKind::Engulf { what, .. }
        | ProcessKind::Degrade { what }
        | ProcessKind::Rupture { what } => vec![what],
        ProcessKind::Reaction { .. }
        | ProcessKind::Create { .. }
        | ProcessKind::Load { .. }
        | ProcessKind::Bud { from: Membrane::Compartment(_), .. } => Vec::new(),
    }
}

/// The two sides of a membrane.
#[derive(Clone, Copy)]
struct Sides {
    inner: PlaceId,
    outer: PlaceId,
}
