//! Cells and places: each scope's compartments become places, a cell's exterior what it is bound to.

use super::build::{BuildError, Builder, Result};
use super::geometry::Geometry;
use super::individuals::Diameter;
use super::numbers::Known;
use super::{Cell, Expr, Place, PlaceId, PlaceKind, Role, SpeciesId, SpeciesKind};
use rustc_hash::FxHashSet;

use crate::hir::{Assignable, CompartmentId, Decl, Position, ScopeId};

impl<'h> Builder<'h> {
    pub(super) fn make_places(&mut self) -> Result<()> {
        for scope in self.scopes() {
            self.make_cell(scope)?;
        }
        for (scope, decl) in self.members() {
            if let Decl::Compartment(id) = decl {
                self.make_place(scope, id)?;
            }
        }
        self.bind_exteriors()?;
        self.enclose()
    }

    fn make_cell(&mut self, scope: ScopeId) -> Result<()> {
        let Some((declared, cell)) = self.scope(scope).and_then(|s| Some((s, s.cell.as_ref()?))) else {
            return Ok(());
        };
        let value = self.lower_in(&cell.count.expr, scope)?;
        self.keep_nominal(|| format!("the number of {}", declared.name), &cell.count, &value);
        let count = self.parameter(format!("number of {}", declared.name), Role::Count, value, Known::of(&cell.count));
        let kind = self.hir.groups.get(cell.kind.index()).map(|g| g.name.to_string()).unwrap_or_default();
        self.network.cells.push(Cell { name: declared.name.to_string(), kind, count });
        Ok(())
    }

    fn exterior(&self, scope: ScopeId, id: CompartmentId) -> Option<CompartmentId> {
        let cell = self.scope(scope)?.cell.as_ref()?;
        cell.exterior.get(&id).copied()
    }

    fn make_place(&mut self, scope: ScopeId, id: CompartmentId) -> Result<()> {
        if self.exterior(scope, id).is_some() || self.places.contains_key(&(scope, id)) {
            return Ok(());
        }
        let Some(declared) = self.hir.compartments.get(id.index()) else {
            return Err(BuildError::Missing { name: String::new(), span: Default::default() });
        };
        let place = PlaceId(self.network.places.len() as u32);
        let name = format!("{}{}", self.scope_prefix(scope), declared.name);
        let name = self.unique(name, Some(declared.module));
        self.places.insert((scope, id), place);
        self.place_scopes.push((scope, vec![id]));
        let (value, known) = self.declared_or_set(
            scope,
            &declared.size,
            |target| matches!(target, Assignable::Compartment(set, _) if *set == id),
        )?;
        let size = self.parameter(format!("size of {name}"), Role::Size, value, known);
        let kind = match declared.position {
            Position::Between { .. } => PlaceKind::Membrane,
            Position::Outermost | Position::Inside(_) => PlaceKind::Volume,
        };
        self.network.places.push(Place {
            name,
            kind,
            size: Expr::Parameter(size),
            cell: self.cell_id(scope),
            within: Vec::new(),
            depth: declared.depth,
            span: declared.span,
        });
        Ok(())
    }

    fn bind_exteriors(&mut self) -> Result<()> {
        let model = self.model;
        for (scope, declared) in model.scopes.iter().zip(0u32..).map(|(s, id)| (ScopeId(id), s)) {
            for (&own, &bound) in declared.cell.iter().flat_map(|cell| &cell.exterior) {
                if !self.places.contains_key(&(ScopeId(0), bound)) {
                    self.make_place(ScopeId(0), bound)?;
                }
                let place = self.place(ScopeId(0), bound)?;
                self.places.insert((scope, own), place);
                if let Some((_, same)) = self.place_scopes.get_mut(place.index())
                    && !same.contains(&own)
                {
                    same.push(own);
                }
            }
        }
        Ok(())
    }

