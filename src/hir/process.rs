//! Processes: which pools each is about, and whether membranes allow it.
//!
//! Invariants: every pool of a process names its whole chain of carriers down to a compartment. A pool that is used up
//! and says no state means each state, one by one, and what becomes of it keeps the state; a pool that is made must
//! have one. A carrier without a state means carriers in any state. Captured molecules lie where the bud takes them
//! from: membrane-bound ones in the donor's membrane, others in the volume that fills the lumen.

mod complete;
mod crossing;
mod modifiers;
mod reaction;
mod vesicles;

use super::expr::{Entity, Location, Pool};
use super::ids::*;
use super::program::{Declared, Space};
use super::reports::process as report;
use super::scope::{At, Context, Reported};
use super::value::{self, Wanted};
use super::{Capture, Channel, Law, Membrane, Molecule, Process, ProcessKind, law};
use crate::syntax::ast;

/// The process that is looked at, and what is known around it.
struct Subject<'p> {
    declared: &'p Declared<&'p ast::Process>,
    at: At<'static>,
    molecules: &'p [Molecule],
    through: Option<Channel>,
    /// Whether the channel turned out to be of use.
    crosses: bool,
}

impl Subject<'_> {
    fn molecule(&self, id: MoleculeId) -> Option<&Molecule> {
        self.molecules.get(id.index())
    }
}

/// All processes, in the order of the program's.
pub fn processes(context: &mut Context, molecules: &[Molecule]) -> Vec<Process> {
    let program = context.program;
    let mut table = Vec::with_capacity(program.processes.len());
    for declared in &program.processes {
        let at = At::site(declared.site);
        let mut subject = Subject { declared, at, molecules, through: None, crosses: false };
        subject.through = declared.ast.through.as_ref().and_then(|r| channel(context, at, r));
        table.push(lower(context, &mut subject));
    }
    table
}

fn lower(context: &mut Context, subject: &mut Subject) -> Process {
    let (declared, at) = (subject.declared, subject.at);
    let kind = kind(context, subject).ok();
    if let (Some(through), false, true) = (&declared.ast.through, subject.crosses, kind.is_some()) {
        context.sink.push(report::through_nothing(through.span, declared.span));
    }
    let law = match &kind {
        Some(kind) => law::check_law(context, at, declared.ast, kind),
        None => unlawful(context, at, declared.ast),
    };
    let turning = kind.as_ref().and_then(|kind| reaction::turning(context, subject, kind)?.ok());
    let modifiers = modifiers::modifiers(context, at, &declared.ast.modifiers);
    Process {
        name: declared.name.clone(),
        kind: kind.unwrap_or(ProcessKind::Reaction { left: Vec::new(), right: Vec::new() }),
        law,
        turning,
        modifiers,
        through: subject.through.clone(),
        evidence: value::lower_evidence(context, at, declared.ast.evidence.as_ref()),
        doc: declared.doc.clone(),
        module: declared.module,
        span: declared.span,
    }
}

fn kind(context: &mut Context, subject: &mut Subject) -> Result<ProcessKind, Reported> {
    let ast = subject.declared.ast;
    let buds = matches!(ast.kind, ast::ProcessKind::BudFrom { .. } | ast::ProcessKind::BudInto { .. });
    if let (false, Some(capture)) = (buds, ast.captures.first()) {
        return context.sink.fail(report::captures_without_bud(capture.span, subject.declared.span));
    }
    match &ast.kind {
        ast::ProcessKind::Error => Err(Reported),
        ast::ProcessKind::Reaction { left, right, .. } => reaction::reaction(context, subject, left, right),
        ast::ProcessKind::BudFrom { vesicle, membrane } => vesicles::bud_from(context, subject, vesicle, membrane),
        ast::ProcessKind::BudInto { vesicle, host } => vesicles::bud_into(context, subject, vesicle, host),
        ast::ProcessKind::Mature { from, to } => vesicles::convert(context, subject, from, to),
        ast::ProcessKind::Fuse { vesicle, with } => vesicles::fuse(context, subject, vesicle, with),
        ast::ProcessKind::Engulf { vesicle, host } => vesicles::engulf(context, subject, vesicle, host),
        ast::ProcessKind::Degrade { vesicle } => {
            let (what, _) = vesicles::existing(context, subject, vesicle)?;
            Ok(ProcessKind::Degrade { what })
        }
        ast::ProcessKind::Rupture { vesicle } => {
            let (what, class) = vesicles::existing(context, subject, vesicle)?;
            vesicles::contents_fit(context, subject, class, what.at.clone(), vesicle.span);
            Ok(ProcessKind::Rupture { what })
        }
        ast::ProcessKind::Load { what, into } => vesicles::load(context, subject, what, into),
    }
}

/// A molecule that has that name, or else a name for a leak or a flow.
fn channel(context: &mut Context, at: At, reference: &ast::Ref) -> Option<Channel> {
    if let Some(name) = reference.single()
        && !context.program.is_bound(Space::Thing, name, at.site)
    {
        return Some(Channel::Named(name.text.clone()));
    }
    context.resolve_pool(reference, at).ok().map(Channel::Molecule)
}

/// The law of a process that is wrong already: only the names and units in it are looked at.
fn unlawful(context: &mut Context, at: At, process: &ast::Process) -> Law {
    let wanted = Wanted::number("a rate");
    let span = process.name.span;
    match &process.rate {
        None => Law::Rate(value::failed(span)),
        Some(ast::Rate::Whole(rate)) => Law::Rate(value::lower_value(context, at, rate, wanted)),
        Some(ast::Rate::At { forward, reverse }) => {
            if let Some(reverse) = reverse {
                value::lower_value(context, at, reverse, wanted);
            }
            Law::Rate(value::lower_value(context, at, forward, wanted))
        }
    }
}

/// What a bud takes along. `lumen` is what fills it, `donor` the membrane it is made of.
fn captures(context: &mut Context, subject: &Subject, lumen: &[Location], donor: &Membrane) -> Vec<Capture> {
    let membrane = match donor {
        Membrane::Compartment(id) => vec![Location::Compartment(*id)],
        Membrane::OffVesicle(pool) | Membrane::IntoVesicle(pool) => complete::inside(pool),
    };
    let mut all = Vec::new();
    for capture in &subject.declared.ast.captures {
        let Ok(mut what) = context.resolve_pool(&capture.what, subject.at) else { continue };
        let Entity::Molecule(id) = what.what else {
            context.sink.push(report::captures_vesicle(context.program, &what));
            continue;
        };
        let bound = subject.molecule(id).is_some_and(|m| m.membrane_bound);
        let source = if bound { membrane.as_slice() } else { lumen };
        if let Some(report) = complete::not_captured(context, subject, &what, source, bound) {
            context.sink.push(report);
        }
        what.at = source.to_vec();
        let wanted = Wanted::SHARE;
        let enrichment = capture.enriched.as_ref().map(|e| value::lower_value(context, subject.at, e, wanted));
        all.push(Capture { what, enrichment });
    }
    all
}

/// A pool of one entity, with the state and place it was completed to.
fn pool(what: Entity, state: Option<StateId>, at: Vec<Location>, like: &Pool) -> Pool {
    Pool { what, state, at, scope: None, span: like.span }
}
