//! Places, molecules, vesicles, parameters, definitions, rules, events, observables.

use super::{Page, Printer, evidence, number, quantity};
use crate::hir::{Compartment, Decl, Diameter, Event, Molecule, MoleculeKind, Param, Position, Vesicle, VesicleHome};

impl Printer<'_> {
    pub(super) fn declaration(self, decl: Decl, page: &mut Page) {
        let hir = self.hir;
        match decl {
            Decl::Compartment(id) => {
                hir.compartments.get(id.index()).into_iter().for_each(|c| self.compartment(c, page))
            }
            Decl::Molecule(id) => hir.molecules.get(id.index()).into_iter().for_each(|m| self.molecule(m, page)),
            Decl::Vesicle(id) => hir.vesicles.get(id.index()).into_iter().for_each(|v| self.vesicle(v, page)),
            Decl::Param(id) => hir.params.get(id.index()).into_iter().for_each(|p| self.param(p, page)),
            Decl::Process(id) => hir.processes.get(id.index()).into_iter().for_each(|p| self.process(p, page)),
            Decl::Event(id) => hir.events.get(id.index()).into_iter().for_each(|e| self.event(e, page)),
            Decl::Let(id) => {
                hir.lets.get(id.index()).into_iter().for_each(|d| {
                    page.line(format!("let {} = {}   ({})", d.name, self.expr(&d.value), d.value.dimension.words()));
                });
            }
            Decl::Input(id) => hir.inputs.get(id.index()).into_iter().for_each(|input| {
                page.doc(&input.doc);
                let dimension = input.value.expr.dimension.words();
                page.line(format!("input {} = {}   ({dimension})", input.name, self.value(&input.value)));
            }),
            Decl::Rule(id) => hir.rules.get(id.index()).into_iter().for_each(|rule| {
                page.line(format!("change {} by {}", self.target(&rule.target), self.expr(&rule.rate)));
            }),
            Decl::Observable(id) => hir.observables.get(id.index()).into_iter().for_each(|o| {
                let phrase = o.phrase.as_ref().map_or_else(String::new, |phrase| format!(" \"{phrase}\""));
                let (value, dimension) = (self.expr(&o.value), o.value.dimension.words());
                page.line(format!("observable {}{phrase} = {value}   ({dimension})", o.name));
            }),
        }
    }

    fn compartment(self, compartment: &Compartment, page: &mut Page) {
        let place = |id| self.name(Decl::Compartment(id));
        let (kind, position) = match compartment.position {
            Position::Outermost => ("volume", "outermost".to_owned()),
            Position::Inside(outer) => ("volume", format!("in {}", place(outer))),
            Position::Between { inner, outer } => {
                ("membrane", format!("between {} (inner side) and {}", place(inner), place(outer)))
            }
        };
        // Budding, fission and fusion of membranes keep the parity.
        let side = if compartment.depth.is_multiple_of(2) { "even: exoplasmic or luminal" } else { "odd: cytosolic" };
        page.doc(&compartment.doc);
        page.line(format!(
            "compartment {} = {}   ({kind} {position}; depth {}, {side})",
            compartment.name,
            self.value(&compartment.size),
            compartment.depth
        ));
    }

    fn molecule(self, molecule: &Molecule, page: &mut Page) {
        let kind = match molecule.kind {
            MoleculeKind::Machinery => "machinery",
            MoleculeKind::Cargo => "cargo",
            MoleculeKind::Species => "species",
            MoleculeKind::Complex => "complex",
        };
        let alias = molecule.alias.as_ref().map_or_else(String::new, |alias| format!(" \"{alias}\""));
        let places: Vec<String> = molecule.places.iter().map(|id| self.name(Decl::Compartment(*id))).collect();
        let at = if places.is_empty() { String::new() } else { format!(" in {}", places.join(", ")) };
        let amount = molecule.amount.as_ref().map_or_else(|| "nothing at first".to_owned(), |a| self.value(a));
        let bound = if molecule.membrane_bound { "; stays in membranes" } else { "" };
        let fixed = if molecule.fixed { "; held fixed" } else { "" };
        page.doc(&molecule.doc);
        page.nest(format!("{kind} {}{alias}{at}: {amount}{bound}{fixed}", molecule.name), |page| {
            if !molecule.states.is_empty() {
                let states = molecule.states.iter().map(|(name, share)| format!("{name} {} %", number(share * 100.0)));
                page.line(format!("states {}", states.collect::<Vec<_>>().join(", ")));
            }
            if !molecule.composition.is_empty() {
                let parts =
                    molecule.composition.iter().map(|(id, count)| counted(*count, self.name(Decl::Molecule(*id))));
                page.line(format!("made of {}", parts.collect::<Vec<_>>().join(" + ")));
            }
        });
    }

    fn vesicle(self, vesicle: &Vesicle, page: &mut Page) {
        let homes = vesicle.places.iter().map(|home| match *home {
            VesicleHome::Compartment(id) => self.name(Decl::Compartment(id)),
            VesicleHome::Vesicle(id) => format!("{} (inside the vesicle)", self.name(Decl::Vesicle(id))),
        });
        let homes: Vec<String> = homes.collect();
        let amount = vesicle.amount.as_ref().map_or_else(|| "none at first".to_owned(), |a| self.value(a));
        page.doc(&vesicle.doc);
        page.nest(format!("vesicle {} in {}: {amount}", vesicle.name, homes.join(", ")), |page| {
            for state in &vesicle.states {
                let name = if state.name.is_empty() { String::new() } else { format!("state {}: ", state.name) };
                page.line(format!("{name}diameter {}", self.diameter(&state.diameter)));
            }
        });
    }

    fn diameter(self, diameter: &Diameter) -> String {
        let unit = &diameter.mean.unit;
        let spread = diameter.sd.map_or_else(String::new, |sd| format!(" ± {}", quantity(sd, unit)));
        let range = diameter.range.map(|(low, high)| format!(", {} .. {}", quantity(low, unit), quantity(high, unit)));
        format!(
            "{}{spread}{}{}",
            self.bare(&diameter.mean),
            range.unwrap_or_default(),
            evidence(&diameter.mean.evidence)
        )
    }

    fn param(self, param: &Param, page: &mut Page) {
        page.doc(&param.doc);
        let value = param.value.as_ref().map_or_else(|| "required".to_owned(), |value| self.value(value));
        page.line(format!("param {} = {value}   ({})", param.name, param.dimension.words()));
    }

    fn event(self, event: &Event, page: &mut Page) {
        let after = event.delay.as_ref().map_or_else(String::new, |delay| format!(" after {}", self.expr(delay)));
        page.nest(format!("when {}{after}", self.expr(&event.condition)), |page| {
            event.assignments.iter().for_each(|a| page.line(self.assignment(a)));
        });
    }
}

/// `2 Hrs`.
pub(super) fn counted(count: u32, name: String) -> String {
    if count == 1 { name } else { format!("{count} {name}") }
}
