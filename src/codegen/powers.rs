//! Powers that were computed before, by base and exponent: in an event loop a few amounts come again and again.
//!
//! Invariants: both are compared bit by bit, so what is found has the bits of what would be computed. A table has
//! [`LENGTH`] numbers that are not numbers at first: base, exponent, power and one unused for each entry.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, MemFlagsData, types};
use cranelift_frontend::FunctionBuilder;

/// Entries, a power of two.
const ENTRIES: usize = 256;
/// Numbers of a table.
pub const LENGTH: usize = 4 * ENTRIES;

/// An entry in which a power wasn't found.
pub struct Entry {
    address: ir::Value,
    base: ir::Value,
    exponent: ir::Value,
    /// Where it goes on with the power.
    done: ir::Block,
}

/// Goes on where the power must be computed; [`keep`] brings both ways together.
pub fn look_up(builder: &mut FunctionBuilder<'_>, table: ir::Value, base: ir::Value, exponent: ir::Value) -> Entry {
    let flags = MemFlagsData::trusted();
    let base = builder.ins().bitcast(types::I64, MemFlagsData::new(), base);
    let exponent = builder.ins().bitcast(types::I64, MemFlagsData::new(), exponent);
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
    let factor = builder.ins().iconst(types::I64, 0x9E37_79B9_7F4A_7C15u64 as i64);
    let mixed = builder.ins().imul(base, factor);
    let shift = builder.ins().iconst(types::I64, 64 - i64::from(ENTRIES.ilog2()));
    let index = builder.ins().ushr(mixed, shift);
    let offset = builder.ins().ishl_imm_u(index, 5);
    let address = builder.ins().iadd(table, offset);
    let known = builder.ins().load(types::I64, flags, address, 0);
    let same_base = builder.ins().icmp(IntCC::Equal, known, base);
    let known = builder.ins().load(types::I64, flags, address, 8);
    let same_exponent = builder.ins().icmp(IntCC::Equal, known, exponent);
    let power = builder.ins().load(types::F64, flags, address, 16);
    let found = builder.ins().band(same_base, same_exponent);
    let (done, missing) = (builder.create_block(), builder.create_block());
    builder.append_block_param(done, types::F64);
    builder.ins().brif(found, done, &[BlockArg::from(power)], missing, &[]);
    builder.switch_to_block(missing);
    Entry { address, base, exponent, done }
}

/// Keeps what was computed, and goes on with what there is now.
pub fn keep(builder: &mut FunctionBuilder<'_>, entry: Entry, power: ir::Value) -> ir::Value {
    let flags = MemFlagsData::trusted();
    builder.ins().store(flags, entry.base, entry.address, 0);
    builder.ins().store(flags, entry.exponent, entry.address, 8);
    builder.ins().store(flags, power, entry.address, 16);
    builder.ins().jump(entry.done, &[BlockArg::from(power)]);
    builder.switch_to_block(entry.done);
    builder.block_params(entry.done)[0]
}
