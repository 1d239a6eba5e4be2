//! Things of given sizes put into layers, so that connections run downwards and cross little (after Sugiyama,
//! Tagawa and Toda 1981): cycles broken depth first, layers by longest path, order by barycentres.
//!
//! Invariants: nothing overlaps; the same input gives the same picture. Connections over several layers get a
//! narrow place of their own in each layer between, so that they run around what they don't belong to; doors, where
//! connections leave, have the first and the last layer to themselves. Indices are those of the slices given and of tables made here.

use std::collections::BTreeSet;

const GAP: f64 = 22.0;
const RISE: f64 = 30.0;
/// Width kept for a connection that passes a layer.
const PASS: f64 = 10.0;
/// Between two connections that pass a layer beside each other.
const BESIDE: f64 = 4.0;
/// Parts that don't hang together are put beside each other up to this width.
const WIDEST: f64 = 900.0;

/// Where things are, and by which points their connections pass.
pub(super) struct Arrangement {
    pub width: f64,
    pub height: f64,
    /// The upper left corner of each thing.
    pub corners: Vec<(f64, f64)>,
    /// The top and the bottom of each thing's layer.
    pub rows: Vec<(f64, f64)>,
    /// For each connection, in its order, points between its ends from source to target.
    pub passes: Vec<Vec<(f64, f64)>>,
}

/// Where connections leave what is being arranged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Door {
    Top,
    Bottom,
}

/// The size of a door.
pub(super) const DOOR: (f64, f64) = (PASS, 0.0);

/// Arranges things of the given widths and heights; connections are positions of things, never of one with itself.
/// What is a door has connections downwards only: from one at the top, to one at the bottom.
pub(super) fn arrange(sizes: &[(f64, f64)], doors: &[Option<Door>], connections: &[(usize, usize)]) -> Arrangement {
    let mut whole = Arrangement {
        width: 0.0,
        height: 0.0,
        corners: vec![(0.0, 0.0); sizes.len()],
        rows: vec![(0.0, 0.0); sizes.len()],
        passes: vec![Vec::new(); connections.len()],
    };
    let (mut x, mut y, mut row) = (0.0, 0.0, 0.0_f64);
    // Everything that leads to a door is one part: below or above it, nothing else may be in the way.
    let behind: Vec<usize> = (0..sizes.len()).filter(|&thing| doors[thing].is_some()).collect();
    let together = connections.iter().copied().chain(behind.windows(2).map(|pair| (pair[0], pair[1])));
    let mut parts = components(sizes.len(), &together.collect::<Vec<_>>());
    // Large parts first, single things last; ties stay in order.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    for part in parts {
        let piece = Piece::new(&part, sizes, doors, connections);
        let (width, height) = piece.size();
        if x > 0.0 && x + width > WIDEST {
            (x, y, row) = (0.0, y + row + RISE, 0.0);
        }
        piece.write(x, y, &mut whole);
        whole.width = whole.width.max(x + width);
        row = row.max(height);
        x += width + GAP * 1.5;
        whole.height = whole.height.max(y + height);
    }
    whole
}

/// Positions of things that hang together, in order.
fn components(count: usize, connections: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut label: Vec<usize> = (0..count).collect();
    loop {
        let mut changed = false;
        for &(a, b) in connections {
            let least = label[a].min(label[b]);
            changed |= label[a] != least || label[b] != least;
            (label[a], label[b]) = (least, least);
        }
        if !changed {
            break;
        }
    }
    let mut parts: std::collections::BTreeMap<usize, Vec<usize>> = Default::default();
    for (thing, root) in label.into_iter().enumerate() {
        parts.entry(root).or_default().push(thing);
    }
    parts.into_values().collect()
}

/// A thing, or a connection's place in a layer.
struct Slot {
    thing: Option<usize>,
    width: f64,
    height: f64,
    centre: f64,
}

/// One part that hangs together.
struct Piece {
    slots: Vec<Slot>,
    layers: Vec<Vec<usize>>,
    /// For each slot its neighbours in the layer above and in the layer below.
    neighbours: Vec<[Vec<usize>; 2]>,
    /// Connection, whether it runs upwards, and its slots between the ends.
    routes: Vec<(usize, bool, Vec<usize>)>,
}

