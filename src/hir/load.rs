//! The root files and everything they use, as trees.
//!
//! A path `a.b.c` names the module of the most leading segments that there is one for, and what follows is declared in
//! it. Modules are loaded once, in the order of first mention, so that everything after is deterministic. Claims may
//! name cells of modules that use their own: what only a claim of a root file mentions is followed after all else, and
//! so makes no circle.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::reports::modules as report;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, LoadError, Loader, SourceMap, Span};
use crate::syntax::ast::{Ast, ClaimBody, Item, ItemKind, Name, Path, TreatmentKind};

/// A module as parsed.
pub struct Loaded {
    /// Dotted.
    pub path: String,
    pub file: FileId,
    pub ast: Ast,
}

/// A wish of a file for another.
struct Request {
    segments: Vec<SmolStr>,
    span: Span,
    /// By `use`: must be there. Otherwise the path may begin with a name of the file.
    must: bool,
    /// Only a claim needs it.
    aside: bool,
}

struct Walk<'s> {
    sources: &'s mut SourceMap,
    loader: &'s dyn Loader,
    modules: Vec<Loaded>,
    /// By path; `None` where there is no such module.
    known: FxHashMap<String, Option<usize>>,
    /// Modules whose uses are being followed, with the span that asked for each.
    open: Vec<(usize, Span)>,
    followed: FxHashSet<usize>,
    /// So many modules come first whose claims and experiments are asked for.
    roots: usize,
    /// What only claims need, with the module that has them.
    aside: Vec<(Request, usize)>,
    diagnostics: Vec<Diagnostic>,
}

/// Parses `roots` and all they use, transitively. The roots come first, in their order.
pub fn load(sources: &mut SourceMap, loader: &dyn Loader, roots: &[FileId]) -> (Vec<Loaded>, Vec<Diagnostic>) {
    let mut walk = Walk {
        sources,
        loader,
        modules: Vec::new(),
        known: FxHashMap::default(),
        open: Vec::new(),
        followed: FxHashSet::default(),
        roots: roots.len(),
        aside: Vec::new(),
        diagnostics: Vec::new(),
    };
    for root in roots {
        let path = module_of(walk.sources.file(*root).name());
        walk.add(path, *root);
    }
    (0..roots.len()).for_each(|root| walk.follow(root, Span::default()));
    while let Some((request, module)) = walk.aside.pop() {
        if let Some(Found::New(id)) = walk.find(&request, module) {
            walk.follow(id, request.span);
        }
    }
    (walk.modules, walk.diagnostics)
}

/// The module that a file is, by its name: `std.release.rab27` for one of the library, under `std/` or `stdlib/`, else
/// its own name without folders.
fn module_of(name: &str) -> String {
    let stem = name.strip_suffix(".exo").unwrap_or(name).replace('\\', "/");
    match stem.rsplit_once("stdlib/").or_else(|| Some(("", stem.strip_prefix("std/")?))) {
        Some((_, inside)) => format!("std.{}", inside.replace('/', ".")),
        None => stem.rsplit('/').next().unwrap_or(&stem).to_owned(),
    }
}

impl Walk<'_> {
    fn add(&mut self, path: String, file: FileId) -> usize {
        let (ast, diagnostics) = crate::syntax::parse(self.sources, file);
        self.diagnostics.extend(diagnostics);
        self.known.insert(path.clone(), Some(self.modules.len()));
        self.modules.push(Loaded { path, file, ast });
        self.modules.len() - 1
    }

    fn follow(&mut self, module: usize, asked: Span) {
        if !self.followed.insert(module) {
            return;
        }
        let root = module < self.roots;
        let Some(requests) = self.modules.get(module).map(|m| requests(&m.ast, root)) else { return };
        self.open.push((module, asked));
        for request in requests {
            if request.aside {
                self.aside.push((request, module));
                continue;
            }
            let Some(found) = self.find(&request, module) else {
                if request.must {
                    let path = request.segments.join(".");
                    self.diagnostics.push(report::unknown_module(&path, request.span, &self.loader.modules()));
                }
                continue;
            };
            match found {
                Found::New(id) => self.follow(id, request.span),
                Found::Known(id) => {
                    self.check_circle(id, request.span);
                    self.follow(id, request.span);
                }
                Found::Broken => {}
            }
        }
        self.open.pop();
    }

    fn check_circle(&mut self, id: usize, span: Span) {
        let Some(start) = self.open.iter().position(|(open, _)| *open == id) else { return };
        let chain: Vec<(String, Span)> = self
            .open
            .iter()
            .skip(start)
            .filter_map(|(open, asked)| Some((self.modules.get(*open)?.path.clone(), *asked)))
            .collect();
        self.diagnostics.push(report::circle(&chain, span));
    }

    /// The module of the most leading segments.
    fn find(&mut self, request: &Request, from: usize) -> Option<Found> {
        for length in (1..=request.segments.len()).rev() {
            let segments: Vec<&str> = request.segments.iter().take(length).map(SmolStr::as_str).collect();
            let path = segments.join(".");
            match self.known.get(&path) {
                Some(Some(id)) => return Some(Found::Known(*id)),
                Some(None) => continue,
                None => {}
            }
            let from = self.modules.get(from).map_or(String::new(), |m| self.sources.file(m.file).name().to_owned());
            match self.loader.load(&segments, &from) {
                Ok((name, text)) => {
                    let file = self.sources.add(&name, &text);
                    return Some(Found::New(self.add(path, file)));
                }
                Err(LoadError::NotFound) => {
                    self.known.insert(path, None);
                }
                Err(error) => {
                    self.diagnostics.push(report::unloadable(&path, request.span, &error));
                    self.known.insert(path, None);
                    return Some(Found::Broken);
                }
            }
        }
        None
    }
}

