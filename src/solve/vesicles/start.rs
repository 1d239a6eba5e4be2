//! Vesicles made from sums: who is there at first, and what a change from outside does.
//!
//! Copies are shared out among the members of a population with chances in proportion to their size (lumen, or membrane for what is
//! bound to it); nested vesicles among carriers with equal ones; so contents are multinomial, Poisson numbers given their sum. Membrane is
//! shared out in proportion to that of each diameter. What belongs to a population without members is dropped.

use super::store::Home;
use super::{GRAIN, Item, Laws, Members, NOWHERE, Path, Slot, Store, grains, lumen};
use crate::solve::random::binomial;

/// Made by nobody: there at first, or put in by hand.
pub const NO_ROUTE: u16 = u16::MAX;

/// What a state is the sum of.
#[derive(Clone, Debug)]
struct Sum {
    root: u16,
    /// Kinds down to the vesicles that hold it.
    inside: Vec<u16>,
    /// `None`: the vesicles of the population in the place themselves.
    item: Option<Item>,
}

impl Store<'_> {
    /// Makes vesicles such that all sums are those that `x` has (rounded down to whole numbers; areas to grains), born at `t`.
    pub fn populate(&mut self, t: f64, x: &mut [f64], laws: &dyn Laws) {
        let plan = self.plan;
        let wanted = x.to_vec();
        for population in &plan.populations {
            for slot in population.slots.iter().copied().chain([population.species]) {
                if let Some(sum) = x.get_mut(slot as usize) {
                    *sum = 0.0;
                }
            }
        }
        let of = |slot: Slot| wanted.get(slot as usize).copied().unwrap_or(0.0).max(0.0);
        for (population, root) in plan.populations.iter().zip(0u16..) {
            for _ in 0..of(population.species).floor() as u64 {
                self.one_more(population.kind, Some(root), None, t, x);
            }
            // Shorter ways first: carriers before what lies in them.
            let mut ways: Vec<Path> =
                (0..plan.paths.len() as Path).filter(|&path| slot_of(&population.slots, path) != NOWHERE).collect();
            ways.sort_by_key(|&path| (plan.paths.items(path).len(), path));
            for path in ways {
                self.fill(root, path, of(slot_of(&population.slots, path)), t, x);
            }
        }
        self.weigh(laws, x);
    }

    /// Shares out a sum of one population.
    fn fill(&mut self, root: u16, path: Path, sum: f64, t: f64, x: &mut [f64]) {
        let Some((&item, outer)) = self.plan.paths.items(path).split_last() else { return };
        let members = self.members(root, outer);
        match item {
            Item::Kind(kind) => {
                for (at, number) in self.shares(&members, sum.floor(), |_, _| 1.0) {
                    for _ in 0..number as u64 {
                        self.one_more(kind, None, Some(at), t, x);
                    }
                }
            }
            Item::Cargo(_) => self.scatter(&members, item, sum.floor(), x),
            Item::Area => self.spread(&members, sum, x),
        }
    }

    /// A vesicle without membrane of its own yet.
    fn one_more(&mut self, kind: u16, root: Option<u16>, carrier: Option<u32>, t: f64, x: &mut [f64]) -> u32 {
        let u = self.dice.unit();
        let diameter = self.plan.kinds.get(usize::from(kind)).map_or(0.0, |kind| kind.size.draw(u));
        let id = self.make(kind, diameter, t, NO_ROUTE);
        match (root, carrier) {
            (Some(root), _) => self.settle(id, root, x),
            (None, Some(carrier)) => self.nestle(id, carrier, x),
            (None, None) => self.destroy(id),
        }
        id
    }

    /// All vesicles at the end of a way of kinds.
    fn members(&self, root: u16, outer: &[Item]) -> Vec<u32> {
        let inside: Vec<u16> = outer
            .iter()
            .filter_map(|item| match item {
                Item::Kind(kind) => Some(*kind),
                _ => None,
            })
            .collect();
        let mut found = Vec::new();
        self.for_each(&Members { root, inside, index: None }, |one| found.push(one.number()));
        found
    }

    /// A multinomial share of a whole number for each, with chances in proportion to weights.
    fn shares(&mut self, members: &[u32], number: f64, weight: impl Fn(&Self, u32) -> f64) -> Vec<(u32, f64)> {
        let weights: Vec<f64> = members.iter().map(|&id| weight(self, id)).collect();
        let mut weight_left: f64 = weights.iter().sum();
        let mut left = number;
        let mut shares = Vec::new();
        for (position, (&id, &weight)) in members.iter().zip(&weights).enumerate() {
            if left <= 0.0 {
                break;
            }
            let last = position + 1 == members.len();
            let share = if last { left } else { binomial(left, weight / weight_left, &mut || self.dice.unit()) };
            weight_left -= weight;
            left -= share;
            if share > 0.0 {
                shares.push((id, share));
            }
        }
        shares
    }

    fn scatter(&mut self, members: &[u32], item: Item, number: f64, x: &mut [f64]) {
        let bound = match item {
            Item::Cargo(cargo) => self.plan.on_membrane.get(usize::from(cargo)) == Some(&true),
            _ => true,
        };
        let size = |store: &Self, id| {
            let d = store.diameter(id);
            if bound { grains(d) as f64 } else { lumen(d) }
        };
        let Some(path) = self.plan.paths.own(item) else { return };
        for (id, copies) in self.shares(members, number, size) {
            let copies = self.fitting(id, path, copies);
            self.add(id, path, copies as i64, x);
        }
    }

    /// Shares out membrane, in proportion to what each diameter has.
    fn spread(&mut self, members: &[u32], sum: f64, x: &mut [f64]) {
        let Some(path) = self.plan.paths.own(Item::Area) else { return };
        let total = (sum / GRAIN).round();
        let all: f64 = members.iter().map(|&id| grains(self.diameter(id)) as f64).sum();
        let (mut before, mut given) = (0.0, 0.0);
        for (position, &id) in members.iter().enumerate() {
            before += grains(self.diameter(id)) as f64;
            let upto = if position + 1 == members.len() { total } else { (total * (before / all)).floor() };
            self.add(id, path, (upto - given) as i64, x);
            given = upto;
        }
    }

    /// Gives a sum another value from outside: vesicles are added, with the membrane that belongs to them, or taken by
    /// chance with all that they have; copies are added or taken by chance. Whether the state is one of vesicles.
    pub fn set_sum(&mut self, slot: Slot, value: f64, t: f64, x: &mut [f64], laws: &dyn Laws) -> bool {
        let Some(sum) = self.sum_at(slot) else { return false };
        let now = x.get(slot as usize).copied().unwrap_or(0.0);
        let way: Vec<Item> = sum.inside.iter().map(|&kind| Item::Kind(kind)).collect();
        match sum.item {
            Some(item @ Item::Cargo(_)) => {
                let members = self.members(sum.root, &way);
                let change = value.floor() - now;
                if change > 0.0 {
                    self.scatter(&members, item, change, x);
                } else {
                    self.withdraw(&members, item, -change, now, x);
                }
            }
            // Membrane belongs to the vesicles.
            Some(Item::Area) => {}
            Some(Item::Kind(kind)) => self.set_number(sum.root, &way, Some(kind), value.floor() - now, t, x),
            None => self.set_number(sum.root, &way, None, value.floor() - now, t, x),
        }
        self.weigh(laws, x);
        true
    }

    /// More or fewer vesicles of a population: those in a place, or of a kind in the members at the end of a way.
    fn set_number(&mut self, root: u16, way: &[Item], nested: Option<u16>, change: f64, t: f64, x: &mut [f64]) {
        let plan = self.plan;
        if change > 0.0 {
            let carriers = if nested.is_some() { self.members(root, way) } else { Vec::new() };
            for _ in 0..change as u64 {
                let own = plan.populations.get(usize::from(root)).map(|population| population.kind);
                let (Some(kind), carrier) = (nested.or(own), carriers.get(self.dice.below(carriers.len()))) else {
                    return;
                };
                if nested.is_some() && carrier.is_none() {
                    return;
                }
                let id = self.one_more(kind, nested.is_none().then_some(root), carrier.copied(), t, x);
                if let Some(path) = self.own_area(kind) {
                    let membrane = grains(self.diameter(id));
                    self.add(id, path, membrane as i64, x);
                }
            }
            return;
        }
        let way: Vec<Item> = way.iter().copied().chain(nested.map(Item::Kind)).collect();
        let mut members = self.members(root, &way);
        for _ in 0..(-change) as u64 {
            if members.is_empty() {
                return;
            }
            let id = members.swap_remove(self.dice.below(members.len()));
            self.take(id, x);
            self.destroy(id);
        }
    }

    /// Takes copies by chance; given their sum, each member's share is drawn in turn.
    fn withdraw(&mut self, members: &[u32], item: Item, number: f64, sum: f64, x: &mut [f64]) {
        let Some(path) = self.plan.paths.own(item) else { return };
        let (mut left, mut there) = (number.min(sum), sum);
        for &id in members {
            let held = self.held(id, path) as f64;
            if left <= 0.0 || held <= 0.0 {
                continue;
            }
            let drawn = binomial(held, left / there, &mut || self.dice.unit());
            // The others can't give more than they have, nor all of them less than nothing.
            let taken = drawn.clamp((left - (there - held)).max(0.0), left.min(held));
            self.add(id, path, -(taken as i64), x);
            left -= taken;
            there -= held;
        }
    }

    fn sum_at(&self, slot: Slot) -> Option<Sum> {
        for (population, root) in self.plan.populations.iter().zip(0u16..) {
            if population.species == slot {
                return Some(Sum { root, inside: Vec::new(), item: None });
            }
            let Some(path) = population.slots.iter().position(|&known| known == slot) else { continue };
            let (item, outer) = self.plan.paths.items(path as Path).split_last()?;
            let inside = outer.iter().filter_map(|item| match item {
                Item::Kind(kind) => Some(*kind),
                _ => None,
            });
            return Some(Sum { root, inside: inside.collect(), item: Some(*item) });
        }
        None
    }

    /// Checks every promise of the module's first lines against `x`; what is broken, in words.
    pub fn check(&self, x: &[f64]) -> Result<(), String> {
        let mut sums = vec![0.0; x.len()];
        let mut seen = 0;
        for (population, root) in self.plan.populations.iter().zip(0u16..) {
            for (position, &id) in self.list(root).iter().enumerate() {
                if self.home(id) != Home::Root(root) || self.position(id) != position {
                    return Err(format!("vesicle {id} is listed where it doesn't lie"));
                }
                if self.kind(id) != population.kind {
                    return Err(format!("vesicle {id} is of another kind than its population"));
                }
                seen += self.check_nest(id)?;
                super::store::add_to(&mut sums, population.species, 1.0);
                for (path, number) in self.entries(id) {
                    let slot = slot_of(&population.slots, path);
                    super::store::add_to(&mut sums, slot, number as f64 * self.plan.paths.unit(path));
                }
            }
        }
        if seen != self.len() {
            return Err(format!("{seen} vesicles lie somewhere, of {}", self.len()));
        }
        for population in &self.plan.populations {
            for &slot in population.slots.iter().chain([&population.species]) {
                let slot = slot as usize;
                if let (Some(sum), Some(x)) = (sums.get(slot), x.get(slot))
                    && sum.to_bits() != x.to_bits()
                {
                    return Err(format!("state {slot} is {x}, its vesicles have {sum}"));
                }
            }
        }
        match x.iter().position(|x| *x < 0.0) {
            Some(slot) => Err(format!("state {slot} is negative")),
            None => Ok(()),
        }
    }

    /// How many vesicles there are in and with this one, whose entries must be the sums of those of what lies in it.
    fn check_nest(&self, id: u32) -> Result<usize, String> {
        let mut seen = 1;
        let mut inner_sums = vec![0u64; self.plan.paths.len()];
        for (position, &inner) in self.nest(id).iter().enumerate() {
            if self.home(inner) != Home::Carrier(id) || self.position(inner) != position {
                return Err(format!("vesicle {inner} is in the nest of {id}, where it doesn't lie"));
            }
            let kind = self.kind(inner);
            let own = self.plan.paths.own(Item::Kind(kind)).map(|path| (path, 1));
            let outside = |(path, number)| Some((self.plan.paths.outside(kind, path)?, number));
            for (path, number) in own.into_iter().chain(self.entries(inner).into_iter().filter_map(outside)) {
                inner_sums[usize::from(path)] += number;
            }
            seen += self.check_nest(inner)?;
        }
        for path in 0..self.plan.paths.len() as Path {
            let direct = matches!(self.plan.paths.items(path), [Item::Cargo(_) | Item::Area]);
            if !direct && self.held(id, path) != inner_sums[usize::from(path)] {
                return Err(format!("vesicle {id} has another sum than what lies in it"));
            }
        }
        Ok(seen)
    }
}

fn slot_of(slots: &[Slot], path: Path) -> Slot {
    slots.get(usize::from(path)).copied().unwrap_or(NOWHERE)
}
