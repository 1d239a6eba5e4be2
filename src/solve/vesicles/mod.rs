//! Vesicles one by one: each with its diameter, its contents, the vesicles inside it, and where it came from.
//!
//! A [`Plan`] says which kinds there are, where they may lie, and what each edge does; a [`Store`] holds the vesicles of one run
//! and carries edges out. Sums over populations stand in the states `x` of the jump simulation: what the store does to a
//! vesicle it does to `x` as well.
//!
//! Invariants:
//! - A vesicle is in one place: in the list of one population, or in one carrier's nest, at the position that it knows.
//! - A carrier knows the sums of all that lies in it, however deep, as entries by [`Path`]; so when it moves, what it carries costs
//!   nothing, and `x` is changed by its own entries alone. An event's cost grows with what lies in the vesicle that it happens to, at
//!   most, and only where that is released or chosen from.
//! - Copies are whole numbers, and so is membrane, in [`GRAIN`]s; sums of grains are exact in a double, so area is conserved to the last
//!   bit. A membrane that is too small for a bud makes none; nothing becomes negative.
//! - Random numbers are those of the run alone; what happens is a function of them and of the order of events.
//!
//! Deliberately absent: rates and when something happens (the jump simulation's), names, the compiler's types.

mod acts;
mod contents;
mod paths;
mod size;
mod start;
mod store;
mod sums;
#[cfg(test)]
mod tests;

pub use paths::{Item, Path, Paths};
pub use size::{GRAIN, MEMBRANE_THICKNESS, Size, area, grains, lumen};
pub use start::NO_ROUTE;
pub use store::{Individual, Store};

/// A position in the states.
pub type Slot = u32;
/// Position of no state.
pub const NOWHERE: Slot = Slot::MAX;

/// What there is and what can happen.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub kinds: Vec<Kind>,
    /// Which cargoes are bound to membranes: the others lie in lumens.
    pub on_membrane: Vec<bool>,
    pub paths: Paths,
    /// Those that lie in places; populations inside carriers are [`Members`] of these.
    pub populations: Vec<Population>,
    pub edges: Vec<Edge>,
    pub indexes: Vec<Index>,
}

/// Vesicles of one class in one state.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub size: Size,
    /// Its members have a membrane area of their own ([`Item::Area`]); otherwise it follows from the diameter.
    pub tracked: bool,
}

/// Vesicles of one kind in one place.
#[derive(Clone, Debug)]
pub struct Population {
    pub kind: u16,
    pub species: Slot,
    /// For each path the state that sums it over the population; [`NOWHERE`] if there is none.
    pub slots: Vec<Slot>,
}

/// A population from which vesicles are chosen: in a place, or inside the members of another.
#[derive(Clone, PartialEq, Debug)]
pub struct Members {
    /// Position in [`Plan::populations`].
    pub root: u16,
    /// Kinds from the outermost inwards, without the root's own; empty for the root itself.
    pub inside: Vec<u16>,
    /// How one is chosen: the index whose weights count, or all alike. Needed for `inside`.
    pub index: Option<u16>,
}

/// Weights by which members of a population in a place are chosen, with their sum as a state.
#[derive(Clone, Debug)]
pub struct Index {
    pub root: u16,
    /// The kinds inside which the weighted vesicles lie, as in [`Members`].
    pub inside: Vec<u16>,
    pub weight: Weight,
    /// Where the sum stands, if it is read.
    pub sum: Slot,
}

/// What a vesicle counts for.
#[derive(Clone, PartialEq, Debug)]
pub enum Weight {
    /// As many as the root holds of that path.
    Entry(Path),
    /// [`Laws::weight`] of what each vesicle holds of these paths itself.
    Law(Vec<Path>),
}

/// One thing that can happen.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Copies in places that turn over with one vesicle; if they aren't there, nothing happens.
    pub turning: Vec<(Slot, i64)>,
    /// What it is put down to in the vesicles that it makes.
    pub route: u16,
    pub act: Act,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Act {
    Appear {
        kind: u16,
        into: Target,
    },
    /// A vesicle of that kind buds off a membrane: of a place, of a member of `host`, or of what carries that.
    Bud {
        host: Option<Members>,
        kind: u16,
        into: Target,
        membrane: Membrane,
        captures: Vec<Capture>,
    },
    /// A member becomes one of that kind.
    Move {
        who: Members,
        kind: u16,
        into: Target,
    },
    /// A member is gone; what is not listed of its contents is lost.
    Dissolve {
        who: Members,
        partner: Option<Partner>,
        contents: Vec<(Item, Goal)>,
        membrane: Option<Goal>,
    },
    /// Molecules change in a member, if it has at least `needs`.
    React {
        who: Members,
        needs: Vec<(Path, u32)>,
        changes: Vec<(Place, i64)>,
    },
}

/// Where a vesicle is put.
#[derive(Clone, PartialEq, Debug)]
pub enum Target {
    /// In a place.
    Root(u16),
    /// Where the one that it happens to lies, inside the same carrier.
    Beside,
    /// Into the host of the bud.
    Within,
    /// Into a member of that population.
    Into(Members),
}

/// With whom a vesicle fuses.
#[derive(Clone, PartialEq, Debug)]
pub enum Partner {
    Any(Members),
    /// The one that carries it.
    Carrier,
    /// Another of that kind in the same carrier.
    Sibling(u16),
}

/// Where something goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Goal {
    /// Molecules, or membrane, to a state.
    Slot(Slot),
    /// Vesicles to a population in a place.
    Root(u16),
    Partner,
    Carrier,
    /// What carries the carrier.
    Beyond,
}

/// Where molecules change.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Place {
    Slot(Slot),
    /// In the vesicle itself.
    Own(Path),
    /// In the vesicle so many levels outside it.
    Outside(u8, Path),
}

/// Membrane that a bud takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Membrane {
    /// As much as anyone wants.
    Free,
    Slot(Slot),
    Host,
    Carrier,
}

/// What a bud may take along. Of the n copies in the source each is taken with the probability (size of the bud) × law / (room),
/// the room of a place being in the law: a Poisson number for many copies, and never more than there are.
#[derive(Clone, Debug)]
pub struct Capture {
    pub item: Item,
    pub from: From,
    /// By area, of what is on a membrane; otherwise by lumen.
    pub on_membrane: bool,
    /// Number by which [`Laws::capture`] knows it.
    pub law: usize,
}

/// From where.
#[derive(Clone, PartialEq, Debug)]
pub enum From {
    /// A pool in a place; one that is `fixed` is never used up.
    Slot {
        slot: Slot,
        fixed: bool,
    },
    Host,
    Carrier,
    /// Whole vesicles of a population in a place.
    Members {
        root: u16,
    },
}

/// Numbers that depend on the state.
pub trait Laws {
    /// Enrichment, over the size of the source where that is a place.
    fn capture(&self, law: usize, t: f64, x: &[f64]) -> f64;
    /// What a vesicle counts for in an index, by what it holds of the index' paths: copies, or µm².
    fn weight(&self, index: usize, own: &[f64]) -> f64;
}
