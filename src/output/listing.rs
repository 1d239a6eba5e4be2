//! A network in full, to be read: places, species, parameters, processes, events, observables, conservation laws.
//!
//! Invariants: everything that determines the network's behaviour is shown; amounts and parameters are in their
//! author's unit, numbers inside rates in internal units, which the first lines say.

use super::equations::valued;
use super::expression::{Notation, Writer};
use super::number::number;
use super::unit::{quantity, symbol};
use crate::network::{Network, Place, PlaceId, PlaceKind, Reaction, Species, SpeciesId, SpeciesKind, Target, Values};

/// The network as text.
pub fn listing(network: &Network) -> String {
    let page = Page { network, writer: Writer { network, notation: Notation::Text }, values: network.initial_values() };
    let mut text = format!("network {}\n", network.name);
    text.push_str("# Numbers inside rates are in seconds, copies, micrometres, kilograms, kelvin and cells.\n");
    page.cells(&mut text);
    page.places(&mut text);
    page.species(&mut text);
    page.parameters(&mut text);
    page.processes(&mut text);
    page.rules(&mut text);
    page.observables(&mut text);
    page.conservation(&mut text);
    text
}

struct Page<'a> {
    network: &'a Network,
    writer: Writer<'a>,
    values: Values,
}

/// A volume or area in a unit that makes its number small.
pub(super) fn size(place: &Place, internal: f64) -> String {
    if place.kind == PlaceKind::Membrane {
        return format!("{} µm²", number(internal));
    }
    let units = [(1e15, "L"), (1e12, "mL"), (1e9, "µL"), (1e6, "nL"), (1e3, "pL"), (1.0, "fL"), (1e-3, "aL")];
    let fitting = units.iter().find(|(factor, _)| internal >= *factor * 0.999_999).unwrap_or(&(1.0, "fL"));
    format!("{} {}", number(internal / fitting.0), fitting.1)
}

fn title(text: &mut String, name: &str, any: bool) {
    if any {
        text.push_str(&format!("\n{name}\n"));
    }
}

/// Lines of aligned columns.
fn columns(text: &mut String, rows: &[Vec<String>]) {
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide =
        |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0).min(48);
    let widths: Vec<usize> = (0..most).map(wide).collect();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(format!("  {}", cells.join("   ")).trim_end());
        text.push('\n');
    }
}