impl Piece {
    fn new(part: &[usize], sizes: &[(f64, f64)], doors: &[Option<Door>], connections: &[(usize, usize)]) -> Piece {
        let slot_of = |thing: usize| part.iter().position(|&p| p == thing);
        let slots: Vec<Slot> = part
            .iter()
            .map(|&thing| Slot { thing: Some(thing), width: sizes[thing].0, height: sizes[thing].1, centre: 0.0 })
            .collect();
        let local: Vec<(usize, usize, usize)> =
            connections.iter().enumerate().filter_map(|(i, &(a, b))| Some((i, slot_of(a)?, slot_of(b)?))).collect();
        let edges: Vec<(usize, usize)> = local.iter().map(|&(_, a, b)| (a, b)).collect();
        let doors: Vec<Option<Door>> = part.iter().map(|&thing| doors[thing]).collect();
        let upwards = back_edges(&edges, &doors);
        let down: Vec<(usize, usize)> =
            edges.iter().zip(&upwards).map(|(&(a, b), &up)| if up { (b, a) } else { (a, b) }).collect();
        let depth = depths(&down, &doors);
        let mut piece =
            Piece { slots, layers: Vec::new(), neighbours: vec![Default::default(); part.len()], routes: Vec::new() };
        let deepest = depth.iter().copied().max().unwrap_or(0);
        piece.layers = (0..=deepest).map(|layer| (0..depth.len()).filter(|&s| depth[s] == layer).collect()).collect();
        for ((&(connection, ..), &(upper, lower)), &up) in local.iter().zip(&down).zip(&upwards) {
            piece.route(connection, up, upper, lower, &depth);
        }
        piece.order();
        piece.place();
        piece
    }

    /// Adds a slot in each layer that a connection passes.
    fn route(&mut self, connection: usize, up: bool, upper: usize, lower: usize, depth: &[usize]) {
        let mut passed = Vec::new();
        let mut last = upper;
        for layer in depth[upper] + 1..depth[lower] {
            let slot = self.slots.len();
            self.slots.push(Slot { thing: None, width: PASS, height: 0.0, centre: 0.0 });
            self.layers[layer].push(slot);
            self.neighbours.push(Default::default());
            self.link(last, slot);
            passed.push(slot);
            last = slot;
        }
        self.link(last, lower);
        self.routes.push((connection, up, passed));
    }

    fn link(&mut self, upper: usize, lower: usize) {
        self.neighbours[upper][1].push(lower);
        self.neighbours[lower][0].push(upper);
    }

    fn mean(&self, slot: usize, above: bool, of: impl Fn(usize) -> f64) -> Option<f64> {
        let near = &self.neighbours[slot][usize::from(!above)];
        (!near.is_empty()).then(|| near.iter().map(|&n| of(n)).sum::<f64>() / near.len() as f64)
    }

