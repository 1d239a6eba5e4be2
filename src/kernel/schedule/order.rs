//! From nodes to a schedule: which node when, and which slot for its result.
//!
//! Invariants: a node runs after those whose results it reads; of the nodes that are ready, those of the most numerous
//! kind run next; long programs are taken in windows, so that results live briefly; a slot is free again with its
//! last reader. The same program gives the same schedule.
//!
//! Method: list scheduling (Graham, Bell Syst. Tech. J. 45, 1966), with the kind at hand as the priority.

use super::fuse::Node;
use super::items::{Item, Items, Row, Target};
use super::{Kind, Operation, Schedule, Signs, Step};
use crate::kernel::program::{Program, Value};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Nodes that are ordered among each other.
const WINDOW: usize = 4096;

pub fn schedule(program: &Program, nodes: &[Node]) -> Schedule {
    let Items { items, constants, time, .. } = Items::of(program, nodes);
    let mut slots = Slots::new(Items::values(program), &items);
    let constants = constants.into_iter().map(|(value, number)| (slots.fixed(value), number)).collect();
    let time = time.map(|value| slots.fixed(value));
    let mut writing = Writing { slots, steps: Vec::new(), code: Vec::new() };
    for window in items.chunks(WINDOW) {
        Window::new(window).run(&mut writing);
    }
    Schedule {
        inputs: program.inputs(),
        outputs: program.outputs().len(),
        steps: writing.steps,
        code: writing.code,
        constants,
        time,
        slots: writing.slots.count as usize,
    }
}

/// Which slot each value has.
struct Slots {
    of: Vec<u32>,
    /// Readings still to come.
    readings: Vec<u32>,
    free: Vec<u32>,
    count: u32,
}

impl Slots {
    fn new(values: usize, items: &[Item]) -> Slots {
        let mut readings = vec![0; values];
        for value in items.iter().flat_map(|item| &item.rows).filter_map(slot_value) {
            readings[value.index()] += 1;
        }
        Slots { of: vec![u32::MAX; values], readings, free: Vec::new(), count: 0 }
    }

    /// A slot for a value that is there from the beginning and stays.
    fn fixed(&mut self, value: Value) -> u32 {
        self.readings[value.index()] += 1;
        self.take(value)
    }

    fn take(&mut self, value: Value) -> u32 {
        let slot = self.free.pop().unwrap_or(self.count);
        self.count = self.count.max(slot + 1);
        self.of[value.index()] = slot;
        slot
    }

    /// Where a row lies; its slot is free after the last reading.
    fn read(&mut self, row: &Row) -> u32 {
        match *row {
            Row::State(i) | Row::Parameter(i) => i,
            Row::Slot(value) => {
                let slot = self.of[value.index()];
                self.readings[value.index()] -= 1;
                if self.readings[value.index()] == 0 {
                    self.free.push(slot);
                }
                slot
            }
        }
    }
}

fn slot_value(row: &Row) -> Option<Value> {
    match *row {
        Row::Slot(value) => Some(value),
        Row::State(_) | Row::Parameter(_) => None,
    }
}

/// Whether a loop of this operation reads all of a batch before it writes any of it, so that nothing in the loop may
/// read what the loop writes.
fn is_batched(operation: Operation) -> bool {
    matches!(operation, Operation::Unary(_) | Operation::Binary(_) | Operation::Select)
}

/// Puts a window's items in order.
struct Window<'i> {
    items: &'i [Item],
    /// For each item how many of its rows are still to be made in this window.
    missing: Vec<u32>,
    /// Who reads each value that this window makes, once for each reading.
    readers: FxHashMap<Value, Vec<u32>>,
    kinds: FxHashMap<Kind, usize>,
    /// What is ready, by kind.
    ready: Vec<VecDeque<u32>>,
}

impl<'i> Window<'i> {
    fn new(items: &'i [Item]) -> Self {
        let mut readers: FxHashMap<Value, Vec<u32>> = FxHashMap::default();
        for item in items {
            if let Target::Slot(value) = item.target {
                readers.insert(value, Vec::new());
            }
        }
        let mut missing = vec![0; items.len()];
        for (index, item) in items.iter().enumerate() {
            for value in item.rows.iter().filter_map(slot_value) {
                if let Some(readers) = readers.get_mut(&value) {
                    readers.push(index as u32);
                    missing[index] += 1;
                }
            }
        }
        let mut window = Window { items, missing, readers, kinds: FxHashMap::default(), ready: Vec::new() };
        for index in 0..items.len() {
            if window.missing[index] == 0 {
                window.make_ready(index);
            }
        }
        window
    }

    fn make_ready(&mut self, item: usize) {
        let next = self.ready.len();
        let kind = *self.kinds.entry(self.items[item].kind).or_insert(next);
        if kind == next {
            self.ready.push(VecDeque::new());
        }
        self.ready[kind].push_back(item as u32);
    }

    fn run(mut self, writing: &mut Writing) {
        // Of equally many the kind seen first.
        while let Some(kind) = (0..self.ready.len()).rev().max_by_key(|&k| self.ready[k].len()) {
            let Some(&first) = self.ready[kind].front() else { return };
            // Sums of like length in a row: the processor then foresees where each ends.
            let items = self.items;
            self.ready[kind].make_contiguous().sort_by_key(|&item| items[item as usize].rows.len());
            let batched = is_batched(self.items[first as usize].kind.operation);
            let mut left = if batched { self.ready[kind].len() } else { usize::MAX };
            writing.begin(self.items[first as usize].kind);
            while left > 0
                && let Some(index) = self.ready[kind].pop_front()
            {
                left -= 1;
                let item = &self.items[index as usize];
                writing.write(item);
                if let Target::Slot(value) = item.target {
                    for reader in self.readers.remove(&value).unwrap_or_default() {
                        self.missing[reader as usize] -= 1;
                        if self.missing[reader as usize] == 0 {
                            self.make_ready(reader as usize);
                        }
                    }
                }
            }
        }
    }
}

/// The schedule while it is written.
struct Writing {
    slots: Slots,
    steps: Vec<Step>,
    code: Vec<u32>,
}

impl Writing {
    fn begin(&mut self, kind: Kind) {
        self.steps.push(Step { kind, nodes: 0, end: self.code.len() });
    }

    fn write(&mut self, item: &Item) {
        let operands: Vec<u32> = item.rows.iter().map(|row| self.slots.read(row)).collect();
        let target = match item.target {
            Target::Slot(value) => self.slots.take(value),
            Target::Output(output) => output as u32,
        };
        self.code.push(target);
        match item.kind.operation {
            Operation::Sum => {
                self.code.push(operands.len() as u32);
                self.code.extend(operands);
            }
            Operation::Dot(signs) => {
                self.code.extend([item.signs.len() as u32, operands[0]]);
                for (&[a, b], &negative) in operands[1..].as_chunks().0.iter().zip(&item.signs) {
                    self.code.extend([if signs == Signs::Mixed { a << 1 | u32::from(negative) } else { a }, b]);
                }
            }
            _ => self.code.extend(operands),
        }
        if let Some(step) = self.steps.last_mut() {
            step.nodes += 1;
            step.end = self.code.len();
        }
    }
}
