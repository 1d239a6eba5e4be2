//! One program with everything that can run it, each made when it is first asked for.
//!
//! Invariants: whoever runs a program, the bits are the same; what can't be made is left to the interpreter, and the
//! reason kept. Deliberately absent: any choice that would change a result.

use super::abi::Routine;
use super::chunk::PART_LENGTH;
use super::emit::Lanes;
use super::jit::{Code, Effort};
use crate::kernel::{Instruction, LaneScratch, Program, Schedule, Scratch};
use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// After so many calls a program that was interpreted has cost about as much time as compiling it takes.
const CALLS_BEFORE_CODE: u32 = 1000;

/// With fewer lanes than these, code for one set of inputs, called for each lane, is quicker than a schedule. Measured:
/// 620 ns a lane against 1,040 with two lanes, for 100 species; with eight the schedule takes 260. See
/// `benches/compile.rs`.
const LANES_FOR_SCHEDULES: usize = 4;

/// After so many calls over lanes a program has taken longer than it takes to compile it for two at a time: about 10 ms for 200
/// processes, each call a microsecond quicker.
const CALLS_BEFORE_LANES: u32 = 10_000;

/// Bytes of all rows that a program may read and write for code for two lanes to be quicker than a schedule: they are gone
/// through once for each pair, so they must stay in the nearest cache. Measured: with eight lanes, 200 processes among 100
/// species take half of the schedule's time (26 KB), the 1,000 entries of their Jacobian more than it (84 KB).
const MOST_IN_PAIRS: usize = 32 << 10;

/// Who runs a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Choice {
    /// Machine code, made with this effort.
    Native(Effort),
    /// The interpreter, and machine code once it has been called often.
    Later(Effort),
    Interpreter,
}

/// What runs one program. The program itself is kept by the owner and handed in: always the same one.
#[derive(Debug)]
pub(super) struct Unit {
    choice: Choice,
    /// While what takes over after many isn't made: of what is interpreted at first, and over lanes of what isn't.
    calls: AtomicU32,
    native: OnceLock<Result<Code, String>>,
    schedule: OnceLock<Schedule>,
    /// Two lanes at a time, in rows of two, four and eight; nothing where that can't be had.
    two_lanes: [OnceLock<Option<Code>>; 3],
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
    static GATHERED: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
    static LANE_SCRATCH: RefCell<LaneScratch> = RefCell::default();
}

impl Unit {
    pub fn new(choice: Choice) -> Unit {
        Unit {
            choice,
            calls: AtomicU32::new(0),
            native: OnceLock::new(),
            schedule: OnceLock::new(),
            two_lanes: Default::default(),
        }
    }

    #[cfg(test)]
    pub fn from_attempt(attempt: Result<Code, super::CodegenError>) -> Unit {
        let native = OnceLock::from(attempt.map_err(|reason| reason.to_string()));
        Unit { native, ..Unit::new(Choice::Native(Effort::Little)) }
    }

    /// Machine code if it was asked for and can be had; made now if it isn't there yet.
    pub fn native(&self, program: &Program) -> Result<Option<&Code>, &str> {
        let (Choice::Native(effort) | Choice::Later(effort)) = self.choice else { return Ok(None) };
        let made =
            self.native.get_or_init(|| Code::compile(program, effort, Lanes::One).map_err(|reason| reason.to_string()));
        made.as_ref().map(Some).map_err(String::as_str)
    }

    /// Whether to go on without machine code this time.
    fn is_early(&self) -> bool {
        matches!(self.choice, Choice::Later(_)) && self.calls.fetch_add(1, Ordering::Relaxed) < CALLS_BEFORE_CODE
    }

    #[inline]
    pub fn run(&self, program: &Program, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        if let Some(Ok(code)) = self.native.get() {
            return code.run(t, y, p, out);
        }
        self.run_otherwise(program, t, y, p, out);
    }

    #[cold]
    fn run_otherwise(&self, program: &Program, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        match if self.is_early() { Ok(None) } else { self.native(program) } {
            Ok(Some(code)) => code.run(t, y, p, out),
            _ => SCRATCH.with_borrow_mut(|scratch| program.interpret(t, y, p, out, scratch)),
        }
    }

    /// What runs the program, one set of inputs at a time, in words.
    pub fn explain(&self, program: &Program) -> String {
        let code = |effort: Effort| {
            let parts = program.instructions().len().div_ceil(PART_LENGTH).max(1);
            let how = effort.name();
            if parts == 1 { format!("native code, {how}") } else { format!("native code in {parts} parts, {how}") }
        };
        match self.choice {
            Choice::Native(effort) => match self.native(program) {
                Err(reason) => format!("interpreter, because {reason}"),
                Ok(_) => code(effort),
            },
            Choice::Later(effort) => format!("interpreter for {CALLS_BEFORE_CODE} calls, then {}", code(effort)),
            Choice::Interpreter if program.operations() == 0 => "interpreter: there is nothing to compute".to_owned(),
            Choice::Interpreter => "interpreter, as asked".to_owned(),
        }
    }

    /// What runs it over lanes, in words.
    pub fn explain_lanes(&self, program: &Program) -> String {
        let later = if self.suits_two_lanes::<8>(program) {
            format!(" for {CALLS_BEFORE_LANES} calls, then native code, two lanes at a time")
        } else {
            String::new()
        };
        format!("{}{later}", self.schedule(program))
    }

