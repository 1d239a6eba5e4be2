//! Where everything of a view lies: each box is arranged by itself, from the inside out, its inner boxes being
//! things of known size. That is done twice: the first time tells which of a connection's ends is the upper one; the
//! second time each box has doors at its top and bottom, and what leads out of it is led there around the rest.

use std::collections::BTreeMap;

use super::super::picture::{bold, plain, width_of};
use super::View;
use super::layers::{Arrangement, DOOR, Door, arrange};

/// Space between a box and what is in it, and for its label.
const PADDING: f64 = 14.0;
const LABEL: f64 = 22.0;

pub(super) const NODE_TYPE: u32 = 13;
pub(super) const STEP_TYPE: u32 = 12;
pub(super) const BOX_TYPE: u32 = 13;

/// Left, top, width, height.
pub(super) type Area = [f64; 4];

/// What a connection means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    Takes,
    /// Taken, and given back by the reverse.
    TakesBack,
    Gives,
    Modifies,
}

/// A connection from one element to another; elements are nodes, then steps.
pub(super) struct Connection {
    pub from: usize,
    pub to: usize,
    pub meaning: Meaning,
    /// From the edge of the one to the edge of the other.
    pub points: Vec<(f64, f64)>,
}

pub(super) struct Layout {
    pub size: (f64, f64),
    /// `None` for boxes with nothing in them.
    pub boxes: Vec<Option<Area>>,
    /// Nodes, then steps.
    pub elements: Vec<Area>,
    /// The top and the bottom of what lies beside each element.
    rows: Vec<(f64, f64)>,
    pub connections: Vec<Connection>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Box(usize),
    Element(usize),
    Door(Way),
}

/// What goes through one door: all that leads from one item of a box to one side of it, by kind and direction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    /// The position of the item.
    item: usize,
    door: Door,
    outwards: bool,
    modifies: bool,
}

/// A stretch of a connection within one box: from the source outwards, across, and inwards to the target, in order of
/// the number.
type Stretch = (i32, Vec<(f64, f64)>);

/// A connection of the view, the pair of items that stands for it, and which stretch of it that is.
type Use = (usize, usize, i32);

/// A box with its items arranged, relative to its own upper left corner.
struct Inner {
    items: Vec<Item>,
    arrangement: Arrangement,
    /// Which connection of the view each of the arrangement's is, and which stretch of it.
    connections: Vec<Use>,
    sizes: Vec<(f64, f64)>,
    pairs: Vec<(usize, usize)>,
}

struct Plan<'a> {
    view: &'a View,
    /// For each element, the boxes around it from the outermost.
    chains: Vec<Vec<usize>>,
    connections: Vec<Connection>,
    /// Whether each connection's source is above its target; nothing before that is known.
    downwards: Vec<bool>,
    inner: BTreeMap<Option<usize>, Inner>,
}

pub(super) fn layout(view: &View) -> Layout {
    let chains = view.nodes.iter().map(|n| view.chain(n.home)).chain(view.steps.iter().map(|s| view.chain(s.home)));
    let mut plan = Plan {
        view,
        chains: chains.collect(),
        connections: connections(view),
        downwards: Vec::new(),
        inner: BTreeMap::new(),
    };
    plan.measure(None);
    plan.downwards = plan.directions();
    let (width, height) = plan.measure(None).unwrap_or((0.0, 0.0));
    let count = plan.chains.len();
    let mut layout = Layout {
        size: (width, height),
        boxes: vec![None; view.boxes.len()],
        elements: vec![[0.0; 4]; count],
        rows: vec![(0.0, 0.0); count],
        connections: Vec::new(),
    };
    let mut stretches: Vec<Vec<Stretch>> = vec![Vec::new(); plan.connections.len()];
    plan.write(None, [0.0, 0.0, width, height], (0.0, height), &mut layout, &mut stretches);
    let joined = stretches.into_iter().map(|mut stretches| {
        stretches.sort_by_key(|stretch| stretch.0);
        stretches.into_iter().flat_map(|stretch| stretch.1).collect()
    });
    let passes: Vec<Vec<(f64, f64)>> = joined.collect();
    layout.connections = plan.connections;
    route(&mut layout, passes);
    layout
}

fn connections(view: &View) -> Vec<Connection> {
    let mut all = Vec::new();
    for (i, step) in view.steps.iter().enumerate() {
        let step_element = view.nodes.len() + i;
        let mut add =
            |from: usize, to: usize, meaning: Meaning| all.push(Connection { from, to, meaning, points: Vec::new() });
        let takes = if step.reversible { Meaning::TakesBack } else { Meaning::Takes };
        step.from.iter().for_each(|&n| add(n, step_element, takes));
        step.to.iter().for_each(|&n| add(step_element, n, Meaning::Gives));
        step.modifiers.iter().for_each(|&n| add(n, step_element, Meaning::Modifies));
    }
    all
}

