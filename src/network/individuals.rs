//! Vesicles one by one: what the reactions of populations mean for their single members.
//!
//! The mean field has a variable for each population and each pool of contents; here is what the exact simulation needs
//! beside them. Each vesicle process has an [`Edge`] for every population that it happens to: the leading reaction, its
//! rate for one vesicle, and what becomes of that vesicle, its membrane and its contents. Contents that react where they
//! are have an [`Inner`] reaction.
//!
//! Invariants: every id is of the same network; every vesicle population is in [`Individuals::populations`] and every
//! pool of molecules in vesicles in [`Individuals::contents`], once; of what lies inside one another only the direct
//! contents are named, since those further inside go along with their carriers.
//! Deliberately absent: single vesicles; numbers of cells, which are in the stoichiometry.

use super::geometry::Geometry;
use super::{Expr, PlaceId, SpeciesId};

/// Everything about single vesicles.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Individuals {
    pub kinds: Vec<Kind>,
    pub populations: Vec<Population>,
    pub contents: Vec<Content>,
    /// What `contents` count, by name: `CD63`, `Rab7.gtp`.
    pub cargoes: Vec<String>,
    pub edges: Vec<Edge>,
    pub inner: Vec<Inner>,
    /// Only where vesicles are taken one by one ([`super::represent`]).
    pub weights: Vec<Weight>,
}

/// Vesicles of one class in one state.
#[derive(Clone, PartialEq, Debug)]
pub struct Kind {
    /// `ILV.escrt`.
    pub name: String,
    /// Kinds of one class have the same number.
    pub class: usize,
    pub diameter: Diameter,
    /// Means over the distribution, which the mean field uses.
    pub geometry: Geometry,
}

/// A normal distribution of diameters, cut to a range; in µm.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Diameter {
    pub mean: f64,
    pub sd: f64,
    pub range: Option<(f64, f64)>,
}

/// Vesicles of one kind in one place or carrier.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Population {
    pub species: SpeciesId,
    /// Position in [`Individuals::kinds`].
    pub kind: usize,
    /// The population that it lies in; `None` directly in the place.
    pub carrier: Option<SpeciesId>,
    /// The place that its outermost carrier lies in.
    pub place: PlaceId,
    /// The variable of its membranes' area, if it has one.
    pub area: Option<SpeciesId>,
}

/// A pool of molecules in the vesicles of a population.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Content {
    pub species: SpeciesId,
    pub carrier: SpeciesId,
    /// Position in [`Individuals::cargoes`].
    pub cargo: usize,
    pub on_membrane: bool,
}

/// What one leading reaction does to one vesicle.
#[derive(Clone, PartialEq, Debug)]
pub struct Edge {
    /// Position in [`Network::reactions`](super::Network::reactions).
    pub reaction: usize,
    /// The population whose members it happens to: those that move or vanish, and the hosts of buds. `None` for what comes
    /// from nothing or from the membrane of a compartment.
    pub principal: Option<SpeciesId>,
    /// For each of them per second, or of the whole without a principal. Of buds without the budget of membrane, which is
    /// each host's own.
    pub each: Expr,
    /// The same where it depends on what this vesicle carries.
    pub own: Option<Own>,
    /// Position in [`Individuals::weights`]: `each` is to be multiplied by the sum of these.
    pub weight: Option<usize>,
    pub fate: Fate,
}

/// In an [`Own`] expression, the number of the first species that stands for what one vesicle has; beyond all others.
pub const OWN: u32 = 1 << 30;

/// An expression about one vesicle: the species of number [`OWN`]` + i` stands for what the vesicle has itself of the pool
/// `reads[i]`: copies, or µm² of membrane.
#[derive(Clone, PartialEq, Debug)]
pub struct Own {
    pub value: Expr,
    pub reads: Vec<SpeciesId>,
}

/// What each member of a population counts for, by what it has itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Weight {
    pub population: SpeciesId,
    /// Over parameters and the species 0, 1, …, which stand for what the vesicle has of `reads`.
    pub value: Expr,
    pub reads: Vec<SpeciesId>,
    /// The species that is the sum of all.
    pub sum: SpeciesId,
}

/// What becomes of a vesicle.
#[derive(Clone, PartialEq, Debug)]
pub enum Fate {
    /// It appears, empty, with a membrane of its own.
    Appear { population: SpeciesId },
    /// It buds off a membrane.
    Bud { population: SpeciesId, membrane: Source, inwards: bool, captures: Vec<Capture> },
    /// It becomes one of another population, with all that it has; inside a member of `host` if that is said, chosen with equal
    /// chances, and otherwise where it was.
    Move { to: SpeciesId, host: Option<SpeciesId> },
    /// It is gone. `partner` is the population one of which it fuses with, chosen with equal chances or, if it lies in
    /// that, its carrier. `area` is the variable that gains its membrane, unless that is the partner's or lost.
    Dissolve {
        partner: Option<SpeciesId>,
        /// Where nested vesicles and what is in the lumen go; `None` if they are lost.
        lumen: Option<Where>,
        membrane_to_partner: bool,
        area: Option<SpeciesId>,
        /// What it directly contains, molecules and vesicles, and what that becomes; what is not listed is lost.
        contents: Vec<(SpeciesId, SpeciesId)>,
    },
}

/// Where something comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A place; for a membrane with the variable of its area, if it has one.
    Place(Option<SpeciesId>),
    /// The host of the bud itself: its membrane, or its lumen.
    Host,
    /// The carrier that the host lies in.
    Carrier,
}

/// Where the lumen of a vesicle that is gone goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// To a place, by its pools.
    Place,
    /// Into the partner.
    Partner,
    /// Into the carrier that it lay in.
    Carrier,
    /// Out of its carrier: to where that lies.
    Beyond,
}

/// What a bud takes along: of a pool with `n` copies, of which `n · size · enrichment / room` on average.
#[derive(Clone, PartialEq, Debug)]
pub struct Capture {
    /// The pool in the source.
    pub of: SpeciesId,
    /// The pool in the bud.
    pub to: SpeciesId,
    pub source: Source,
    /// By the bud's area, from a membrane; otherwise by its lumen.
    pub on_membrane: bool,
    pub enrichment: Expr,
    /// Size of the source: for a place its volume or area; a host or carrier has its own.
    pub room: Expr,
}

/// A reaction of molecules inside the vesicles of one population.
#[derive(Clone, PartialEq, Debug)]
pub struct Inner {
    /// Position in [`Network::reactions`](super::Network::reactions).
    pub reaction: usize,
    pub population: SpeciesId,
    /// Firings per second in one vesicle. `None` if each of the molecules has its share in the whole rate: then the vesicle
    /// is chosen by its copies of the first of `reactants`, or with equal chances if there are none.
    pub own: Option<Own>,
    /// As of an [`Edge`].
    pub weight: Option<usize>,
    /// What the vesicle must have.
    pub reactants: Vec<(SpeciesId, u32)>,
}

impl Individuals {
    /// The population of that species.
    pub fn population(&self, species: SpeciesId) -> Option<&Population> {
        self.populations.iter().find(|population| population.species == species)
    }
}
