//! From a program's operations to Cranelift's.
//!
//! Invariants: operation by operation as the program says, in its order (of two that go side by side, in that of the first);
//! nothing is contracted or reassociated; the meaning of each operator is that of [`crate::kernel::math`]. Inputs and constants
//! are read where first used in each part; outputs are written as soon as they are known.

use super::abi::Routine;
use super::chunk::Plan;
use super::pairs::Pairs;
use super::powers;
use crate::kernel::{Instruction, Program, Value};
use crate::network::{BinaryOp, UnaryOp};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self, FuncRef, InstBuilder, MemFlagsData, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId, Module};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// The routines that a module imports so far, by [`Routine::ALL`]'s order.
pub type Routines = [Option<FuncId>; Routine::ALL.len()];

/// How many sets of inputs a function takes at once, and how their numbers lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lanes {
    One,
    /// Two, side by side at the beginning of rows of so many numbers.
    Two {
        row: usize,
    },
}

impl Lanes {
    /// Numbers from one state, parameter or output to the next.
    pub fn row(self) -> usize {
        match self {
            Lanes::One => 1,
            Lanes::Two { row } => row,
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        if self == Lanes::One { 1 } else { 2 }
    }
}

/// What is computed at once: one value of a program in as many lanes as there are, or two values of one lane side by side.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Site {
    One(Value),
    Both([Value; 2]),
}

impl Site {
    fn first(self) -> Value {
        match self {
            Site::One(value) | Site::Both([value, _]) => value,
        }
    }
}

/// The body of one function while it is written.
pub struct Body<'b, 'f, M: Module> {
    builder: &'b mut FunctionBuilder<'f>,
    module: &'b mut M,
    routines: &'b Routines,
    called: [Option<FuncRef>; Routine::ALL.len()],
    program: &'b Program,
    plan: &'b Plan,
    lanes: Lanes,
    pairs: Pairs,
    /// `t`, `y`, `p`, `out`, and in parts of a long program where crossing values are kept.
    arguments: &'b [ir::Value],
    /// States that are known otherwise than from memory.
    states: Vec<(usize, ir::Value)>,
    /// Where powers are kept, see [`super::powers`].
    powers: Option<ir::Value>,
    /// What is known in this function.
    values: FxHashMap<Site, ir::Value>,
    /// Truth values, kept beside their numbers so that a selection needn't compare twice.
    conditions: FxHashMap<Site, ir::Value>,
}

impl<'b, 'f, M: Module> Body<'b, 'f, M> {
    pub fn new(
        builder: &'b mut FunctionBuilder<'f>,
        module: &'b mut M,
        routines: &'b Routines,
        program: &'b Program,
        plan: &'b Plan,
        lanes: Lanes,
        arguments: &'b [ir::Value],
    ) -> Self {
        Body {
            builder,
            module,
            routines,
            called: [None; Routine::ALL.len()],
            program,
            plan,
            lanes,
            pairs: Pairs::default(),
            arguments,
            states: Vec::new(),
            powers: None,
            values: FxHashMap::default(),
            conditions: FxHashMap::default(),
        }
    }

    /// Takes states as known in this function, rather than as memory has them.
    pub fn take_states(&mut self, known: &[(usize, ir::Value)]) {
        self.states.extend(known);
    }

    /// Looks a power up at this address before it is computed, [`super::powers::LENGTH`] numbers long.
    pub fn keep_powers(&mut self, address: ir::Value) {
        self.powers = Some(address);
    }

    /// Computes these two at a time; for one lane.
    pub fn pair(&mut self, pairs: Pairs) {
        self.pairs = pairs;
    }

