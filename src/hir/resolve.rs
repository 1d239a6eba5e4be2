//! What a reference means in its place of use.

use smol_str::SmolStr;

use super::expr::{Entity, Location};
use super::ids::*;
use super::lookup::Found;
use super::program::{Def, Entry, Space};
use super::reports::modules::unknown_module;
use super::reports::names as report;
use super::scope::{At, Callee, Context, Named, Referent, Reported};
use super::{Decl, Pool};
use crate::syntax::ast::{self, Name, Path, Ref};

/// What a path has come to: a thing, in a placed cell if one was named, and the words after it.
struct Reached<'a> {
    def: Def,
    scope: Option<ScopeId>,
    rest: &'a [Name],
}

impl<'p> Context<'p> {
    /// What a reference in an expression, a `set` target or a treatment means.
    pub fn resolve(&mut self, reference: &Ref, at: At) -> Result<Referent, Reported> {
        if let Some(name) = reference.single() {
            if let Some(local) = at.locals.iter().position(|l| *l == name.text) {
                return Ok(Referent::Local(local));
            }
            if name.text == "time" {
                return Ok(Referent::Time);
            }
            // Only places can have a unit's name, and then it means the place.
            let place = || matches!(self.program.lookup(Space::Thing, &name.text, at.site), Found::One(..));
            if let Some(unit) = self.units.named(&name.text)
                && !place()
            {
                return Ok(Referent::Unit(unit));
            }
        }
        let spaces = [Space::Thing, Space::Observable, Space::Process];
        let reached = self.reach(&reference.path, at, &spaces)?;
        self.referent(reached, reference, at)
    }

    /// A molecule or vesicle class: what a process, a modifier, a knockout or `per` is about.
    pub fn resolve_pool(&mut self, reference: &Ref, at: At) -> Result<Pool, Reported> {
        let reached = self.reach(&reference.path, at, &[Space::Thing])?;
        let def = reached.def;
        match self.referent(reached, reference, at)? {
            Referent::Pool(pool) => Ok(pool),
            _ => {
                let report = report::wrong_kind(self.program, reference.span, def, "a molecule or a vesicle class");
                self.sink.fail(report)
            }
        }
    }

    /// A compartment: where something is declared.
    pub fn resolve_compartment(&mut self, reference: &Ref, at: At) -> Result<CompartmentId, Reported> {
        let reached = self.reach(&reference.path, at, &[Space::Thing])?;
        match reached.def {
            Def::Compartment(id) if reached.rest.is_empty() && reference.at.is_empty() => Ok(id),
            def => {
                let report = report::wrong_kind(self.program, reference.span, def, "a compartment");
                self.sink.fail(report)
            }
        }
    }

    /// Where members of a vesicle class may be: a compartment, or another class.
    pub fn resolve_home(&mut self, reference: &Ref, at: At, to: &mut Vec<Location>) -> Result<(), Reported> {
        self.location(&reference.path, at, to)
    }

    /// A pathway, cell, model, hypothesis or file. `wanted` is for the message: "a cell".
    pub fn resolve_group(&mut self, path: &Path, at: At, wanted: &str) -> Result<GroupId, Reported> {
        let reached = self.reach(path, at, &[Space::Thing])?;
        match reached.def {
            Def::Group(id) if reached.rest.is_empty() => Ok(id),
            def => {
                let report = report::wrong_kind(self.program, path.span, def, wanted);
                self.sink.fail(report)
            }
        }
    }

    /// Any one thing, for `for X in …`.
    pub fn resolve_thing(&mut self, path: &Path, at: At) -> Result<Def, Reported> {
        let reached = self.reach(path, at, &[Space::Thing])?;
        match reached.rest.first() {
            None => Ok(reached.def),
            Some(rest) => {
                let report = report::no_part(self.program, rest, reached.def);
                self.sink.fail(report)
            }
        }
    }

