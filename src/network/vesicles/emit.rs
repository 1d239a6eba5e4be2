//! Rates of edges: from the law per vesicle to leading reactions and their followers.

use super::{Budget, Edge, Enrichment, Follower, How};
use crate::hir::{self, ExprKind, Location, Pool, ProcessKind};
use crate::network::build::{Builder, Result};
use crate::network::pools::Container;
use crate::network::rates::mass_action;
use crate::network::{BinaryOp, Expr, Following, Law, ProcessId, SpeciesId, reports};

/// The rate of one motion, before it is divided among its edges.
struct Rate {
    /// Per vesicle and second.
    single: Expr,
    /// Of the whole population, for a `rate` law.
    whole: Option<Expr>,
    /// Per vesicle as written, if it is written so: where it reads contents, an individual's are its own.
    written: Option<Expr>,
}

/// Edges of one motion that are told apart in reports.
struct Names {
    process: ProcessId,
    /// The motion has several edges, or goes both ways.
    several: bool,
    reverse: bool,
}

impl<'h> Builder<'h> {
    pub(in crate::network) fn write_traffic(&mut self) -> Result<()> {
        let edges = std::mem::take(&mut self.traffic.edges);
        let mut of_motion: Vec<Vec<Edge<'h>>> = Vec::new();
        of_motion.resize_with(self.traffic.motions.len(), Vec::new);
        for edge in edges {
            if let Some(list) = of_motion.get_mut(edge.motion) {
                list.push(edge);
            }
        }
        let mut noted = rustc_hash::FxHashSet::default();
        for (index, edges) in of_motion.into_iter().enumerate() {
            self.write_motion(index, &edges)?;
            if let Some(motion) = self.traffic.motions.get(index)
                && edges.iter().any(|edge| edge.principal.is_some() && !edge.followers.is_empty())
                && noted.insert(motion.id)
                && let Some(span) = content_in_law(motion.process)
            {
                self.notes.push(reports::first_order_closure(motion.process, span));
            }
        }
        Ok(())
    }

