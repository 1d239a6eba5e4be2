//! Which operations of a program for one set of inputs are done two at a time, in registers of two numbers.
//!
//! Programs that do the same with each component of a vector, such as the sums of a Rosenbrock method, have operations side by side
//! that differ in nothing but the component. They are found forwards: values that the same constant multiplies are pairs (the
//! roots), and so are two operations that are the same on pairs, lane by lane, and on values that they share. Superword-level
//! parallelism (S. Larsen, S. Amarasinghe, PLDI 2000), with multiplications instead of memory as its seeds.
//!
//! Invariants: a pair is computed where the first of its two stood, and everything that it reads is known there; results have the
//! same bits, since no operation is changed. Deliberately absent: pairs of calls; reordering.

use crate::kernel::{Instruction, Program, Value};
use crate::network::{BinaryOp, UnaryOp};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Packing the two values of a root costs an instruction, so fewer operations than these on it are done one by one.
const LEAST_READERS: usize = 2;

/// The pairs of one part of a program.
#[derive(Debug, Default)]
pub struct Pairs {
    /// Each value's pair, and which of the two it is.
    members: FxHashMap<Value, (usize, usize)>,
    pairs: Vec<Pair>,
}

/// Two values, once both were found.
#[derive(Debug, Default)]
struct Pair {
    values: [Option<Value>; 2],
    /// The pairs that it is computed from; none of two values that are computed one by one and then put side by side.
    operands: Option<Vec<usize>>,
    /// The instruction after which it can be read, if it ever can.
    from: Option<usize>,
}

/// What an operation reads, as far as another one must read the same to be its pair.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Read {
    Pair(usize),
    /// A state of its own, which is in no other pair.
    State,
    Shared(Value),
    Nothing,
}

/// What two operations of a pair have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Select,
}

