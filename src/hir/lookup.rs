//! Looking names up: from the inside out, and down along dots.

use smol_str::SmolStr;

use super::GroupKind;
use super::ids::*;
use super::program::{Def, Entry, Program, Site, Space};
use crate::syntax::ast::Name;

/// What a look-up gives.
#[derive(Clone, Debug)]
pub enum Found {
    Nothing,
    /// With the site it was found in.
    One(Entry, SiteId),
    /// Different things of that name in groups that are included side by side.
    Several(Vec<Entry>),
}

impl<'a> Program<'a> {
    /// What `name` means in `site`: the nearest nest of names that has it.
    pub fn lookup(&self, space: Space, name: &SmolStr, site: SiteId) -> Found {
        let key = (space, name.clone());
        let mut next = Some(site);
        while let Some((id, site)) = next.and_then(|id| Some((id, self.site(id)?))) {
            if let Some(entry) = site.names.get(&key) {
                return Found::One(*entry, id);
            }
            match self.lookup_included(site, &key) {
                Found::Nothing => next = site.parent,
                found => return found,
            }
        }
        Found::Nothing
    }

    fn lookup_included(&self, site: &Site, key: &(Space, SmolStr)) -> Found {
        let mut entries: Vec<(Entry, SiteId)> = Vec::new();
        for &id in &site.included {
            let Some(entry) = self.site(id).and_then(|s| s.names.get(key)).filter(|e| !e.imported) else { continue };
            if entries.iter().all(|(known, _)| known.def != entry.def) {
                entries.push((*entry, id));
            }
        }
        match entries.as_slice() {
            [] => Found::Nothing,
            [(entry, site)] => Found::One(*entry, *site),
            several => Found::Several(several.iter().map(|(entry, _)| *entry).collect()),
        }
    }

    /// What `def.name` means, for things that have parts with names: modules and groups.
    pub fn part(&self, def: Def, space: Space, name: &SmolStr) -> Option<Def> {
        match def {
            Def::Module(id) => {
                let module = self.modules.get(id.index())?;
                let own = self.own(module.site, space, name);
                let eponym = || match self.eponym(id) {
                    Some(group @ Def::Group(_)) => self.part(group, space, name),
                    _ => None,
                };
                let below = || self.module_by_path.get(&format!("{}.{name}", module.path)).map(|m| Def::Module(*m));
                own.or_else(eponym).or_else(below)
            }
            Def::Group(id) => {
                let site = self.group(id)?.site;
                self.own(site, space, name).or_else(|| {
                    let included = &self.site(site)?.included;
                    included.iter().find_map(|&s| self.own(s, space, name))
                })
            }
            _ => None,
        }
    }

    fn own(&self, site: SiteId, space: Space, name: &SmolStr) -> Option<Def> {
        let entry = self.site(site)?.names.get(&(space, name.clone()))?;
        (!entry.imported).then_some(entry.def)
    }

    /// What a module declares under its own last name: `cell HeLa` in `std.cells.HeLa`. A path that ends in the
    /// module means this, where there is one.
    pub fn eponym(&self, module: ModuleId) -> Option<Def> {
        let module = self.modules.get(module.index())?;
        let last = SmolStr::new(module.path.rsplit('.').next()?);
        self.own(module.site, Space::Thing, &last)
    }

    /// A module as what it stands for at the end of a path: its eponym, else the group of all it declares.
    pub fn settle(&self, def: Def) -> Def {
        match def {
            Def::Module(id) => {
                let group = || self.modules.get(id.index()).map(|m| Def::Group(m.group));
                self.eponym(id).or_else(group).unwrap_or(def)
            }
            other => other,
        }
    }

    /// The loaded module that the most leading segments name, and how many those are.
    pub fn module_prefix(&self, segments: &[Name]) -> Option<(ModuleId, usize)> {
        let mut path = String::new();
        let mut longest = None;
        for (i, segment) in segments.iter().enumerate() {
            if i > 0 {
                path.push('.');
            }
            path.push_str(&segment.text);
            if let Some(id) = self.module_by_path.get(&path) {
                longest = Some((*id, i + 1));
            }
        }
        longest
    }

    /// All names that could have been meant in `site`, sorted.
    pub fn visible(&self, space: Space, site: SiteId) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let mut next = self.site(site);
        while let Some(site) = next {
            let here = std::iter::once(site).chain(site.included.iter().filter_map(|&id| self.site(id)));
            names.extend(here.flat_map(|s| s.names.keys()).filter(|(s, _)| *s == space).map(|(_, n)| n.as_str()));
            next = site.parent.and_then(|id| self.site(id));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The names of a module's or group's parts, sorted.
    pub fn parts(&self, def: Def) -> Vec<&str> {
        let site = match def {
            Def::Module(id) => self.modules.get(id.index()).map(|m| m.site),
            Def::Group(id) => self.group(id).map(|g| g.site),
            _ => None,
        };
        let Some(site) = site.and_then(|id| self.site(id)) else { return Vec::new() };
        let sites = std::iter::once(site).chain(site.included.iter().filter_map(|&id| self.site(id)));
        let entries = sites.flat_map(|s| s.names.iter()).filter(|(_, entry)| !entry.imported);
        let mut names: Vec<&str> = entries.map(|((_, name), _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The group that declares something, by name, if it is one that can be named.
    pub fn owner_name(&self, def: Def) -> Option<&SmolStr> {
        let site = match def {
            Def::Param(id) => self.params.get(id.index())?.site,
            Def::Let(id) => self.lets.get(id.index())?.site,
            Def::Input(id) => self.inputs.get(id.index())?.site,
            Def::Molecule(id) => self.molecules.get(id.index())?.site,
            Def::Vesicle(id) => self.vesicles.get(id.index())?.site,
            Def::Compartment(id) => self.compartments.get(id.index())?.site,
            Def::Process(id) => self.processes.get(id.index())?.site,
            Def::Observable(id) => self.observables.get(id.index())?.site,
            _ => return None,
        };
        let group = self.group(self.site(site)?.group)?;
        Some(&group.name)
    }

    pub fn is_cell(&self, id: GroupId) -> bool {
        matches!(self.group(id).map(|g| g.kind), Some(GroupKind::Cell { .. }))
    }
}