    /// The program for `W` sets of inputs at once.
    pub fn run_lanes<const W: usize>(
        &self,
        program: &Program,
        t: &[f64; W],
        y: &[[f64; W]],
        p: &[[f64; W]],
        out: &mut [[f64; W]],
    ) {
        if W == 1 {
            return self.run(program, t[0], y.as_flattened(), p.as_flattened(), out.as_flattened_mut());
        }
        if let Some(code) = self.two_lanes::<W>(program) {
            return code.run_two_lanes(y, p, out);
        }
        if W < LANES_FOR_SCHEDULES
            && let Ok(Some(code)) = self.native(program)
        {
            return one_by_one(code, program, t, y, p, out);
        }
        let schedule = self.schedule(program);
        LANE_SCRATCH.with_borrow_mut(|scratch| schedule.run(t, y, p, out, scratch));
    }

    /// Code for two lanes at a time, once that is worth it.
    fn two_lanes<const W: usize>(&self, program: &Program) -> Option<&Code> {
        let made = self.two_lanes.get(W.ilog2().checked_sub(1)? as usize).filter(|_| W.is_power_of_two())?;
        if let Some(made) = made.get() {
            return made.as_ref();
        }
        let is_soon = match self.choice {
            Choice::Native(Effort::Much) => true,
            Choice::Native(_) => self.calls.fetch_add(1, Ordering::Relaxed) >= CALLS_BEFORE_LANES,
            _ => false,
        };
        if !is_soon {
            return None;
        }
        let compile = || Code::compile(program, Effort::Much, Lanes::Two { row: W }).ok();
        made.get_or_init(|| if self.suits_two_lanes::<W>(program) { compile() } else { None }).as_ref()
    }

    /// Whether code for two lanes at a time is for this program.
    fn suits_two_lanes<const W: usize>(&self, program: &Program) -> bool {
        !program.reads_time()
            && match self.choice {
                Choice::Native(Effort::Much) => true,
                Choice::Native(_) => is_quick_by_two_lanes::<W>(program),
                _ => false,
            }
    }

    /// What runs the program over lanes; made now if it isn't there yet.
    fn schedule(&self, program: &Program) -> &Schedule {
        self.schedule.get_or_init(|| Schedule::new(program))
    }
}

/// Whether code for two lanes at a time is quicker than a schedule for all. Functions such as exp are not: the schedule has
/// them for all lanes at once.
fn is_quick_by_two_lanes<const W: usize>(program: &Program) -> bool {
    let is_read = |i: &&Instruction| matches!(i, Instruction::State(_) | Instruction::Parameter(_));
    let rows = program.instructions().iter().filter(is_read).count() + program.outputs().len();
    let bytes = rows * W * size_of::<f64>();
    bytes <= MOST_IN_PAIRS && program.instructions().iter().all(|i| Routine::of(i).is_none())
}

/// Calls code for each lane, with its numbers gathered and its results put back.
fn one_by_one<const W: usize>(
    code: &Code,
    program: &Program,
    t: &[f64; W],
    y: &[[f64; W]],
    p: &[[f64; W]],
    out: &mut [[f64; W]],
) {
    let (inputs, outputs) = (program.inputs(), program.outputs().len());
    // Longer slices than needed are let in, shorter ones refused by the code itself.
    let (states, parameters) = (y.len().min(inputs.states), p.len().min(inputs.parameters));
    assert!(out.len() >= outputs, "room for {} outputs, {outputs} needed", out.len());
    let mut gathered = GATHERED.take();
    gathered.resize(states + parameters + outputs, 0.0);
    let (own_y, rest) = gathered.split_at_mut(states);
    let (own_p, own_out) = rest.split_at_mut(parameters);
    for lane in 0..W {
        own_y.iter_mut().zip(y).for_each(|(own, row)| *own = row[lane]);
        own_p.iter_mut().zip(p).for_each(|(own, row)| *own = row[lane]);
        code.run(t[lane], own_y, own_p, own_out);
        own_out.iter().zip(out.iter_mut()).for_each(|(own, row)| row[lane] = *own);
    }
    GATHERED.set(gathered);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Builder, Hoisted, Inputs, Value};
    use crate::network::UnaryOp;

    fn program(of: impl Fn(&mut Builder, Value) -> Value) -> Program {
        let mut code = Builder::new();
        let (y, p) = (code.state(0), code.parameter(0));
        let product = code.mul(y, p);
        let output = of(&mut code, product);
        code.extract(&[output, product], Inputs { states: 1, parameters: 1 }, &Hoisted::default())
    }

    /// The first and the last of so many calls that code for two lanes is made if it pays, and whether it is.
    fn called(program: &Program) -> ([[[f64; 8]; 2]; 2], bool) {
        let unit = Unit::new(Choice::Native(Effort::Little));
        let rows = std::array::from_fn(|l| 0.7 + l as f64);
        let call = || {
            let mut out = [[f64::NAN; 8]; 2];
            unit.run_lanes(program, &[0.0; 8], &[rows], &[rows.map(|x| 1.0 / (x + 0.3))], &mut out);
            out
        };
        let first = call();
        (0..CALLS_BEFORE_LANES).for_each(|_| {
            call();
        });
        ([first, call()], unit.two_lanes[2].get().is_some_and(Option::is_some))
    }

    #[test]
    fn code_for_two_lanes_takes_over_with_the_same_bits() {
        let ([first, last], by_two) = called(&program(|code, x| {
            let square = code.mul(x, x);
            code.sub(square, x)
        }));
        assert!(by_two);
        assert_eq!(first, last);
    }

    #[test]
    fn what_a_schedule_has_for_all_lanes_stays_there() {
        let ([first, last], by_two) = called(&program(|code, x| code.unary(UnaryOp::Exp, x)));
        assert!(!by_two);
        assert_eq!(first, last);
    }
}
