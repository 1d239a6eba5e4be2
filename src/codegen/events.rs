//! The event loop of a jump simulation as one function: from random numbers to the next channel, what it changes, and the
//! propensities and sums that follow, without a call.
//!
//! Invariants: the same operations in the same order as the engine that it stands in for, so the same bits; what it
//! can't do, it leaves undone and says so. Memory is touched only within the lengths that are checked before.
//! The frame is the interface: time, limit, where numbers are, how many are used up.

use super::abi::Routine;
use super::chunk::Plan;
use super::emit::{Body, Lanes, Routines};
use super::error::CodegenError;
use super::jit::{Effort, Memory};
use super::powers;
use crate::kernel::{Instruction, Program};
use crate::network::BinaryOp;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    self, AbiParam, BlockArg, InstBuilder, JumpTableData, MemFlagsData, Signature, StackSlotData, StackSlotKind, types,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{Linkage, Module};
use std::fmt;

/// Members of a group of sums.
const GROUP: usize = 8;

/// A propensity.
#[derive(Clone, Copy, Debug)]
pub enum LoopLaw<'p> {
    /// `(p[coefficient] x[i]) (x[j] − less)`.
    Combination { coefficient: usize, i: usize, j: usize, less: f64 },
    /// One output.
    General(&'p Program),
}

/// A channel.
#[derive(Clone, Debug)]
pub struct LoopChannel<'p> {
    pub law: LoopLaw<'p>,
    /// What a firing adds; `None` if it is the caller's to carry out.
    pub changes: Option<&'p [(u32, f64)]>,
    /// Whether to return after it.
    pub watched: bool,
    /// Channels to be computed anew, ascending, and groups below the top to be added up anew, in order.
    pub dependents: &'p [u32],
    pub groups: &'p [u32],
}

/// Everything that a loop is made from.
#[derive(Clone, Debug)]
pub struct LoopPlan<'p> {
    /// Lengths of `x`, `p` and the sums.
    pub states: usize,
    pub parameters: usize,
    pub sums: usize,
    /// The first group of each level of sums, leaves first, and the number of groups.
    pub levels: &'p [u32],
    pub channels: Vec<LoopChannel<'p>>,
}

/// Why the loop returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopExit {
    /// The next event isn't before the limit, or there is none.
    Limit,
    /// Random numbers are used up.
    Numbers,
    /// This channel was chosen, and nothing more was done.
    Chosen(usize),
    /// This channel has happened.
    Watched(usize),
    /// This channel has happened, and a propensity that follows is negative or not finite; sums are out of date.
    Fault(usize),
    /// The total isn't finite, or less than nothing.
    Total,
    /// Rounding led to an empty place: nothing of this event was done.
    Odd,
}

/// What passes between the loop and its caller.
#[repr(C)]
struct Frame {
    time: f64,
    limit: f64,
    exponentials: *const f64,
    uniforms: *const f64,
    position: u64,
    end: u64,
    channel: u64,
    powers: *mut f64,
}

const TIME: i32 = 0;
const LIMIT: i32 = 8;
const EXPONENTIALS: i32 = 16;
const UNIFORMS: i32 = 24;
const POSITION: i32 = 32;
const END: i32 = 40;
const CHANNEL: i32 = 48;
const POWERS: i32 = 56;

type Entry = unsafe extern "C" fn(*mut Frame, x: *mut f64, p: *const f64, sums: *mut f64) -> i64;

/// What a loop is run on.
#[derive(Debug)]
pub struct LoopState<'a> {
    pub time: f64,
    pub limit: f64,
    pub x: &'a mut [f64],
    pub p: &'a [f64],
    pub sums: &'a mut [f64],
    pub exponentials: &'a [f64],
    pub uniforms: &'a [f64],
    pub position: usize,
    pub end: usize,
    /// As long as [`EventLoop::powers`] says; from one call to the next it must stay as it was.
    pub powers: &'a mut [f64],
}

/// A compiled loop.
pub struct EventLoop {
    entry: Entry,
    lengths: [usize; 4],
    // Held only to be freed after the entry.
    _memory: Memory,
}