enum Found {
    New(usize),
    Known(usize),
    /// There, but can't be had; said already.
    Broken,
}

/// Everything a file asks for, in order.
fn requests(ast: &Ast, root: bool) -> Vec<Request> {
    let mut bound: FxHashSet<SmolStr> = FxHashSet::default();
    let mut requests = Vec::new();
    for item in &ast.items {
        if let ItemKind::Use(u) = &item.kind {
            let path: Vec<SmolStr> = u.path.segments.iter().map(|n| n.text.clone()).collect();
            let Some(names) = &u.names else {
                bound.extend(u.path.last().map(|n| n.text.clone()));
                requests.push(Request { segments: path, span: u.path.span, must: true, aside: false });
                continue;
            };
            for name in names {
                bound.insert(name.text.clone());
                let segments = path.iter().cloned().chain([name.text.clone()]).collect();
                requests.push(Request { segments, span: u.path.span, must: true, aside: false });
            }
            if names.is_empty() {
                requests.push(Request { segments: path, span: u.path.span, must: true, aside: false });
            }
        } else {
            bound.extend(group_name(&item.kind).map(|n| n.text.clone()));
        }
    }
    if root && let Some(span) = ast.items.iter().find_map(short_claim) {
        // Short claims put their cell into the library's dish.
        requests.push(Request { segments: vec!["std".into(), "places".into()], span, must: false, aside: true });
    }
    let mut mentioned = Vec::new();
    mentions(&ast.items, root, &mut mentioned);
    for (path, aside) in mentioned {
        if path.segments.first().is_some_and(|head| !bound.contains(&head.text)) && path.segments.len() > 1 {
            let segments = path.segments.iter().map(|n| n.text.clone()).collect();
            requests.push(Request { segments, span: path.span, must: false, aside });
        }
    }
    requests
}

fn short_claim(item: &Item) -> Option<Span> {
    match &item.kind {
        ItemKind::Claim(claim) if matches!(claim.body, ClaimBody::Effect(_)) => Some(claim.text.span),
        _ => None,
    }
}

fn group_name(kind: &ItemKind) -> Option<&Name> {
    match kind {
        ItemKind::Pathway(block) | ItemKind::Hypothesis(block) | ItemKind::Model(block) => Some(&block.name),
        ItemKind::Cell(cell) => Some(&cell.name.name),
        _ => None,
    }
}

/// Paths that may be whole, and whether only a claim needs them.
fn mentions<'a>(items: &'a [Item], root: bool, to: &mut Vec<(&'a Path, bool)>) {
    for item in items {
        match &item.kind {
            ItemKind::Include(include) => to.extend(include.paths.iter().map(|p| (p, false))),
            ItemKind::Assume(assume) => to.push((&assume.hypothesis, false)),
            ItemKind::Place(place) => to.push((&place.cell, false)),
            ItemKind::Pathway(block) | ItemKind::Hypothesis(block) | ItemKind::Model(block) => {
                mentions(&block.items, root, to);
            }
            ItemKind::Cell(cell) => {
                to.extend(cell.like.as_ref().map(|p| (p, false)));
                mentions(&cell.items, root, to);
            }
            ItemKind::For(repeat) => {
                to.extend(repeat.over.iter().map(|p| (p, false)));
                mentions(&repeat.items, root, to);
            }
            ItemKind::Drug(drug) => to.extend(drug.actions.iter().filter_map(|a| Some((a.within.as_ref()?, false)))),
            ItemKind::Experiment(experiment) if root => to.extend(experiment.of.iter().map(|p| (p, false))),
            ItemKind::Claim(claim) if root => {
                if let ClaimBody::Effect(effect) = &claim.body {
                    to.push((&effect.cell, true));
                    let treatments = effect.background.iter().chain(&effect.treatments);
                    to.extend(treatments.filter_map(|treatment| match &treatment.kind {
                        TreatmentKind::Assume(assume) => Some((&assume.hypothesis, true)),
                        _ => None,
                    }));
                }
            }
            _ => {}
        }
    }
}