    /// A function of the user's, or one of `builtins`.
    pub fn resolve_function(&mut self, path: &Path, at: At, builtins: &[&str]) -> Result<Callee, Reported> {
        if let Some(name) = path.single() {
            if let Found::One(Entry { def: Def::Function(id), .. }, site) =
                self.program.lookup(Space::Thing, &name.text, at.site)
            {
                self.sink.used.insert((site, name.text.clone()));
                return Ok(Callee::Declared(id));
            }
            if let Some(builtin) = builtins.iter().position(|b| *b == name.text) {
                return Ok(Callee::Builtin(builtin));
            }
            if let Found::Nothing = self.program.lookup(Space::Thing, &name.text, at.site) {
                let report = report::unknown_function(self.program, name, at.site, builtins, self.library);
                return self.sink.fail(report);
            }
        }
        match self.reach(path, at, &[Space::Thing])?.def {
            Def::Function(id) => Ok(Callee::Declared(id)),
            def => {
                let report = report::wrong_kind(self.program, path.span, def, "a function");
                self.sink.fail(report)
            }
        }
    }

    /// A unit of the prelude or of the user's, as written after a number.
    pub fn resolve_unit(&mut self, name: &Name, at: At) -> Result<Referent, Reported> {
        if let Some(unit) = self.units.named(&name.text) {
            return Ok(Referent::Unit(unit));
        }
        match self.program.lookup(Space::Thing, &name.text, at.site) {
            Found::One(Entry { def: Def::Unit(id), .. }, site) => {
                self.sink.used.insert((site, name.text.clone()));
                Ok(Referent::UserUnit(id))
            }
            _ => {
                let report = report::unknown_unit(self.program, &self.units, name);
                self.sink.fail(report)
            }
        }
    }

    /// The name of a perturbation or drug, in an arm.
    pub fn resolve_treatment(&mut self, path: &Path, at: At) -> Result<Named, Reported> {
        let reached = self.reach(path, at, &[Space::Thing])?;
        match reached.def {
            Def::Perturbation(id) if reached.rest.is_empty() => Ok(Named::Perturbation(id)),
            Def::Drug(id) if reached.rest.is_empty() => Ok(Named::Drug(id)),
            def => {
                let report = report::wrong_kind(self.program, path.span, def, "a perturbation or a drug");
                self.sink.fail(report)
            }
        }
    }

    /// A `source`, in a citation.
    pub fn resolve_source(&mut self, path: &Path, at: At) -> Result<SourceId, Reported> {
        if let [name] = path.segments.as_slice()
            && let Found::Nothing = self.program.lookup(Space::Thing, &name.text, at.site)
        {
            // What the used modules cite may be cited without a `use`, if it is one source.
            let mut known = (0..).zip(&self.program.sources).filter(|(_, s)| s.name == name.text);
            if let (Some((id, _)), None) = (known.next(), known.next()) {
                return Ok(SourceId(id));
            }
            let report = report::unknown_source(self.program, name, at.site, self.library);
            return self.sink.fail(report);
        }
        match self.reach(path, at, &[Space::Thing])?.def {
            Def::Source(id) => Ok(id),
            def => {
                let report = report::wrong_kind(self.program, path.span, def, "a source of citations");
                self.sink.fail(report)
            }
        }
    }