/// The size of an element from its label.
fn element_size(view: &View, element: usize) -> (f64, f64) {
    match (view.nodes.get(element), view.steps.get(element.wrapping_sub(view.nodes.len()))) {
        (Some(node), _) => (width_of(&node.label, plain(NODE_TYPE)) + if node.vesicles { 30.0 } else { 18.0 }, 26.0),
        (_, Some(step)) => (width_of(&step.label, plain(STEP_TYPE)) + 12.0, 19.0),
        _ => (0.0, 0.0),
    }
}

impl Plan<'_> {
    /// The item of box `home` that an element is or lies in.
    fn lifted(&self, element: usize, home: Option<usize>) -> Option<Item> {
        let chain = self.chains.get(element)?;
        let level = match home {
            None => 0,
            Some(home) => chain.iter().position(|b| *b == home)? + 1,
        };
        Some(chain.get(level).map_or(Item::Element(element), |b| Item::Box(*b)))
    }

    /// Arranges a box and all inside it; its size, or `None` if nothing is in it.
    fn measure(&mut self, home: Option<usize>) -> Option<(f64, f64)> {
        let view = self.view;
        let mut items: Vec<(Item, (f64, f64))> = Vec::new();
        for (i, enclosure) in view.boxes.iter().enumerate() {
            // A box that lies in itself by mistake of its maker has no chain to be drawn in.
            if enclosure.parent == home && !view.chain(Some(i)).is_empty() {
                items.extend(self.measure(Some(i)).map(|size| (Item::Box(i), size)));
            }
        }
        for (element, chain) in self.chains.iter().enumerate() {
            if chain.last().copied() == home {
                items.push((Item::Element(element), element_size(view, element)));
            }
        }
        if items.is_empty() {
            return None;
        }
        let (pairs, used) = self.pairs(home, &mut items);
        let (items, sizes): (Vec<Item>, Vec<(f64, f64)>) = items.into_iter().unzip();
        let door = |item: &Item| if let Item::Door(way) = item { Some(way.door) } else { None };
        let doors: Vec<Option<Door>> = items.iter().map(door).collect();
        let arrangement = arrange(&sizes, &doors, &pairs);
        let (mut width, mut height) = (arrangement.width, arrangement.height);
        if let Some(enclosure) = home.and_then(|h| view.boxes.get(h)) {
            width = width.max(width_of(&enclosure.label, bold(BOX_TYPE))) + 2.0 * PADDING;
            height += 2.0 * PADDING + LABEL;
        }
        self.inner.insert(home, Inner { items, arrangement, connections: used, sizes, pairs });
        Some((width, height))
    }

    /// The pairs of items that are connected, with the connections that each stands for; doors are added to the items.
    fn pairs(&self, home: Option<usize>, items: &mut Vec<(Item, (f64, f64))>) -> (Vec<(usize, usize)>, Vec<Use>) {
        let position: BTreeMap<Item, usize> = items.iter().enumerate().map(|(i, (item, _))| (*item, i)).collect();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        let mut used = Vec::new();
        let mut doors: BTreeMap<Way, usize> = BTreeMap::new();
        let level = |element: usize| home.map_or(0, |_| self.level(element, home)) as i32;
        for (c, connection) in self.connections.iter().enumerate() {
            let end = |element: usize| self.lifted(element, home).and_then(|item| position.get(&item).copied());
            let mut door = |item: usize, outwards: bool, downwards: bool| {
                let door = if outwards == downwards { Door::Bottom } else { Door::Top };
                let way = Way { item, door, outwards, modifies: connection.meaning == Meaning::Modifies };
                let at = *doors.entry(way).or_insert(items.len());
                if at == items.len() {
                    items.push((Item::Door(way), DOOR));
                }
                if door == Door::Bottom { (item, at) } else { (at, item) }
            };
            let (pair, stretch) = match (end(connection.from), end(connection.to), self.downwards.get(c)) {
                (Some(a), Some(b), _) if a != b => ((a, b), 0),
                (Some(a), None, Some(&down)) => (door(a, true, down), -level(connection.from)),
                (None, Some(b), Some(&down)) => (door(b, false, down), level(connection.to)),
                _ => continue,
            };
            let at = pairs.iter().position(|p| *p == pair).unwrap_or(pairs.len());
            if at == pairs.len() {
                pairs.push(pair);
            }
            used.push((c, at, stretch));
        }
        (pairs, used)
    }

    /// How many boxes an element lies in down to `home`.
    fn level(&self, element: usize, home: Option<usize>) -> usize {
        let chain = self.chains.get(element);
        chain.and_then(|chain| chain.iter().position(|b| Some(*b) == home)).map_or(0, |at| at + 1)
    }

    /// Whether each connection's source lies above its target, where their items are side by side in one box.
    fn directions(&self) -> Vec<bool> {
        let mut all = vec![true; self.connections.len()];
        for (home, inner) in &self.inner {
            let height = |element: usize| {
                let item = self.lifted(element, *home)?;
                let at = inner.items.iter().position(|i| *i == item)?;
                Some(inner.arrangement.corners[at].1 + inner.sizes[at].1 / 2.0)
            };
            for &(c, ..) in &inner.connections {
                if let Some((from, to)) = height(self.connections[c].from).zip(height(self.connections[c].to)) {
                    all[c] = from < to;
                }
            }
        }
        all
    }

    /// Gives everything in a box its place, the box's area being known, and the top and bottom of what lies beside it.
    fn write(
        &self,
        home: Option<usize>,
        area: Area,
        row: (f64, f64),
        layout: &mut Layout,
        stretches: &mut [Vec<Stretch>],
    ) {
        let Some(inner) = self.inner.get(&home) else { return };
        let (dx, dy) = if home.is_some() { (PADDING, PADDING + LABEL) } else { (0.0, 0.0) };
        let origin = (area[0] + dx, area[1] + dy);
        let mut doors = BTreeMap::new();
        for (i, (item, size)) in inner.items.iter().zip(&inner.sizes).enumerate() {
            let at = inner.arrangement.corners[i];
            let place = [origin.0 + at.0, origin.1 + at.1, size.0, size.1];
            let beside = inner.arrangement.rows[i];
            let beside = (origin.1 + beside.0, origin.1 + beside.1);
            match *item {
                Item::Element(element) => (layout.elements[element], layout.rows[element]) = (place, beside),
                Item::Box(inside) => {
                    layout.boxes[inside] = Some(place);
                    self.write(Some(inside), place, beside, layout, stretches);
                }
                Item::Door(way) => {
                    // At the edge of the box, and on to the edge of what lies beside the box.
                    let y = if way.door == Door::Top { [row.0, area[1]] } else { [area[1] + area[3], row.1] };
                    doors.insert(i, y.map(|y| (place[0] + size.0 / 2.0, y)));
                }
            }
        }
        for &(connection, pair, order) in &inner.connections {
            let (upper, lower) = inner.pairs[pair];
            let passes = inner.arrangement.passes[pair].iter().map(|p| (p.0 + origin.0, p.1 + origin.1));
            let ends = [doors.get(&upper).copied(), doors.get(&lower).copied()];
            let mut points: Vec<(f64, f64)> =
                ends[0].into_iter().flatten().chain(passes).chain(ends[1].into_iter().flatten()).collect();
            // A door's pair runs downwards, whichever way the connection does.
            if order != 0 && (order < 0) == ends[0].is_some() {
                points.reverse();
            }
            stretches[connection].push((order, points));
        }
    }
}