// SAFETY: as for `Code`: after construction the module is only ever dropped, and compiled functions keep no state.
unsafe impl Sync for EventLoop {}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop").finish_non_exhaustive()
    }
}

impl EventLoop {
    /// Compiles the loop for this machine.
    pub fn compile(plan: &LoopPlan<'_>, effort: Effort) -> Result<EventLoop, CodegenError> {
        plan.verify()?;
        let mut memory = Memory::new(effort)?;
        let module = memory.module();
        let mut routines = Routines::default();
        import(module, plan, &mut routines)?;
        let config = module.target_config();
        let mut signature = Signature::new(config.default_call_conv);
        signature.params.extend([AbiParam::new(config.pointer_type()); 4]);
        signature.returns.push(AbiParam::new(types::I64));
        let id = module.declare_function("events", Linkage::Local, &signature)?;
        let mut context = module.make_context();
        context.func.signature = signature;
        let mut builder_context = FunctionBuilderContext::new();
        let builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
        Writer::new(builder, module, &routines, plan).write();
        module.define_function(id, &mut context)?;
        module.finalize_definitions()?;
        let address = module.get_finalized_function(id);
        // SAFETY: the function was compiled with the signature of `Entry`, in the C convention.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(address) };
        Ok(EventLoop { entry, lengths: [plan.states, plan.parameters, plan.sums, plan.powers()], _memory: memory })
    }

    /// How many numbers it keeps powers in; not numbers at first.
    pub fn powers(&self) -> usize {
        self.lengths[3]
    }

    /// Goes on from event to event.
    ///
    /// # Panics
    /// If a slice is too short.
    #[inline]
    pub fn run(&self, state: &mut LoopState<'_>) -> LoopExit {
        let [states, parameters, sums, powers] = self.lengths;
        assert!(state.x.len() >= states && state.p.len() >= parameters && state.sums.len() >= sums);
        assert!(state.powers.len() >= powers);
        assert!(state.end <= state.exponentials.len() && state.end <= state.uniforms.len());
        let mut frame = Frame {
            time: state.time,
            limit: state.limit,
            exponentials: state.exponentials.as_ptr(),
            uniforms: state.uniforms.as_ptr(),
            position: state.position as u64,
            end: state.end as u64,
            channel: 0,
            powers: state.powers.as_mut_ptr(),
        };
        // SAFETY: the plan was verified, so states, parameters, sums and powers are read and written within the lengths just
        // checked; numbers are read from `position` up to `end` only; what is written is borrowed mutably and overlaps
        // nothing; the code lives as long as `self`.
        let why = unsafe { (self.entry)(&mut frame, state.x.as_mut_ptr(), state.p.as_ptr(), state.sums.as_mut_ptr()) };
        state.time = frame.time;
        state.position = frame.position as usize;
        let channel = frame.channel as usize;
        match why {
            0 => LoopExit::Limit,
            1 => LoopExit::Numbers,
            2 => LoopExit::Chosen(channel),
            3 => LoopExit::Watched(channel),
            4 => LoopExit::Fault(channel),
            5 => LoopExit::Total,
            _ => LoopExit::Odd,
        }
    }
}