    /// Who lies in whom; what a cell refers to without having it is made.
    fn enclose(&mut self) -> Result<()> {
        let mut next = 0;
        while let Some((scope, id)) = self.place_scopes.get(next).and_then(|(s, ids)| Some((*s, *ids.first()?))) {
            let position = self.hir.compartments.get(id.index()).map(|c| c.position);
            let around = match position {
                Some(Position::Inside(outer)) => vec![outer],
                Some(Position::Between { inner, outer }) => vec![inner, outer],
                Some(Position::Outermost) | None => Vec::new(),
            };
            let mut within = Vec::with_capacity(around.len());
            for compartment in around {
                if self.place(scope, compartment).is_err() {
                    self.make_place(scope, compartment)?;
                }
                within.push(self.place(scope, compartment)?);
            }
            if let (Some(Position::Between { .. }), Some(&inner)) = (position, within.first()) {
                self.limiting.insert(inner, PlaceId(next as u32));
            }
            if let Some(place) = self.network.places.get_mut(next) {
                place.within = within;
            }
            next += 1;
        }
        Ok(())
    }

    /// Places whose size rules move, and membranes whose area processes change, get a state variable for it.
    pub(super) fn track_sizes(&mut self) {
        for index in 0..self.network.places.len() {
            let place = PlaceId(index as u32);
            let is_in = |set: &FxHashSet<CompartmentId>| {
                self.place_scopes.get(index).is_some_and(|(_, ids)| ids.iter().any(|id| set.contains(id)))
            };
            if !is_in(&self.facts.membranes) && !is_in(&self.facts.moved_places) {
                continue;
            }
            let Some(declared) = self.network.places.get(index) else { continue };
            let (kind, word) = match declared.kind {
                PlaceKind::Membrane => (SpeciesKind::Area, "area"),
                PlaceKind::Volume => (SpeciesKind::Condition, "volume"),
            };
            let (name, span, cell) = (format!("{word} of {}", declared.name), declared.span, declared.cell);
            let id = self.state_variable(name, kind, declared.size.clone(), span);
            if let Some(species) = self.network.species.get_mut(id.index()) {
                species.place = Some(place);
                species.cell = cell;
                species.unit.symbol = if word == "area" { "µm²" } else { "µm³" }.into();
            }
            if let Some(place) = self.network.places.get_mut(index) {
                place.size = Expr::Species(id);
            }
            self.varying_sizes.insert(place, id);
        }
    }

    /// Sizes of all classes, at unperturbed parameters.
    pub(super) fn measure_vesicles(&mut self) -> Result<()> {
        let hir = self.hir;
        self.geometries = vec![Vec::new(); hir.vesicles.len()];
        self.diameters = vec![Vec::new(); hir.vesicles.len()];
        for (scope, decl) in self.members() {
            let Decl::Vesicle(id) = decl else { continue };
            let Some(class) = hir.vesicles.get(id.index()) else { continue };
            let mut states = Vec::with_capacity(class.states.len());
            let mut spreads = Vec::with_capacity(class.states.len());
            for state in &class.states {
                let mean = self.lower_in(&state.diameter.mean.expr, scope)?;
                let name = format!("the diameter of {}{}", self.scope_prefix(scope), class.name);
                self.keep_nominal(|| name, &state.diameter.mean, &mean);
                let mean = self.nominal(&mean);
                let (sd, range) = (state.diameter.sd.unwrap_or(0.0), state.diameter.range);
                states.push(Geometry::new(mean, sd, range));
                spreads.push(Diameter { mean, sd, range });
            }
            if let Some(slot) = self.geometries.get_mut(id.index()) {
                *slot = states;
            }
            if let Some(slot) = self.diameters.get_mut(id.index()) {
                *slot = spreads;
            }
        }
        Ok(())
    }

    pub(super) fn size(&self, place: PlaceId) -> Expr {
        self.network.places.get(place.index()).map_or(Expr::ONE, |place| place.size.clone())
    }

    pub(super) fn place_kind(&self, place: PlaceId) -> PlaceKind {
        self.network.places.get(place.index()).map_or(PlaceKind::Volume, |place| place.kind)
    }

    /// A state variable that is no pool.
    pub(super) fn state_variable(
        &mut self,
        name: String,
        kind: super::SpeciesKind,
        initial: Expr,
        span: crate::source::Span,
    ) -> SpeciesId {
        let id = SpeciesId(self.network.species.len() as u32);
        let name = self.unique(name, None);
        let unit = super::DisplayUnit { symbol: String::new(), factor: 1.0 };
        let species = super::Species { name, kind, place: None, cell: None, initial, fixed: false, unit, span };
        self.network.species.push(species);
        self.pools.skip();
        id
    }
}
