//! Processes among molecules, instantiated in each cell.
//!
//! A reference without a state, to a molecule that has some, means each of its states: `Rab27a ->` degrades all of
//! them alike, and what moves keeps the state it has.

use super::build::{Builder, Result};
use super::pools::{Container, Key, What};
use super::rates::mass_action;
use super::vesicles::Load;
use super::{Expr, Law, ParameterId, ProcessId, Reaction, Role, SpeciesId};
use crate::hir::{self, Basis, Decl, Entity, Location, MoleculeId, Pool, Process, ProcessKind, ScopeId, StateId};

/// Pools with their multiplicities.
type Side = Vec<(SpeciesId, u32)>;

/// The pool taken of a molecule whose state was not named, and those of all its states.
type Share = (SpeciesId, Vec<SpeciesId>);

/// One process of molecules with its pools found.
pub(super) struct Instance<'h> {
    pub scope: ScopeId,
    pub id: hir::ProcessId,
    pub process: &'h Process,
    pub left: Side,
    pub right: Side,
    /// For each molecule whose state was not named, the pool taken here and those of all its states.
    pub shares: Vec<Share>,
}

impl<'h> Builder<'h> {
    /// Instantiates what concerns places alone, and lines up what follows vesicles.
    pub(super) fn register_processes(&mut self) -> Result<()> {
        let hir = self.hir;
        let processes = |(scope, decl)| match decl {
            Decl::Process(id) => hir.processes.get(id.index()).map(|process| (scope, id, process)),
            _ => None,
        };
        let members: Vec<_> = self.members().into_iter().filter_map(processes).collect();
        // Before anything buds.
        for &(scope, id, process) in &members {
            if let ProcessKind::Load { what, into } = &process.kind {
                self.traffic.loads.push(Load { scope, id, what, into });
            }
        }
        for (scope, id, process) in members {
            match &process.kind {
                ProcessKind::Load { .. } => {}
                ProcessKind::Reaction { left, right } => match carrier(left.iter().chain(right)) {
                    Some(carrier) => self.traffic.register_contents(scope, id, process, carrier),
                    None => self.instantiate(scope, id, process, None)?,
                },
                _ => self.register_vesicle_process(scope, id, process)?,
            }
        }
        Ok(())
    }

    /// Finds the pools of a process, near a population of vesicles if it happens in them.
    pub(super) fn instantiate(
        &mut self,
        scope: ScopeId,
        id: hir::ProcessId,
        process: &'h Process,
        hint: Option<Container>,
    ) -> Result<()> {
        let ProcessKind::Reaction { left, right } = &process.kind else { return Ok(()) };
        for states in self.choices(left) {
            let (left, shares) = self.side(scope, left, &states, hint)?;
            let (right, _) = self.side(scope, right, &states, hint)?;
            self.reactions.push(Instance { scope, id, process, left, right, shares });
        }
        Ok(())
    }

    /// All ways to choose states for the molecules of a left side whose state is not named.
    fn choices(&self, left: &[(Pool, u32)]) -> Vec<Vec<(MoleculeId, StateId)>> {
        let mut choices = vec![Vec::new()];
        for (pool, _) in left {
            let (Entity::Molecule(id), None) = (pool.what, pool.state) else { continue };
            let states = self.hir.molecules.get(id.index()).map_or(0, |m| m.states.len() as u32);
            if states == 0 || choices.iter().all(|c: &Vec<_>| c.iter().any(|(chosen, _)| *chosen == id)) {
                continue;
            }
            let each = |chosen: &Vec<(MoleculeId, StateId)>| {
                let chosen = chosen.clone();
                (0..states).map(move |s| chosen.iter().copied().chain([(id, StateId(s))]).collect())
            };
            choices = choices.iter().flat_map(each).collect();
        }
        choices
    }

    fn side(
        &mut self,
        scope: ScopeId,
        side: &[(Pool, u32)],
        states: &[(MoleculeId, StateId)],
        hint: Option<Container>,
    ) -> Result<(Side, Vec<Share>)> {
        let mut pools: Side = Vec::with_capacity(side.len());
        let mut shares = Vec::new();
        for (pool, count) in side {
            let within = self.container(scope, pool, hint)?;
            let chosen = match (pool.what, pool.state) {
                (Entity::Molecule(id), None) => states.iter().find(|(m, _)| *m == id).map(|(_, state)| (id, *state)),
                _ => None,
            };
            let what = match chosen {
                Some((id, state)) => What::Molecule(id, Some(state)),
                None => super::seeds::first_state(self.hir, pool),
            };
            let species = self.pool(Key { what, within });
            if let Some((id, _)) = chosen {
                let count = self.hir.molecules.get(id.index()).map_or(0, |m| m.states.len() as u32);
                let all = (0..count).map(|s| What::Molecule(id, Some(StateId(s))));
                shares.push((species, all.map(|what| self.pool(Key { what, within })).collect()));
            }
            match pools.iter_mut().find(|(same, _)| *same == species) {
                Some((_, total)) => *total += count,
                None => pools.push((species, *count)),
            }
        }
        Ok((pools, shares))
    }

    pub(super) fn write_reactions(&mut self) -> Result<()> {
        for instance in std::mem::take(&mut self.reactions) {
            self.write_reaction(&instance)?;
        }
        Ok(())
    }

