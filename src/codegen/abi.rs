//! How compiled functions are called, and what they may call.
//!
//! Invariants: one shape for every function that leaves this module, [`Entry`]; `y`, `p` and `out` don't overlap;
//! nothing is kept between calls. The parts of a long function take one more pointer, to values that cross parts.

use crate::kernel::{Instruction, math};
use crate::network::{BinaryOp, UnaryOp};
use cranelift_codegen::ir::{AbiParam, Signature, types};
use cranelift_codegen::isa::CallConv;

/// `t` in seconds, states, parameters, results.
pub type Entry = unsafe extern "C" fn(t: f64, y: *const f64, p: *const f64, out: *mut f64);

/// The signature of [`Entry`].
pub fn entry_signature(convention: CallConv, pointer: types::Type) -> Signature {
    let mut signature = Signature::new(convention);
    signature.params.push(AbiParam::new(types::F64));
    signature.params.extend([AbiParam::new(pointer); 3]);
    signature
}

/// The signature of one part of a long function: as [`Entry`], and where values that cross parts are kept.
pub fn part_signature(convention: CallConv, pointer: types::Type) -> Signature {
    let mut signature = entry_signature(convention, pointer);
    signature.params.push(AbiParam::new(pointer));
    signature
}

/// Functions of [`math`] that are called rather than emitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Routine {
    Exp,
    Ln,
    Log10,
    Pow,
    Sin,
    Cos,
    Tanh,
}

impl Routine {
    pub const ALL: [Routine; 7] =
        [Routine::Exp, Routine::Ln, Routine::Log10, Routine::Pow, Routine::Sin, Routine::Cos, Routine::Tanh];

    /// The routine that an instruction calls, if any.
    pub fn of(instruction: &Instruction) -> Option<Routine> {
        match *instruction {
            Instruction::Unary(op, _) => Routine::of_unary(op),
            Instruction::Binary(op, ..) => Routine::of_binary(op),
            _ => None,
        }
    }

    /// The routine behind an operator of one argument, if it needs one.
    pub fn of_unary(op: UnaryOp) -> Option<Routine> {
        match op {
            UnaryOp::Exp => Some(Routine::Exp),
            UnaryOp::Ln => Some(Routine::Ln),
            UnaryOp::Log10 => Some(Routine::Log10),
            UnaryOp::Sin => Some(Routine::Sin),
            UnaryOp::Cos => Some(Routine::Cos),
            UnaryOp::Tanh => Some(Routine::Tanh),
            _ => None,
        }
    }

    /// The routine behind an operator of two arguments, if it needs one.
    pub fn of_binary(op: BinaryOp) -> Option<Routine> {
        (op == BinaryOp::Pow).then_some(Routine::Pow)
    }

    /// Its name in C's mathematical library.
    pub fn c_name(self) -> &'static str {
        match self {
            Routine::Exp => "exp",
            Routine::Ln => "log",
            Routine::Log10 => "log10",
            Routine::Pow => "pow",
            Routine::Sin => "sin",
            Routine::Cos => "cos",
            Routine::Tanh => "tanh",
        }
    }

    pub fn arguments(self) -> usize {
        if self == Routine::Pow { 2 } else { 1 }
    }

    pub fn signature(self, convention: CallConv) -> Signature {
        let mut signature = Signature::new(convention);
        signature.params.extend(vec![AbiParam::new(types::F64); self.arguments()]);
        signature.returns.push(AbiParam::new(types::F64));
        signature
    }

    /// Where code made at run time finds it.
    pub fn address(self) -> *const u8 {
        match self {
            Routine::Exp => exp as *const u8,
            Routine::Ln => ln as *const u8,
            Routine::Log10 => log10 as *const u8,
            Routine::Pow => pow as *const u8,
            Routine::Sin => sin as *const u8,
            Routine::Cos => cos as *const u8,
            Routine::Tanh => tanh as *const u8,
        }
    }
}

macro_rules! exported {
    ($($name:ident($argument:ident))*) => {
        $(extern "C" fn $name($argument: f64) -> f64 {
            math::$name($argument)
        })*
    };
}

exported! { exp(x) ln(x) log10(x) sin(x) cos(x) tanh(x) }

extern "C" fn pow(x: f64, y: f64) -> f64 {
    math::pow_of_one(x, y)
}

extern "C" fn floor(x: f64) -> f64 {
    x.floor()
}

extern "C" fn ceil(x: f64) -> f64 {
    x.ceil()
}

/// What the code generator itself calls for on machines without the instruction.
pub fn library_calls() -> [(&'static str, *const u8); 2] {
    [("floor", floor as *const u8), ("ceil", ceil as *const u8)]
}