impl LoopPlan<'_> {
    /// How many operations there will be, about.
    pub fn size(&self) -> usize {
        let law = |k: &u32| match self.channels[*k as usize].law {
            LoopLaw::Combination { .. } => 7,
            LoopLaw::General(program) => 2 * program.instructions().len() + 6,
        };
        let channel = |c: &LoopChannel<'_>| {
            let changes = c.changes.map_or(0, |changes| 3 * changes.len());
            8 + changes + c.dependents.iter().map(law).sum::<usize>() + 10 * c.groups.len()
        };
        self.channels.iter().map(channel).sum()
    }

    /// How many numbers powers are kept in.
    fn powers(&self) -> usize {
        let raises = |instruction: &Instruction| matches!(instruction, Instruction::Binary(BinaryOp::Pow, ..));
        let any = self.channels.iter().any(|c| match c.law {
            LoopLaw::General(program) => program.instructions().iter().any(raises),
            LoopLaw::Combination { .. } => false,
        });
        if any { powers::LENGTH } else { 0 }
    }

    /// Everything that is read or written lies within the lengths.
    fn verify(&self) -> Result<(), CodegenError> {
        let groups = self.levels.last().copied().unwrap_or(0) as usize;
        let tree = self.levels.len() >= 2
            && self.levels.windows(2).all(|w| w[0] < w[1])
            && self.levels.windows(3).all(|w| (w[1] - w[0]) as usize <= GROUP * (w[2] - w[1]) as usize);
        let count = self.channels.len();
        let leaves = self.levels.get(1).map_or(0, |&l| l as usize * GROUP);
        let mut sound = tree && groups * GROUP <= self.sums && count <= leaves;
        for channel in &self.channels {
            sound &= channel.changes.is_none_or(|c| c.iter().all(|(s, _)| (*s as usize) < self.states));
            sound &= channel.dependents.iter().all(|&k| (k as usize) < count);
            sound &= channel.groups.iter().all(|&g| self.parent(g as usize).is_some());
            match channel.law {
                LoopLaw::Combination { coefficient, i, j, .. } => {
                    sound &= coefficient < self.parameters && i < self.states && j < self.states;
                }
                LoopLaw::General(program) => {
                    program.verify()?;
                    let inputs = program.inputs();
                    sound &= inputs.states <= self.states && inputs.parameters <= self.parameters;
                    sound &= program.outputs().len() == 1;
                }
            }
        }
        if sound { Ok(()) } else { Err(CodegenError::Plan) }
    }

    /// Where the sum of a group lies; `None` at the top.
    fn parent(&self, group: usize) -> Option<usize> {
        let level = self.levels.windows(2).position(|w| (w[0] as usize..w[1] as usize).contains(&group))?;
        let next = *self.levels.get(level + 1).filter(|_| level + 2 < self.levels.len())?;
        Some(GROUP * next as usize + (group - self.levels[level] as usize))
    }

    /// How many slots of a group are used.
    fn used(&self, group: usize) -> usize {
        let level = self.levels.windows(2).position(|w| (w[0] as usize..w[1] as usize).contains(&group)).unwrap_or(0);
        let members = match level {
            0 => self.channels.len(),
            _ => (self.levels[level] - self.levels[level - 1]) as usize,
        };
        members.saturating_sub(GROUP * (group - self.levels[level] as usize)).min(GROUP)
    }
}

/// Declares the routines that propensities call.
fn import<M: Module>(module: &mut M, plan: &LoopPlan<'_>, routines: &mut Routines) -> Result<(), CodegenError> {
    let convention = module.target_config().default_call_conv;
    for channel in &plan.channels {
        let LoopLaw::General(program) = channel.law else { continue };
        for routine in program.instructions().iter().filter_map(Routine::of) {
            let known = &mut routines[routine as usize];
            if known.is_none() {
                let signature = routine.signature(convention);
                *known = Some(module.declare_function(routine.c_name(), Linkage::Import, &signature)?);
            }
        }
    }
    Ok(())
}

/// The function while it is written.
struct Writer<'f, 'p, M: Module> {
    builder: FunctionBuilder<'f>,
    module: &'p mut M,
    routines: &'p Routines,
    plan: &'p LoopPlan<'p>,
    frame: ir::Value,
    x: ir::Value,
    p: ir::Value,
    sums: ir::Value,
    limit: ir::Value,
    end: ir::Value,
    exponentials: ir::Value,
    uniforms: ir::Value,
    powers: ir::Value,
    below: ir::StackSlot,
    /// Where every event begins: total, time, position.
    head: ir::Block,
    /// The way out: time, position, channel, why.
    out: ir::Block,
}

