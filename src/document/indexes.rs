//! Pages over all modules: the index, the cells, the drugs, the bibliography, the names.

use std::collections::BTreeMap;

use super::html::{escape, first_sentence, prose, reference, table};
use super::names::{cell_page, page};
use super::{Manual, Page};
use crate::hir::experiment::{DrugTarget, Effect};
use crate::hir::{
    CompartmentId, Decl, Evidence, Group, GroupId, GroupKind, InputId, Law, ModuleId, MoleculeId, ParamId, Process,
    ProcessId, ProcessKind, Value, VesicleId,
};

impl Manual<'_> {
    pub(super) fn index(&self) -> Page {
        let mut modules: Vec<(&str, usize)> =
            self.hir.modules.iter().enumerate().map(|(at, module)| (module.path.as_str(), at)).collect();
        modules.sort_unstable();
        let rows = modules.iter().filter_map(|(path, at)| {
            let module = self.hir.modules.get(*at)?;
            let claims = self.hir.claims.iter().filter(|claim| claim.module.index() == *at).count();
            let claims = if claims == 0 { String::new() } else { claims.to_string() };
            let link = format!("<a href=\"{}\">{}</a>", escape(&page(path)), escape(path));
            Some(vec![link, first_sentence(&module.doc), claims])
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let cells =
            self.all_cells().into_iter().map(|(id, group)| vec![self.group_link(id), first_sentence(&group.doc)]);
        let mut body = table(&["module", "", "claims"], &rows);
        let cells = table(&["cell", ""], &cells.collect::<Vec<_>>());
        if !cells.is_empty() {
            body = format!("<h2>Cells</h2>\n{cells}<h2>Modules</h2>\n{body}");
        }
        self.page("index.html".into(), self.material.title, &body)
    }

    fn all_cells(&self) -> Vec<(GroupId, &Group)> {
        let groups = self.hir.groups.iter().zip(0u32..).map(|(group, id)| (GroupId(id), group));
        let mut cells: Vec<_> = groups.filter(|(_, group)| matches!(group.kind, GroupKind::Cell { .. })).collect();
        cells.sort_by(|a, b| a.1.name.cmp(&b.1.name));
        cells
    }

    pub(super) fn cells(&self) -> Vec<Page> {
        self.all_cells().into_iter().map(|(id, group)| self.cell(id, group)).collect()
    }

    fn cell(&self, id: GroupId, group: &Group) -> Page {
        let module = self.module_path(group.module);
        let mut body = prose(&group.doc);
        let declared = escape(&page(module));
        body.push_str(&format!("<p>Declared in <a href=\"{declared}\">{}</a>.</p>\n", escape(module)));
        if let GroupKind::Cell { like: Some(base) } = group.kind {
            body.push_str(&format!("<p>Like {}, but for what follows.</p>\n", self.group_link(base)));
        }
        body.push_str(&self.included(group));
        body.push_str(&self.picture(id));
        body.push_str(&self.members(group));
        let about = |(_, claim): &(usize, &crate::hir::experiment::Claim)| claim.cell == Some(id);
        let claims: Vec<usize> = self.hir.claims.iter().enumerate().filter(about).map(|(at, _)| at).collect();
        if !claims.is_empty() {
            body.push_str(&format!("<h2>Claims</h2>\n{}", self.claims_table(&claims)));
        }
        self.page(cell_page(module, &group.name), &group.name, &body)
    }

    pub(super) fn drugs(&self) -> Page {
        let mut body = String::new();
        for drug in &self.hir.drugs {
            let module = self.hir.modules.iter().position(|m| m.file == drug.span.file).unwrap_or(0);
            let module = ModuleId(module as u32);
            let name = escape(&drug.name);
            body.push_str(&format!("<h2 id=\"{name}\">{name}</h2>\n{}", prose(&drug.doc)));
            let path = self.module_path(module);
            body.push_str(&format!("<p>In <a href=\"{}\">{}</a>.</p>\n", escape(&page(path)), escape(path)));
            let rows = drug.actions.iter().map(|action| {
                let target = match action.target {
                    DrugTarget::Molecule(id) => self.hir.molecules.get(id.index()).map(|m| &m.name),
                    DrugTarget::Process(id) => self.hir.processes.get(id.index()).map(|p| &p.name),
                };
                let (verb, potency, hill, more) = match &action.effect {
                    Effect::Inhibits { potency, hill, irreversible } => {
                        ("inhibits", potency, *hill, if *irreversible { ", irreversibly" } else { "" })
                    }
                    Effect::Activates { potency, hill, .. } => ("activates", potency, *hill, ""),
                };
                let context = action.context.map_or_else(String::new, |cell| self.group_link(cell));
                vec![
                    format!("{verb} {}{more}", self.names.linked(target.map_or("", |t| t.as_str()), module)),
                    format!("<code>{}</code>", self.written(potency, module)),
                    crate::output::number::number(hill),
                    context,
                    self.evidence(&action.evidence),
                ]
            });
            body.push_str(&table(&["action", "potency", "Hill", "only in", "provenance"], &rows.collect::<Vec<_>>()));
        }
        self.page("drugs.html".into(), "Drugs", &body)
    }

    pub(super) fn all_names(&self) -> Page {
        let rows = self.names.all.iter().map(|named| {
            let path = self.module_path(named.module);
            vec![
                format!("<a href=\"{}\">{}</a>", escape(&named.href), escape(&named.name)),
                named.noun.to_owned(),
                format!("<a href=\"{}\">{}</a>", escape(&page(path)), escape(path)),
            ]
        });
        self.page("names.html".into(), "Names", &table(&["name", "", "module"], &rows.collect::<Vec<_>>()))
    }

    /// Each source, each of its numbers, and what relies on it.
    pub(super) fn bibliography(&self) -> Page {
        let mut body = String::new();
        let cited = self.cited();
        for (source, text) in &self.names.sources {
            let name = escape(source);
            body.push_str(&format!("<h2 id=\"{name}\">{name}</h2>\n<p>{}</p>\n", escape(text)));
            body.push_str(&rows_of(&cited, source));
        }
        let declared = |source: &str| self.names.sources.iter().any(|(name, _)| name == source);
        let others: BTreeMap<_, _> = cited.into_iter().filter(|((source, ..), _)| !declared(source)).collect();
        if !others.is_empty() {
            let rows = others.iter().map(|((source, ..), by)| {
                let by: Vec<&str> = by.iter().map(String::as_str).collect();
                vec![format!("<span id=\"{0}\">{0}</span>", escape(source)), by.join("; ")]
            });
            body.push_str(&format!(
                "<h2>Single articles</h2>\n{}",
                table(&["reference", "what relies on it"], &rows.collect::<Vec<_>>())
            ));
        }
        self.page("bibliography.html".into(), "Bibliography", &body)
    }

    /// By source and number, what cites it, as links.
    fn cited(&self) -> Cited {
        let mut cited = Cited::new();
        let mut note = |evidence: &Evidence, by: String| {
            for citation in &evidence.citations {
                let parts = citation.split_once('[').and_then(|(s, rest)| Some((s, rest.strip_suffix(']')?)));
                let (source, numbers) = parts.unwrap_or((citation, ""));
                for number in numbers.split(',').map(str::trim) {
                    let key = (source.to_owned(), number.parse().unwrap_or(0u32));
                    let list = cited.entry(key).or_default();
                    if !list.contains(&by) {
                        list.push(by.clone());
                    }
                }
            }
        };
        for claim in &self.hir.claims {
            let href = format!("{}#claims", page(self.module_path(claim.module)));
            note(&claim.evidence, format!("<a href=\"{}\">“{}”</a>", escape(&href), escape(&claim.text)));
        }
        for (process, id) in self.hir.processes.iter().zip(0u32..) {
            let by = || self.names.place(Decl::Process(ProcessId(id)));
            note(&process.evidence, by());
            process.modifiers.iter().for_each(|modifier| note(&modifier.evidence, by()));
            values_of(process).for_each(|value| note(&value.evidence, by()));
        }
        for (param, id) in self.hir.params.iter().zip(0u32..) {
            param.value.iter().for_each(|value| note(&value.evidence, self.names.place(Decl::Param(ParamId(id)))));
        }
        for (molecule, id) in self.hir.molecules.iter().zip(0u32..) {
            let by = || self.names.place(Decl::Molecule(MoleculeId(id)));
            molecule.amount.iter().for_each(|value| note(&value.evidence, by()));
        }
        for (place, id) in self.hir.compartments.iter().zip(0u32..) {
            note(&place.size.evidence, self.names.place(Decl::Compartment(CompartmentId(id))));
        }
        for (vesicle, id) in self.hir.vesicles.iter().zip(0u32..) {
            let sizes = vesicle.states.iter().map(|state| &state.diameter.mean);
            let by = || self.names.place(Decl::Vesicle(VesicleId(id)));
            sizes.chain(&vesicle.amount).for_each(|value| note(&value.evidence, by()));
        }
        for (input, id) in self.hir.inputs.iter().zip(0u32..) {
            note(&input.value.evidence, self.names.place(Decl::Input(InputId(id))));
        }
        for (group, id) in self.hir.groups.iter().zip(0u32..) {
            group.sets.iter().for_each(|set| note(&set.evidence, self.group_link(GroupId(id))));
        }
        for drug in &self.hir.drugs {
            let by = format!("<a href=\"drugs.html#{0}\">{0}</a>", escape(&drug.name));
            drug.actions.iter().for_each(|action| note(&action.evidence, by.clone()));
        }
        cited
    }
}

/// The numbers of a process that may have evidence of their own.
fn values_of(process: &Process) -> impl Iterator<Item = &Value> {
    let (first, second) = match &process.law {
        Law::MassAction { forward, reverse, .. } | Law::PerVesicle { forward, reverse } => {
            (Some(forward), reverse.as_ref())
        }
        Law::Rate(rate) => (Some(rate), None),
        Law::Along => (None, None),
    };
    let captured = match &process.kind {
        ProcessKind::Bud { capturing, .. } => capturing.as_slice(),
        _ => &[],
    };
    let enriched = captured.iter().filter_map(|capture| capture.enrichment.as_ref());
    first.into_iter().chain(second).chain(enriched)
}

type Cited = BTreeMap<(String, u32), Vec<String>>;

/// The numbers of a source, each with what relies on it.
fn rows_of(cited: &Cited, source: &str) -> String {
    let own = cited.iter().filter(|((name, _), _)| name == source);
    let rows = own.map(|((_, number), by)| {
        let shown = if *number == 0 { String::new() } else { number.to_string() };
        let anchor = escape(&reference(source, &number.to_string()));
        vec![format!("<span id=\"{anchor}\">{shown}</span>"), by.join("; ")]
    });
    table(&["number", "what relies on it"], &rows.collect::<Vec<_>>())
}