    /// Sorts each layer by the mean position of its neighbours, downwards and upwards in turn.
    fn order(&mut self) {
        let mut position = vec![0.0; self.slots.len()];
        let number = |layer: &[usize], position: &mut Vec<f64>| {
            for (i, &slot) in layer.iter().enumerate() {
                position[slot] = i as f64 - layer.len() as f64 / 2.0;
            }
        };
        for layer in &self.layers {
            number(layer, &mut position);
        }
        for sweep in 0..12 {
            let above = sweep % 2 == 0;
            let order: Vec<usize> =
                if above { (0..self.layers.len()).collect() } else { (0..self.layers.len()).rev().collect() };
            for at in order {
                let mut layer = std::mem::take(&mut self.layers[at]);
                let key = |slot: usize| self.mean(slot, above, |n| position[n]).unwrap_or(position[slot]);
                let mut keyed: Vec<(f64, usize)> = layer.iter().map(|&s| (key(s), s)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                layer = keyed.into_iter().map(|(_, s)| s).collect();
                number(&layer, &mut position);
                self.layers[at] = layer;
            }
        }
    }

    /// Gives each slot a place below or above the mean of its neighbours, as far as the others in its layer allow.
    fn place(&mut self) {
        for layer in self.layers.clone() {
            self.settle(&layer, &vec![0.0; layer.len()]);
        }
        for sweep in 0..16 {
            let above = sweep % 2 == 0;
            let mut order: Vec<usize> = (0..self.layers.len()).collect();
            if !above {
                order.reverse();
            }
            for at in order {
                let layer = self.layers[at].clone();
                let wish =
                    |slot: usize| self.mean(slot, above, |n| self.slots[n].centre).unwrap_or(self.slots[slot].centre);
                let wishes: Vec<f64> = layer.iter().map(|&slot| wish(slot)).collect();
                self.settle(&layer, &wishes);
            }
        }
        let left = self.slots.iter().map(|s| s.centre - s.width / 2.0).fold(f64::INFINITY, f64::min);
        for slot in &mut self.slots {
            slot.centre -= left;
        }
    }

    /// The mean of pushing overlaps away to the right and to the left; both are free of overlaps, and so is it.
    fn settle(&mut self, layer: &[usize], wishes: &[f64]) {
        let apart = |a: usize, b: usize| {
            let passing = |slot: usize| self.slots[slot].height == 0.0;
            let gap = if passing(a) && passing(b) { BESIDE } else { GAP };
            (self.slots[a].width + self.slots[b].width) / 2.0 + gap
        };
        let mut right = wishes.to_vec();
        for i in 1..layer.len() {
            right[i] = right[i].max(right[i - 1] + apart(layer[i - 1], layer[i]));
        }
        let mut left = wishes.to_vec();
        for i in (1..layer.len()).rev() {
            left[i - 1] = left[i - 1].min(left[i] - apart(layer[i - 1], layer[i]));
        }
        for (i, &slot) in layer.iter().enumerate() {
            self.slots[slot].centre = (right[i] + left[i]) / 2.0;
        }
    }

    /// The height of each layer.
    fn heights(&self) -> Vec<f64> {
        self.layers.iter().map(|layer| layer.iter().map(|&s| self.slots[s].height).fold(0.0, f64::max)).collect()
    }

    fn size(&self) -> (f64, f64) {
        let width = self.slots.iter().map(|s| s.centre + s.width / 2.0).fold(0.0, f64::max);
        let heights = self.heights();
        (width, heights.iter().sum::<f64>() + self.rises().iter().sum::<f64>())
    }

    /// The space below each layer: more where connections go far to the side, so that they are told apart; none at last.
    fn rises(&self) -> Vec<f64> {
        const MORE: f64 = 45.0;
        let far = |slot: &usize| {
            let ahead = self.neighbours[*slot][1].iter();
            ahead.map(|&n| (self.slots[n].centre - self.slots[*slot].centre).abs()).fold(0.0, f64::max)
        };
        let rise = |layer: &Vec<usize>| RISE + (layer.iter().map(far).fold(0.0, f64::max) * 0.05).min(MORE);
        let last = self.layers.len().saturating_sub(1);
        self.layers.iter().enumerate().map(|(i, layer)| if i < last { rise(layer) } else { 0.0 }).collect()
    }

    fn write(&self, x: f64, y: f64, whole: &mut Arrangement) {
        let mut rows = vec![(0.0, 0.0); self.slots.len()];
        let mut top = y;
        for ((layer, height), rise) in self.layers.iter().zip(self.heights()).zip(self.rises()) {
            layer.iter().for_each(|&slot| rows[slot] = (top, top + height));
            top += height + rise;
        }
        for (slot, &(top, bottom)) in self.slots.iter().zip(&rows) {
            if let Some(thing) = slot.thing {
                whole.rows[thing] = (top, bottom);
                whole.corners[thing] = (x + slot.centre - slot.width / 2.0, (top + bottom - slot.height) / 2.0);
            }
        }
        for (connection, up, passed) in &self.routes {
            // Straight through the whole height of a layer, so that no curve cuts into what lies beside.
            let through = passed.iter().flat_map(|&s| [rows[s].0, rows[s].1].map(|y| (x + self.slots[s].centre, y)));
            let mut points: Vec<(f64, f64)> = through.collect();
            if *up {
                points.reverse();
            }
            whole.passes[*connection] = points;
        }
    }
}

/// Which edges close a cycle, found depth first. Doors close none, and where one searches first doesn't depend on them.
fn back_edges(edges: &[(usize, usize)], doors: &[Option<Door>]) -> Vec<bool> {
    let count = doors.len();
    let mut back = vec![false; edges.len()];
    let mut leaving: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    let within = |&(_, &(a, b)): &(usize, &(usize, usize))| doors[a].is_none() && doors[b].is_none();
    for (at, &(from, to)) in edges.iter().enumerate().filter(within) {
        leaving[from].push((at, to));
    }
    // 0 unseen, 1 on the way, 2 done.
    let mut state = vec![0_u8; count];
    let has_entry: BTreeSet<usize> = leaving.iter().flatten().map(|e| e.1).collect();
    let mut roots: Vec<usize> = (0..count).collect();
    roots.sort_by_key(|n| has_entry.contains(n));
    for root in roots {
        let mut stack = vec![(root, 0)];
        while let Some((node, from)) = stack.pop() {
            if from == 0 {
                if state[node] != 0 {
                    continue;
                }
                state[node] = 1;
            }
            let Some(&(at, to)) = leaving[node].get(from) else {
                state[node] = 2;
                continue;
            };
            stack.push((node, from + 1));
            match state[to] {
                0 => stack.push((to, 0)),
                1 => back[at] = true,
                _ => {}
            }
        }
    }
    back
}

/// The longest way from a source to each node; sources are moved down to just above what they lead to. Doors have the
/// first and the last layer to themselves.
fn depths(edges: &[(usize, usize)], doors: &[Option<Door>]) -> Vec<usize> {
    let count = doors.len();
    let first = usize::from(doors.contains(&Some(Door::Top)));
    let mut depth: Vec<usize> = doors.iter().map(|door| if *door == Some(Door::Top) { 0 } else { first }).collect();
    for _ in 0..count {
        let mut changed = false;
        for &(a, b) in edges {
            if depth[b] < depth[a] + 1 {
                depth[b] = depth[a] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let bottom = |node: &usize| doors[*node] == Some(Door::Bottom);
    let last = (0..count).filter(|n| !bottom(n)).map(|n| depth[n] + 1).max().unwrap_or(0);
    (0..count).filter(bottom).for_each(|node| depth[node] = last);
    let entered: BTreeSet<usize> = edges.iter().filter(|e| doors[e.0].is_none()).map(|e| e.1).collect();
    for node in (0..count).filter(|n| !entered.contains(n) && doors[*n].is_none()) {
        let nearest = edges.iter().filter(|e| e.0 == node).map(|e| depth[e.1]).min();
        depth[node] = nearest.map_or(depth[node], |d: usize| d.saturating_sub(1).max(first));
    }
    depth
}
