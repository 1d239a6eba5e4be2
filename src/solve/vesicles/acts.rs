//! What happens to single vesicles.

use super::store::Home;
use super::{Act, Capture, Edge, From, Goal, Item, Laws, Members, Membrane, Partner, Place, Slot, Store, Target};
use super::{GRAIN, area, grains, lumen};
use crate::solve::random::{LARGEST_MEAN, binomial, poisson};

impl Store<'_> {
    /// An edge happens at `t` seconds, to a vesicle chosen for it; what can't happen to that one is left undone.
    pub fn fire(&mut self, edge: usize, t: f64, x: &mut [f64], laws: &dyn Laws) {
        let plan = self.plan;
        let Some(Edge { turning, route, act }) = plan.edges.get(edge) else { return };
        let there = |&(slot, change): &(Slot, i64)| x.get(slot as usize).is_none_or(|&n| n + change as f64 >= 0.0);
        if !turning.iter().all(there) {
            return;
        }
        // `None` is an act that found nobody to happen to.
        let done: Option<()> = match act {
            Act::Appear { kind, into } => self.appear(*kind, into, *route, t, x),
            Act::Bud { host, kind, into, membrane, captures } => {
                self.bud(host.as_ref(), (*kind, *route), into, *membrane, captures, t, x, laws)
            }
            Act::Move { who, kind, into } => self.relocate(who, *kind, into, x, laws),
            Act::Dissolve { who, partner, contents, membrane } => {
                self.dissolve(who, partner.as_ref(), contents, *membrane, x, laws)
            }
            Act::React { who, needs, changes } => self.react(who, needs, changes, x, laws),
        };
        if done.is_some() {
            turning.iter().for_each(|&(slot, change)| super::store::add_to(x, slot, change as f64));
        }
        self.weigh(laws, x);
    }

    fn pick(&mut self, who: &Members, laws: &dyn Laws) -> Option<u32> {
        if who.inside.is_empty() { self.choose(who) } else { self.choose_by_law(who, laws) }
    }

    fn draw_diameter(&mut self, kind: u16) -> f32 {
        let u = self.dice.unit();
        self.plan.kinds.get(usize::from(kind)).map_or(0.0, |kind| kind.size.draw(u))
    }

    /// A new vesicle with the membrane that it needs, nowhere yet.
    pub(super) fn fresh(&mut self, kind: u16, diameter: f32, route: u16, t: f64) -> u32 {
        let id = self.make(kind, diameter, t, route);
        if let Some(path) = self.own_area(kind) {
            self.add(id, path, grains(diameter) as i64, &mut []);
        }
        id
    }

    fn appear(&mut self, kind: u16, into: &Target, route: u16, t: f64, x: &mut [f64]) -> Option<()> {
        let carrier = match into {
            Target::Into(members) => Some(self.choose(members)?),
            _ => None,
        };
        let diameter = self.draw_diameter(kind);
        let id = self.fresh(kind, diameter, route, t);
        match (into, carrier) {
            (_, Some(carrier)) => self.nestle(id, carrier, x),
            (Target::Root(root), None) => self.settle(id, *root, x),
            _ => self.destroy(id),
        }
        Some(())
    }

    #[expect(clippy::too_many_arguments, reason = "what a bud is made of")]
    fn bud(
        &mut self,
        host: Option<&Members>,
        (kind, route): (u16, u16),
        into: &Target,
        membrane: Membrane,
        captures: &[Capture],
        t: f64,
        x: &mut [f64],
        laws: &dyn Laws,
    ) -> Option<()> {
        let host = match host {
            Some(members) => Some(self.pick(members, laws)?),
            None => None,
        };
        let carrier = host.and_then(|host| self.carrier(host));
        let diameter = self.draw_diameter(kind);
        let needed = grains(diameter);
        let giver = match membrane {
            Membrane::Host => host,
            Membrane::Carrier => carrier,
            Membrane::Free | Membrane::Slot(_) => None,
        };
        let giving = giver.and_then(|giver| Some((giver, self.own_area(self.kind(giver))?)));
        if let Some((giver, path)) = giving
            && self.held(giver, path) < needed
        {
            return None;
        }
        if let Membrane::Slot(slot) = membrane {
            let left = x.get(slot as usize).copied().unwrap_or(f64::INFINITY);
            if left < needed as f64 * GRAIN {
                return None;
            }
        }
        // Captured from the membrane as it was before the bud was taken from it.
        let id = self.fresh(kind, diameter, route, t);
        for capture in captures {
            self.capture(id, capture, host, carrier, t, x, laws);
        }
        if let Some((giver, path)) = giving {
            self.add(giver, path, -(needed as i64), x);
        }
        if let Membrane::Slot(slot) = membrane {
            super::store::add_to(x, slot, -(needed as f64 * GRAIN));
        }
        self.put(id, into, host, x);
        Some(())
    }

    /// Puts a vesicle that lies nowhere where it belongs, seen from the one that it came of.
    fn put(&mut self, id: u32, into: &Target, from: Option<u32>, x: &mut [f64]) {
        match (into, from) {
            (Target::Root(root), _) => self.settle(id, *root, x),
            (Target::Within, Some(host)) => self.nestle(id, host, x),
            (Target::Beside, Some(host)) => match self.home(host) {
                Home::Carrier(carrier) => self.nestle(id, carrier, x),
                Home::Root(root) => self.settle(id, root, x),
                Home::Nowhere => self.destroy(id),
            },
            (Target::Into(members), _) => match self.choose(members) {
                Some(host) => self.nestle(id, host, x),
                None => self.destroy(id),
            },
            _ => self.destroy(id),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all that a capture depends on")]
    fn capture(
        &mut self,
        bud: u32,
        capture: &Capture,
        host: Option<u32>,
        carrier: Option<u32>,
        t: f64,
        x: &mut [f64],
        laws: &dyn Laws,
    ) -> Option<()> {
        let d = self.diameter(bud);
        let size = if capture.on_membrane { area(d) } else { lumen(d) };
        let law = laws.capture(capture.law, t, x);
        match &capture.from {
            From::Slot { slot, fixed } => {
                let path = self.plan.paths.own(capture.item)?;
                let there = x.get(*slot as usize).copied()?;
                let n = if *fixed { there } else { there.floor() };
                let taken = self.drawn(n, size * law, *fixed);
                let taken = self.fitting(bud, path, taken);
                if !fixed {
                    super::store::add_to(x, *slot, -(taken as f64));
                }
                self.add(bud, path, taken as i64, x);
            }
            From::Host | From::Carrier => {
                let path = self.plan.paths.own(capture.item)?;
                let source = if capture.from == From::Host { host? } else { carrier? };
                let room = if capture.on_membrane {
                    self.membrane(source) as f64 * GRAIN
                } else {
                    lumen(self.diameter(source))
                };
                let n = self.held(source, path) as f64;
                let p = if room > 0.0 { size * law / room } else { 0.0 };
                let taken = self.drawn(n, p, false) as u64;
                self.add(source, path, -(taken as i64), x);
                self.add(bud, path, taken as i64, x);
            }
            From::Members { root } => {
                let n = self.list(*root).len() as f64;
                let taken = self.drawn(n, size * law, false) as usize;
                let members = Members { root: *root, inside: Vec::new(), index: None };
                for _ in 0..taken {
                    let inner = self.choose(&members)?;
                    self.take(inner, x);
                    self.nestle(inner, bud, x);
                }
            }
        }
        Some(())
    }

    /// How many of n are taken, each with that probability; of what is never used up a Poisson number.
    fn drawn(&mut self, n: f64, p: f64, fixed: bool) -> f64 {
        let mean = if fixed { n * p } else { n * p.min(1.0) };
        if mean > LARGEST_MEAN {
            self.large = true;
        }
        let mut unit = || self.dice.unit();
        if fixed { poisson(mean, &mut unit) } else { binomial(n, p, &mut unit) }
    }

    fn relocate(&mut self, who: &Members, kind: u16, into: &Target, x: &mut [f64], laws: &dyn Laws) -> Option<()> {
        let id = self.pick(who, laws)?;
        let home = self.home(id);
        let host = match into {
            Target::Into(members) => Some(self.other(members, id)?),
            _ => None,
        };
        self.take(id, x);
        self.turn_into(id, kind);
        match (into, host, home) {
            (_, Some(host), _) => self.nestle(id, host, x),
            (Target::Root(root), ..) => self.settle(id, *root, x),
            (_, _, Home::Carrier(carrier)) => self.nestle(id, carrier, x),
            (_, _, Home::Root(root)) => self.settle(id, root, x),
            _ => self.destroy(id),
        }
        Some(())
    }

    /// A member that is not this one, nor inside it.
    fn other(&mut self, members: &Members, not: u32) -> Option<u32> {
        const TRIES: usize = 64;
        if members.inside.is_empty() && self.list(members.root) == [not] {
            return None;
        }
        (0..TRIES).find_map(|_| self.choose(members).filter(|&id| id != not && !self.lies_in(id, not)))
    }

    fn lies_in(&self, id: u32, carrier: u32) -> bool {
        let mut at = id;
        while let Some(outer) = self.carrier(at) {
            if outer == carrier {
                return true;
            }
            at = outer;
        }
        false
    }

    fn dissolve(
        &mut self,
        who: &Members,
        partner: Option<&Partner>,
        contents: &[(Item, Goal)],
        membrane: Option<Goal>,
        x: &mut [f64],
        laws: &dyn Laws,
    ) -> Option<()> {
        let id = self.pick(who, laws)?;
        let carrier = self.carrier(id);
        let beyond = carrier.and_then(|carrier| self.carrier(carrier));
        let partner = match partner {
            None => None,
            Some(Partner::Carrier) => Some(carrier?),
            Some(Partner::Any(members)) => Some(self.other(members, id)?),
            Some(Partner::Sibling(kind)) => {
                let carrier = carrier?;
                let alike = |store: &Self| {
                    store
                        .nest(carrier)
                        .iter()
                        .copied()
                        .filter(|&other| other != id && store.kind(other) == *kind)
                        .collect::<Vec<u32>>()
                };
                let siblings = alike(self);
                let at = self.dice.below(siblings.len());
                Some(*siblings.get(at)?)
            }
        };
        let whom = |goal: Goal| match goal {
            Goal::Partner => partner,
            Goal::Carrier => carrier,
            Goal::Beyond => beyond,
            Goal::Slot(_) | Goal::Root(_) => None,
        };
        self.take(id, x);
        let gone = self.membrane(id);
        match membrane {
            Some(Goal::Slot(slot)) => super::store::add_to(x, slot, gone as f64 * GRAIN),
            Some(goal) => {
                if let Some(to) = whom(goal)
                    && let Some(path) = self.own_area(self.kind(to))
                {
                    self.add(to, path, gone as i64, x);
                }
            }
            None => {}
        }
        for &(item, goal) in contents {
            if let Item::Cargo(_) = item
                && let Some(path) = self.plan.paths.own(item)
            {
                let copies = self.held(id, path);
                match (goal, whom(goal)) {
                    (Goal::Slot(slot), _) => super::store::add_to(x, slot, copies as f64),
                    (_, Some(to)) => self.add(to, path, copies as i64, x),
                    _ => {}
                }
            }
        }
        for inner in self.empty_nest(id) {
            let kind = self.kind(inner);
            let goal = contents.iter().find(|(item, _)| *item == Item::Kind(kind)).map(|(_, goal)| *goal);
            match (goal, goal.and_then(whom)) {
                (Some(Goal::Root(root)), _) => self.settle(inner, root, x),
                (_, Some(to)) => self.nestle(inner, to, x),
                _ => self.destroy(inner),
            }
        }
        self.destroy(id);
        Some(())
    }

    fn react(
        &mut self,
        who: &Members,
        needs: &[(super::Path, u32)],
        changes: &[(Place, i64)],
        x: &mut [f64],
        laws: &dyn Laws,
    ) -> Option<()> {
        let id = self.pick(who, laws)?;
        if needs.iter().any(|&(path, copies)| self.held(id, path) < u64::from(copies)) {
            return None;
        }
        for &(place, by) in changes {
            match place {
                Place::Slot(slot) => super::store::add_to(x, slot, by as f64),
                Place::Own(path) => self.add(id, path, by, x),
                Place::Outside(levels, path) => {
                    let outer = (0..levels).try_fold(id, |at, _| self.carrier(at));
                    if let Some(outer) = outer {
                        self.add(outer, path, by, x);
                    }
                }
            }
        }
        Some(())
    }
}