    /// Emits one part of the program, and writes the outputs that it computes.
    pub fn emit(&mut self, range: Range<usize>, outputs: &[(usize, Value)]) {
        let mut outputs = outputs.iter().peekable();
        for index in range {
            let value = Value::at(index);
            let instruction = self.program.instructions()[index];
            if instruction.is_operation() {
                let together = self.pairs.together(value);
                self.compute(together.map_or(Site::One(value), |(two, _)| Site::Both(two)));
                if let Some(slot) = self.plan.slots[index] {
                    let (spill, at) = (self.arguments[4], offset(slot as usize * self.lanes.count()));
                    let result = self.value(value);
                    self.builder.ins().store(MemFlagsData::trusted(), result, spill, at);
                }
            }
            while let Some(&(output, _)) = outputs.next_if(|o| o.1 == value) {
                let (result, out, at) = (self.value(value), self.arguments[3], offset(output * self.lanes.row()));
                let flags = self.rows();
                self.builder.ins().store(flags, result, out, at);
            }
        }
    }

    /// Computes what stands at a site, once.
    fn compute(&mut self, site: Site) {
        if !self.values.contains_key(&site) {
            let result = self.operation(site);
            self.values.insert(site, result);
        }
    }

    /// A value, computed before in this function or read from memory.
    pub fn value(&mut self, value: Value) -> ir::Value {
        self.read(Site::One(value))
    }

    fn read(&mut self, site: Site) -> ir::Value {
        if let Some(&known) = self.values.get(&site) {
            return known;
        }
        let read = match site {
            Site::One(value) => self.read_one(value),
            Site::Both(two) => self.read_both(two),
        };
        self.values.insert(site, read);
        read
    }

    fn read_one(&mut self, value: Value) -> ir::Value {
        if let Some((two, lane)) = self.pairs.together(value)
            && let Some(&both) = self.values.get(&Site::Both(two))
        {
            return self.builder.ins().extractlane(both, lane as u8);
        }
        let [t, y, p] = [self.arguments[0], self.arguments[1], self.arguments[2]];
        match self.program.instructions()[value.index()] {
            Instruction::Constant(c) => self.number(c, self.is_wide(Site::One(value))),
            Instruction::Time => self.in_each_lane(t),
            Instruction::State(i) => match self.states.iter().find(|(state, _)| *state == i as usize) {
                Some(&(_, known)) => known,
                // States may change in the course of a loop.
                None => self.load(y, i as usize * self.lanes.row(), self.rows()),
            },
            Instruction::Parameter(i) => self.load(p, i as usize * self.lanes.row(), self.rows().with_readonly()),
            Instruction::Unary(..) | Instruction::Binary(..) | Instruction::Select(..) => {
                let slot = self.plan.slots[value.index()].expect("what an earlier part computes has a slot");
                self.load(self.arguments[4], slot as usize * self.lanes.count(), MemFlagsData::trusted())
            }
        }
    }

    /// Two values side by side that were not computed so.
    fn read_both(&mut self, [a, b]: [Value; 2]) -> ir::Value {
        let instruction = |value: Value| self.program.instructions()[value.index()];
        match (instruction(a), instruction(b)) {
            (Instruction::Constant(c), _) if a == b => return self.number(c, true),
            (Instruction::State(i), Instruction::State(j)) if j == i + 1 && self.states.is_empty() => {
                let (y, flags) = (self.arguments[1], MemFlagsData::new().with_notrap());
                return self.builder.ins().load(types::F64X2, flags, y, offset(i as usize));
            }
            _ => {}
        }
        let first = self.value(a);
        let both = self.builder.ins().splat(types::F64X2, first);
        if a == b {
            return both;
        }
        let second = self.value(b);
        self.builder.ins().insertlane(both, second, 1)
    }

    /// How inputs and outputs lie: those of two lanes may begin anywhere.
    fn rows(&self) -> MemFlagsData {
        match self.lanes {
            Lanes::One => MemFlagsData::trusted(),
            Lanes::Two { .. } => MemFlagsData::new().with_notrap(),
        }
    }

    fn load(&mut self, base: ir::Value, index: usize, flags: MemFlagsData) -> ir::Value {
        let kind = if self.lanes == Lanes::One { types::F64 } else { types::F64X2 };
        self.builder.ins().load(kind, flags, base, offset(index))
    }

