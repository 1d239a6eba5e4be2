//! Where each name is explained, and the text of the source with links to there.

use rustc_hash::FxHashMap;

use super::Material;
use super::html::{escape, reference};
use crate::hir::{Decl, GroupKind, Hir, ModuleId};
use crate::source::Span;
use crate::syntax::ast::{Item, ItemKind};

/// One thing that has a name.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    /// `molecule`, `process`…
    pub noun: &'static str,
    pub module: ModuleId,
    /// Page and place in it.
    pub href: String,
}

/// All names, and how the files are written.
pub struct Names<'a> {
    hir: &'a Hir,
    pub all: Vec<Named>,
    by_name: FxHashMap<String, Vec<usize>>,
    modules: FxHashMap<&'a str, ModuleId>,
    /// By module: the dotted paths it uses.
    uses: Vec<Vec<String>>,
    /// Declared sources of citations with their texts.
    pub sources: Vec<(String, String)>,
    /// The whole of each declaration, by where its name stands.
    items: FxHashMap<Span, Span>,
    /// The page and place of each declaration.
    places: FxHashMap<Decl, String>,
}

impl<'a> Names<'a> {
    pub fn of(material: &Material<'a>) -> Names<'a> {
        let hir = material.hir;
        let modules = hir.modules.iter().zip(0u32..).map(|(module, id)| (module.path.as_str(), ModuleId(id))).collect();
        let mut names = Names {
            hir,
            all: Vec::new(),
            by_name: FxHashMap::default(),
            modules,
            uses: Vec::with_capacity(hir.modules.len()),
            sources: Vec::new(),
            items: FxHashMap::default(),
            places: FxHashMap::default(),
        };
        for module in &hir.modules {
            let (ast, _) = crate::syntax::parse(material.sources, module.file);
            let mut uses = Vec::new();
            names.read(&ast.items, &mut uses);
            names.uses.push(uses);
        }
        names.collect();
        for (at, named) in names.all.iter().enumerate() {
            names.by_name.entry(named.name.clone()).or_default().push(at);
        }
        names
    }

    fn read(&mut self, items: &[Item], uses: &mut Vec<String>) {
        for item in items {
            let name = match &item.kind {
                ItemKind::Use(u) => {
                    match &u.names {
                        Some(names) => uses.extend(names.iter().map(|name| format!("{}.{}", u.path, name.text))),
                        None => uses.push(u.path.to_string()),
                    }
                    continue;
                }
                ItemKind::Source(source) => {
                    self.sources.push((source.name.text.to_string(), source.text.text.to_string()));
                    source.name.span
                }
                ItemKind::Pathway(block) | ItemKind::Hypothesis(block) | ItemKind::Model(block) => {
                    self.read(&block.items, uses);
                    block.name.span
                }
                ItemKind::Cell(cell) => {
                    self.read(&cell.items, uses);
                    cell.name.name.span
                }
                ItemKind::For(repeat) => {
                    self.read(&repeat.items, uses);
                    continue;
                }
                ItemKind::Process(process) => process.name.span,
                ItemKind::Drug(drug) => drug.name.name.span,
                ItemKind::Change(change) => change.target.span,
                ItemKind::When(_) => item.span,
                ItemKind::Let(definition) => definition.name.span,
                ItemKind::Observable(observable) => observable.name.span,
                ItemKind::Experiment(experiment) => experiment.name.span,
                ItemKind::Perturbation(perturbation) => perturbation.name.name.span,
                _ => continue,
            };
            self.items.insert(name, item.span);
        }
    }

    /// The whole of the declaration whose name stands there.
    pub fn item(&self, name: Span) -> Span {
        self.items.get(&name).copied().unwrap_or(name)
    }

    fn collect(&mut self) {
        let hir = self.hir;
        for group in &hir.groups {
            let noun = match group.kind {
                GroupKind::File => continue,
                GroupKind::Pathway => "pathway",
                GroupKind::Hypothesis => "hypothesis",
                GroupKind::Cell { .. } => "cell",
                GroupKind::Model => "model",
            };
            let href = match group.kind {
                GroupKind::Cell { .. } => cell_page(self.path(group.module), &group.name),
                _ => format!("{}#{noun}-{}", page(self.path(group.module)), group.name),
            };
            self.all.push(Named { name: group.name.to_string(), noun, module: group.module, href });
        }
        for group in &hir.groups {
            for decl in &group.members {
                let Some((noun, name)) = declared(hir, *decl) else { continue };
                let place = match group.kind {
                    GroupKind::Cell { .. } => cell_page(self.path(group.module), &group.name),
                    _ => page(self.path(group.module)),
                };
                let href = format!("{place}#{}", anchor(noun, name));
                self.places.insert(*decl, href.clone());
                self.all.push(Named { name: name.to_owned(), noun, module: group.module, href });
            }
        }
        for drug in &hir.drugs {
            let module = hir.modules.iter().position(|m| m.file == drug.span.file).unwrap_or(0);
            let href = format!("drugs.html#{}", drug.name);
            self.all.push(Named { name: drug.name.to_string(), noun: "drug", module: ModuleId(module as u32), href });
        }
        self.all.sort_by(|a, b| {
            let key = |n: &Named| (n.name.to_lowercase(), n.name.clone(), n.module);
            key(a).cmp(&key(b))
        });
        self.all.dedup_by(|a, b| a.href == b.href);
    }

    /// A declaration's name with a link to where it is explained.
    pub fn place(&self, decl: Decl) -> String {
        let name = declared(self.hir, decl).map_or("", |(_, name)| name);
        match self.places.get(&decl) {
            Some(href) => format!("<a href=\"{}\">{}</a>", escape(href), escape(name)),
            None => escape(name),
        }
    }

    fn path(&self, module: ModuleId) -> &'a str {
        self.hir.modules.get(module.index()).map_or("", |m| m.path.as_str())
    }

