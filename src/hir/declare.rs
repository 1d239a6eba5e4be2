//! First pass: every declaration gets its id, every name its place.
//!
//! Invariants: names are unique in their nest; a `for` is unrolled, each round a nest of its own in which its variable
//! is bound. Nothing inside expressions is looked at.

use smol_str::{SmolStr, format_smolstr};

use super::ids::*;
use super::library::Library;
use super::load::Loaded;
use super::program::*;
use super::reports::names as report;
use super::scope::{Context, Sink};
use super::units::{Dimension, Units};
use super::{Decl, GroupKind};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{self, Item, ItemKind, Name};

/// Where an item stands.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    pub site: SiteId,
    pub group: GroupId,
    pub module: ModuleId,
    /// Start of the outermost item of the group that it is part of: the order of members.
    order: Option<u32>,
}

/// What declaring leaves to be resolved, with where it stands.
#[derive(Default)]
pub(super) struct Pending<'a> {
    pub repeats: Vec<(Standing, &'a ast::For)>,
    pub includes: Vec<(Standing, &'a ast::Path)>,
    pub assumes: Vec<(Standing, &'a ast::Path)>,
    pub likes: Vec<(Standing, &'a ast::Path)>,
}

pub(super) struct Declarer<'a, 'c> {
    pub program: Program<'a>,
    pub pending: Pending<'a>,
    /// Members of each group with their order in the text.
    members: Vec<Vec<(u32, Decl)>>,
    pub carried: &'c mut Carried<'a>,
}

/// What of a [`Context`] outlives the program it is about.
pub struct Carried<'a> {
    pub sources: &'a SourceMap,
    pub library: &'a Library<'a>,
    pub units: Units,
    pub sink: Sink,
}

impl<'a> Carried<'a> {
    /// Asks questions of a program that is not complete yet.
    pub fn with<'p, R>(&mut self, program: &'p Program<'p>, ask: impl FnOnce(&mut Context<'p>) -> R) -> R
    where
        'a: 'p,
    {
        let mut context = Context {
            program,
            sources: self.sources,
            library: self.library,
            units: std::mem::replace(&mut self.units, Units::nameless()),
            sink: std::mem::take(&mut self.sink),
            typed: Default::default(),
            models: Vec::new(),
        };
        let answer = ask(&mut context);
        self.units = context.units;
        self.sink = context.sink;
        answer
    }
}

/// Declares everything in `modules`, of which so many come first that are roots.
pub fn declare<'a>(modules: &'a [Loaded], roots: usize, carried: &mut Carried<'a>) -> Program<'a> {
    let program = Program { roots, ..Program::default() };
    let mut declarer = Declarer { program, pending: Pending::default(), members: Vec::new(), carried };
    for module in modules {
        declarer.module(module);
    }
    for module in modules {
        declarer.imports(module);
    }
    declarer.settle();
    for (group, mut members) in declarer.program.groups.iter_mut().zip(declarer.members) {
        members.sort_by_key(|(order, _)| *order);
        group.members = members.into_iter().map(|(_, decl)| decl).collect();
    }
    declarer.program
}

/// Adds to a table and gives the new position.
fn push<T>(table: &mut Vec<T>, value: T) -> u32 {
    table.push(value);
    table.len() as u32 - 1
}