    fn write_motion(&mut self, index: usize, edges: &[Edge<'h>]) -> Result<()> {
        let Some(&motion) = self.traffic.motions.get(index) else { return Ok(()) };
        if edges.is_empty() {
            return Ok(());
        }
        let process = self.process(motion.scope, motion.id);
        let rate = self.motion_rate(index, process, edges)?;
        let both = self.traffic.motions.iter().filter(|m| m.scope == motion.scope && m.id == motion.id).count() > 1;
        let names = Names { process, several: edges.len() > 1 || both, reverse: motion.reverse };
        for edge in edges {
            self.write_edge(edge, edges, &rate, &names)?;
        }
        Ok(())
    }

    fn motion_rate(&mut self, index: usize, process: ProcessId, edges: &[Edge<'h>]) -> Result<Rate> {
        let Some(&motion) = self.traffic.motions.get(index) else {
            return Ok(Rate { single: Expr::ZERO, whole: None, written: None });
        };
        let name = self.process_name(process);
        let factors = self.factors(motion.scope, motion.id)?;
        let (value, suffix, whole) = match &motion.process.law {
            hir::Law::PerVesicle { forward, reverse } | hir::Law::MassAction { forward, reverse, .. } => {
                match reverse.as_ref().filter(|_| motion.reverse) {
                    Some(reverse) => (reverse, "k_reverse", false),
                    None => (forward, "k", false),
                }
            }
            hir::Law::Rate(value) => (value, "rate", true),
            hir::Law::Along => return Ok(Rate { single: Expr::ZERO, whole: None, written: None }),
        };
        let written = self.whole_rate(value, motion.scope, || format!("{name}.{suffix}"))?;
        if !whole {
            self.note_coefficient(&written, process);
        }
        let mut rate = written * factors;
        let written = (!whole).then(|| rate.clone());
        let uses: usize = edges.iter().map(|edge| 1 + edge.followers.len()).sum();
        if uses > 1 && !is_small(&rate) {
            let name = format!("{name}{}, {}", direction(motion.reverse), if whole { "all" } else { "each" });
            rate = Expr::Definition(self.define(name, rate, None, motion.process.span));
        }
        let mut principals: Vec<SpeciesId> = edges.iter().filter_map(|edge| edge.principal).collect();
        principals.sort_unstable();
        principals.dedup();
        if !whole || principals.is_empty() {
            return Ok(Rate { single: rate.clone(), whole: whole.then_some(rate), written });
        }
        let all = Expr::sum(principals.iter().map(|&p| Expr::Species(p)));
        let some = Expr::binary(BinaryOp::Less, Expr::ZERO, all.clone());
        let only = principals.len() == 1;
        let single = rate.clone().over_positive(all);
        Ok(Rate { single, whole: only.then(|| Expr::select(some, rate, Expr::ZERO)), written: None })
    }

    fn write_edge(&mut self, edge: &Edge<'h>, all: &[Edge<'h>], rate: &Rate, names: &Names) -> Result<()> {
        let share = self.partner_share(edge, all);
        let single = rate.single.clone() * share.clone();
        let (law, mut total) = match (edge.principal, edge.budget, &rate.whole) {
            (None, None, _) => (Law::Whole, single.clone()),
            (None, Some(budget), _) => (Law::Whole, single.clone() * self.sufficiency(budget)),
            (Some(_), None, Some(whole)) => (Law::Whole, whole.clone() * share.clone()),
            (Some(population), None, None) => mass_action(single.clone(), vec![(population, 1)]),
            (Some(population), Some(budget), _) => {
                let enough = self.room_for(budget) / Expr::Constant(budget.needed);
                (Law::Whole, single.clone() * Expr::Species(population).min(enough))
            }
        };
        let captures = edge.followers.iter().filter(|f| matches!(f.how, How::Captured { .. })).count();
        if captures > 0 && !is_small(&total) {
            let name = format!("{}{}, buds", self.process_name(names.process), direction(names.reverse));
            total = Expr::Definition(self.define(name, total, None, Default::default()));
        }
        let part = self.edge_part(edge, names);
        let leader = self.push_reaction(names.process, part, (law, total.clone()), edge.changes.clone());
        let own = rate.written.as_ref().and_then(|written| self.of_one(written, edge.principal, &share));
        self.export_edge(edge, leader, (single.clone(), own))?;
        for follower in &edge.followers {
            self.write_follower(edge, follower, leader, &single, &total, names.process)?;
        }
        Ok(())
    }

    fn write_follower(
        &mut self,
        edge: &Edge<'h>,
        follower: &Follower<'h>,
        leader: usize,
        single: &Expr,
        total: &Expr,
        process: ProcessId,
    ) -> Result<()> {
        let scope = self.traffic.motions.get(edge.motion).map_or(hir::ScopeId(0), |m| m.scope);
        let amount = Expr::Species(follower.of);
        let (rate, how) = match follower.how {
            How::Carried => (single.clone() * amount, Following::Carried),
            How::Captured { source, on_membrane, size, enrichment } => {
                let enriched = self.enrichment(enrichment, scope, process)?;
                let room = self.container_size(source, on_membrane);
                let captured = total.clone() * amount * (Expr::Constant(size) * enriched);
                (captured.per_room(room), Following::Captured)
            }
        };
        let mut changes = vec![(follower.of, -self.weight(scope, follower.of))];
        changes.extend(follower.to.map(|to| (to, self.weight(scope, to))));
        let part = self.network.species.get(follower.of.index()).map(|s| s.name.clone());
        self.push_reaction(process, part, (Law::Follows { leader, how }, rate), changes);
        Ok(())
    }

    /// How much denser a pool is in a bud than in its source.
    pub(super) fn enrichment(
        &mut self,
        enrichment: Enrichment<'h>,
        scope: hir::ScopeId,
        process: ProcessId,
    ) -> Result<Expr> {
        let by = enrichment.by.map(|id| (id, self.process(scope, id)));
        let mut enriched = match enrichment.value {
            Some(value) => {
                let name = format!("{}.enrichment", self.process_name(by.map_or(process, |(_, by)| by)));
                self.number(value, scope, || name)?
            }
            None => Expr::ONE,
        };
        if let Some((load, _)) = by {
            enriched = enriched * self.factors(scope, load)?;
        }
        Ok(enriched)
    }

    /// Of the hosts that one vesicle may fuse with, the share that this one is.
    fn partner_share(&self, edge: &Edge<'h>, all: &[Edge<'h>]) -> Expr {
        let Some(partner) = edge.partner else { return Expr::ONE };
        let rivals: Vec<SpeciesId> =
            all.iter().filter(|other| other.principal == edge.principal).filter_map(|other| other.partner).collect();
        if rivals.len() < 2 {
            return Expr::ONE;
        }
        Expr::Species(partner).over_positive(Expr::sum(rivals.into_iter().map(Expr::Species)))
    }