    /// Whether what stands at a site is two numbers.
    fn is_wide(&self, site: Site) -> bool {
        self.lanes != Lanes::One || matches!(site, Site::Both(_))
    }

    fn number(&mut self, c: f64, is_wide: bool) -> ir::Value {
        if !is_wide {
            return self.builder.ins().f64const(c);
        }
        let both = [c.to_le_bytes(), c.to_le_bytes()].concat();
        let constant = self.builder.func.dfg.constants.insert(both.into());
        self.builder.ins().vconst(types::F64X2, constant)
    }

    fn in_each_lane(&mut self, number: ir::Value) -> ir::Value {
        if self.lanes == Lanes::One { number } else { self.builder.ins().splat(types::F64X2, number) }
    }

    /// `a` where the condition holds, else `b`.
    fn select(&mut self, condition: ir::Value, a: ir::Value, b: ir::Value, is_wide: bool) -> ir::Value {
        if !is_wide {
            return self.builder.ins().select(condition, a, b);
        }
        let mask = self.mask(condition);
        self.builder.ins().bitselect(mask, a, b)
    }

    /// A condition of two numbers, as numbers of all bits or none.
    fn mask(&mut self, condition: ir::Value) -> ir::Value {
        let order = MemFlagsData::new().with_endianness(ir::Endianness::Little);
        self.builder.ins().bitcast(types::F64X2, order, condition)
    }

    /// Whether a value is true, as an integer: of two all bits, or none.
    fn condition(&mut self, site: Site) -> ir::Value {
        if let Some(&known) = self.conditions.get(&site) {
            return known;
        }
        let (number, zero) = (self.read(site), self.number(0.0, self.is_wide(site)));
        let condition = self.builder.ins().fcmp(FloatCC::NotEqual, number, zero);
        self.conditions.insert(site, condition);
        condition
    }

    /// What the operation at a site reads, in order.
    fn operands(&self, site: Site) -> [Site; 3] {
        let of = |value: Value| {
            let mut operands = self.program.instructions()[value.index()].operands();
            [(); 3].map(|()| operands.next().unwrap_or(value))
        };
        match site {
            Site::One(value) => of(value).map(Site::One),
            Site::Both([first, second]) => {
                let (a, b) = (of(first), of(second));
                std::array::from_fn(|i| Site::Both([a[i], b[i]]))
            }
        }
    }

    fn operation(&mut self, site: Site) -> ir::Value {
        let ([a, b, c], is_wide) = (self.operands(site), self.is_wide(site));
        match self.program.instructions()[site.first().index()] {
            Instruction::Unary(op, _) => self.unary(site, op, a),
            Instruction::Binary(op, ..) => self.binary(site, op, a, b),
            Instruction::Select(..) => {
                let condition = self.condition(a);
                let chosen = self.program.instructions()[b.first().index()];
                let is_nothing = matches!(chosen, Instruction::Constant(c) if c.to_bits() == 0);
                let (b, c) = (self.read(b), self.read(c));
                if is_nothing && is_wide {
                    let mask = self.mask(condition);
                    return self.builder.ins().band_not(c, mask);
                }
                self.select(condition, b, c, is_wide)
            }
            leaf => unreachable!("{leaf} is not an operation"),
        }
    }

    fn unary(&mut self, site: Site, op: UnaryOp, operand: Site) -> ir::Value {
        let a = self.read(operand);
        if let Some(routine) = Routine::of_unary(op) {
            return self.call(routine, &[a]);
        }
        match op {
            UnaryOp::Neg => self.builder.ins().fneg(a),
            UnaryOp::Abs => self.builder.ins().fabs(a),
            UnaryOp::Sqrt => self.builder.ins().sqrt(a),
            UnaryOp::Floor => self.builder.ins().floor(a),
            UnaryOp::Ceil => self.builder.ins().ceil(a),
            UnaryOp::Not => {
                let condition = self.condition(operand);
                let opposite = if self.is_wide(site) {
                    self.builder.ins().bnot(condition)
                } else {
                    self.builder.ins().icmp_imm_u(IntCC::Equal, condition, 0)
                };
                self.truth(site, opposite)
            }
            UnaryOp::Exp | UnaryOp::Ln | UnaryOp::Log10 | UnaryOp::Sin | UnaryOp::Cos | UnaryOp::Tanh => {
                unreachable!("{op:?} is a routine")
            }
        }
    }