impl<'a> Declarer<'a, '_> {
    fn module(&mut self, loaded: &'a Loaded) {
        let module = ModuleId(self.program.modules.len() as u32);
        let last = SmolStr::new(loaded.path.rsplit('.').next().unwrap_or(&loaded.path));
        let doc = text(loaded.ast.docs.as_ref());
        let start = Span { end: loaded.ast.span.start, ..loaded.ast.span };
        let at = self.group(&last, start, GroupKind::File, None, module, doc);
        let path = loaded.path.clone();
        self.program.module_by_path.insert(path.clone(), module);
        let declared = DeclaredModule { path, file: loaded.file, ast: &loaded.ast, site: at.site, group: at.group };
        self.program.modules.push(declared);
        self.items(&loaded.ast.items, at);
    }

    /// A new group with its nest of names.
    fn group(
        &mut self,
        name: &SmolStr,
        span: Span,
        kind: GroupKind,
        parent: Option<SiteId>,
        module: ModuleId,
        doc: String,
    ) -> Standing {
        let group = GroupId(self.program.groups.len() as u32);
        let site = self.site(parent, module, group);
        self.program.groups.push(DeclaredGroup {
            name: name.clone(),
            kind,
            site,
            members: Vec::new(),
            includes: Vec::new(),
            incomplete: false,
            sets: Vec::new(),
            assumes: Vec::new(),
            places: Vec::new(),
            doc,
            module,
            span,
        });
        self.members.push(Vec::new());
        Standing { site, group, module, order: None }
    }

    fn site(&mut self, parent: Option<SiteId>, module: ModuleId, group: GroupId) -> SiteId {
        SiteId(push(
            &mut self.program.sites,
            Site { parent, module, group, names: Default::default(), included: Vec::new() },
        ))
    }

    fn items(&mut self, items: &'a [Item], at: Standing) {
        for item in items {
            let order = at.order.or(Some(item.span.start));
            self.item(item, Standing { order, ..at });
        }
    }

    fn item(&mut self, item: &'a Item, at: Standing) {
        let doc = text(item.docs.as_ref());
        match &item.kind {
            ItemKind::Error => {
                // What could not be read may have placed or included anything.
                if let Some(group) = self.program.groups.get_mut(at.group.index()) {
                    group.incomplete = true;
                }
            }
            ItemKind::Use(_) => {}
            ItemKind::For(repeat) => self.pending.repeats.push((at, repeat)),
            ItemKind::Include(include) => self.pending.includes.extend(include.paths.iter().map(|p| (at, p))),
            ItemKind::Assume(assume) => self.pending.assumes.push((at, &assume.hypothesis)),
            ItemKind::Set(set) => self.in_group(at, |group| group.sets.push((set, at.site))),
            ItemKind::Place(place) => self.place(place, at),
            ItemKind::Pathway(block) => self.block(block, GroupKind::Pathway, at, doc),
            ItemKind::Hypothesis(block) => self.block(block, GroupKind::Hypothesis, at, doc),
            ItemKind::Model(block) => self.block(block, GroupKind::Model, at, doc),
            ItemKind::Cell(cell) => self.cell(cell, at, doc),
            ItemKind::Compartment(_) | ItemKind::Species(_) | ItemKind::Complex(_) | ItemKind::Vesicle(_) => {
                self.matter(&item.kind, at, doc);
            }
            ItemKind::Process(_) | ItemKind::Change(_) | ItemKind::When(_) => self.happening(item, at, doc),
            _ => self.number_or_trial(item, at, doc),
        }
    }

    fn in_group(&mut self, at: Standing, change: impl FnOnce(&mut DeclaredGroup<'a>)) {
        if let Some(group) = self.program.groups.get_mut(at.group.index()) {
            change(group);
        }
    }

    fn place(&mut self, place: &'a ast::Place, at: Standing) {
        let position = self.program.group(at.group).map_or(0, |g| g.places.len()) as u32;
        self.in_group(at, |group| group.places.push(place));
        self.bind(Space::Thing, &place.name, Def::Placed(at.group, position), at.site);
    }

    fn block(&mut self, block: &'a ast::Block, kind: GroupKind, at: Standing, doc: String) {
        let inner = self.group(&block.name.text, block.name.span, kind, Some(at.site), at.module, doc);
        self.bind(Space::Thing, &block.name, Def::Group(inner.group), at.site);
        self.items(&block.items, inner);
    }

    fn cell(&mut self, cell: &'a ast::Cell, at: Standing, doc: String) {
        let name = &cell.name.name;
        let kind = GroupKind::Cell { like: None };
        let inner = self.group(&name.text, name.span, kind, Some(at.site), at.module, doc);
        self.bind(Space::Thing, name, Def::Group(inner.group), at.site);
        self.pending.likes.extend(cell.like.as_ref().map(|path| (inner, path)));
        self.items(&cell.items, inner);
    }

    /// Places, molecules, vesicles.
    fn matter(&mut self, kind: &'a ItemKind, at: Standing, doc: String) {
        match kind {
            ItemKind::Compartment(compartment) => {
                let name = &compartment.name.name;
                let id = CompartmentId(push(&mut self.program.compartments, declared(compartment, name, at, doc)));
                self.member(Decl::Compartment(id), name, at);
            }
            ItemKind::Species(species) => {
                for name in &species.names {
                    let ast = MoleculeAst::Species(species, name);
                    let entry = declared(ast, &name.name, at, doc.clone());
                    let id = MoleculeId(push(&mut self.program.molecules, entry));
                    self.member(Decl::Molecule(id), &name.name, at);
                }
                self.states(&species.states);
            }
            ItemKind::Complex(complex) => {
                let name = &complex.name.name;
                let entry = declared(MoleculeAst::Complex(complex), name, at, doc);
                let id = MoleculeId(push(&mut self.program.molecules, entry));
                self.member(Decl::Molecule(id), name, at);
            }
            ItemKind::Vesicle(vesicle) => {
                let name = &vesicle.name.name;
                let id = VesicleId(push(&mut self.program.vesicles, declared(vesicle, name, at, doc)));
                self.member(Decl::Vesicle(id), name, at);
                self.states(&vesicle.states);
            }
            _ => {}
        }
    }

    /// Processes, rules, events.
    fn happening(&mut self, item: &'a Item, at: Standing, doc: String) {
        match &item.kind {
            ItemKind::Process(process) => {
                let name = self.process_name(process, at.site);
                let entry = Declared { name: name.clone(), ..declared(process, &process.name, at, doc) };
                let id = ProcessId(push(&mut self.program.processes, entry));
                self.join(Decl::Process(id), at);
                let site = self.program.group(at.group).map_or(at.site, |g| g.site);
                let named = Name { text: name, span: process.name.span };
                self.bind(Space::Process, &named, Def::Process(id), site);
            }
            ItemKind::Change(change) => {
                let entry = unnamed(change, change.target.span, at, doc);
                let id = RuleId(push(&mut self.program.rules, entry));
                self.join(Decl::Rule(id), at);
            }
            ItemKind::When(when) => {
                let entry = unnamed(when, item.span, at, doc);
                let id = EventId(push(&mut self.program.events, entry));
                self.join(Decl::Event(id), at);
            }
            _ => {}
        }
    }

    /// `activation of Rab27a` in the round of `for Rab` that has it.
    fn process_name(&self, process: &ast::Process, site: SiteId) -> SmolStr {
        let Some(of) = &process.of else { return process.name.text.clone() };
        let bound = self.program.site(site).and_then(|s| s.names.get(&(Space::Thing, of.text.clone())));
        let name = bound.and_then(|entry| self.program.name_of(entry.def)).map_or(&of.text, |(name, _)| name);
        format_smolstr!("{} of {name}", process.name)
    }

    /// Parameters and what else is made of numbers, perturbations, experiments and claims.
    fn number_or_trial(&mut self, item: &'a Item, at: Standing, doc: String) {
        let root = self.program.is_root(at.module);
        let program = &mut self.program;
        match &item.kind {
            ItemKind::Param(param) => {
                let id = ParamId(push(&mut program.params, declared(param, &param.name, at, doc)));
                self.member(Decl::Param(id), &param.name, at);
            }
            ItemKind::Let(definition) => {
                let id = LetId(push(&mut program.lets, declared(definition, &definition.name, at, doc)));
                self.member(Decl::Let(id), &definition.name, at);
            }
            ItemKind::Input(input) => {
                let id = InputId(push(&mut program.inputs, declared(input, &input.name, at, doc)));
                self.member(Decl::Input(id), &input.name, at);
            }
            ItemKind::Observable(observable) => {
                let id = ObservableId(push(&mut program.observables, declared(observable, &observable.name, at, doc)));
                self.join(Decl::Observable(id), at);
                self.bind(Space::Observable, &observable.name, Def::Observable(id), at.site);
            }
            ItemKind::Function(function) => {
                let id = FunctionId(push(&mut program.functions, declared(function, &function.name, at, doc)));
                self.bind(Space::Thing, &function.name, Def::Function(id), at.site);
                self.distinct(function.parameters.iter(), "parameter of a function");
            }
            ItemKind::Unit(unit) => {
                let id = UserUnitId(push(&mut program.units, declared(unit, &unit.name, at, doc)));
                self.bind(Space::Thing, &unit.name, Def::Unit(id), at.site);
            }
            ItemKind::Source(source) => {
                let id = SourceId(push(&mut program.sources, declared(source, &source.name, at, doc)));
                self.bind(Space::Thing, &source.name, Def::Source(id), at.site);
            }
            ItemKind::Perturbation(perturbation) => {
                let name = &perturbation.name.name;
                let id = PerturbationId(push(&mut program.perturbations, declared(perturbation, name, at, doc)));
                self.bind(Space::Thing, name, Def::Perturbation(id), at.site);
            }
            ItemKind::Drug(drug) => {
                let name = &drug.name.name;
                let id = DrugId(push(&mut program.drugs, declared(drug, name, at, doc)));
                self.bind(Space::Thing, name, Def::Drug(id), at.site);
            }
            ItemKind::Experiment(experiment) if root => {
                let entry = declared(experiment, &experiment.name, at, doc);
                let id = ExperimentId(push(&mut program.experiments, entry));
                self.bind(Space::Experiment, &experiment.name, Def::Experiment(id), at.site);
            }
            ItemKind::Claim(claim) if root => program.claims.push(unnamed(claim, claim.text.span, at, doc)),
            _ => {}
        }
    }

    fn member(&mut self, decl: Decl, name: &Name, at: Standing) {
        self.join(decl, at);
        if let Some(def) = decl.named() {
            self.bind(Space::Thing, name, def, at.site);
        }
    }

    fn join(&mut self, decl: Decl, at: Standing) {
        if let Some(members) = self.members.get_mut(at.group.index()) {
            members.push((at.order.unwrap_or(0), decl));
        }
    }

    fn states(&mut self, states: &[ast::State]) {
        let mut seen: Vec<&Name> = Vec::new();
        for state in states {
            match seen.iter().find(|known| known.text == state.name.text) {
                Some(first) => {
                    self.carried.sink.push(report::declared_twice(&state.name.text, state.name.span, first.span));
                }
                None => seen.push(&state.name),
            }
        }
    }

    fn distinct<'n>(&mut self, names: impl Iterator<Item = &'n Name>, noun: &str) {
        let mut seen: Vec<&Name> = Vec::new();
        for name in names {
            if self.is_unit(name) {
                self.carried.sink.push(report::shadows_unit(name, noun));
            }
            match seen.iter().find(|known| known.text == name.text) {
                Some(first) => self.carried.sink.push(report::declared_twice(&name.text, name.span, first.span)),
                None => seen.push(name),
            }
        }
    }

    /// Gives a name its meaning in a site, where it must be new.
    pub fn bind(&mut self, space: Space, name: &Name, def: Def, site: SiteId) {
        if space == Space::Thing && self.is_unit(name) && !self.may_be_a_unit(name, def) {
            self.carried.sink.push(report::shadows_unit(name, def.noun()));
        }
        let Some(names) = self.program.sites.get_mut(site.index()).map(|s| &mut s.names) else { return };
        let entry = Entry { def, span: name.span, imported: false };
        match names.entry((space, name.text.clone())) {
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(entry);
            }
            std::collections::hash_map::Entry::Occupied(known) => {
                let first = known.get().span;
                let report = match first == name.span {
                    true => report::repeated_without_of(&name.text, name.span),
                    false => report::declared_twice(&name.text, name.span, first),
                };
                self.carried.sink.push(report);
            }
        }
    }

    fn is_unit(&self, name: &Name) -> bool {
        self.carried.units.named(&name.text).is_some()
    }

    /// Places may be called `cell` or `cells`: after a number they are units all the same.
    fn may_be_a_unit(&self, name: &Name, def: Def) -> bool {
        let unit = self.carried.units.named(&name.text).map(|id| self.carried.units.get(id).dimension);
        matches!(def, Def::Compartment(_) | Def::Placed(..)) && unit == Some(Dimension::CELLS)
    }

    /// One round of a `for`: a nest of its own in which the variable is bound.
    pub fn round(&mut self, repeat: &'a ast::For, value: Def, at: Standing) {
        let site = self.site(Some(at.site), at.module, at.group);
        let name = &repeat.variable;
        if self.is_unit(name) {
            self.carried.sink.push(report::shadows_unit(name, "variable of a `for`"));
        }
        if let Some(inner) = self.program.sites.get_mut(site.index()) {
            let entry = Entry { def: value, span: name.span, imported: false };
            inner.names.insert((Space::Thing, name.text.clone()), entry);
        }
        self.items(&repeat.items, Standing { site, ..at });
    }
}

fn declared<T>(ast: T, name: &Name, at: Standing, doc: String) -> Declared<T> {
    Declared { ast, name: name.text.clone(), doc, module: at.module, site: at.site, span: name.span }
}

fn unnamed<T>(ast: T, span: Span, at: Standing, doc: String) -> Declared<T> {
    Declared { ast, name: SmolStr::default(), doc, module: at.module, site: at.site, span }
}

fn text(docs: Option<&ast::Text>) -> String {
    docs.map_or(String::new(), |docs| docs.text.to_string())
}
