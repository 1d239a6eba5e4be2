//! What a declaration refers to: the edges along which a cell's members are found.

use super::expr::{Asked, Entity, Expr, ExprKind, Location, Own, Pool};
use super::{
    Assignable, Assignment, Channel, Decl, Hir, Law, Membrane, Partner, Position, Process, ProcessKind, Value,
    VesicleHome,
};

/// Everything that `decl` refers to directly, in order of mention.
pub fn of(hir: &Hir, decl: Decl, to: &mut Vec<Decl>) {
    match decl {
        Decl::Compartment(id) => {
            if let Some(compartment) = hir.compartments.get(id.index()) {
                match compartment.position {
                    Position::Outermost => {}
                    Position::Inside(outer) => to.push(Decl::Compartment(outer)),
                    Position::Between { inner, outer } => {
                        to.extend([Decl::Compartment(inner), Decl::Compartment(outer)])
                    }
                }
                value(&compartment.size, to);
            }
        }
        Decl::Molecule(id) => {
            if let Some(molecule) = hir.molecules.get(id.index()) {
                to.extend(molecule.places.iter().map(|place| Decl::Compartment(*place)));
                to.extend(molecule.composition.iter().map(|(part, _)| Decl::Molecule(*part)));
                molecule.amount.iter().for_each(|v| value(v, to));
            }
        }
        Decl::Vesicle(id) => {
            if let Some(vesicle) = hir.vesicles.get(id.index()) {
                to.extend(vesicle.places.iter().map(|home| match *home {
                    VesicleHome::Compartment(place) => Decl::Compartment(place),
                    VesicleHome::Vesicle(carrier) => Decl::Vesicle(carrier),
                }));
                vesicle.amount.iter().for_each(|v| value(v, to));
                vesicle.states.iter().for_each(|state| value(&state.diameter.mean, to));
            }
        }
        Decl::Param(id) => {
            if let Some(given) = hir.params.get(id.index()).and_then(|p| p.value.as_ref()) {
                value(given, to);
            }
        }
        Decl::Let(id) => hir.lets.get(id.index()).iter().for_each(|l| expr(&l.value, to)),
        Decl::Input(id) => hir.inputs.get(id.index()).iter().for_each(|i| value(&i.value, to)),
        Decl::Observable(id) => hir.observables.get(id.index()).iter().for_each(|o| expr(&o.value, to)),
        Decl::Process(id) => hir.processes.get(id.index()).iter().for_each(|p| process(p, to)),
        Decl::Rule(id) => {
            if let Some(rule) = hir.rules.get(id.index()) {
                assignable(&rule.target, to);
                expr(&rule.rate, to);
            }
        }
        Decl::Event(id) => {
            if let Some(event) = hir.events.get(id.index()) {
                expr(&event.condition, to);
                event.delay.iter().for_each(|d| expr(d, to));
                event.assignments.iter().for_each(|a| assignment(a, to));
            }
        }
    }
}

