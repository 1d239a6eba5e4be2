//! What can jump: channels, how their propensities are computed, what each changes, and what follows from that.
//!
//! Invariants: states are 0..n and the number 1 stands at position n, so that a combination of fewer than two reactants
//! needs no case of its own; dependents of a channel are all channels that read a state it may change, ascending;
//! a drifting channel is nobody's dependent, for it is computed anew whenever the time moves.
//! Deliberately absent: where the numbers come from, and names.

use super::sums::Layout;

/// How a channel's propensity is computed, in firings per second.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Propensity {
    /// `(c x[i]) (x[j] − less)` with the channel's coefficient c: mass action of up to two reactants. An index equal to
    /// the number of states reads 1; a pair of one kind has i = j, less = 1 and half its coefficient in c.
    Combination { i: u32, j: u32, less: f64 },
    /// Whatever [`Rates::propensity`](super::Rates::propensity) says.
    General,
}

/// What a firing does.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Adds to states.
    Change(Vec<(u32, f64)>),
    /// Happens to one individual, by [`Individuals::fire`](super::Individuals::fire): nothing but `touches` changes.
    Individual { edge: u32, touches: Vec<u32> },
}

/// One kind of jump.
#[derive(Clone, PartialEq, Debug)]
pub struct Channel {
    pub propensity: Propensity,
    /// States that its propensity depends on.
    pub reads: Vec<u32>,
    /// The propensity changes between jumps: with the time, or with a state that moves by itself.
    pub drifts: bool,
    pub effect: Effect,
}

impl Effect {
    /// The states that a firing may change.
    pub fn touched(&self) -> impl Iterator<Item = u32> + '_ {
        let (changes, touches) = match self {
            Effect::Change(changes) => (changes.as_slice(), &[][..]),
            Effect::Individual { touches, .. } => (&[][..], touches.as_slice()),
        };
        changes.iter().map(|(state, _)| *state).chain(touches.iter().copied())
    }
}

/// How the next channel is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Search {
    /// By the number of channels.
    #[default]
    Auto,
    /// The direct method (Gillespie, J. Comput. Phys. 22, 1976): one list of propensities.
    Direct,
    /// A tree of partial sums, eight to a node (as in Blue, Beichl, Sullivan, Phys. Rev. E 51, 1995).
    Tree,
    /// The same, with sums in fixed point that change by differences.
    Fixed,
}

/// Up to this many channels a single list is searched. See `benches/jump.rs`.
pub const MOST_FOR_DIRECT: usize = 16;
/// Up to this many a tree of sums is added up anew after each event, and the event loop is compiled, with a block for
/// each channel; with more the blocks no longer fit the machine's cache of instructions.
pub const MOST_FOR_TREE: usize = 128;

/// Rows of changes and of dependents are filled up to multiples of these for [`Search::Fixed`], so that loops over them
/// are of few lengths: what branches as before is foretold.
pub(super) const CHANGES: usize = 4;
pub(super) const DEPENDENTS: usize = 2;

/// Rows of numbers, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Rows {
    pub fn new(rows: impl IntoIterator<Item = Vec<u32>>) -> Rows {
        let mut made = Rows { starts: vec![0], items: Vec::new() };
        for row in rows {
            made.items.extend(row);
            made.starts.push(made.items.len() as u32);
        }
        made
    }

    #[inline]
    pub fn row(&self, index: usize) -> &[u32] {
        &self.items[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}

/// All channels and what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    states: usize,
    channels: Vec<Channel>,
    search: Search,
    layout: Layout,
    /// Of each channel: those whose propensity must be computed anew when it has fired, without the drifting ones.
    dependents: Rows,
    /// Of each channel: the groups of sums that its dependents lie in, the lower ones first.
    groups: Rows,
    drifting: Vec<u32>,
    /// States that move by themselves.
    moving: Vec<u32>,
    /// Something must be integrated between events.
    drifts: bool,
    /// States that some channel changes.
    changing: Vec<u32>,
    watched: Vec<bool>,
    /// What each channel adds, one after the other, and from where to where that is; beyond all where it happens to an
    /// individual.
    added: Vec<(u32, f64)>,
    added_from: Vec<(u32, u32)>,
    /// For [`Search::Fixed`] alone.
    padded: Padded,
}