impl Page<'_> {
    fn cells(&self, text: &mut String) {
        title(text, "cells", !self.network.cells.is_empty());
        let count =
            |id: crate::network::ParameterId| self.values.parameters.get(id.index()).copied().unwrap_or(f64::NAN);
        let rows: Vec<Vec<String>> = self
            .network
            .cells
            .iter()
            .map(|cell| vec![cell.name.clone(), cell.kind.clone(), format!("{} cells", number(count(cell.count)))])
            .collect();
        columns(text, &rows);
    }

    /// The places as a tree: what lies in a place is indented below it, after the membranes that bound it.
    fn places(&self, text: &mut String) {
        title(text, "places", !self.network.places.is_empty());
        let mut rows = Vec::new();
        let ids = || (0..self.network.places.len() as u32).map(PlaceId);
        let mut left: Vec<PlaceId> = ids().collect();
        for root in ids() {
            if self.network.places.get(root.index()).is_some_and(|p| p.within.is_empty()) {
                self.place_rows(root, 0, &mut left, &mut rows);
            }
        }
        // Places that lie in each other, or in none that is there, are listed all the same.
        while let Some(&next) = left.first() {
            self.place_rows(next, 0, &mut left, &mut rows);
        }
        columns(text, &rows);
    }

    fn place_rows(&self, id: PlaceId, level: usize, left: &mut Vec<PlaceId>, rows: &mut Vec<Vec<String>>) {
        let Some(at) = left.iter().position(|other| *other == id) else { return };
        left.remove(at);
        let Some(place) = self.network.places.get(id.index()) else { return };
        let kind = match (place.kind, place.within.as_slice()) {
            (PlaceKind::Membrane, [inner, outer]) => {
                let name = |id: &PlaceId| self.network.places.get(id.index()).map_or("?", |p| &p.name);
                format!("membrane between {} and {}", name(inner), name(outer))
            }
            (PlaceKind::Membrane, _) => "membrane".to_owned(),
            (PlaceKind::Volume, _) => "volume".to_owned(),
        };
        let amount = size(place, self.network.evaluate_at(&place.size, &self.values));
        rows.push(vec![
            format!("{}{}", "  ".repeat(level), place.name),
            amount,
            format!("depth {}", place.depth),
            kind,
        ]);
        for (i, inner) in self.network.places.iter().enumerate() {
            if inner.within.last() == Some(&id) {
                self.place_rows(PlaceId(i as u32), level + 1, left, rows);
            }
        }
    }

    fn species(&self, text: &mut String) {
        title(text, "species", !self.network.species.is_empty());
        let rows: Vec<Vec<String>> =
            self.network.species.iter().zip(&self.values.species).map(|(s, v)| self.species_row(s, *v)).collect();
        columns(text, &rows);
    }

    fn species_row(&self, species: &Species, value: f64) -> Vec<String> {
        let kind = match species.kind {
            SpeciesKind::Molecules => "molecules".to_owned(),
            SpeciesKind::Vesicles => "vesicles".to_owned(),
            SpeciesKind::Contents { carrier } => format!("in {}", self.writer.species(carrier)),
            SpeciesKind::Area => "area".to_owned(),
            SpeciesKind::Condition => "condition".to_owned(),
            SpeciesKind::Tally => "count".to_owned(),
        };
        let fixed = if species.fixed { ", fixed" } else { "" };
        vec![species.name.clone(), format!("= {}", quantity(value, &species.unit)), format!("{kind}{fixed}")]
    }

    fn parameters(&self, text: &mut String) {
        title(text, "parameters", !self.network.parameters.is_empty());
        let row = |(p, value): (&crate::network::Parameter, &f64)| {
            let value = valued(p, *value);
            let (value, evidence) = value.split_once("   ").unwrap_or((&value, ""));
            vec![p.name.clone(), format!("= {value}"), evidence.to_owned()]
        };
        let rows: Vec<Vec<String>> = self.network.parameters.iter().zip(&self.values.parameters).map(row).collect();
        columns(text, &rows);
        title(text, "definitions", !self.network.definitions.is_empty());
        let rows: Vec<Vec<String>> = self
            .network
            .definitions
            .iter()
            .map(|d| vec![d.name.clone(), format!("= {}", self.writer.expression(&d.value))])
            .collect();
        columns(text, &rows);
    }

    fn processes(&self, text: &mut String) {
        title(text, "processes", !self.network.reactions.is_empty());
        let mut shown = None;
        for reaction in &self.network.reactions {
            if shown != Some(reaction.process) {
                shown = Some(reaction.process);
                let name = self.network.processes.get(reaction.process.index()).map_or("?", |p| &p.name);
                text.push_str(&format!("  {name}\n"));
            }
            let part = reaction.part.as_ref().map_or_else(String::new, |part| format!("{part}: "));
            text.push_str(&format!("    {part}{}\n", self.reaction(reaction)));
            text.push_str(&format!("      rate {}\n", self.writer.expression(&reaction.rate)));
        }
    }

    /// `A + 2 B -> C`, from the net changes.
    fn reaction(&self, reaction: &Reaction) -> String {
        let side = |sign: f64| {
            let terms = reaction.stoichiometry.iter().filter(|(_, n)| n * sign > 0.0).map(|(species, n)| {
                let name = self.writer.species(*species);
                if n.abs() == 1.0 { name } else { format!("{} {name}", number(n.abs())) }
            });
            terms.collect::<Vec<String>>().join(" + ")
        };
        format!("{} -> {}", side(-1.0), side(1.0)).trim().to_owned()
    }

    fn rules(&self, text: &mut String) {
        title(text, "rules", !self.network.rate_rules.is_empty());
        for rule in &self.network.rate_rules {
            let rate = self.writer.expression(&rule.rate);
            text.push_str(&format!("  change {} by {rate}\n", self.writer.species(rule.species)));
        }
        title(text, "events", !self.network.events.is_empty());
        for event in &self.network.events {
            let delay = self.writer.expression(&event.delay);
            let after = if delay == "0" { String::new() } else { format!(" after {delay}") };
            text.push_str(&format!("  {}: when {} > 0{after}\n", event.name, self.writer.expression(&event.trigger)));
            for (target, value) in &event.assignments {
                let name = match target {
                    Target::Species(id) => self.writer.species(*id),
                    Target::Parameter(id) => self.writer.parameter(*id),
                };
                text.push_str(&format!("    {name} = {}\n", self.writer.expression(value)));
            }
        }
    }

    fn observables(&self, text: &mut String) {
        title(text, "observables", !self.network.observables.is_empty());
        let row = |o: &crate::network::Observable| {
            vec![o.name.clone(), format!("[{}]", symbol(&o.unit)), format!("= {}", self.writer.expression(&o.value))]
        };
        columns(text, &self.network.observables.iter().map(row).collect::<Vec<_>>());
    }

    fn conservation(&self, text: &mut String) {
        title(text, "conserved", !self.network.conservation.is_empty());
        for law in &self.network.conservation {
            let mut sum = String::new();
            let mut total = 0.0;
            for (i, &(species, n)) in law.terms.iter().enumerate() {
                let sign = match (n < 0, i) {
                    (true, 0) => "−",
                    (true, _) => " − ",
                    (false, 0) => "",
                    (false, _) => " + ",
                };
                let factor = if n.abs() == 1 { String::new() } else { format!("{}·", n.abs()) };
                sum.push_str(&format!("{sign}{factor}{}", self.writer.species(species)));
                total += n as f64 * self.values.species.get(SpeciesId(species.0).index()).copied().unwrap_or(f64::NAN);
            }
            text.push_str(&format!("  {sum} = {}\n", number(total)));
        }
    }
}