    fn binary(&mut self, site: Site, op: BinaryOp, left: Site, right: Site) -> ir::Value {
        let (a, b, is_wide) = (self.read(left), self.read(right), self.is_wide(site));
        if let Some(routine) = Routine::of_binary(op) {
            let Some(address) = self.powers else { return self.call(routine, &[a, b]) };
            let entry = powers::look_up(self.builder, address, a, b);
            let result = self.call(routine, &[a, b]);
            return powers::keep(self.builder, entry, result);
        }
        let comparison = match op {
            BinaryOp::Add => return self.builder.ins().fadd(a, b),
            BinaryOp::Sub => return self.builder.ins().fsub(a, b),
            BinaryOp::Mul => return self.builder.ins().fmul(a, b),
            BinaryOp::Div => return self.builder.ins().fdiv(a, b),
            BinaryOp::Min => return self.extreme(FloatCC::LessThan, a, b, is_wide),
            BinaryOp::Max => return self.extreme(FloatCC::GreaterThan, a, b, is_wide),
            BinaryOp::Less => self.builder.ins().fcmp(FloatCC::LessThan, a, b),
            BinaryOp::LessEqual => self.builder.ins().fcmp(FloatCC::LessThanOrEqual, a, b),
            BinaryOp::Equal => self.builder.ins().fcmp(FloatCC::Equal, a, b),
            BinaryOp::And | BinaryOp::Or => {
                let (a, b) = (self.condition(left), self.condition(right));
                if op == BinaryOp::And { self.builder.ins().band(a, b) } else { self.builder.ins().bor(a, b) }
            }
            BinaryOp::Pow => unreachable!("pow is a routine"),
        };
        self.truth(site, comparison)
    }

    /// `min` or `max`: the first if it is beyond the second, or NaN.
    fn extreme(&mut self, beyond: FloatCC, a: ir::Value, b: ir::Value, is_wide: bool) -> ir::Value {
        let first = self.builder.ins().fcmp(beyond, a, b);
        let chosen = self.select(first, a, b, is_wide);
        let not_a_number = self.builder.ins().fcmp(FloatCC::Unordered, a, a);
        self.select(not_a_number, a, chosen, is_wide)
    }

    /// A truth value as a number; remembers that it is one.
    fn truth(&mut self, site: Site, condition: ir::Value) -> ir::Value {
        self.conditions.insert(site, condition);
        let is_wide = self.is_wide(site);
        let (one, zero) = (self.number(1.0, is_wide), self.number(0.0, is_wide));
        self.select(condition, one, zero, is_wide)
    }

    fn call(&mut self, routine: Routine, arguments: &[ir::Value]) -> ir::Value {
        let function = match self.called[routine as usize] {
            Some(function) => function,
            None => {
                let imported = self.routines[routine as usize].expect("what a program calls is imported before");
                self.module.declare_func_in_func(imported, self.builder.func)
            }
        };
        self.called[routine as usize] = Some(function);
        if self.lanes == Lanes::One {
            let call = self.builder.ins().call(function, arguments);
            return self.builder.inst_results(call)[0];
        }
        let [first, second] = [0, 1].map(|lane| {
            let own: Vec<ir::Value> = arguments.iter().map(|&a| self.builder.ins().extractlane(a, lane)).collect();
            let call = self.builder.ins().call(function, &own);
            self.builder.inst_results(call)[0]
        });
        let both = self.builder.ins().splat(types::F64X2, first);
        self.builder.ins().insertlane(both, second, 1)
    }
}

fn offset(index: usize) -> i32 {
    i32::try_from(index * size_of::<f64>()).expect("fewer than 2^28 numbers")
}