/// Changes and dependents of each channel for [`Search::Fixed`], filled up: by adding nothing to the number 1, and by a
/// channel after all others that never fires.
#[derive(Clone, Debug, Default, PartialEq)]
struct Padded {
    rows: Vec<Row>,
    changes: Vec<(u32, f64)>,
    dependents: Vec<u32>,
    /// Some propensity is of a general form.
    general: bool,
}

/// From where to where a channel's changes and dependents are, and what its firing means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    changes: [u32; 2],
    dependents: [u32; 2],
    pub individual: bool,
    pub watched: bool,
}

impl Padded {
    fn new(states: usize, channels: &[Channel], dependents: &Rows, watched: &[bool]) -> Padded {
        let mut padded = Padded::default();
        for (k, channel) in channels.iter().enumerate() {
            padded.general |= channel.propensity == Propensity::General;
            let (changes, individual) = match &channel.effect {
                Effect::Change(changes) => (changes.as_slice(), false),
                Effect::Individual { .. } => (&[][..], true),
            };
            let from = [padded.changes.len() as u32, padded.dependents.len() as u32];
            padded.changes.extend_from_slice(changes);
            padded.changes.resize(padded.changes.len().next_multiple_of(CHANGES), (states as u32, 0.0));
            padded.dependents.extend_from_slice(dependents.row(k));
            let filled = padded.dependents.len().next_multiple_of(DEPENDENTS);
            padded.dependents.resize(filled, channels.len() as u32);
            padded.rows.push(Row {
                changes: [from[0], padded.changes.len() as u32],
                dependents: [from[1], padded.dependents.len() as u32],
                individual,
                watched: watched[k],
            });
        }
        padded
    }
}

impl Scheme {
    /// Channels over `states` numbers. A firing that may change a state of `watch` is reported.
    pub fn new(states: usize, channels: Vec<Channel>, watch: &[u32], search: Search) -> Scheme {
        Scheme::with_drift(states, channels, watch, search, &[], false)
    }