fn process(process: &Process, to: &mut Vec<Decl>) {
    match &process.kind {
        ProcessKind::Reaction { left, right } => left.iter().chain(right).for_each(|(p, _)| pool(p, to)),
        ProcessKind::Create { what } | ProcessKind::Degrade { what } | ProcessKind::Rupture { what } => pool(what, to),
        ProcessKind::Convert { from, to: target } => [from, target].into_iter().for_each(|p| pool(p, to)),
        ProcessKind::Bud { what, from, capturing } => {
            pool(what, to);
            match from {
                Membrane::Compartment(id) => to.push(Decl::Compartment(*id)),
                Membrane::OffVesicle(host) | Membrane::IntoVesicle(host) => pool(host, to),
            }
            for capture in capturing {
                pool(&capture.what, to);
                capture.enrichment.iter().for_each(|v| value(v, to));
            }
        }
        ProcessKind::Fuse { what, with } => {
            pool(what, to);
            match with {
                Partner::Membrane(id) | Partner::Volume(id) => to.push(Decl::Compartment(*id)),
                Partner::Vesicle(target) => pool(target, to),
            }
        }
        ProcessKind::Engulf { what, into } => [what, into].into_iter().for_each(|p| pool(p, to)),
        ProcessKind::Load { what, into } => {
            pool(&what.what, to);
            what.enrichment.iter().for_each(|v| value(v, to));
            into.iter().for_each(|p| pool(p, to));
        }
    }
    match &process.law {
        Law::MassAction { forward, reverse, .. } | Law::PerVesicle { forward, reverse } => {
            value(forward, to);
            reverse.iter().for_each(|v| value(v, to));
        }
        Law::Rate(rate) => value(rate, to),
        Law::Along => {}
    }
    process.turning.iter().flat_map(|turning| turning.changes()).for_each(|(p, _)| pool(p, to));
    process.modifiers.iter().for_each(|m| pool(&m.by, to));
    if let Some(Channel::Molecule(channel)) = &process.through {
        pool(channel, to);
    }
}

/// What a `set` changes and what it says.
pub fn assignment(assignment: &Assignment, to: &mut Vec<Decl>) {
    assignable(&assignment.target, to);
    expr(&assignment.value, to);
}

/// What can be assigned, as a declaration.
pub fn assignable(target: &Assignable, to: &mut Vec<Decl>) {
    match target {
        Assignable::Param(id, _) => to.push(Decl::Param(*id)),
        Assignable::Input(id, _) => to.push(Decl::Input(*id)),
        Assignable::Amount(p) => pool(p, to),
        Assignable::Compartment(id, _) => to.push(Decl::Compartment(*id)),
    }
}

fn value(value: &Value, to: &mut Vec<Decl>) {
    expr(&value.expr, to);
}

fn pool(pool: &Pool, to: &mut Vec<Decl>) {
    to.push(match pool.what {
        Entity::Molecule(id) => Decl::Molecule(id),
        Entity::Vesicle(id) => Decl::Vesicle(id),
    });
    for location in &pool.at {
        match *location {
            Location::Compartment(id) => to.push(Decl::Compartment(id)),
            Location::Vesicle(id, _) => to.push(Decl::Vesicle(id)),
            Location::Scope(_) | Location::Anywhere => {}
        }
    }
}

/// What an expression refers to.
pub fn expr(e: &Expr, to: &mut Vec<Decl>) {
    match &e.kind {
        ExprKind::Number(_) | ExprKind::Time | ExprKind::Result(_) | ExprKind::Error => {}
        ExprKind::Param(id, _) => to.push(Decl::Param(*id)),
        ExprKind::Let(id, _) => to.push(Decl::Let(*id)),
        ExprKind::Input(id, _) => to.push(Decl::Input(*id)),
        ExprKind::Amount(p) | ExprKind::Concentration(p) | ExprKind::AreaOf(p) | ExprKind::DiameterOf(p) => pool(p, to),
        ExprKind::SizeOf(id, _) => to.push(Decl::Compartment(*id)),
        ExprKind::Per(what, carrier) => [what, carrier].into_iter().for_each(|p| pool(p, to)),
        ExprKind::Members(members) => {
            pool(&members.of, to);
            match &members.asked {
                Asked::Share(condition) => expr(condition, to),
                Asked::Mean(Own::Copies(what)) | Asked::Distribution(Own::Copies(what)) => pool(what, to),
                Asked::Mean(_) | Asked::Distribution(_) => {}
            }
        }
        ExprKind::Reach(of, place, _) => {
            pool(of, to);
            to.push(Decl::Compartment(*place));
        }
        ExprKind::Own(Own::Copies(what)) => pool(what, to),
        ExprKind::Own(_) => {}
        ExprKind::Unary(_, operand) => expr(operand, to),
        ExprKind::Binary(_, left, right) => {
            expr(left, to);
            expr(right, to);
        }
    }
}
