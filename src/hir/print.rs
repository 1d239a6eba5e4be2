//! A checked program as text: what the compiler took each declaration to mean.
//!
//! Invariants: everything of the program is shown, module by module and group by group, in the order of its tables;
//! names are whole (`std.machinery.rab.Rab27a`) wherever they lead out of the group being shown; a number that stands
//! by itself is in its author's unit, one inside an expression in the common unit of its dimension.
//! Deliberately absent: spans, and what the network makes of it.

mod declarations;
mod experiments;
mod expressions;
mod models;
mod processes;

use std::cell::RefCell;
use std::fmt::Display;

use rustc_hash::FxHashMap;

use super::model::Model;
use super::units::{Dimension, Unit, Units};
use super::{Decl, Evidence, ExprKind, Group, GroupId, GroupKind, Hir, Module, Uncertainty, Value};

/// The program as text.
pub fn print(hir: &Hir) -> String {
    let mut owners = FxHashMap::default();
    for (index, group) in hir.groups.iter().enumerate() {
        owners.extend(group.members.iter().map(|decl| (*decl, GroupId(index as u32))));
    }
    let units = RefCell::new(Units::new());
    let printer = Printer { hir, owners: &owners, units: &units, here: None, model: None };
    let mut page = Page::default();
    hir.modules.iter().for_each(|module| printer.module(module, &mut page));
    hir.models.iter().for_each(|model| printer.elaborated(model, &mut page));
    hir.experiments.iter().for_each(|experiment| printer.experiment(experiment, &mut page));
    hir.claims.iter().for_each(|claim| printer.claim(claim, &mut page));
    page.text
}

/// Lines, indented.
#[derive(Default)]
struct Page {
    text: String,
    level: usize,
}

impl Page {
    fn line(&mut self, line: impl Display) {
        self.text.push_str(&"  ".repeat(self.level));
        self.text.push_str(line.to_string().trim_end());
        self.text.push('\n');
    }

    /// A line with more below it, one level in.
    fn nest(&mut self, head: impl Display, inside: impl FnOnce(&mut Page)) {
        self.line(head);
        self.level += 1;
        inside(self);
        self.level -= 1;
    }

    fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn doc(&mut self, doc: &str) {
        doc.lines().for_each(|line| self.line(format!("/// {line}")));
    }
}

/// Knows the program, and from where it is being looked at.
#[derive(Clone, Copy)]
struct Printer<'a> {
    hir: &'a Hir,
    owners: &'a FxHashMap<Decl, GroupId>,
    units: &'a RefCell<Units>,
    here: Option<GroupId>,
    /// Whose scopes are meant.
    model: Option<&'a Model>,
}

impl<'a> Printer<'a> {
    fn module(self, module: &Module, page: &mut Page) {
        page.gap();
        page.nest(format!("module {}", module.path), |page| {
            module.doc.lines().for_each(|line| page.line(format!("//! {line}")));
            let own = |group: &&(GroupId, &Group)| {
                self.hir.modules.get(group.1.module.index()).is_some_and(|m| m.file == module.file)
            };
            let groups: Vec<(GroupId, &Group)> =
                self.hir.groups.iter().enumerate().map(|(i, g)| (GroupId(i as u32), g)).collect();
            groups.iter().filter(own).for_each(|(id, group)| self.group(*id, group, page));
            let drugs = self.hir.drugs.iter().filter(|drug| drug.span.file == module.file);
            drugs.for_each(|drug| Printer { here: Some(module.group), ..self }.drug(drug, page));
        });
    }

    fn group(self, id: GroupId, group: &'a Group, page: &mut Page) {
        let printer = Printer { here: Some(id), ..self };
        let inside = |page: &mut Page| {
            printer.listed("includes", &group.includes, page);
            printer.listed("assumes", &group.assumes, page);
            group.members.iter().for_each(|decl| printer.declaration(*decl, page));
            group.sets.iter().for_each(|set| page.line(format!("set {}", printer.assignment(set))));
        };
        let kind = match group.kind {
            GroupKind::File => return inside(page),
            GroupKind::Pathway => "pathway",
            GroupKind::Hypothesis => "hypothesis",
            GroupKind::Cell { .. } => "cell",
            GroupKind::Model => "model",
        };
        let like = match group.kind {
            GroupKind::Cell { like: Some(like) } => format!(" like {}", printer.group_name(like)),
            _ => String::new(),
        };
        page.doc(&group.doc);
        page.nest(format!("{kind} {}{like}", group.name), inside);
    }