    /// The same, where some states move by themselves between jumps; or, if `conditions`, where the caller watches
    /// conditions that do.
    pub fn with_drift(
        states: usize,
        channels: Vec<Channel>,
        watch: &[u32],
        search: Search,
        moving: &[u32],
        conditions: bool,
    ) -> Scheme {
        let search = match search {
            Search::Auto if channels.len() <= MOST_FOR_DIRECT => Search::Direct,
            Search::Auto if channels.len() <= MOST_FOR_TREE => Search::Tree,
            Search::Auto => Search::Fixed,
            forced => forced,
        };
        let spare = usize::from(search == Search::Fixed);
        let layout = Layout::new(channels.len() + spare, search == Search::Direct);
        let mut readers: Vec<Vec<u32>> = vec![Vec::new(); states + 1];
        for (k, channel) in (0u32..).zip(&channels).filter(|(_, c)| !c.drifts) {
            for &state in &channel.reads {
                readers[state as usize].push(k);
            }
        }
        let dependents_of = |channel: &Channel| {
            let mut all: Vec<u32> = channel.effect.touched().flat_map(|s| readers[s as usize].clone()).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let dependents = Rows::new(channels.iter().map(dependents_of));
        let groups = Rows::new((0..channels.len()).map(|k| layout.groups_of(dependents.row(k))));
        let drifting: Vec<u32> = (0u32..).zip(&channels).filter(|(_, c)| c.drifts).map(|(k, _)| k).collect();
        let mut changing: Vec<u32> = channels.iter().flat_map(|c| c.effect.touched()).collect();
        changing.sort_unstable();
        changing.dedup();
        let watched: Vec<bool> = channels.iter().map(|c| c.effect.touched().any(|s| watch.contains(&s))).collect();
        let drifts = conditions || !moving.is_empty() || !drifting.is_empty();
        let moving = moving.to_vec();
        let (mut added, mut added_from) = (Vec::new(), Vec::new());
        for channel in &channels {
            let from = added.len() as u32;
            match &channel.effect {
                Effect::Change(changes) => {
                    added.extend_from_slice(changes);
                    added_from.push((from, added.len() as u32));
                }
                Effect::Individual { .. } => added_from.push((u32::MAX, u32::MAX)),
            }
        }
        let padded = match search {
            Search::Fixed => Padded::new(states, &channels, &dependents, &watched),
            _ => Padded::default(),
        };
        Scheme {
            states,
            channels,
            search,
            layout,
            dependents,
            groups,
            drifting,
            moving,
            drifts,
            changing,
            watched,
            added,
            added_from,
            padded,
        }
    }

    /// What a channel adds to states; `None` if it happens to an individual.
    #[inline]
    pub fn changes(&self, channel: usize) -> Option<&[(u32, f64)]> {
        let (from, to) = self.added_from[channel];
        self.added.get(from as usize..to as usize)
    }

    /// Of [`Search::Fixed`].
    #[inline(always)]
    pub(super) fn padded_row(&self, channel: usize) -> &Row {
        &self.padded.rows[channel]
    }

    /// What a firing adds to states; the number 1 after them may be among them.
    #[inline(always)]
    pub(super) fn padded_changes(&self, row: &Row) -> &[(u32, f64)] {
        &self.padded.changes[row.changes[0] as usize..row.changes[1] as usize]
    }

    /// Whose propensities follow; the channel after the last may be among them.
    #[inline(always)]
    pub(super) fn padded_dependents(&self, row: &Row) -> &[u32] {
        &self.padded.dependents[row.dependents[0] as usize..row.dependents[1] as usize]
    }

    /// Of [`Search::Fixed`]: whether some propensity is of a general form.
    pub(super) fn has_general(&self) -> bool {
        self.padded.general
    }

    pub fn states(&self) -> usize {
        self.states
    }

    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// How channels are found: never [`Search::Auto`].
    pub fn search(&self) -> Search {
        self.search
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whose propensities follow from what a channel changes, ascending.
    #[inline]
    pub fn dependents(&self, channel: usize) -> &[u32] {
        self.dependents.row(channel)
    }

    /// The groups of sums that are to be added up anew after a firing, in order.
    #[inline]
    pub fn groups(&self, channel: usize) -> &[u32] {
        self.groups.row(channel)
    }

    /// Channels whose propensities change between jumps.
    pub fn drifting(&self) -> &[u32] {
        &self.drifting
    }

    /// States that move by themselves.
    pub fn moving(&self) -> &[u32] {
        &self.moving
    }

    /// Whether something must be integrated between events.
    #[inline]
    pub fn drifts(&self) -> bool {
        self.drifts
    }

    /// States that some channel changes, ascending.
    pub fn changing(&self) -> &[u32] {
        &self.changing
    }

    /// Whether a firing of this channel is reported.
    #[inline]
    pub fn is_watched(&self, channel: usize) -> bool {
        self.watched[channel]
    }

    /// The least of the amounts that a channel changes, by how much it does, and at least one.
    pub(super) fn least_changed(&self, channel: usize, x: &[f64]) -> f64 {
        let Effect::Change(changes) = &self.channels[channel].effect else { return 1.0 };
        let share = |(state, change): &(u32, f64)| x[*state as usize] / change.abs();
        changes.iter().map(share).fold(f64::INFINITY, f64::min).max(1.0)
    }

    /// How the next jump is found, in words.
    pub fn explain(&self) -> String {
        let count = self.channels.len();
        match self.search {
            Search::Tree => {
                format!("sum tree over {count} channels, {} levels of eight", self.layout.levels())
            }
            Search::Fixed => format!("sums in fixed point over {count} channels"),
            _ => format!("direct method over {count} channels"),
        }
    }
}