impl Pairs {
    /// Those among the instructions of a part.
    pub fn of(program: &Program, range: Range<usize>) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.find_roots(program, &range);
        pairs.find_operations(program, range);
        pairs.settle(program);
        pairs
    }

    /// The two values computed together with one, itself among them; and which of the two it is.
    pub fn together(&self, value: Value) -> Option<([Value; 2], usize)> {
        let &(pair, lane) = self.members.get(&value)?;
        let Pair { values: [Some(first), Some(second)], operands: Some(_), from: Some(_) } = self.pairs[pair] else {
            return None;
        };
        Some(([first, second], lane))
    }

    fn find_roots(&mut self, program: &Program, range: &Range<usize>) {
        let instructions = program.instructions();
        let mut outputs: FxHashMap<Value, usize> = FxHashMap::default();
        for (at, &value) in program.outputs().iter().enumerate() {
            outputs.entry(value).or_insert(at);
        }
        let mut readers: FxHashMap<Value, usize> = FxHashMap::default();
        let (mut multiplied, mut constants) = (FxHashMap::<u64, Vec<Value>>::default(), Vec::new());
        for instruction in &instructions[range.clone()] {
            let Instruction::Binary(BinaryOp::Mul, a, b) = *instruction else { continue };
            let of_constant = match (instructions[a.index()], instructions[b.index()]) {
                (Instruction::Constant(c), other) if other.is_operation() => Some((c, b)),
                (other, Instruction::Constant(c)) if other.is_operation() => Some((c, a)),
                _ => None,
            };
            if let Some((constant, value)) = of_constant {
                *readers.entry(value).or_default() += 1;
                let values = multiplied.entry(constant.to_bits()).or_insert_with(|| {
                    constants.push(constant.to_bits());
                    Vec::new()
                });
                values.push(value);
            }
        }
        for constant in constants {
            let mut values = std::mem::take(multiplied.entry(constant).or_default());
            values.retain(|value| !self.members.contains_key(value) && readers[value] >= LEAST_READERS);
            // Neighbours in the output first: these are neighbours elsewhere too.
            values.sort_by_key(|value| (outputs.get(value).copied().unwrap_or(usize::MAX), *value));
            values.dedup();
            for two in values.as_chunks::<2>().0 {
                self.add(*two);
            }
        }
    }

    /// Two values that are not computed together.
    fn add(&mut self, values: [Value; 2]) {
        for (lane, value) in values.into_iter().enumerate() {
            self.members.insert(value, (self.pairs.len(), lane));
        }
        self.pairs.push(Pair { values: values.map(Some), ..Pair::default() });
    }

    fn find_operations(&mut self, program: &Program, range: Range<usize>) {
        let mut known: FxHashMap<(Kind, [Read; 3]), usize> = FxHashMap::default();
        for index in range {
            let (value, instruction) = (Value::at(index), program.instructions()[index]);
            if self.members.contains_key(&value) {
                continue;
            }
            let Some((kind, reads, lane)) = self.reads(program, instruction) else { continue };
            let pair = *known.entry((kind, reads)).or_insert_with(|| {
                let read = |read: &Read| if let Read::Pair(pair) = read { Some(*pair) } else { None };
                self.pairs.push(Pair { operands: Some(reads.iter().filter_map(read).collect()), ..Pair::default() });
                self.pairs.len() - 1
            });
            if self.pairs[pair].values[lane].is_some() {
                continue;
            }
            self.pairs[pair].values[lane] = Some(value);
            self.members.insert(value, (pair, lane));
            if let [Some(first), Some(second)] = self.pairs[pair].values {
                let operands = |of: Value| program.instructions()[of.index()].operands();
                for (a, b) in operands(first).zip(operands(second)) {
                    if a != b && ![a, b].iter().any(|v| self.members.contains_key(v)) {
                        self.add([a, b]);
                    }
                }
            }
        }
    }

    /// Tells which pairs are whole, and known where they are needed.
    fn settle(&mut self, program: &Program) {
        for pair in 0..self.pairs.len() {
            let Pair { values: [Some(a), Some(b)], operands, .. } = &self.pairs[pair] else { continue };
            let Some(operands) = operands else {
                // What is in memory can be read anywhere.
                let computed =
                    [*a, *b].into_iter().map(Value::index).filter(|i| program.instructions()[*i].is_operation());
                self.pairs[pair].from = Some(computed.max().unwrap_or(0));
                continue;
            };
            let first = a.min(b).index();
            let is_known = |operand: &usize| self.pairs[*operand].from.is_some_and(|from| from < first);
            self.pairs[pair].from = operands.iter().all(is_known).then_some(first);
        }
    }

    /// What an operation reads, if that is part of a pair, always of the same lane; and which.
    fn reads(&self, program: &Program, instruction: Instruction) -> Option<(Kind, [Read; 3], usize)> {
        let kind = match instruction {
            Instruction::Unary(op @ (UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Sqrt), _) => Kind::Unary(op),
            Instruction::Binary(BinaryOp::Pow, ..) => return None,
            Instruction::Binary(op, ..) => Kind::Binary(op),
            Instruction::Select(..) => Kind::Select,
            _ => return None,
        };
        let (mut reads, mut lane) = ([Read::Nothing; 3], None);
        for (read, operand) in reads.iter_mut().zip(instruction.operands()) {
            *read = match (self.members.get(&operand), program.instructions()[operand.index()]) {
                (Some(&(pair, own)), _) => {
                    if lane.is_some_and(|lane| lane != own) {
                        return None;
                    }
                    lane = Some(own);
                    Read::Pair(pair)
                }
                (None, Instruction::State(_)) => Read::State,
                (None, _) => Read::Shared(operand),
            };
        }
        Some((kind, reads, lane?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::emit::Lanes;
    use crate::codegen::jit::{Code, Effort};
    use crate::kernel::{Builder, Hoisted, Inputs, Scratch};

    const LENGTH: usize = 5;

    /// Sums over two vectors of squares, added to the states, and what is positive of that; many times, each time from the last.
    fn program(rounds: usize) -> Program {
        let mut code = Builder::new();
        let y: Vec<Value> = (0..LENGTH).map(|i| code.state(i)).collect();
        let scale = code.parameter(0);
        let mut last = y.clone();
        let mut all = Vec::new();
        for round in 0..rounds {
            let squares: Vec<Value> = (0..LENGTH).map(|i| code.mul(last[i], last[(i + 1) % LENGTH])).collect();
            let others: Vec<Value> = (0..LENGTH).map(|i| code.sub(squares[(i + 2) % LENGTH], last[i])).collect();
            last = (0..LENGTH)
                .map(|i| {
                    let [a, b, c, d] = [0.3, -0.7, 0.9, 1.3].map(|c| code.constant(c + 0.01 * round as f64));
                    let terms = [code.mul(a, squares[i]), code.mul(c, others[i])];
                    let sum = code.add(terms[0], terms[1]);
                    let scaled = code.mul(scale, sum);
                    let moved = code.add(y[i], scaled);
                    let (twice, zero) = (code.mul(b, squares[i]), code.constant(0.0));
                    let moved = code.sub(moved, twice);
                    let again = code.mul(d, others[i]);
                    let moved = code.add(moved, again);
                    let is_below = code.binary(BinaryOp::Less, moved, zero);
                    code.select(is_below, zero, moved)
                })
                .collect();
            all.extend(squares);
            all.extend(others);
        }
        all.extend(last);
        code.extract(&all, Inputs { states: LENGTH, parameters: 1 }, &Hoisted::default())
    }

    #[test]
    fn what_is_alike_is_done_two_at_a_time() {
        let program = program(4);
        let pairs = Pairs::of(&program, 0..program.instructions().len());
        let together = (0..program.instructions().len()).filter(|&i| pairs.together(Value::at(i)).is_some()).count();
        // Of five components two pairs, with eleven operations each, in four rounds; the products aren't alike.
        assert!(together >= 4 * 4 * 9, "{together} of {}", program.operations());
        for index in 0..program.instructions().len() {
            let Some((two, lane)) = pairs.together(Value::at(index)) else { continue };
            assert_eq!(two[lane], Value::at(index));
            let kinds = two.map(|value| std::mem::discriminant(&program.instructions()[value.index()]));
            assert_eq!(kinds[0], kinds[1]);
        }
    }

    #[test]
    fn pairs_have_the_bits_of_one_by_one() {
        for rounds in [1, 30, 120] {
            let program = program(rounds);
            let (y, p) = ([0.1, 0.9, -0.4, 0.6, 0.2], [0.4]);
            let run = |effort: Effort| {
                let mut out = vec![0.0; program.outputs().len()];
                Code::compile(&program, effort, Lanes::One).unwrap().run(0.0, &y, &p, &mut out);
                out.into_iter().map(f64::to_bits).collect::<Vec<_>>()
            };
            let mut interpreted = vec![0.0; program.outputs().len()];
            program.interpret(0.0, &y, &p, &mut interpreted, &mut Scratch::default());
            let interpreted: Vec<u64> = interpreted.into_iter().map(f64::to_bits).collect();
            assert_eq!(run(Effort::Much), interpreted);
            assert_eq!(run(Effort::Little), interpreted);
        }
    }
}