    /// Follows a path from its first word as far as modules, groups and placed cells go.
    fn reach<'a>(&mut self, path: &'a Path, at: At, spaces: &[Space]) -> Result<Reached<'a>, Reported> {
        let Some((head, mut rest)) = path.segments.split_first() else { return Err(Reported) };
        let mut scope = None;
        let mut def = match self.head(head, at, spaces)? {
            Head::Def(def) => def,
            Head::Scope(id) => {
                let Some((name, after)) = rest.split_first() else {
                    let report = report::cell_alone(head);
                    return self.sink.fail(report);
                };
                scope = Some(id);
                rest = after;
                self.in_scope(name, id, at)?
            }
            Head::Path => {
                let Some((module, length)) = self.program.module_prefix(&path.segments) else {
                    let report = match head.text == "std" && !rest.is_empty() {
                        true => unknown_module(&path.to_string(), path.span, &self.library.modules()),
                        false => report::unknown_name(self, head, at, spaces),
                    };
                    return self.sink.fail(report);
                };
                rest = path.segments.get(length..).unwrap_or_default();
                Def::Module(module)
            }
        };
        while let Some((name, after)) = rest.split_first() {
            if !matches!(def, Def::Module(_) | Def::Group(_)) {
                break;
            }
            let part = spaces.iter().find_map(|space| self.program.part(def, *space, &name.text));
            let Some(part) = part else {
                let report = report::no_part(self.program, name, def);
                return self.sink.fail(report);
            };
            def = part;
            rest = after;
        }
        Ok(Reached { def: self.program.settle(def), scope, rest })
    }

    /// What the first word of a path means.
    fn head(&mut self, head: &Name, at: At, spaces: &[Space]) -> Result<Head, Reported> {
        for space in spaces {
            match self.program.lookup(*space, &head.text, at.site) {
                Found::Nothing => {}
                Found::One(entry, site) => {
                    if entry.imported {
                        self.sink.used.insert((site, head.text.clone()));
                    }
                    if entry.def == Def::Missing {
                        return Err(Reported);
                    }
                    if let Some(def) = self.namesake(entry.def, head, at) {
                        return Ok(Head::Def(def));
                    }
                    return Ok(self.head_of(entry.def, &head.text, at));
                }
                Found::Several(entries) => {
                    let report = report::ambiguous(self.program, head, entries.iter().map(|e| e.def));
                    return self.sink.fail(report);
                }
            }
        }
        let Some(model) = at.model.and_then(|m| self.models.get(m)) else { return Ok(Head::Path) };
        if let Some(scope) = model.scopes.get(&head.text) {
            return Ok(Head::Scope(*scope));
        }
        match model.things.get(&head.text).map(Vec::as_slice) {
            None | Some([]) if model.incomplete => Err(Reported),
            None | Some([]) => Ok(Head::Path),
            Some([(def, _)]) => Ok(Head::Def(*def)),
            Some(several) => {
                let report = report::ambiguous(self.program, head, several.iter().map(|(def, _)| *def));
                self.sink.fail(report)
            }
        }
    }

    /// What the model has under the name of something of the file's that it doesn't contain.
    fn namesake(&mut self, own: Def, name: &Name, at: At) -> Option<Def> {
        let decl = match own {
            Def::Molecule(id) => Decl::Molecule(id),
            Def::Vesicle(id) => Decl::Vesicle(id),
            _ => return None,
        };
        let model = at.model.and_then(|m| self.models.get(m)).filter(|m| !m.members.contains_key(&decl))?;
        let [(def, _)] = model.things.get(&name.text)?.as_slice() else { return None };
        let def = *def;
        let report = report::namesake(self.program, name, own, def);
        self.sink.push(report);
        Some(def)
    }

    fn head_of(&self, def: Def, name: &SmolStr, at: At) -> Head {
        let scope = || at.model.and_then(|m| self.models.get(m)?.scopes.get(name));
        match (def, scope()) {
            (Def::Placed(..), Some(scope)) => Head::Scope(*scope),
            _ => Head::Def(def),
        }
    }

    /// `Rab27a` of `donor.Rab27a`.
    fn in_scope(&mut self, name: &Name, scope: ScopeId, at: At) -> Result<Def, Reported> {
        let model = at.model.and_then(|m| self.models.get(m));
        let things = model.and_then(|m| m.things.get(&name.text)).map_or(&[][..], Vec::as_slice);
        let here: Vec<Def> = things.iter().filter(|(_, scopes)| scopes.contains(&scope)).map(|(d, _)| *d).collect();
        match here.as_slice() {
            [def] => Ok(*def),
            [] if model.is_some_and(|m| m.incomplete) => Err(Reported),
            [] => {
                let report = report::not_in_cell(self, name, scope, at);
                self.sink.fail(report)
            }
            several => {
                let report = report::ambiguous(self.program, name, several.iter().copied());
                self.sink.fail(report)
            }
        }
    }

    /// Takes the words after the thing, and the places, to it.
    fn referent(&mut self, reached: Reached, reference: &Ref, at: At) -> Result<Referent, Reported> {
        let Reached { def, scope, rest } = reached;
        let entity = match def {
            Def::Molecule(id) => Entity::Molecule(id),
            Def::Vesicle(id) => Entity::Vesicle(id),
            _ => {
                if let Some(name) = rest.first() {
                    let report = report::no_part(self.program, name, def);
                    return self.sink.fail(report);
                }
                if let Some(place) = reference.at.first() {
                    let report = report::has_no_places(self.program, place.span, def);
                    return self.sink.fail(report);
                }
                return self.plain_referent(def, scope, reference);
            }
        };
        let state = self.state(entity, rest)?;
        let mut locations = Vec::with_capacity(reference.at.len());
        for place in &reference.at {
            self.location(place, at, &mut locations)?;
        }
        Ok(Referent::Pool(Pool { what: entity, state, at: locations, scope, span: reference.span }))
    }

    fn plain_referent(&mut self, def: Def, scope: Option<ScopeId>, at: &Ref) -> Result<Referent, Reported> {
        Ok(match def {
            Def::Param(id) => Referent::Param(id, scope),
            Def::Let(id) => Referent::Let(id, scope),
            Def::Input(id) => Referent::Input(id, scope),
            Def::Compartment(id) => Referent::Compartment(id, scope),
            Def::Unit(id) => Referent::UserUnit(id),
            Def::Observable(id) => Referent::Observable(id, scope),
            Def::Process(id) => Referent::Process(id, scope),
            _ => {
                let report = report::wrong_kind(self.program, at.span, def, "something that has a value");
                return self.sink.fail(report);
            }
        })
    }

    fn state(&mut self, entity: Entity, rest: &[Name]) -> Result<Option<StateId>, Reported> {
        let (name, beyond) = match rest {
            [] => return Ok(None),
            [name, beyond @ ..] => (name, beyond),
        };
        if let Some(extra) = beyond.first() {
            let report = report::state_of_a_state(extra, name);
            return self.sink.fail(report);
        }
        let states = self.states(entity);
        match states.iter().position(|s| s.name.text == name.text) {
            Some(at) => Ok(Some(StateId(at as u32))),
            None => {
                let report = report::unknown_state(self.program, name, entity, states);
                self.sink.fail(report)
            }
        }
    }

    /// The states a molecule or vesicle class declares; empty if it has none.
    pub fn states(&self, entity: Entity) -> &'p [ast::State] {
        match entity {
            Entity::Molecule(id) => self.program.molecule_states(id),
            Entity::Vesicle(id) => self.program.vesicle_states(id),
        }
    }

    /// One `@place`.
    fn location(&mut self, path: &Path, at: At, to: &mut Vec<Location>) -> Result<(), Reported> {
        if path.single().is_some_and(|name| name.text == "everywhere") {
            to.push(Location::Anywhere);
            return Ok(());
        }
        if let Some(name) = path.single()
            && let Ok(Head::Scope(scope)) = self.head(name, at, &[Space::Thing])
        {
            to.push(Location::Scope(scope));
            return Ok(());
        }
        let Reached { def, scope, rest } = self.reach(path, at, &[Space::Thing])?;
        match def {
            Def::Compartment(id) if rest.is_empty() => to.push(Location::Compartment(id)),
            Def::Vesicle(id) => {
                let state = self.state(Entity::Vesicle(id), rest)?;
                to.push(Location::Vesicle(id, state));
            }
            def => {
                let report = report::wrong_kind(self.program, path.span, def, "a compartment or a vesicle class");
                return self.sink.fail(report);
            }
        }
        to.extend(scope.map(Location::Scope));
        Ok(())
    }
}

/// What the first word of a path can be.
enum Head {
    Def(Def),
    Scope(ScopeId),
    /// Perhaps the first word of a module's path.
    Path,
}
