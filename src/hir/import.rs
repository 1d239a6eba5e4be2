//! Second pass over names: imports, includes, `like`, and the rounds of `for`.
//!
//! Invariants: after it every site knows all groups included in it, also by way of others, in order of first mention;
//! neither includes nor `like`s form circles.

use rustc_hash::FxHashSet;

use super::declare::Declarer;
use super::ids::*;
use super::load::Loaded;
use super::program::*;
use super::reports::{cells as cell_report, modules as report, names};
use super::scope::At;
use super::{GroupKind, lookup::Found};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, Name};

impl<'a> Declarer<'a, '_> {
    /// The `use`s of a module.
    pub fn imports(&mut self, loaded: &'a Loaded) {
        let Some(&importer) = self.program.module_by_path.get(&loaded.path) else { return };
        let Some(site) = self.program.modules.get(importer.index()).map(|m| m.site) else { return };
        for item in &loaded.ast.items {
            let ItemKind::Use(u) = &item.kind else { continue };
            match &u.names {
                None => {
                    if let Some(last) = u.path.last() {
                        self.import(&u.path.segments, last, u.path.span, site);
                    }
                }
                Some(names) => {
                    for name in names {
                        let path: Vec<Name> = u.path.segments.iter().cloned().chain([name.clone()]).collect();
                        self.import(&path, name, name.span, site);
                    }
                }
            }
        }
    }

    fn import(&mut self, path: &[Name], name: &Name, span: Span, site: SiteId) {
        let Some((module, length)) = self.program.module_prefix(path) else {
            // Loading has said that there is no such module.
            return self.insert(name, Def::Missing, span, site);
        };
        let mut def = Def::Module(module);
        for segment in path.iter().skip(length) {
            let Some(part) = self.program.part(def, Space::Thing, &segment.text) else {
                let module_name = self.program.modules.get(module.index()).map_or("", |m| m.path.as_str());
                let parts = self.program.parts(def);
                self.carried.sink.push(report::not_in_module(module_name, &segment.text, segment.span, &parts));
                return self.insert(name, Def::Missing, span, site);
            };
            def = part;
        }
        self.insert(name, def, span, site);
    }

    fn insert(&mut self, name: &Name, def: Def, span: Span, site: SiteId) {
        let known = self.program.site(site).and_then(|s| s.names.get(&(Space::Thing, name.text.clone()))).copied();
        match known {
            Some(known) if known.imported && known.def == def => {}
            Some(known) => self.carried.sink.push(names::declared_twice(&name.text, span, known.span)),
            None => {
                if let Some(site) = self.program.sites.get_mut(site.index()) {
                    site.names.insert((Space::Thing, name.text.clone()), Entry { def, span, imported: true });
                }
            }
        }
    }

    /// Resolves includes, `like`s and `assume`s, and unrolls repetitions, until none is left.
    pub fn settle(&mut self) {
        const MOST: usize = 50_000;
        let (mut rounds, mut unrolled) = (0, 0usize);
        loop {
            self.groups_named();
            let repeats = std::mem::take(&mut self.pending.repeats);
            if repeats.is_empty() {
                break;
            }
            rounds += 1;
            for (at, repeat) in repeats {
                let values = self.values(repeat, at.site, rounds);
                unrolled += values.len();
                if unrolled > MOST {
                    self.carried.sink.push(names::too_often(repeat.variable.span, MOST));
                    return;
                }
                for value in values {
                    self.round(repeat, value, at);
                }
            }
        }
    }

    fn values(&mut self, repeat: &'a ast::For, site: SiteId, depth: u32) -> Vec<Def> {
        const DEEPEST: u32 = 8;
        if depth > DEEPEST {
            self.carried.sink.push(names::too_deep(repeat.variable.span));
            return Vec::new();
        }
        let mut values = Vec::new();
        let program = &self.program;
        self.carried.with(program, |context| {
            for path in &repeat.over {
                let Ok(def) = context.resolve_thing(path, At::site(site)) else { continue };
                match values.iter().position(|(known, _)| *known == def) {
                    Some(first) => {
                        let first = values.get(first).map_or(path.span, |(_, span)| *span);
                        context.sink.push(names::repeated_value(&path.to_string(), path.span, first));
                    }
                    None => values.push((def, path.span)),
                }
            }
        });
        values.into_iter().map(|(def, _)| def).collect()
    }

    /// Resolves the groups that are mentioned, and then what each site can see by them.
    fn groups_named(&mut self) {
        let likes = std::mem::take(&mut self.pending.likes);
        for (at, path) in likes {
            let Some(base) = self.resolved(path, self.outside(at.site), "a cell") else {
                self.incomplete(at.group);
                continue;
            };
            if !self.program.is_cell(base) {
                self.carried.sink.push(cell_report::like_no_cell(&self.program, path.span, base));
                continue;
            }
            if self.reaches(base, at.group) {
                self.carried.sink.push(cell_report::like_circle(&self.program, path.span, at.group, base));
                continue;
            }
            if let Some(group) = self.program.groups.get_mut(at.group.index()) {
                group.kind = GroupKind::Cell { like: Some(base) };
            }
        }
        let includes = std::mem::take(&mut self.pending.includes);
        for (at, path) in includes {
            let wanted = "a pathway, a cell's parts or a file";
            let Some(group) = self.resolved(path, at.site, wanted) else {
                self.incomplete(at.group);
                continue;
            };
            let kind_of = |id| self.program.group(id).map(|g| g.kind);
            let in_part = matches!(kind_of(at.group), Some(GroupKind::Pathway | GroupKind::Hypothesis));
            let unfit = match kind_of(group) {
                Some(GroupKind::Cell { .. }) => in_part,
                kind => kind == Some(GroupKind::Hypothesis),
            };
            if unfit {
                self.carried.sink.push(cell_report::not_includable(&self.program, path.span, group));
            } else if group == at.group || self.reaches(group, at.group) {
                self.carried.sink.push(cell_report::include_circle(&self.program, path.span, at.group, group));
            } else if let Some(into) = self.program.groups.get_mut(at.group.index()) {
                match into.includes.iter().find(|(known, _)| *known == group) {
                    Some((_, first)) => {
                        let report = cell_report::included_twice(&path.to_string(), path.span, *first);
                        self.carried.sink.push(report);
                    }
                    None => into.includes.push((group, path.span)),
                }
            }
        }
        self.spread();
        self.assumptions();
    }

    fn assumptions(&mut self) {
        let assumes = std::mem::take(&mut self.pending.assumes);
        for (at, path) in assumes {
            let Some(group) = self.resolved(path, at.site, "a hypothesis") else { continue };
            if !matches!(self.program.group(group).map(|g| g.kind), Some(GroupKind::Hypothesis)) {
                self.carried.sink.push(cell_report::not_a_hypothesis(&self.program, path.span, group));
                continue;
            }
            if let Some(into) = self.program.groups.get_mut(at.group.index()) {
                into.assumes.push((group, path.span));
            }
        }
        self.spread();
    }

    fn resolved(&mut self, path: &ast::Path, site: SiteId, wanted: &str) -> Option<GroupId> {
        let program = &self.program;
        self.carried.with(program, |context| context.resolve_group(path, At::site(site), wanted).ok())
    }

    fn incomplete(&mut self, group: GroupId) {
        if let Some(group) = self.program.groups.get_mut(group.index()) {
            group.incomplete = true;
        }
    }

    fn outside(&self, site: SiteId) -> SiteId {
        self.program.site(site).and_then(|s| s.parent).unwrap_or(site)
    }

    /// Whether `from` includes `to` or is like it, directly or not.
    fn reaches(&self, from: GroupId, to: GroupId) -> bool {
        let mut open = vec![from];
        let mut seen = FxHashSet::default();
        while let Some(group) = open.pop() {
            if group == to {
                return true;
            }
            if !seen.insert(group) {
                continue;
            }
            open.extend(self.program.related(group));
        }
        false
    }

    /// Lets every group's site see the groups it includes, by whatever way.
    fn spread(&mut self) {
        for at in 0..self.program.groups.len() {
            let group = GroupId(at as u32);
            let mut order = Vec::new();
            let mut seen = FxHashSet::default();
            let mut open: Vec<GroupId> = self.program.related(group).collect();
            open.reverse();
            while let Some(next) = open.pop() {
                if !seen.insert(next) {
                    continue;
                }
                order.extend(self.program.group(next).map(|g| g.site));
                let mut below: Vec<GroupId> = self.program.related(next).collect();
                below.reverse();
                open.extend(below);
            }
            let site = self.program.group(group).map(|g| g.site);
            if let Some(site) = site.and_then(|id| self.program.sites.get_mut(id.index())) {
                site.included = order;
            }
        }
    }
}

impl Program<'_> {
    /// The groups that are parts of another: included, assumed, or the cell it is like.
    pub fn related(&self, group: GroupId) -> impl Iterator<Item = GroupId> {
        let group = self.group(group);
        let like = group.and_then(|g| match g.kind {
            GroupKind::Cell { like } => like,
            _ => None,
        });
        let included = group.into_iter().flat_map(|g| g.includes.iter().chain(&g.assumes)).map(|(id, _)| *id);
        like.into_iter().chain(included)
    }

    /// Whether the name leads to one thing only.
    pub fn is_bound(&self, space: Space, name: &Name, site: SiteId) -> bool {
        !matches!(self.lookup(space, &name.text, site), Found::Nothing)
    }
}