fn middle(area: Area) -> (f64, f64) {
    (area[0] + area[2] / 2.0, area[1] + area[3] / 2.0)
}

/// Where a connection leads to from its end, which connection it is, and whether it starts here.
type End = (f64, usize, bool);

/// Leads each connection from edge to edge; several at one edge leave it beside each other.
fn route(layout: &mut Layout, passes: Vec<Vec<(f64, f64)>>) {
    // By element, and whether at its lower edge.
    let mut ends: BTreeMap<(usize, bool), Vec<End>> = BTreeMap::new();
    for (c, connection) in layout.connections.iter().enumerate() {
        let (from, to) = (middle(layout.elements[connection.from]), middle(layout.elements[connection.to]));
        let first = passes[c].first().copied().unwrap_or(to);
        let last = passes[c].last().copied().unwrap_or(from);
        ends.entry((connection.from, first.1 >= from.1)).or_default().push((first.0, c, true));
        ends.entry((connection.to, last.1 > to.1)).or_default().push((last.0, c, false));
    }
    let mut ports = vec![[(0.0, 0.0); 2]; layout.connections.len()];
    for ((element, below), mut list) in ends {
        list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let [x, y, width, height] = layout.elements[element];
        let count = list.len() as f64;
        let spread = (width * 0.7).min(16.0 * (count - 1.0));
        for (i, (_, connection, start)) in list.into_iter().enumerate() {
            let share = if count > 1.0 { i as f64 / (count - 1.0) - 0.5 } else { 0.0 };
            let point = (x + width / 2.0 + share * spread, if below { y + height } else { y });
            ports[connection][usize::from(!start)] = point;
        }
    }
    let (rows, elements) = (&layout.rows, &layout.elements);
    for ((connection, passed), [start, end]) in layout.connections.iter_mut().zip(passes).zip(ports) {
        // Straight on to the edge of what lies beside the element.
        let clear = |element: usize, (x, y): (f64, f64)| {
            let (top, bottom) = rows[element];
            (x, if y > middle(elements[element]).1 { bottom } else { top })
        };
        let (leaving, arriving) = (clear(connection.from, start), clear(connection.to, end));
        connection.points = [start, leaving].into_iter().chain(passed).chain([arriving, end]).collect();
        connection.points.dedup_by(|a, b| (a.0 - b.0).abs() < 0.01 && (a.1 - b.1).abs() < 0.01);
    }
}