    fn write_reaction(&mut self, instance: &Instance<'h>) -> Result<()> {
        let Instance { scope, id, process, left, right, shares } = instance;
        let (scope, id) = (*scope, *id);
        let made = self.process(scope, id);
        let name = self.process_name(made);
        let mut factor = self.factors(scope, id)?;
        if left.is_empty() {
            factor = factor * self.synthesis_of(scope, right);
        }
        let part = |direction: &str| match shares.first() {
            Some((species, all)) if all.len() > 1 => {
                let of = self.network.species.get(species.index()).map_or("", |s| s.name.as_str());
                Some(if direction.is_empty() { of.to_owned() } else { format!("{direction}, {of}") })
            }
            _ => (!direction.is_empty()).then(|| direction.to_owned()),
        };
        match &process.law {
            hir::Law::MassAction { forward, reverse, basis } => {
                let parts = (part(if reverse.is_some() { "forward" } else { "" }), part("reverse"));
                let law = |builder: &mut Self, value: &hir::Value, suffix: &str, from: &[_], to: &[_]| {
                    let k = builder.number(value, scope, || format!("{name}.{suffix}"))?;
                    builder.note_coefficient(&k, made);
                    let size = match basis {
                        Basis::Amounts => Expr::ONE,
                        Basis::Concentrations => builder.size_factor(value.expr.dimension, from, to),
                    };
                    let law = k * size;
                    Ok(mass_action(law * factor.clone(), from.to_vec()))
                };
                let (ahead, rate) = law(self, forward, "k", left, right)?;
                self.push_reaction(made, parts.0, (ahead, rate), self.net_change(scope, left, right));
                if let Some(reverse) = reverse {
                    let (back, rate) = law(self, reverse, "k_reverse", right, left)?;
                    self.push_reaction(made, parts.1, (back, rate), self.net_change(scope, right, left));
                }
            }
            hir::Law::Along => {}
            hir::Law::PerVesicle { forward: value, .. } | hir::Law::Rate(value) => {
                let part = part("");
                let mut rate = self.whole_rate(value, scope, || format!("{name}.rate"))? * factor;
                for (species, all) in shares.iter().filter(|(_, all)| all.len() > 1) {
                    let all = Expr::sum(all.iter().map(|&id| Expr::Species(id)));
                    rate = rate * Expr::Species(*species).over_positive(all);
                }
                self.push_reaction(made, part, (Law::Whole, rate), self.net_change(scope, left, right));
            }
        }
        Ok(())
    }

    pub(super) fn process_name(&self, id: ProcessId) -> String {
        self.network.processes.get(id.index()).map(|p| p.name.clone()).unwrap_or_default()
    }

    /// Adds a reaction; gives its position.
    pub(super) fn push_reaction(
        &mut self,
        process: ProcessId,
        part: Option<String>,
        (law, rate): (Law, Expr),
        changes: Vec<(SpeciesId, f64)>,
    ) -> usize {
        let mut stoichiometry: Vec<(SpeciesId, f64)> = Vec::with_capacity(changes.len());
        for (species, change) in changes {
            match stoichiometry.iter_mut().find(|(same, _)| *same == species) {
                Some((_, total)) => *total += change,
                None => stoichiometry.push((species, change)),
            }
        }
        stoichiometry.retain(|(species, change)| *change != 0.0 && !self.is_fixed(*species));
        stoichiometry.sort_unstable_by_key(|(species, _)| *species);
        self.network.reactions.push(Reaction { process, part, law, rate, stoichiometry });
        self.network.reactions.len() - 1
    }

    fn is_fixed(&self, species: SpeciesId) -> bool {
        self.network.species.get(species.index()).is_some_and(|s| s.fixed)
    }

    fn net_change(
        &self,
        scope: ScopeId,
        left: &[(SpeciesId, u32)],
        right: &[(SpeciesId, u32)],
    ) -> Vec<(SpeciesId, f64)> {
        let lost = left.iter().map(|&(s, n)| (s, -f64::from(n) * self.weight(scope, s)));
        let gained = right.iter().map(|&(s, n)| (s, f64::from(n) * self.weight(scope, s)));
        lost.chain(gained).collect()
    }

    /// How many copies of a pool change when one does in each cell of a scope: their number for a shared pool.
    pub(super) fn weight(&self, scope: ScopeId, species: SpeciesId) -> f64 {
        match self.network.species.get(species.index()) {
            Some(species) if species.cell.is_none() => self.count(scope),
            _ => 1.0,
        }
    }

    /// The factors by which the synthesis of these molecules may be scaled.
    fn synthesis_of(&mut self, scope: ScopeId, made: &[(SpeciesId, u32)]) -> Expr {
        let mut factor = Expr::ONE;
        let mut seen: Vec<MoleculeId> = Vec::new();
        for &(species, _) in made {
            let Some(Key { what: What::Molecule(id, _), .. }) = self.pools.key(species) else { continue };
            if !seen.contains(&id) {
                seen.push(id);
                factor = factor * Expr::Parameter(self.synthesis(scope, id));
            }
        }
        factor
    }

    fn synthesis(&mut self, scope: ScopeId, id: MoleculeId) -> ParameterId {
        if let Some(made) = self.synthesis.get(&(scope, id)) {
            return *made;
        }
        let (name, span) = self.hir.molecules.get(id.index()).map(|m| (m.name.as_str(), m.span)).unwrap_or_default();
        let name = format!("synthesis of {}{name}", self.scope_prefix(scope));
        let made = self.parameter(name, Role::Synthesis, Expr::ONE, super::numbers::Known::plain(span));
        self.synthesis.insert((scope, id), made);
        made
    }
}

/// The first reference that lies in vesicles, if any.
fn carrier<'p>(pools: impl Iterator<Item = &'p (Pool, u32)>) -> Option<&'p [Location]> {
    pools.map(|(pool, _)| pool.at.as_slice()).find(|at| matches!(at.first(), Some(Location::Vesicle(..))))
}