    fn listed(self, what: &str, groups: &[GroupId], page: &mut Page) {
        if !groups.is_empty() {
            let names: Vec<String> = groups.iter().map(|id| self.group_name(*id)).collect();
            page.line(format!("{what} {}", names.join(", ")));
        }
    }

    /// The name of a group, with its module's unless that is the one being shown.
    fn group_name(self, id: GroupId) -> String {
        let Some(group) = self.hir.groups.get(id.index()) else { return "?".to_owned() };
        let here = self.here.and_then(|here| self.hir.groups.get(here.index()));
        match self.hir.modules.get(group.module.index()) {
            Some(module) if group.kind == GroupKind::File => module.path.clone(),
            Some(module) if group.module.index() > 0 && here.is_none_or(|h| h.module != group.module) => {
                format!("{}.{}", module.path, group.name)
            }
            _ => group.name.to_string(),
        }
    }

    /// The name of a declaration, with its group's and module's as far as they are not those being shown.
    fn name(self, decl: Decl) -> String {
        let hir = self.hir;
        let name = match decl {
            Decl::Compartment(id) => hir.compartments.get(id.index()).map(|d| &d.name),
            Decl::Molecule(id) => hir.molecules.get(id.index()).map(|d| &d.name),
            Decl::Vesicle(id) => hir.vesicles.get(id.index()).map(|d| &d.name),
            Decl::Param(id) => hir.params.get(id.index()).map(|d| &d.name),
            Decl::Let(id) => hir.lets.get(id.index()).map(|d| &d.name),
            Decl::Input(id) => hir.inputs.get(id.index()).map(|d| &d.name),
            Decl::Process(id) => hir.processes.get(id.index()).map(|d| &d.name),
            Decl::Event(id) => hir.events.get(id.index()).map(|d| &d.name),
            Decl::Observable(id) => hir.observables.get(id.index()).map(|d| &d.name),
            Decl::Rule(id) => {
                return hir
                    .rules
                    .get(id.index())
                    .map_or_else(String::new, |r| format!("change {}", self.target(&r.target)));
            }
        };
        let name = name.map_or("?", |name| name.as_str());
        let owner = self.owners.get(&decl).and_then(|id| Some((*id, hir.groups.get(id.index())?)));
        match owner {
            Some((id, group))
                if self.here != Some(id) && (group.kind != GroupKind::File || group.module.index() > 0) =>
            {
                let same = self.here.and_then(|h| hir.groups.get(h.index())).is_some_and(|h| h.module == group.module);
                if same && group.kind == GroupKind::File {
                    name.to_owned()
                } else {
                    format!("{}.{name}", self.group_name(id))
                }
            }
            _ => name.to_owned(),
        }
    }

    /// A number of the source: value, uncertainty, evidence.
    fn value(self, value: &Value) -> String {
        let uncertainty = value.uncertainty.map_or_else(String::new, |u| format!(" {}", uncertain(u, &value.unit)));
        format!("{}{uncertainty}{}", self.bare(value), evidence(&value.evidence))
    }

    /// The value alone.
    fn bare(self, value: &Value) -> String {
        match value.expr.kind {
            ExprKind::Number(number) => quantity(number, &value.unit),
            _ => self.expr(&value.expr),
        }
    }

    /// A number in the common unit of its dimension.
    fn usual(self, number: f64, dimension: Dimension) -> String {
        let mut units = self.units.borrow_mut();
        let unit = units.usual(dimension);
        quantity(number, units.get(unit))
    }
}

/// `0.2/min`, `80 nm`, `3`.
fn quantity(internal: f64, unit: &Unit) -> String {
    let shown = number(internal / unit.factor);
    match unit.symbol.strip_prefix('1') {
        Some(per) => format!("{shown}{per}"),
        None => format!("{shown} {}", unit.symbol).trim_end().to_owned(),
    }
}

/// Twelve digits at most, so that conversions leave no trace.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    let size = rounded.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) { format!("{rounded:e}") } else { format!("{rounded}") }
}

fn uncertain(uncertainty: Uncertainty, unit: &Unit) -> String {
    match uncertainty {
        Uncertainty::Fold(fold) => format!("within {} fold", number(fold)),
        Uncertainty::Sd(sd) => format!("± {}", quantity(sd, unit)),
        Uncertainty::Uniform(low, high) => format!("from {} to {}", quantity(low, unit), quantity(high, unit)),
    }
}

/// With a space before it; nothing if nothing was said.
fn evidence(evidence: &Evidence) -> String {
    let assumed = if evidence.assumed { "   assumed" } else { "" };
    if evidence.citations.is_empty() {
        return assumed.to_owned();
    }
    format!("{assumed}   cites {}", evidence.citations.join(", "))
}
