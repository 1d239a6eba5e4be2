//! The page of a module: what it declares, group by group, and what it claims.

use super::html::{escape, prose, table};
use super::names::{anchor, page};
use super::{Manual, Page};
use crate::experiment::results::{ClaimResult, Verdict};
use crate::hir::experiment::Claim;
use crate::hir::{Decl, Group, GroupId, GroupKind, ModuleId, MoleculeKind};
use crate::output::number::{number, ratio};
use crate::source::Span;

impl Manual<'_> {
    pub(super) fn module(&self, id: ModuleId) -> Page {
        let Some(module) = self.hir.modules.get(id.index()) else {
            return self.page("none.html".into(), "", "");
        };
        let mut body = prose(&module.doc);
        for (group, at) in self.hir.groups.iter().zip(0u32..).filter(|(group, _)| group.module == id) {
            match group.kind {
                GroupKind::Cell { .. } => body.push_str(&self.cell_line(GroupId(at))),
                _ => body.push_str(&self.group(GroupId(at), group)),
            }
        }
        let drugs = self.hir.drugs.iter().filter(|drug| drug.span.file == module.file);
        let drugs: Vec<String> =
            drugs.map(|d| format!("<a href=\"drugs.html#{0}\">{0}</a>", escape(&d.name))).collect();
        if !drugs.is_empty() {
            body.push_str(&format!("<h2>Drugs</h2>\n<p>{}</p>\n", drugs.join(", ")));
        }
        body.push_str(&self.experiments(id));
        let claims: Vec<usize> =
            self.hir.claims.iter().enumerate().filter(|(_, claim)| claim.module == id).map(|(at, _)| at).collect();
        if !claims.is_empty() {
            body.push_str(&format!("<h2 id=\"claims\">Claims</h2>\n{}", self.claims_table(&claims)));
        }
        self.page(page(&module.path), &module.path, &body)
    }

    fn cell_line(&self, id: GroupId) -> String {
        let Some(group) = self.hir.groups.get(id.index()) else { return String::new() };
        let link = self.names.linked(&group.name, group.module);
        format!("<h2>Cell {link}</h2>\n{}", prose(&group.doc))
    }

    /// A pathway, hypothesis or model, or what the file itself declares.
    fn group(&self, id: GroupId, group: &Group) -> String {
        let mut body = String::new();
        let noun = match group.kind {
            GroupKind::Pathway => "pathway",
            GroupKind::Hypothesis => "hypothesis",
            GroupKind::Model => "model",
            _ => "",
        };
        if !noun.is_empty() {
            let name = escape(&group.name);
            body.push_str(&format!("<h2 id=\"{noun}-{name}\">{} {name}</h2>\n{}", capital(noun), prose(&group.doc)));
        }
        body.push_str(&self.included(group));
        body + &self.picture(id) + &self.members(group)
    }

    /// What a group includes and assumes.
    pub(super) fn included(&self, group: &Group) -> String {
        let list = |word: &str, groups: &[GroupId]| {
            let links = groups.iter().map(|id| self.group_link(*id)).collect::<Vec<_>>().join(", ");
            if groups.is_empty() { String::new() } else { format!("<p>{word} {links}.</p>\n") }
        };
        list("Includes", &group.includes) + &list("Assumes", &group.assumes)
    }

    pub(super) fn group_link(&self, id: GroupId) -> String {
        let Some(group) = self.hir.groups.get(id.index()) else { return String::new() };
        let module = self.module_path(group.module);
        match group.kind {
            GroupKind::File => format!("<a href=\"{}\">{}</a>", escape(&page(module)), escape(module)),
            GroupKind::Cell { .. } => {
                let href = super::names::cell_page(module, &group.name);
                format!("<a href=\"{}\">{}</a>", escape(&href), escape(&group.name))
            }
            kind => {
                let noun = if kind == GroupKind::Hypothesis { "hypothesis" } else { "pathway" };
                let noun = if kind == GroupKind::Model { "model" } else { noun };
                let href = format!("{}#{noun}-{}", page(module), group.name);
                format!("<a href=\"{}\">{}</a>", escape(&href), escape(&group.name))
            }
        }
    }

    pub(super) fn picture(&self, id: GroupId) -> String {
        if !self.material.pictures.contains_key(&id) {
            return String::new();
        }
        let path = escape(&self.picture_path(id));
        let name = self.hir.groups.get(id.index()).map_or("", |g| g.name.as_str());
        format!(
            "<p><a href=\"{path}\"><img class=\"network\" src=\"{path}\" alt=\"The network of {}\"></a></p>\n",
            escape(name)
        )
    }

    /// Everything that a group itself declares.
    pub(super) fn members(&self, group: &Group) -> String {
        let mut molecules = Vec::new();
        let mut numbers = Vec::new();
        let mut places = Vec::new();
        let mut steps = Vec::new();
        let mut readouts = Vec::new();
        for decl in &group.members {
            match decl {
                Decl::Molecule(_) => molecules.extend(self.molecule(*decl, group.module)),
                Decl::Param(_) | Decl::Input(_) => numbers.extend(self.number_row(*decl, group.module)),
                Decl::Compartment(_) | Decl::Vesicle(_) => places.extend(self.place(*decl, group.module)),
                Decl::Observable(_) | Decl::Let(_) => readouts.extend(self.readout(*decl, group.module)),
                Decl::Process(_) | Decl::Rule(_) | Decl::Event(_) => steps.push(*decl),
            }
        }
        let titled = |title: &str, text: String| {
            if text.is_empty() { text } else { format!("<h3>{title}</h3>\n{text}") }
        };
        let known = ["amount", "uncertainty", "provenance", ""];
        titled("Places and vesicles", table(&["name", "size", "uncertainty", "provenance", ""], &places))
            + &titled("Molecules", table(&[&["name", "kind"][..], &known].concat(), &molecules))
            + &titled("Numbers", table(&["name", "value", "uncertainty", "provenance", ""], &numbers))
            + &self.steps(&steps, group.module)
            + &titled("Readouts and definitions", table(&["name", "is", ""], &readouts))
            + &titled("Settings", self.settings(group))
    }

    pub(super) fn settings(&self, group: &Group) -> String {
        let rows = group.sets.iter().map(|set| {
            let text = self.names.linked(self.material.sources.slice(set.span), group.module);
            vec![format!("<code>{text}</code>"), self.evidence(&set.evidence)]
        });
        table(&["setting", "provenance"], &rows.collect::<Vec<_>>())
    }

    fn known(&self, value: Option<&crate::hir::Value>, module: ModuleId) -> [String; 3] {
        match value {
            None => Default::default(),
            Some(value) => [
                format!("<code>{}</code>", self.written(value, module)),
                self.uncertainty(value),
                self.evidence(&value.evidence),
            ],
        }
    }

    fn molecule(&self, decl: Decl, module: ModuleId) -> Option<Vec<String>> {
        let Decl::Molecule(id) = decl else { return None };
        let molecule = self.hir.molecules.get(id.index())?;
        let kind = match molecule.kind {
            MoleculeKind::Machinery => "machinery",
            MoleculeKind::Cargo => "cargo",
            MoleculeKind::Species => "species",
            MoleculeKind::Complex => "complex",
        };
        let alias = molecule.alias.as_ref().map_or_else(String::new, |alias| format!(" ({})", escape(alias)));
        let places = molecule.places.iter().filter_map(|place| self.hir.compartments.get(place.index()));
        let places: Vec<String> = places.map(|place| self.names.linked(&place.name, module)).collect();
        let states =
            molecule.states.iter().map(|(name, share)| format!("{} {} %", escape(name), number(100.0 * share)));
        let states: Vec<String> = states.collect();
        let states = if states.is_empty() { String::new() } else { format!("; {}", states.join(", ")) };
        let placed = if places.is_empty() { String::new() } else { format!(" in {}", places.join(", ")) };
        let [amount, uncertainty, provenance] = self.known(molecule.amount.as_ref(), module);
        let name = named(&molecule.name);
        Some(vec![
            format!("{name}{alias}"),
            kind.to_owned(),
            format!("{amount}{placed}{states}"),
            uncertainty,
            provenance,
            prose(&molecule.doc),
        ])
    }

    fn number_row(&self, decl: Decl, module: ModuleId) -> Option<Vec<String>> {
        let (name, value, doc) = match decl {
            Decl::Param(id) => {
                let param = self.hir.params.get(id.index())?;
                (&param.name, param.value.as_ref(), &param.doc)
            }
            Decl::Input(id) => {
                let input = self.hir.inputs.get(id.index())?;
                (&input.name, Some(&input.value), &input.doc)
            }
            _ => return None,
        };
        let mut row = vec![named(name)];
        row.extend(self.known(value, module));
        if value.is_none() {
            row[1] = "required: a cell has to set it".to_owned();
        }
        row.push(prose(doc));
        Some(row)
    }

    fn place(&self, decl: Decl, module: ModuleId) -> Option<Vec<String>> {
        let (name, value, doc) = match decl {
            Decl::Compartment(id) => {
                let place = self.hir.compartments.get(id.index())?;
                (&place.name, Some(&place.size), &place.doc)
            }
            Decl::Vesicle(id) => {
                let vesicle = self.hir.vesicles.get(id.index())?;
                let rows = vesicle.states.iter().map(|state| {
                    let mean = &state.diameter.mean;
                    let name = if state.name.is_empty() { String::new() } else { format!("{}: ", escape(&state.name)) };
                    let [size, _, provenance] = self.known(Some(mean), module);
                    format!("{name}{size} {provenance}")
                });
                let sizes = rows.collect::<Vec<_>>().join("<br>");
                let [_, uncertainty, provenance] = self.known(vesicle.amount.as_ref(), module);
                return Some(vec![named(&vesicle.name), sizes, uncertainty, provenance, prose(&vesicle.doc)]);
            }
            _ => return None,
        };
        let mut row = vec![named(name)];
        row.extend(self.known(value, module));
        row.push(prose(doc));
        Some(row)
    }

    fn readout(&self, decl: Decl, module: ModuleId) -> Option<Vec<String>> {
        let (noun, name, phrase, span) = match decl {
            Decl::Observable(id) => {
                let observable = self.hir.observables.get(id.index())?;
                ("observable", &observable.name, observable.phrase.as_ref(), observable.value.span)
            }
            Decl::Let(id) => {
                let definition = self.hir.lets.get(id.index())?;
                ("definition", &definition.name, None, definition.value.span)
            }
            _ => return None,
        };
        let phrase = phrase.map_or_else(String::new, |phrase| escape(phrase));
        let name = format!("<span id=\"{}\">{}</span>", escape(&anchor(noun, name)), escape(name));
        let value = self.names.linked(self.material.sources.slice(span), module);
        Some(vec![name, format!("<code>{value}</code>"), phrase])
    }

    /// Processes, rules and events as they are written; the rounds of a `for` together.
    fn steps(&self, steps: &[Decl], module: ModuleId) -> String {
        let mut text = String::new();
        let mut shown: Vec<Span> = Vec::new();
        let spans: Vec<(Span, &str, &str)> = steps.iter().filter_map(|decl| self.step(*decl)).collect();
        for (span, _, doc) in &spans {
            if shown.contains(span) {
                continue;
            }
            shown.push(*span);
            let together = spans.iter().filter(|(other, ..)| other == span).map(|(_, name, _)| *name);
            let together: Vec<&str> = together.filter(|name| !name.is_empty()).collect();
            let anchors: String = (together.iter())
                .map(|name| format!("<span id=\"{}\"></span>", escape(&anchor("process", name))))
                .collect();
            let rounds = match together.as_slice() {
                [] | [_] => String::new(),
                many => format!("<p class=\"faint\">{}</p>\n", escape(&many.join(", "))),
            };
            let written = self.names.linked(self.material.sources.slice(self.names.item(*span)), module);
            text.push_str(&format!("{anchors}{}{rounds}<pre>{}</pre>\n", prose(doc), unindented(&written)));
        }
        if text.is_empty() { text } else { format!("<h3>Processes</h3>\n{text}") }
    }

    fn step(&self, decl: Decl) -> Option<(Span, &str, &str)> {
        match decl {
            Decl::Process(id) => self.hir.processes.get(id.index()).map(|p| (p.span, p.name.as_str(), p.doc.as_str())),
            Decl::Rule(id) => self.hir.rules.get(id.index()).map(|rule| (rule.span, "", "")),
            Decl::Event(id) => self.hir.events.get(id.index()).map(|event| (event.span, "", "")),
            _ => None,
        }
    }

    fn experiments(&self, module: ModuleId) -> String {
        let Some(file) = self.hir.modules.get(module.index()).map(|m| m.file) else { return String::new() };
        let own = self.hir.experiments.iter().filter(|e| !e.synthetic && e.span.file == file);
        let mut spans: Vec<Span> = own.map(|experiment| experiment.span).collect();
        spans.dedup();
        let text: String = spans
            .iter()
            .map(|span| {
                let written = self.material.sources.slice(self.names.item(*span));
                format!("<pre>{}</pre>\n", self.names.linked(written, module))
            })
            .collect();
        if text.is_empty() { text } else { format!("<h2>Experiments</h2>\n{text}") }
    }

    /// Claims with what they predict; if they were run, with what the model does.
    pub(super) fn claims_table(&self, positions: &[usize]) -> String {
        let ran = !self.material.claims.is_empty();
        let mut heads = vec!["claim", "cites", "cell", "prediction"];
        if ran {
            heads.extend(["effect", "steps", ""]);
        }
        let rows = positions.iter().filter_map(|at| Some((at, self.hir.claims.get(*at)?))).map(|(at, claim)| {
            let mut row = self.claim_row(claim);
            if ran {
                let result = self.material.claims.iter().find(|result| result.position == *at);
                row.extend(result.map_or_else(Default::default, judged));
            }
            row
        });
        table(&heads, &rows.collect::<Vec<_>>())
    }

    fn claim_row(&self, claim: &Claim) -> Vec<String> {
        let cell = claim.cell.map_or_else(String::new, |cell| self.group_link(cell));
        let doc = prose(&claim.doc);
        vec![
            format!("{}{doc}", escape(&claim.text)),
            self.evidence(&claim.evidence),
            cell,
            format!("<code>{}</code>", self.names.linked(&claim.prediction, claim.module)),
        ]
    }
}

/// Effect, steps and verdict.
fn judged(claim: &ClaimResult) -> [String; 3] {
    let effect = claim.measured.as_ref().map(|measured| measured.ratio()).filter(|by| by.is_finite());
    let steps = claim
        .way
        .as_ref()
        .map_or_else(String::new, |way| format!("<span title=\"{}\">{}</span>", escape(&way.join(" → ")), way.len()));
    let verdict = match &claim.verdict {
        Verdict::Holds => "<span class=\"holds\">holds</span>".to_owned(),
        Verdict::Fails => "<span class=\"fails\">fails</span>".to_owned(),
        Verdict::Undecided(why) => format!("<span class=\"fails\">undecided: {}</span>", escape(why)),
    };
    [effect.map_or_else(String::new, |by| format!("× {}", ratio(by))), steps, verdict]
}

fn named(name: &str) -> String {
    format!("<span id=\"{0}\">{0}</span>", escape(name))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Lines after the first without the indentation they have in common.
fn unindented(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let least = least.saturating_sub(4);
    let rest = text.lines().enumerate().map(|(at, line)| if at == 0 { line } else { line.get(least..).unwrap_or("") });
    rest.collect::<Vec<_>>().join("\n")
}