    /// Where a name leads that stands in a module; `None` if that can't be told.
    fn href(&self, name: &str, module: ModuleId) -> Option<&str> {
        let found: Vec<&Named> = self.by_name.get(name)?.iter().filter_map(|at| self.all.get(*at)).collect();
        let used = |named: &&&Named| {
            let path = format!("{}.{name}", self.path(named.module));
            self.uses.get(module.index()).is_some_and(|uses| uses.contains(&path))
        };
        let own: Vec<&Named> = found.iter().filter(|named| named.module == module).copied().collect();
        let imported: Vec<&Named> = found.iter().filter(used).copied().collect();
        let unique = || (found.len() == 1).then(|| found.first().copied()).flatten();
        one(&own).or_else(|| one(&imported)).or_else(unique).map(|named| named.href.as_str())
    }

    /// A dotted path: the module of the most leading words, and what is declared in it.
    fn path_href(&self, path: &str) -> Option<String> {
        if let Some(module) = self.modules.get(path) {
            return Some(page(self.path(*module)));
        }
        let (before, name) = path.rsplit_once('.')?;
        let module = *self.modules.get(before)?;
        Some(self.href(name, module).map_or_else(|| page(before), str::to_owned))
    }

    /// Source text with links; comments are left out.
    pub fn linked(&self, text: &str, module: ModuleId) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let length = match c {
                '"' => rest.get(1..).and_then(|after| after.find('"')).map_or(rest.len(), |end| end + 2),
                '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
                c if c.is_alphabetic() || c == '_' => word(rest),
                _ => c.len_utf8(),
            };
            let (here, after) = rest.split_at(length);
            rest = after;
            if here.starts_with("//") {
                continue;
            }
            let is_word = c.is_alphabetic() || c == '_';
            if is_word && self.sources.iter().any(|(source, _)| source == here) {
                rest = cited(here, rest, &mut out);
            } else if is_word {
                out.push_str(&self.link(here, module));
            } else {
                out.push_str(&escape(here));
            }
        }
        out
    }

    /// A word with a link, or a dotted path with one.
    fn link(&self, word: &str, module: ModuleId) -> String {
        let whole = self.path_href(word);
        let (head, tail) = match (whole.is_some(), word.split_once('.')) {
            (false, Some((head, tail))) => (head, Some(tail)),
            _ => (word, None),
        };
        let href = whole.or_else(|| self.href(head, module).map(str::to_owned));
        let tail = tail.map_or_else(String::new, |tail| format!(".{}", escape(tail)));
        match href {
            Some(href) => format!("<a href=\"{}\">{}</a>{tail}", escape(&href), escape(head)),
            None => format!("{}{tail}", escape(head)),
        }
    }
}

/// What is meant by a name that these share: a thing may share its name with a process or an observable, and is meant.
fn one<'n>(of: &[&'n Named]) -> Option<&'n Named> {
    match of {
        [one] => Some(one),
        many => many.iter().find(|n| !matches!(n.noun, "process" | "observable")).copied(),
    }
}

/// The length of the dotted word that a text begins with.
fn word(text: &str) -> usize {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let length = text.find(|c: char| !inside(c)).unwrap_or(text.len());
    text.get(..length).unwrap_or_default().trim_end_matches('.').len()
}

/// A source's name and the numbers after it, each with a link; gives what follows.
fn cited<'t>(source: &str, rest: &'t str, out: &mut String) -> &'t str {
    let numbers = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'));
    let Some((numbers, after)) = numbers else {
        out.push_str(&format!("<a class=\"cite\" href=\"bibliography.html#{0}\">{0}</a>", escape(source)));
        return rest;
    };
    let linked = numbers.split(',').map(|number| {
        let anchor = escape(&reference(source, number));
        format!("<a class=\"cite\" href=\"bibliography.html#{anchor}\">{}</a>", escape(number.trim()))
    });
    out.push_str(&format!("{}[{}]", escape(source), linked.collect::<Vec<_>>().join(", ")));
    after
}

/// The file of a module's page.
pub fn page(module: &str) -> String {
    format!("{module}.html")
}

/// The file of a cell's page.
pub fn cell_page(module: &str, cell: &str) -> String {
    format!("cell.{module}.{cell}.html")
}

/// Where on its page something stands.
pub fn anchor(noun: &str, name: &str) -> String {
    match noun {
        "process" | "observable" => format!("{noun}-{}", name.replace(' ', "-")),
        _ => name.to_owned(),
    }
}

/// What kind of thing a declaration is, and its name; rules and events have none.
pub fn declared(hir: &Hir, decl: Decl) -> Option<(&'static str, &str)> {
    Some(match decl {
        Decl::Compartment(id) => ("place", hir.compartments.get(id.index())?.name.as_str()),
        Decl::Molecule(id) => ("molecule", hir.molecules.get(id.index())?.name.as_str()),
        Decl::Vesicle(id) => ("vesicle", hir.vesicles.get(id.index())?.name.as_str()),
        Decl::Param(id) => ("parameter", hir.params.get(id.index())?.name.as_str()),
        Decl::Let(id) => ("definition", hir.lets.get(id.index())?.name.as_str()),
        Decl::Input(id) => ("input", hir.inputs.get(id.index())?.name.as_str()),
        Decl::Process(id) => ("process", hir.processes.get(id.index())?.name.as_str()),
        Decl::Observable(id) => ("observable", hir.observables.get(id.index())?.name.as_str()),
        Decl::Rule(_) | Decl::Event(_) => return None,
    })
}
