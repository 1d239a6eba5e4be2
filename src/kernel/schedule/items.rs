//! Nodes with everything known but time and place: which loop would serve each, and where its operands lie.
//!
//! Invariants: a node that reads inputs in place does so only where its kind can; elsewhere inputs are copied to a slot
//! once. What nobody but the caller reads is written to the outputs at once. Sums only add: what they subtract is
//! negated once for all of them, since a sign for each term costs more than the addition.

use super::fuse::{Node, Operands, Term};
use super::{Kind, Operation, Place, Signs};
use crate::kernel::program::{Instruction, Program, Value};

/// A row of operands as a node reads it.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// The value's slot.
    Slot(Value),
    State(u32),
    Parameter(u32),
}

impl Row {
    fn place(self) -> Place {
        match self {
            Row::Slot(_) => Place::Slot,
            Row::State(_) => Place::State,
            Row::Parameter(_) => Place::Parameter,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Target {
    Slot(Value),
    Output(usize),
}

pub struct Item {
    pub kind: Kind,
    pub target: Target,
    /// As the kind's code has them: in dot products the beginning, then factors in pairs.
    pub rows: Vec<Row>,
    /// In dot products, whether each product is subtracted.
    pub signs: Vec<bool>,
}

/// The items of a program, in its order, and the slots that are filled before the first.
pub struct Items<'p> {
    program: &'p Program,
    pub items: Vec<Item>,
    pub constants: Vec<(Value, f64)>,
    pub time: Option<Value>,
    /// Whether a node reads each value.
    read: Vec<bool>,
    outputs: Vec<Vec<usize>>,
    /// Whether each value that no node makes has its slot.
    has_slot: Vec<bool>,
}

impl<'p> Items<'p> {
    pub fn of(program: &'p Program, nodes: &[Node]) -> Self {
        let mut read = vec![false; program.instructions().len()];
        nodes.iter().for_each(|node| node.operands.each(|value| read[value.index()] = true));
        let mut outputs = vec![Vec::new(); program.instructions().len()];
        for (output, &value) in program.outputs().iter().enumerate() {
            outputs[value.index()].push(output);
        }
        let mut items = Items {
            program,
            items: Vec::with_capacity(nodes.len()),
            constants: Vec::new(),
            time: None,
            read,
            outputs,
            has_slot: vec![false; Items::values(program)],
        };
        nodes.iter().for_each(|node| items.node(node));
        items.outputs_of_leaves();
        items
    }

    /// The number of values that may have slots: the program's, the two numbers that dot products need, and the
    /// opposite of each of the program's.
    pub fn values(program: &Program) -> usize {
        2 * program.instructions().len() + 2
    }

    fn node(&mut self, node: &Node) {
        match &node.operands {
            Operands::Values(values, count) => self.simple(node.value, node.operation, &values[..*count]),
            Operands::Terms(terms) if terms.iter().any(|term| matches!(term, Term::Product { .. })) => {
                self.dot(node.value, terms);
            }
            Operands::Terms(terms) => self.sum(node.value, terms),
        }
    }

    fn simple(&mut self, result: Value, operation: Operation, values: &[Value]) {
        use Operation::*;
        let in_place = matches!(operation, Copy | Negate | Multiply | Divide | Add | Subtract | Product);
        let mut rows: Vec<Row> =
            values.iter().map(|&v| if in_place { self.in_place(v) } else { self.in_slot(v) }).collect();
        // Fewer kinds make longer loops.
        if matches!(operation, Multiply | Add | Product) && rows[0].place() > rows[1].place() {
            rows.swap(0, 1);
        }
        self.push(result, operation, rows, Vec::new());
    }

    fn sum(&mut self, result: Value, terms: &[Term]) {
        let plain = |term: &Term| match *term {
            Term::Value { negative, value } => Some((negative, value)),
            Term::Product { .. } => None,
        };
        let terms: Vec<(bool, Value)> = terms.iter().filter_map(plain).collect();
        match terms[..] {
            [(true, a)] => return self.simple(result, Operation::Negate, &[a]),
            [(false, a), (false, b)] => return self.simple(result, Operation::Add, &[a, b]),
            [(false, a), (true, b)] | [(true, b), (false, a)] => {
                return self.simple(result, Operation::Subtract, &[a, b]);
            }
            _ => {}
        }
        let mut rows: Vec<Row> = Vec::with_capacity(terms.len());
        for &(negative, value) in &terms {
            rows.push(if negative { self.negated(value) } else { self.in_place(value) });
        }
        if rows.iter().any(|row| row.place() != rows[0].place()) {
            for (row, &(negative, value)) in rows.iter_mut().zip(&terms) {
                if !negative {
                    *row = self.in_slot(value);
                }
            }
        }
        self.push(result, Operation::Sum, rows, Vec::new());
    }

    /// The opposite of a value, made once.
    fn negated(&mut self, value: Value) -> Row {
        let opposite = Value::at(self.program.instructions().len() + 2 + value.index());
        if !std::mem::replace(&mut self.has_slot[opposite.index()], true) {
            let row = self.in_place(value);
            self.item(Operation::Negate, vec![row], Vec::new(), Target::Slot(opposite));
        }
        Row::Slot(opposite)
    }

    /// A sum with products: every further term becomes one, times 1.
    fn dot(&mut self, result: Value, terms: &[Term]) {
        let (first, rest) = match terms {
            [Term::Value { negative: false, value }, rest @ ..] => (self.in_place(*value), rest),
            all => (self.number(1, -0.0), all),
        };
        let mut rows = vec![first];
        let mut signs = Vec::with_capacity(rest.len());
        for term in rest {
            let (negative, factors) = match *term {
                Term::Value { negative, value } => (negative, [self.in_slot(value), self.number(0, 1.0)]),
                Term::Product { negative, factors } => (negative, factors.map(|factor| self.in_slot(factor))),
            };
            signs.push(negative);
            rows.extend(factors);
        }
        let how = match (signs.contains(&false), signs.contains(&true)) {
            (true, true) => Signs::Mixed,
            (false, true) => Signs::Minus,
            _ => Signs::Plus,
        };
        self.push(result, Operation::Dot(how), rows, signs);
    }

    /// One of the numbers beyond the program's values.
    fn number(&mut self, which: usize, number: f64) -> Row {
        let value = Value::at(self.program.instructions().len() + which);
        if !std::mem::replace(&mut self.has_slot[value.index()], true) {
            self.constants.push((value, number));
        }
        Row::Slot(value)
    }

    fn in_place(&mut self, value: Value) -> Row {
        match self.program.instructions()[value.index()] {
            Instruction::State(i) => Row::State(i),
            Instruction::Parameter(i) => Row::Parameter(i),
            _ => self.in_slot(value),
        }
    }

    fn in_slot(&mut self, value: Value) -> Row {
        let instruction = self.program.instructions()[value.index()];
        if !instruction.is_operation() && !std::mem::replace(&mut self.has_slot[value.index()], true) {
            match instruction {
                Instruction::Constant(number) => self.constants.push((value, number)),
                Instruction::Time => self.time = Some(value),
                Instruction::State(i) => self.copy(Row::State(i), Target::Slot(value)),
                Instruction::Parameter(i) => self.copy(Row::Parameter(i), Target::Slot(value)),
                Instruction::Unary(..) | Instruction::Binary(..) | Instruction::Select(..) => {}
            }
        }
        Row::Slot(value)
    }

    fn push(&mut self, result: Value, operation: Operation, rows: Vec<Row>, signs: Vec<bool>) {
        let outputs = std::mem::take(&mut self.outputs[result.index()]);
        let direct = match outputs[..] {
            [output] if !self.read[result.index()] => Some(output),
            _ => None,
        };
        let target = direct.map_or(Target::Slot(result), Target::Output);
        self.item(operation, rows, signs, target);
        if direct.is_none() {
            outputs.into_iter().for_each(|output| self.copy(Row::Slot(result), Target::Output(output)));
        }
    }

    fn copy(&mut self, from: Row, target: Target) {
        self.item(Operation::Copy, vec![from], Vec::new(), target);
    }

    fn item(&mut self, operation: Operation, rows: Vec<Row>, signs: Vec<bool>, target: Target) {
        let mut places = [Place::Slot; 3];
        places.iter_mut().zip(&rows).for_each(|(place, row)| *place = row.place());
        let kind = Kind { operation, places, to_output: matches!(target, Target::Output(_)) };
        self.items.push(Item { kind, target, rows, signs });
    }

    fn outputs_of_leaves(&mut self) {
        for index in 0..self.outputs.len() {
            for output in std::mem::take(&mut self.outputs[index]) {
                let row = self.in_place(Value::at(index));
                self.copy(row, Target::Output(output));
            }
        }
    }
}
