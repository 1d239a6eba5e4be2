//! The vesicles of one run: where each lies and what it holds.

use super::contents::{Arena, Contents, LARGEST};
use super::sums::Tree;
use super::{Index, Item, Laws, Members, NOWHERE, Path, Plan, Weight, area, lumen};
use crate::solve::random::{Philox, Purpose, unit};

/// Set in a home that is a carrier's number; the others are those of populations.
const NESTED: u32 = 1 << 31;
const DETACHED: u32 = u32::MAX;
const NO_NEST: u32 = u32::MAX;

/// One vesicle, in 40 bytes.
#[derive(Clone, Copy, Debug)]
struct Vesicle {
    /// Seconds.
    birth: f64,
    contents: Contents,
    /// The population it is listed in, or its carrier.
    home: u32,
    /// Its position there.
    position: u32,
    /// Its own nest, if it ever had one.
    nest: u32,
    /// µm.
    diameter: f32,
    kind: u16,
    route: u16,
}

/// Where a vesicle lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Home {
    Root(u16),
    Carrier(u32),
    Nowhere,
}

/// The vesicles of one run.
#[derive(Clone, Debug)]
pub struct Store<'p> {
    pub(super) plan: &'p Plan,
    vesicles: Vec<Vesicle>,
    free: Vec<u32>,
    /// Members of each population in a place.
    lists: Vec<Vec<u32>>,
    /// What lies in carriers.
    nests: Vec<Vec<u32>>,
    free_nests: Vec<u32>,
    pub(super) arena: Arena,
    trees: Vec<Tree>,
    /// For each population in a place the indexes on it.
    indexes: Vec<Vec<usize>>,
    /// Vesicles in places whose weights may have changed.
    unweighed: Vec<u32>,
    unsummed: Vec<usize>,
    pub(super) dice: Dice,
    scratch: Vec<(Path, u64)>,
    /// A number was too large to be kept, or to be drawn.
    pub(super) large: bool,
}

/// Random numbers of a run's individuals, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    philox: Philox,
    run: u64,
    block: u64,
    second: Option<u64>,
}

impl Dice {
    /// Between 0 and 1, neither of them.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        if let Some(bits) = self.second.take() {
            return unit(bits);
        }
        let [first, second] = self.philox.pair(Purpose::Individual, self.run, self.block);
        self.block += 1;
        self.second = Some(second);
        unit(first)
    }

    /// A position among so many, all alike.
    #[inline]
    pub fn below(&mut self, number: usize) -> usize {
        ((self.unit() * number as f64) as usize).min(number.saturating_sub(1))
    }
}

/// Room for more in steps of a quarter: a vector that doubles would cost up to twice its contents.
pub(super) fn make_room<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 4).max(64));
    }
}

