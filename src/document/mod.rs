//! The browsable manual of a program: static pages of its modules, cells, drugs, names and sources, for `exoc doc`.
//!
//! What is shown is what was checked: values, provenance and membership come from the HIR; how things happen is shown as it
//! is written, with links, since a process reads as a sentence. Numbers of claims and pictures of networks are the
//! caller's, who can run and draw.
//!
//! Invariants: pages are a pure function of the material; every text of the source is escaped; links lead only to what is
//! there, and a name that may mean several things has none. Deliberately absent: scripts, files, anything that runs.

mod html;
mod indexes;
mod module;
mod names;

use rustc_hash::FxHashMap;

use crate::experiment::results::ClaimResult;
use crate::hir::{Evidence, GroupId, Hir, ModuleId, Value};
use crate::source::SourceMap;
use names::Names;

/// What a manual is made of.
pub struct Material<'a> {
    pub title: &'a str,
    pub sources: &'a SourceMap,
    pub hir: &'a Hir,
    /// The networks of pathways and models that could be drawn, as SVG.
    pub pictures: FxHashMap<GroupId, String>,
    /// What came of the claims, if they were run; told apart by their positions in the program.
    pub claims: Vec<ClaimResult>,
}

/// One file of the manual.
#[derive(Debug)]
pub struct Page {
    /// Relative to the manual's folder.
    pub path: String,
    pub content: String,
}

/// All files of the manual.
pub fn pages(material: &Material<'_>) -> Vec<Page> {
    let manual = Manual { material, hir: material.hir, names: Names::of(material) };
    let mut pages = vec![Page { path: "style.css".into(), content: html::STYLE.into() }];
    pages.push(manual.index());
    pages.extend((0..manual.hir.modules.len() as u32).map(|id| manual.module(ModuleId(id))));
    pages.extend(manual.cells());
    pages.extend([manual.drugs(), manual.bibliography(), manual.all_names()]);
    let drawn = material.pictures.iter();
    pages.extend(drawn.map(|(group, svg)| Page { path: manual.picture_path(*group), content: svg.clone() }));
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    pages
}

struct Manual<'a> {
    material: &'a Material<'a>,
    hir: &'a Hir,
    names: Names<'a>,
}

impl Manual<'_> {
    fn module_path(&self, module: ModuleId) -> &str {
        self.hir.modules.get(module.index()).map_or("", |m| m.path.as_str())
    }

    fn picture_path(&self, group: GroupId) -> String {
        let found = self.hir.groups.get(group.index());
        let (module, name) = found.map_or(("", ""), |g| (self.module_path(g.module), g.name.as_str()));
        format!("network.{module}.{name}.svg")
    }

    fn page(&self, path: String, title: &str, body: &str) -> Page {
        let content = html::frame(title, self.material.title, body);
        Page { path, content }
    }

    /// `assumed`, or the citations with links to the bibliography; nothing if there is none.
    fn evidence(&self, evidence: &Evidence) -> String {
        let cited = evidence.citations.iter().map(|citation| html::citation(citation));
        let assumed = evidence.assumed.then(|| "<span class=\"assumed\">assumed</span>".to_owned());
        cited.chain(assumed).collect::<Vec<_>>().join(", ")
    }

    /// A number as written, in one line.
    fn written(&self, value: &Value, module: ModuleId) -> String {
        self.names.linked(self.material.sources.slice(value.expr.span), module)
    }

    /// How well it is known.
    fn uncertainty(&self, value: &Value) -> String {
        use crate::hir::Uncertainty as Of;
        let in_unit = |number: f64| {
            let shown = crate::output::number::number(number / value.unit.factor);
            format!("{shown} {}", value.unit.symbol).trim_end().to_owned()
        };
        match value.uncertainty {
            None => String::new(),
            Some(Of::Fold(fold)) => format!("within {} fold", crate::output::number::number(fold)),
            Some(Of::Sd(sd)) => format!("± {}", html::escape(&in_unit(sd))),
            Some(Of::Uniform(low, high)) => html::escape(&format!("{} to {}", in_unit(low), in_unit(high))),
        }
    }
}