    /// Membrane that buds may be taken from, in µm².
    fn room_for(&self, budget: Budget) -> Expr {
        match budget.of {
            Container::Place(place) => self.size(place),
            Container::Vesicle(population) => self.population_area(population),
        }
    }

    /// 1 while there is membrane for a bud, and down to 0 from there.
    fn sufficiency(&self, budget: Budget) -> Expr {
        Expr::ONE.min(self.room_for(budget) / Expr::Constant(budget.needed))
    }

    fn edge_part(&self, edge: &Edge<'h>, names: &Names) -> Option<String> {
        if !names.several {
            return None;
        }
        let name = |species: SpeciesId| self.network.species.get(species.index()).map_or("", |s| s.name.as_str());
        let mut part = edge.principal.map(|p| name(p).to_owned())?;
        if let Some(partner) = edge.partner {
            part.push_str(" with ");
            part.push_str(name(partner));
        }
        Some(part)
    }
}

fn direction(reverse: bool) -> &'static str {
    if reverse { " reversed" } else { "" }
}

/// Small enough to be written again wherever it is used.
fn is_small(expr: &Expr) -> bool {
    match expr {
        Expr::Constant(_) | Expr::Parameter(_) | Expr::Species(_) | Expr::Definition(_) | Expr::Time => true,
        Expr::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => is_leaf(a) && is_leaf(b),
        _ => false,
    }
}

fn is_leaf(expr: &Expr) -> bool {
    !matches!(expr, Expr::Unary(..) | Expr::Binary(..) | Expr::Select(_))
}

/// Where a vesicle process' law depends on what vesicles carry, if it does.
fn content_in_law(process: &hir::Process) -> Option<crate::source::Span> {
    if matches!(process.kind, ProcessKind::Create { .. }) {
        return None;
    }
    let values = match &process.law {
        hir::Law::PerVesicle { forward, reverse } | hir::Law::MassAction { forward, reverse, .. } => {
            [Some(forward), reverse.as_ref()]
        }
        hir::Law::Rate(value) => [Some(value), None],
        hir::Law::Along => [None, None],
    };
    let in_law = values.into_iter().flatten().find_map(|value| content_in(&value.expr));
    let modifier = process.modifiers.iter().find(|modifier| is_content(&modifier.by));
    in_law.or(modifier.map(|modifier| modifier.span))
}

fn content_in(expr: &hir::Expr) -> Option<crate::source::Span> {
    let content = match &expr.kind {
        ExprKind::Amount(pool) | ExprKind::Concentration(pool) => is_content(pool),
        ExprKind::Per(..) | ExprKind::AreaOf(_) => true,
        ExprKind::Unary(_, a) => return content_in(a),
        ExprKind::Binary(_, a, b) => return content_in(a).or_else(|| content_in(b)),
        _ => false,
    };
    content.then_some(expr.span)
}

fn is_content(pool: &Pool) -> bool {
    matches!(pool.at.first(), Some(Location::Vesicle(..)))
}
