//! Cutting long programs into parts, because compile time grows faster than the length of a function.
//!
//! Invariants: parts cover the program in order; inputs and constants are read anew in each part, so only results
//! of operations cross; a slot that is free again is used again, so the memory for crossing values stays small.

use crate::kernel::{Program, Value};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// Instructions in one part. Between 64 and 128 reactions; measured, see `benches/compile.rs`.
pub const PART_LENGTH: usize = 600;

/// In one part of a program whose speed matters more than the time it takes to compile: fewer values cross.
pub const LONG_PART: usize = 4000;

/// A program cut into parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Which instructions each part computes.
    pub parts: Vec<Range<usize>>,
    /// What each part writes: (output, value), by increasing value.
    pub outputs: Vec<Vec<(usize, Value)>>,
    /// Where each instruction's value is kept if a later part reads it.
    pub slots: Vec<Option<u32>>,
    /// Room for the values that cross, in numbers.
    pub room: usize,
}

impl Plan {
    /// Cuts a program into parts of at most `length` instructions.
    pub fn new(program: &Program, length: usize) -> Plan {
        let count = program.instructions().len();
        let parts: Vec<Range<usize>> =
            (0..count.max(1)).step_by(length).map(|start| start..(start + length).min(count)).collect();
        let last_part = last_readers(program, length);
        let mut slots = vec![None; count];
        let mut free: BinaryHeap<Reverse<u32>> = BinaryHeap::new();
        let mut room = 0;
        let mut ending: Vec<Vec<u32>> = vec![Vec::new(); parts.len()];
        for (part, range) in parts.iter().enumerate() {
            for index in range.clone() {
                if !program.instructions()[index].is_operation() || last_part[index] <= part {
                    continue;
                }
                let slot = free.pop().map_or(room, |Reverse(slot)| slot);
                room = room.max(slot + 1);
                slots[index] = Some(slot);
                ending[last_part[index]].push(slot);
            }
            // A slot read in this part is free only after it: the part may write before it reads.
            free.extend(ending[part].drain(..).map(Reverse));
        }
        let mut outputs = vec![Vec::new(); parts.len()];
        for (output, &value) in program.outputs().iter().enumerate() {
            outputs[value.index() / length].push((output, value));
        }
        outputs.iter_mut().for_each(|part| part.sort_by_key(|&(_, value)| value));
        Plan { parts, outputs, slots, room: room as usize }
    }
}

/// The last part that reads each value.
fn last_readers(program: &Program, length: usize) -> Vec<usize> {
    let mut last = vec![0; program.instructions().len()];
    for (index, instruction) in program.instructions().iter().enumerate() {
        for operand in instruction.operands() {
            last[operand.index()] = index / length;
        }
    }
    last
}