impl<'p> Store<'p> {
    /// No vesicles yet.
    pub fn new(plan: &'p Plan, seed: u64, run: u64) -> Store<'p> {
        let mut indexes = vec![Vec::new(); plan.populations.len()];
        for (number, index) in plan.indexes.iter().enumerate() {
            indexes[usize::from(index.root)].push(number);
        }
        Store {
            plan,
            vesicles: Vec::new(),
            free: Vec::new(),
            lists: vec![Vec::new(); plan.populations.len()],
            nests: Vec::new(),
            free_nests: Vec::new(),
            arena: Arena::default(),
            trees: vec![Tree::default(); plan.indexes.len()],
            indexes,
            unweighed: Vec::new(),
            unsummed: Vec::new(),
            dice: Dice { philox: Philox::new(seed), run, block: 0, second: None },
            scratch: Vec::new(),
            large: false,
        }
    }

    /// Vesicles that there are.
    pub fn len(&self) -> usize {
        self.vesicles.len() - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether numbers came up that were too large to be counted, or drawn: they stand at their means.
    pub fn had_large_numbers(&self) -> bool {
        self.large
    }

    /// Memory held, about.
    pub fn bytes(&self) -> usize {
        let lists = self.lists.iter().chain(&self.nests).map(|list| 4 * list.capacity() + 24);
        size_of::<Vesicle>() * self.vesicles.capacity()
            + 4 * (self.free.capacity() + self.free_nests.capacity())
            + self.arena.bytes()
            + lists.sum::<usize>()
    }

    // What a vesicle is.

    pub(super) fn kind(&self, id: u32) -> u16 {
        self.vesicles[id as usize].kind
    }

    pub(super) fn diameter(&self, id: u32) -> f32 {
        self.vesicles[id as usize].diameter
    }

    pub(super) fn home(&self, id: u32) -> Home {
        match self.vesicles[id as usize].home {
            DETACHED => Home::Nowhere,
            home if home & NESTED != 0 => Home::Carrier(home & !NESTED),
            home => Home::Root(home as u16),
        }
    }

    pub(super) fn carrier(&self, id: u32) -> Option<u32> {
        match self.home(id) {
            Home::Carrier(carrier) => Some(carrier),
            _ => None,
        }
    }

    pub(super) fn held(&self, id: u32, path: Path) -> u64 {
        self.arena.get(self.vesicles[id as usize].contents, path)
    }

    pub(super) fn entries(&self, id: u32) -> Vec<(Path, u64)> {
        self.arena.entries(&self.vesicles[id as usize].contents).collect()
    }

    pub(super) fn position(&self, id: u32) -> usize {
        self.vesicles[id as usize].position as usize
    }

    pub(super) fn nest(&self, id: u32) -> &[u32] {
        match self.vesicles[id as usize].nest {
            NO_NEST => &[],
            nest => &self.nests[nest as usize],
        }
    }

    pub(super) fn list(&self, root: u16) -> &[u32] {
        &self.lists[usize::from(root)]
    }

    /// The vesicle's membrane in grains: its own, or that of its diameter.
    pub(super) fn membrane(&self, id: u32) -> u64 {
        match self.own_area(self.kind(id)) {
            Some(path) => self.held(id, path),
            None => super::grains(self.diameter(id)),
        }
    }

    /// The entry of the area of vesicles of a kind, if they have one.
    pub(super) fn own_area(&self, kind: u16) -> Option<Path> {
        let tracked = self.plan.kinds.get(usize::from(kind)).is_some_and(|kind| kind.tracked);
        tracked.then(|| self.plan.paths.own(Item::Area)).flatten()
    }

    // Coming and going.

    /// A vesicle that lies nowhere yet, empty.
    pub(super) fn make(&mut self, kind: u16, diameter: f32, birth: f64, route: u16) -> u32 {
        let vesicle = Vesicle {
            birth,
            contents: Contents::default(),
            home: DETACHED,
            position: 0,
            nest: NO_NEST,
            diameter,
            kind,
            route,
        };
        match self.free.pop() {
            Some(id) => {
                self.vesicles[id as usize] = vesicle;
                id
            }
            None => {
                make_room(&mut self.vesicles, 1);
                self.vesicles.push(vesicle);
                self.vesicles.len() as u32 - 1
            }
        }
    }

    /// A vesicle that lies nowhere is of another kind from now on.
    pub(super) fn turn_into(&mut self, id: u32, kind: u16) {
        let old = self.kind(id);
        if old == kind {
            return;
        }
        let (old_area, new_area) = (self.own_area(old), self.own_area(kind));
        let known = |kind: u16| self.plan.kinds.get(usize::from(kind)).map(|kind| kind.size);
        let (old_size, new_size) = (known(old), known(kind));
        let membrane = self.membrane(id);
        self.vesicles[id as usize].kind = kind;
        if let (Some(old), Some(new)) = (old_size, new_size)
            && !old.is_same(&new)
        {
            let u = self.dice.unit();
            self.vesicles[id as usize].diameter = new.draw(u);
        }
        match (old_area, new_area) {
            (None, Some(path)) => self.arena.change(&mut self.vesicles[id as usize].contents, path, membrane as i64),
            (Some(path), None) => self.arena.change(&mut self.vesicles[id as usize].contents, path, -(membrane as i64)),
            _ => {}
        }
    }

    /// A vesicle that lies nowhere is no more, with all that lies in it.
    pub(super) fn destroy(&mut self, id: u32) {
        for inner in self.empty_nest(id) {
            self.destroy(inner);
        }
        let Store { vesicles, arena, .. } = self;
        arena.clear(&mut vesicles[id as usize].contents);
        vesicles[id as usize].home = DETACHED;
        self.free.push(id);
    }

    /// What lay in a vesicle, each now nowhere; the entries of the carrier are not minded, for it is going.
    pub(super) fn empty_nest(&mut self, id: u32) -> Vec<u32> {
        let nest = std::mem::replace(&mut self.vesicles[id as usize].nest, NO_NEST);
        if nest == NO_NEST {
            return Vec::new();
        }
        let inner = std::mem::take(&mut self.nests[nest as usize]);
        self.free_nests.push(nest);
        for &id in &inner {
            self.vesicles[id as usize].home = DETACHED;
        }
        inner
    }

    /// Into a population in a place.
    pub(super) fn settle(&mut self, id: u32, root: u16, x: &mut [f64]) {
        let list = &mut self.lists[usize::from(root)];
        make_room(list, 1);
        list.push(id);
        let vesicle = &mut self.vesicles[id as usize];
        (vesicle.home, vesicle.position) = (u32::from(root), list.len() as u32 - 1);
        for &index in &self.indexes[usize::from(root)] {
            self.trees[index].push();
            self.unsummed.push(index);
        }
        if !self.indexes[usize::from(root)].is_empty() {
            self.unweighed.push(id);
        }
        self.count(id, root, 1.0, x);
    }

    /// Into a carrier.
    pub(super) fn nestle(&mut self, id: u32, carrier: u32, x: &mut [f64]) {
        let mut nest = self.vesicles[carrier as usize].nest;
        if nest == NO_NEST {
            nest = self.free_nests.pop().unwrap_or_else(|| {
                self.nests.push(Vec::new());
                self.nests.len() as u32 - 1
            });
            self.vesicles[carrier as usize].nest = nest;
        }
        let list = &mut self.nests[nest as usize];
        list.push(id);
        let vesicle = &mut self.vesicles[id as usize];
        (vesicle.home, vesicle.position) = (NESTED | carrier, list.len() as u32 - 1);
        self.count_in_carrier(id, carrier, 1, x);
    }

    /// Out of where it lies, with all that it has.
    pub(super) fn take(&mut self, id: u32, x: &mut [f64]) {
        let position = self.vesicles[id as usize].position as usize;
        let list = match self.home(id) {
            Home::Nowhere => return,
            Home::Root(root) => {
                self.count(id, root, -1.0, x);
                for &index in &self.indexes[usize::from(root)] {
                    self.trees[index].swap_remove(position);
                    self.unsummed.push(index);
                }
                &mut self.lists[usize::from(root)]
            }
            Home::Carrier(carrier) => {
                self.count_in_carrier(id, carrier, -1, x);
                &mut self.nests[self.vesicles[carrier as usize].nest as usize]
            }
        };
        list.swap_remove(position);
        if let Some(&moved) = list.get(position) {
            self.vesicles[moved as usize].position = position as u32;
        }
        self.vesicles[id as usize].home = DETACHED;
    }

    /// Adds a vesicle and all that it holds to the sums of its population.
    fn count(&self, id: u32, root: u16, sign: f64, x: &mut [f64]) {
        let population = &self.plan.populations[usize::from(root)];
        add_to(x, population.species, sign);
        for (path, number) in self.arena.entries(&self.vesicles[id as usize].contents) {
            let slot = population.slots[usize::from(path)];
            add_to(x, slot, sign * number as f64 * self.plan.paths.unit(path));
        }
    }

    fn count_in_carrier(&mut self, id: u32, carrier: u32, sign: i64, x: &mut [f64]) {
        let kind = self.kind(id);
        let mut entries = std::mem::take(&mut self.scratch);
        entries.clear();
        entries.extend(self.arena.entries(&self.vesicles[id as usize].contents));
        if let Some(path) = self.plan.paths.own(Item::Kind(kind)) {
            self.add(carrier, path, sign, x);
        }
        for &(path, number) in &entries {
            if let Some(path) = self.plan.paths.outside(kind, path) {
                self.add(carrier, path, sign * number as i64, x);
            }
        }
        self.scratch = entries;
    }

    /// Adds to what a vesicle holds of something, and to all sums of it further out.
    pub(super) fn add(&mut self, id: u32, path: Path, by: i64, x: &mut [f64]) {
        let (mut id, mut path) = (id, path);
        loop {
            self.arena.change(&mut self.vesicles[id as usize].contents, path, by);
            match self.home(id) {
                Home::Nowhere => return,
                Home::Carrier(carrier) => {
                    let Some(outer) = self.plan.paths.outside(self.kind(id), path) else { return };
                    (id, path) = (carrier, outer);
                }
                Home::Root(root) => {
                    let slot = self.plan.populations[usize::from(root)].slots[usize::from(path)];
                    add_to(x, slot, by as f64 * self.plan.paths.unit(path));
                    if !self.indexes[usize::from(root)].is_empty() {
                        self.unweighed.push(id);
                    }
                    return;
                }
            }
        }
    }

    /// As many of `number` as a vesicle and its carriers can still hold.
    pub(super) fn fitting(&mut self, id: u32, path: Path, number: f64) -> u64 {
        let room = LARGEST - self.held(id, path);
        if number > 0.5 * room as f64 {
            self.large = true;
            return room / 2;
        }
        number as u64
    }

    // Choosing.

    /// A member, by its weight or all alike.
    pub(super) fn choose(&mut self, members: &Members) -> Option<u32> {
        match members.index {
            None if members.inside.is_empty() => {
                let number = self.lists[usize::from(members.root)].len();
                let at = self.dice.below(number);
                self.lists[usize::from(members.root)].get(at).copied()
            }
            None => None,
            Some(index) => {
                let share = self.dice.unit() * self.trees[usize::from(index)].total();
                let (position, left) = self.trees[usize::from(index)].find(share)?;
                let root = *self.lists[usize::from(members.root)].get(position)?;
                self.descend(root, usize::from(index), left)
            }
        }
    }

    /// Of what lies in a root, the vesicle on which a share of the root's weight falls.
    fn descend(&mut self, root: u32, index: usize, share: f64) -> Option<u32> {
        let plan = self.plan;
        let index = plan.indexes.get(index)?;
        if index.inside.is_empty() {
            return Some(root);
        }
        match &index.weight {
            Weight::Entry(path) => self.descend_by_entry(root, &index.inside, plan.paths.items(*path), share),
            // Weights by a law are looked up among all: see `choose_by_law`.
            Weight::Law(_) => None,
        }
    }

    /// Through the kinds, by how much of `way` (what is counted, from the root) each holds.
    fn descend_by_entry(&self, root: u32, inside: &[u16], way: &[Item], share: f64) -> Option<u32> {
        let (mut at, mut share) = (root, share);
        for (depth, &kind) in inside.iter().enumerate() {
            let rest = way.get(depth + 1..).unwrap_or_default();
            let path = self.plan.paths.get(rest);
            let mut found = None;
            for &inner in self.nest(at) {
                if self.kind(inner) != kind {
                    continue;
                }
                let weight = match path {
                    Some(path) => self.held(inner, path) as f64,
                    None if rest.is_empty() => 1.0,
                    None => 0.0,
                };
                if weight <= 0.0 {
                    continue;
                }
                found = Some(inner);
                if share < weight {
                    break;
                }
                share -= weight;
            }
            at = found?;
        }
        Some(at)
    }

    /// A member whose weight is given by a law, wherever in the root it lies.
    pub(super) fn choose_by_law(&mut self, members: &Members, laws: &dyn Laws) -> Option<u32> {
        let number = usize::from(members.index?);
        let index: &Index = self.plan.indexes.get(number)?;
        let Weight::Law(reads) = &index.weight else { return self.choose(members) };
        if index.inside.is_empty() {
            return self.choose(members);
        }
        let share = self.dice.unit() * self.trees[number].total();
        let (position, mut left) = self.trees[number].find(share)?;
        let root = *self.lists[usize::from(members.root)].get(position)?;
        let mut found = None;
        self.each_inside(root, &index.inside, &mut |store, id| {
            let weight = store.by_law(id, number, reads, laws);
            if weight > 0.0 && left >= 0.0 {
                found = Some(id);
                left -= weight;
            }
        });
        found
    }

    fn by_law(&self, id: u32, index: usize, reads: &[Path], laws: &dyn Laws) -> f64 {
        let mut own = [0.0; 16];
        for (slot, &path) in own.iter_mut().zip(reads) {
            *slot = self.held(id, path) as f64 * self.plan.paths.unit(path);
        }
        let weight = laws.weight(index, &own[..reads.len().min(16)]);
        if weight.is_finite() && weight > 0.0 { weight } else { 0.0 }
    }

    /// Every vesicle of a population that lies in this one.
    pub(super) fn each_inside(&self, id: u32, inside: &[u16], each: &mut dyn FnMut(&Self, u32)) {
        let Some((&kind, rest)) = inside.split_first() else {
            each(self, id);
            return;
        };
        for &inner in self.nest(id) {
            if self.kind(inner) == kind {
                self.each_inside(inner, rest, each);
            }
        }
    }

    // Weights.

    /// Brings weights and their sums up to date.
    pub(super) fn weigh(&mut self, laws: &dyn Laws, x: &mut [f64]) {
        while let Some(id) = self.unweighed.pop() {
            let Home::Root(root) = self.home(id) else { continue };
            let position = self.vesicles[id as usize].position as usize;
            for at in 0..self.indexes[usize::from(root)].len() {
                let number = self.indexes[usize::from(root)][at];
                let weight = self.weight_of(id, number, laws);
                self.trees[number].set(position, weight);
                self.unsummed.push(number);
            }
        }
        while let Some(number) = self.unsummed.pop() {
            if let Some(slot) = x.get_mut(self.plan.indexes[number].sum as usize) {
                *slot = self.trees[number].total();
            }
        }
    }

    fn weight_of(&self, id: u32, number: usize, laws: &dyn Laws) -> f64 {
        let index = &self.plan.indexes[number];
        match &index.weight {
            Weight::Entry(path) => self.held(id, *path) as f64,
            Weight::Law(reads) => {
                let mut sum = 0.0;
                self.each_inside(id, &index.inside, &mut |store, id| sum += store.by_law(id, number, reads, laws));
                sum
            }
        }
    }

    /// All weights anew: parameters have changed.
    pub fn weigh_all(&mut self, laws: &dyn Laws, x: &mut [f64]) {
        for root in 0..self.lists.len() {
            if !self.indexes[root].is_empty() {
                self.unweighed.extend_from_slice(&self.lists[root]);
                self.unsummed.extend_from_slice(&self.indexes[root]);
            }
        }
        self.weigh(laws, x);
    }

    // Reading.

    /// Every vesicle of a population, whatever its index.
    pub fn for_each(&self, members: &Members, mut each: impl FnMut(Individual<'_>)) {
        for &root in self.list(members.root) {
            self.each_inside(root, &members.inside, &mut |store, id| each(Individual { store, id }));
        }
    }
}

pub(super) fn add_to(x: &mut [f64], slot: super::Slot, by: f64) {
    if slot != NOWHERE
        && let Some(sum) = x.get_mut(slot as usize)
    {
        *sum += by;
    }
}

/// One vesicle, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Individual<'s> {
    store: &'s Store<'s>,
    id: u32,
}

impl Individual<'_> {
    /// Told apart from all others that there are now; used again when the vesicle is gone.
    pub fn number(&self) -> u32 {
        self.id
    }

    /// Position in [`Plan::kinds`].
    pub fn kind(&self) -> u16 {
        self.store.kind(self.id)
    }

    /// µm.
    pub fn diameter(&self) -> f64 {
        f64::from(self.store.diameter(self.id))
    }

    /// µm²: what it has, or what its diameter says.
    pub fn area(&self) -> f64 {
        self.store.membrane(self.id) as f64 * super::GRAIN
    }

    /// Seconds since the start of the run; negative for those that were there before.
    pub fn birth(&self) -> f64 {
        self.store.vesicles[self.id as usize].birth
    }

    /// [`Edge::route`](super::Edge::route) of what made it.
    pub fn route(&self) -> u16 {
        self.store.vesicles[self.id as usize].route
    }

    /// What it holds, in it or in what lies in it: copies, or grains of membrane.
    pub fn held(&self, path: Path) -> u64 {
        self.store.held(self.id, path)
    }

    /// The one that it lies in.
    pub fn carrier(&self) -> Option<u32> {
        self.store.carrier(self.id)
    }

    /// µm² of a sphere of its diameter.
    pub fn sphere(&self) -> f64 {
        area(self.store.diameter(self.id))
    }

    /// µm³.
    pub fn lumen(&self) -> f64 {
        lumen(self.store.diameter(self.id))
    }
}