impl<'f, 'p, M: Module> Writer<'f, 'p, M> {
    fn new(
        mut builder: FunctionBuilder<'f>,
        module: &'p mut M,
        routines: &'p Routines,
        plan: &'p LoopPlan<'p>,
    ) -> Self {
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let &[frame, x, p, sums] = builder.block_params(entry) else { unreachable!("a loop has four arguments") };
        let pointer = module.target_config().pointer_type();
        let flags = MemFlagsData::trusted();
        let limit = builder.ins().load(types::F64, flags, frame, LIMIT);
        let end = builder.ins().load(types::I64, flags, frame, END);
        let exponentials = builder.ins().load(pointer, flags, frame, EXPONENTIALS);
        let uniforms = builder.ins().load(pointer, flags, frame, UNIFORMS);
        let powers = builder.ins().load(pointer, flags, frame, POWERS);
        let head = builder.create_block();
        for kind in [types::F64, types::F64, types::I64] {
            builder.append_block_param(head, kind);
        }
        let out = builder.create_block();
        for kind in [types::F64, types::I64, types::I64, types::I64] {
            builder.append_block_param(out, kind);
        }
        let bytes = (GROUP * size_of::<f64>()) as u32;
        let below = builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3));
        Writer {
            builder,
            module,
            routines,
            plan,
            frame,
            x,
            p,
            sums,
            limit,
            end,
            exponentials,
            uniforms,
            powers,
            below,
            head,
            out,
        }
    }

    fn write(mut self) {
        let flags = MemFlagsData::trusted();
        let time = self.builder.ins().load(types::F64, flags, self.frame, TIME);
        let position = self.builder.ins().load(types::I64, flags, self.frame, POSITION);
        let total = self.total(&[]);
        self.go(self.head, &[total, time, position]);

        let head = self.head;
        self.builder.switch_to_block(head);
        let &[total, time, position] = self.builder.block_params(head) else { unreachable!("as declared") };
        let (channels, next, position) = self.choose(total, time, position);
        let switch = self.builder.create_block();
        self.go(switch, &[]);
        self.builder.switch_to_block(switch);
        self.dispatch(channels, next, position);

        let out = self.out;
        self.builder.switch_to_block(out);
        let &[time, position, channel, why] = self.builder.block_params(out) else { unreachable!("as declared") };
        self.builder.ins().store(flags, time, self.frame, TIME);
        self.builder.ins().store(flags, position, self.frame, POSITION);
        self.builder.ins().store(flags, channel, self.frame, CHANNEL);
        self.builder.ins().return_(&[why]);
        self.builder.seal_all_blocks();
        let config = self.module.target_config();
        self.builder.finalize(config);
    }

    fn go(&mut self, block: ir::Block, arguments: &[ir::Value]) {
        let arguments: Vec<BlockArg> = arguments.iter().map(|v| BlockArg::from(*v)).collect();
        self.builder.ins().jump(block, &arguments);
    }

    /// Goes on in a new block if a condition holds, and out otherwise.
    fn unless(&mut self, condition: ir::Value, [time, position, channel]: [ir::Value; 3], why: i64) {
        let why = self.builder.ins().iconst(types::I64, why);
        let on = self.builder.create_block();
        let arguments = [time, position, channel, why].map(BlockArg::from);
        self.builder.ins().brif(condition, on, &[], self.out, &arguments);
        self.builder.switch_to_block(on);
    }

    /// The next channel and its time.
    fn choose(&mut self, total: ir::Value, time: ir::Value, position: ir::Value) -> (ir::Value, ir::Value, ir::Value) {
        let flags = MemFlagsData::trusted();
        let none = self.builder.ins().iconst(types::I64, 0);
        let some = self.builder.ins().icmp(IntCC::UnsignedLessThan, position, self.end);
        self.unless(some, [time, position, none], 1);
        let most = self.builder.ins().f64const(f64::INFINITY);
        let zero = self.builder.ins().f64const(0.0);
        let finite = self.builder.ins().fcmp(FloatCC::LessThan, total, most);
        let positive = self.builder.ins().fcmp(FloatCC::GreaterThanOrEqual, total, zero);
        let sound = self.builder.ins().band(finite, positive);
        self.unless(sound, [time, position, none], 5);
        let offset = self.builder.ins().ishl_imm_u(position, 3);
        let wait_at = self.builder.ins().iadd(self.exponentials, offset);
        let wait = self.builder.ins().load(types::F64, flags, wait_at, 0);
        let wait = self.builder.ins().fdiv(wait, total);
        let next = self.builder.ins().fadd(time, wait);
        let before = self.builder.ins().fcmp(FloatCC::LessThan, next, self.limit);
        let something = self.builder.ins().fcmp(FloatCC::GreaterThan, total, zero);
        let happens = self.builder.ins().band(before, something);
        self.unless(happens, [time, position, none], 0);
        let choice_at = self.builder.ins().iadd(self.uniforms, offset);
        let choice = self.builder.ins().load(types::F64, flags, choice_at, 0);
        let share = self.builder.ins().fmul(choice, total);
        let channel = self.search(share, [time, position, none]);
        let position = self.builder.ins().iadd_imm_u(position, 1);
        (channel, next, position)
    }

    /// The leaf that a share of the total falls on.
    fn search(&mut self, share: ir::Value, untouched: [ir::Value; 3]) -> ir::Value {
        let levels = self.plan.levels;
        let top = levels.len() - 2;
        let (mut share, mut group) = self.top_group(share);
        for level in (0..=top).rev() {
            let used = (levels[level]..levels[level + 1]).map(|g| self.plan.used(g as usize)).max().unwrap_or(0);
            let offset = self.builder.ins().ishl_imm_u(group, 6);
            let at = self.builder.ins().iadd(self.sums, offset);
            let (slot, rest) = self.find_in(at, used, share, level > 0);
            let slot_offset = self.builder.ins().ishl_imm_u(slot, 3);
            let value_at = self.builder.ins().iadd(at, slot_offset);
            let value = self.builder.ins().load(types::F64, MemFlagsData::trusted(), value_at, 0);
            let zero = self.builder.ins().f64const(0.0);
            let filled = self.builder.ins().fcmp(FloatCC::GreaterThan, value, zero);
            self.unless(filled, untouched, 6);
            let first = self.builder.ins().ishl_imm_u(group, 3);
            let position = self.builder.ins().iadd(first, slot);
            if level == 0 {
                return position;
            }
            let shift = i64::from(levels[level - 1]) - GROUP as i64 * i64::from(levels[level]);
            group = self.builder.ins().iadd_imm_s(position, shift);
            share = rest;
        }
        group
    }

    /// The group of the top level that the share lies in; there are several where leaves are not in a tree.
    fn top_group(&mut self, share: ir::Value) -> (ir::Value, ir::Value) {
        let levels = self.plan.levels;
        let (first, end) = (levels[levels.len() - 2] as usize, levels[levels.len() - 1] as usize);
        let found = self.builder.create_block();
        self.builder.append_block_param(found, types::F64);
        self.builder.append_block_param(found, types::I64);
        let mut share = share;
        for group in first..end {
            let index = self.builder.ins().iconst(types::I64, group as i64);
            if group + 1 == end {
                self.go(found, &[share, index]);
                break;
            }
            let here = self.group_sum(group, &[]);
            let inside = self.builder.ins().fcmp(FloatCC::LessThan, share, here);
            let on = self.builder.create_block();
            let arguments = [share, index].map(BlockArg::from);
            self.builder.ins().brif(inside, found, &arguments, on, &[]);
            self.builder.switch_to_block(on);
            share = self.builder.ins().fsub(share, here);
        }
        self.builder.switch_to_block(found);
        let &[share, group] = self.builder.block_params(found) else { unreachable!("as declared") };
        (share, group)
    }

    /// The slot within the group at `at` of which `used` slots may be filled, and the share that is left in it.
    fn find_in(&mut self, at: ir::Value, used: usize, share: ir::Value, descend: bool) -> (ir::Value, ir::Value) {
        let flags = MemFlagsData::trusted();
        let mut v = [None; GROUP];
        for (index, slot) in v.iter_mut().enumerate().take(used) {
            *slot = Some(self.builder.ins().load(types::F64, flags, at, 8 * index as i32));
        }
        let mut add = |a: Option<ir::Value>, b: Option<ir::Value>| match (a, b) {
            (Some(a), Some(b)) => Some(self.builder.ins().fadd(a, b)),
            (a, b) => a.or(b),
        };
        let (q0, q1, q2) = (add(v[0], v[1]), add(v[2], v[3]), add(v[4], v[5]));
        let half = add(q0, q1);
        let most = add(half, q2);
        let bounds = [v[0], q0, add(q0, v[2]), half, add(half, v[4]), most, add(most, v[6])];
        let mut slot = self.builder.ins().iconst(types::I64, 0);
        let zero = self.builder.ins().f64const(0.0);
        let below = self.builder.ins().stack_addr(types::I64, self.below, 0);
        if descend {
            self.builder.ins().store(flags, zero, below, 0);
        }
        for (index, bound) in bounds.into_iter().enumerate().take(used.saturating_sub(1)) {
            let Some(bound) = bound else { continue };
            let beyond = self.builder.ins().fcmp(FloatCC::GreaterThanOrEqual, share, bound);
            let beyond = self.builder.ins().uextend(types::I64, beyond);
            slot = self.builder.ins().iadd(slot, beyond);
            if descend {
                self.builder.ins().store(flags, bound, below, 8 * (index as i32 + 1));
            }
        }
        if !descend {
            return (slot, share);
        }
        let offset = self.builder.ins().ishl_imm_u(slot, 3);
        let below = self.builder.ins().iadd(below, offset);
        let taken = self.builder.ins().load(types::F64, flags, below, 0);
        (slot, self.builder.ins().fsub(share, taken))
    }

    /// Every channel's block, and the jump to the one chosen.
    fn dispatch(&mut self, channel: ir::Value, time: ir::Value, position: ir::Value) {
        let blocks: Vec<ir::Block> = self.plan.channels.iter().map(|_| self.builder.create_block()).collect();
        let Some(&last) = blocks.last() else {
            let why = self.builder.ins().iconst(types::I64, 0);
            return self.go(self.out, &[time, position, channel, why]);
        };
        let pool = &mut self.builder.func.dfg.value_lists;
        let calls: Vec<ir::BlockCall> = blocks.iter().map(|&block| ir::BlockCall::new(block, [], pool)).collect();
        let otherwise = ir::BlockCall::new(last, [], pool);
        let table = self.builder.create_jump_table(JumpTableData::new(otherwise, &calls));
        let index = self.builder.ins().ireduce(types::I32, channel);
        self.builder.ins().br_table(index, table);
        for (index, block) in blocks.into_iter().enumerate() {
            self.builder.switch_to_block(block);
            self.channel(index, time, position);
        }
    }

    /// What happens when a channel fires.
    fn channel(&mut self, index: usize, time: ir::Value, position: ir::Value) {
        let plan = self.plan;
        let channel = &plan.channels[index];
        let own = self.builder.ins().iconst(types::I64, index as i64);
        let flags = MemFlagsData::trusted();
        let Some(changes) = channel.changes else {
            let why = self.builder.ins().iconst(types::I64, 2);
            return self.go(self.out, &[time, position, own, why]);
        };
        let mut amounts: Vec<(usize, ir::Value)> = Vec::new();
        for &(state, change) in changes {
            let state = state as usize;
            let amount = self.amount(state, &amounts);
            let change = self.builder.ins().f64const(change);
            let amount = self.builder.ins().fadd(amount, change);
            self.builder.ins().store(flags, amount, self.x, 8 * state as i32);
            amounts.push((state, amount));
        }
        let mut known: Vec<(usize, ir::Value)> = Vec::new();
        let mut sound: Option<ir::Value> = None;
        for &k in channel.dependents {
            let k = k as usize;
            let value = match plan.channels[k].law {
                LoopLaw::Combination { coefficient, i, j, less } => {
                    let c = self.builder.ins().load(types::F64, flags.with_readonly(), self.p, 8 * coefficient as i32);
                    let one = self.amount(i, &amounts);
                    let product = self.builder.ins().fmul(c, one);
                    if j + 1 == plan.states {
                        // That one is always 1.
                        product
                    } else {
                        let other = self.amount(j, &amounts);
                        let other = if less == 0.0 {
                            other
                        } else {
                            let less = self.builder.ins().f64const(less);
                            self.builder.ins().fsub(other, less)
                        };
                        self.builder.ins().fmul(product, other)
                    }
                }
                LoopLaw::General(program) => {
                    let value = self.program(program, time, &amounts);
                    let (zero, most) = (self.builder.ins().f64const(0.0), self.builder.ins().f64const(f64::INFINITY));
                    let positive = self.builder.ins().fcmp(FloatCC::GreaterThanOrEqual, value, zero);
                    let finite = self.builder.ins().fcmp(FloatCC::LessThan, value, most);
                    let both = self.builder.ins().band(positive, finite);
                    sound = Some(sound.map_or(both, |before| self.builder.ins().band(before, both)));
                    value
                }
            };
            self.builder.ins().store(flags, value, self.sums, 8 * k as i32);
            known.push((k, value));
        }
        if let Some(sound) = sound {
            self.unless(sound, [time, position, own], 4);
        }
        for &group in channel.groups {
            let group = group as usize;
            let Some(parent) = plan.parent(group) else { continue };
            let sum = self.group_sum(group, &known);
            self.builder.ins().store(flags, sum, self.sums, 8 * parent as i32);
            known.push((parent, sum));
        }
        if channel.watched {
            let why = self.builder.ins().iconst(types::I64, 3);
            return self.go(self.out, &[time, position, own, why]);
        }
        let total = self.total(&known);
        self.go(self.head, &[total, time, position]);
    }

    /// A state, as just computed or from memory.
    fn amount(&mut self, state: usize, known: &[(usize, ir::Value)]) -> ir::Value {
        match known.iter().find(|(k, _)| *k == state) {
            Some(&(_, value)) => value,
            None => self.builder.ins().load(types::F64, MemFlagsData::trusted(), self.x, 8 * state as i32),
        }
    }

    /// A propensity's program at the present state.
    fn program(&mut self, program: &'p Program, time: ir::Value, known: &[(usize, ir::Value)]) -> ir::Value {
        let plan = Plan::new(program, program.instructions().len().max(1));
        let arguments = [time, self.x, self.p, self.sums, self.sums];
        let mut body = Body::new(&mut self.builder, self.module, self.routines, program, &plan, Lanes::One, &arguments);
        body.take_states(known);
        body.keep_powers(self.powers);
        body.emit(0..program.instructions().len(), &[]);
        body.value(program.outputs()[0])
    }

    /// The sum of a group, in the order of the engine; what isn't used is zero and left out.
    fn group_sum(&mut self, group: usize, known: &[(usize, ir::Value)]) -> ir::Value {
        let used = self.plan.used(group);
        let mut v = [None; GROUP];
        for (index, slot) in v.iter_mut().enumerate().take(used) {
            let position = group * GROUP + index;
            *slot = Some(match known.iter().rev().find(|(k, _)| *k == position) {
                Some(&(_, value)) => value,
                None => self.builder.ins().load(types::F64, MemFlagsData::trusted(), self.sums, 8 * position as i32),
            });
        }
        let mut add = |a: Option<ir::Value>, b: Option<ir::Value>| match (a, b) {
            (Some(a), Some(b)) => Some(self.builder.ins().fadd(a, b)),
            (a, b) => a.or(b),
        };
        let (a, b) = (add(v[0], v[4]), add(v[2], v[6]));
        let (c, d) = (add(v[1], v[5]), add(v[3], v[7]));
        let (even, odd) = (add(a, b), add(c, d));
        add(even, odd).unwrap_or_else(|| self.builder.ins().f64const(0.0))
    }

    /// The sum of the top groups.
    fn total(&mut self, known: &[(usize, ir::Value)]) -> ir::Value {
        let levels = self.plan.levels;
        let (first, end) = (levels[levels.len() - 2] as usize, levels[levels.len() - 1] as usize);
        let mut total = self.group_sum(first, known);
        for group in first + 1..end {
            let sum = self.group_sum(group, known);
            total = self.builder.ins().fadd(total, sum);
        }
        total
    }
}
