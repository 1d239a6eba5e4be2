//! Machine code in this process: made, called, freed.
//!
//! Invariants: a [`Code`] owns its memory and frees it when dropped, so no pointer into it leaves; every symbol that
//! code refers to is registered beforehand; a failure on the way frees what was made.

use super::abi::{self, Entry, Routine};
use super::chunk::{LONG_PART, PART_LENGTH};
use super::emit::Lanes;
use super::error::CodegenError;
use super::function::{Emitter, Listing};
use crate::kernel::{Inputs, Model, Part, Program};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{JITBuilder, JITMemoryProvider, JITModule, SystemMemoryProvider};
use cranelift_module::{Linkage, default_libcall_names};
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::OnceLock;

/// How much time to spend on making code quick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// With Cranelift's optimiser, in long parts: for code that is kept, or runs so often that compiling may take its time.
    Much,
    /// Without it, in two thirds of the time: programs are simplified before they come here, so that code for rates,
    /// derivatives and factorisations is no slower.
    Little,
    /// And registers given out in one pass: for programs so long that compiling them would take seconds.
    Least,
}

impl Effort {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Effort::Much => "optimised",
            Effort::Little => "registers given out with care",
            Effort::Least => "registers given out in one pass, since it is long",
        }
    }
}

/// One compiled program.
pub struct Code {
    entry: Entry,
    inputs: Inputs,
    outputs: usize,
    lanes: Lanes,
    // Held only to be freed after the entry.
    _memory: Memory,
}

/// A module that is freed, where dropping it would leak.
pub(super) struct Memory(ManuallyDrop<JITModule>);

impl Memory {
    /// An empty module for this process.
    pub fn new(effort: Effort) -> Result<Memory, CodegenError> {
        Ok(Memory(ManuallyDrop::new(module(effort, Box::new(SystemMemoryProvider::new()))?)))
    }

    pub fn module(&mut self) -> &mut JITModule {
        &mut self.0
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the module is taken once, here. No function of it runs (running borrows the `Code` that owns
        // this), and pointers to them are private to that `Code`.
        unsafe { ManuallyDrop::take(&mut self.0).free_memory() }
    }
}

// SAFETY: after construction the module is only ever dropped; its interior mutability is never touched through a
// shared reference. Compiled functions keep no state.
unsafe impl Sync for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").finish_non_exhaustive()
    }
}

/// Operations from which on it pays to do those that are alike two at a time. Packing makes those wait that wait for each other;
/// fewer leave the processor idle anyway. Measured on whole steps: 3 species (600) a twentieth slower, 8 (1,900) and 12
/// (2,700) that much quicker.
const LEAST_IN_PAIRS: usize = 800;

impl Code {
    /// Compiles a program for this machine.
    pub fn compile(program: &Program, effort: Effort, lanes: Lanes) -> Result<Code, CodegenError> {
        let part_length = if effort == Effort::Much { LONG_PART } else { PART_LENGTH };
        Code::compile_into(program, effort, Box::new(SystemMemoryProvider::new()), part_length, lanes)
    }

    fn compile_into(
        program: &Program,
        effort: Effort,
        provider: Box<dyn JITMemoryProvider + Send>,
        part_length: usize,
        lanes: Lanes,
    ) -> Result<Code, CodegenError> {
        let mut memory = Memory(ManuallyDrop::new(module(effort, provider)?));
        let mut emitter = Emitter::new(&mut *memory.0);
        (emitter.part_length, emitter.lanes) = (part_length, lanes);
        emitter.in_pairs = effort == Effort::Much && program.operations() >= LEAST_IN_PAIRS;
        let id = emitter.define("program", program, Linkage::Local)?;
        memory.0.finalize_definitions()?;
        let address = memory.0.get_finalized_function(id);
        // SAFETY: the function was compiled with `abi::entry_signature` in the C convention.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(address) };
        Ok(Code { entry, inputs: program.inputs(), outputs: program.outputs().len(), lanes, _memory: memory })
    }

    /// Runs the program.
    ///
    /// # Panics
    /// If a slice is too short.
    #[inline]
    pub fn run(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        let Code { entry, inputs, outputs, lanes, .. } = *self;
        assert!(lanes == Lanes::One, "code for two lanes");
        assert!(y.len() >= inputs.states, "{} states given, {} needed", y.len(), inputs.states);
        assert!(p.len() >= inputs.parameters, "{} parameters given, {} needed", p.len(), inputs.parameters);
        assert!(out.len() >= outputs, "room for {} outputs, {outputs} needed", out.len());
        // SAFETY: the program passed verification, so it reads and writes within the lengths just checked; `out` is
        // borrowed mutably and overlaps nothing; the code lives as long as `self`.
        unsafe { entry(t, y.as_ptr(), p.as_ptr(), out.as_mut_ptr()) }
    }

    /// Runs the program at t = 0 in all lanes, two at a time.
    ///
    /// # Panics
    /// If the code wasn't made for rows of `W` numbers, or a slice is too short.
    pub fn run_two_lanes<const W: usize>(&self, y: &[[f64; W]], p: &[[f64; W]], out: &mut [[f64; W]]) {
        let Code { entry, inputs, outputs, lanes, .. } = *self;
        assert!(lanes == Lanes::Two { row: W } && W.is_multiple_of(2), "code for {lanes:?}");
        assert!(y.len() >= inputs.states, "{} states given, {} needed", y.len(), inputs.states);
        assert!(p.len() >= inputs.parameters, "{} parameters given, {} needed", p.len(), inputs.parameters);
        assert!(out.len() >= outputs, "room for {} outputs, {outputs} needed", out.len());
        let (y, p, out) = (y.as_ptr().cast::<f64>(), p.as_ptr().cast::<f64>(), out.as_mut_ptr().cast::<f64>());
        for lane in (0..W).step_by(2) {
            // SAFETY: as in `run`; of each row it reads and writes the two numbers from `lane` on, and the row has `W`.
            unsafe { entry(0.0, y.add(lane), p.add(lane), out.add(lane)) }
        }
    }
}

/// Compiled programs of one output each, in one piece of memory.
pub(super) struct Codes {
    entries: Vec<(Entry, Inputs)>,
    // Held only to be freed after the entries.
    _memory: Memory,
}

// SAFETY: as of `Code`.
unsafe impl Sync for Codes {}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codes").finish_non_exhaustive()
    }
}

impl Codes {
    /// Compiles programs for this machine.
    pub fn compile(programs: &[Program], effort: Effort) -> Result<Codes, CodegenError> {
        let mut memory = Memory::new(effort)?;
        let mut emitter = Emitter::new(&mut *memory.0);
        let mut ids = Vec::with_capacity(programs.len());
        for (index, program) in programs.iter().enumerate() {
            if program.outputs().len() != 1 {
                return Err(CodegenError::Plan);
            }
            ids.push(emitter.define(&format!("law{index}"), program, Linkage::Local)?);
        }
        memory.0.finalize_definitions()?;
        let entry = |(id, program): (_, &Program)| {
            let address = memory.0.get_finalized_function(id);
            // SAFETY: the function was compiled with `abi::entry_signature` in the C convention.
            (unsafe { std::mem::transmute::<*const u8, Entry>(address) }, program.inputs())
        };
        Ok(Codes { entries: ids.into_iter().zip(programs).map(entry).collect(), _memory: memory })
    }

    /// What one of the programs gives.
    ///
    /// # Panics
    /// If there is no such program, or a slice is too short.
    #[inline]
    pub fn run(&self, index: usize, t: f64, y: &[f64], p: &[f64]) -> f64 {
        let (entry, inputs) = self.entries[index];
        assert!(y.len() >= inputs.states && p.len() >= inputs.parameters, "too few states or parameters");
        let mut out = 0.0;
        // SAFETY: the program passed verification, so it reads within the lengths just checked, and writes one number;
        // the code lives as long as `self`.
        unsafe { entry(t, y.as_ptr(), p.as_ptr(), &mut out) };
        out
    }
}

/// What native code for a model looks like: every function that would be called, in [`Part::ALL`]'s order.
pub fn list(model: &Model, listing: Listing) -> Result<String, CodegenError> {
    let mut memory = Memory(ManuallyDrop::new(module(Effort::Little, Box::new(SystemMemoryProvider::new()))?));
    let mut emitter = Emitter::new(&mut *memory.0);
    emitter.keep_listing(listing);
    for part in Part::ALL.into_iter().filter(|&part| !model.program(part).outputs().is_empty()) {
        emitter.define(part.name(), model.program(part), Linkage::Local)?;
    }
    Ok(emitter.into_listing())
}

/// A module for this process that keeps its memory with `provider`.
fn module(effort: Effort, provider: Box<dyn JITMemoryProvider + Send>) -> Result<JITModule, CodegenError> {
    let mut builder = JITBuilder::with_isa(host(effort)?, default_libcall_names());
    builder.memory_provider(provider);
    builder.symbols(Routine::ALL.map(|r| (r.c_name(), r.address())));
    builder.symbols(abi::library_calls());
    Ok(JITModule::new(builder))
}

/// This machine, with everything it can do; found out once.
fn host(effort: Effort) -> Result<OwnedTargetIsa, CodegenError> {
    static KNOWN: [OnceLock<OwnedTargetIsa>; 3] = [const { OnceLock::new() }; 3];
    let known = &KNOWN[effort as usize];
    if let Some(isa) = known.get() {
        return Ok(isa.clone());
    }
    let isa = cranelift_native::builder().map_err(CodegenError::Host)?.finish(flags("false", effort)?)?;
    Ok(known.get_or_init(|| isa).clone())
}

/// The settings that all code is made with; position-independent or not.
pub(super) fn flags(position_independent: &str, effort: Effort) -> Result<settings::Flags, CodegenError> {
    let mut flags = settings::builder();
    flags.set("opt_level", if effort == Effort::Much { "speed" } else { "none" })?;
    flags.set("is_pic", position_independent)?;
    flags.set("use_colocated_libcalls", "false")?;
    flags.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" })?;
    // A long program's frame may be larger than the guard page.
    flags.set("enable_probestack", "true")?;
    flags.set("probestack_strategy", "inline")?;
    if effort == Effort::Least {
        flags.set("regalloc_algorithm", "single_pass")?;
    }
    Ok(settings::Flags::new(flags))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::unit::Unit;
    use crate::codegen::{CompiledModel, Engine};
    use crate::kernel::Scratch;
    use crate::network::{DisplayUnit, Expr, Network, Observable, Species, SpeciesId, SpeciesKind, UnaryOp};
    use cranelift_jit::{BranchProtection, JITMemoryKind};
    use cranelift_module::{ModuleError, ModuleResult};
    use std::io;

    /// Memory that can't be made executable.
    struct Locked(SystemMemoryProvider);

    impl JITMemoryProvider for Locked {
        fn allocate(&mut self, size: usize, align: u64, kind: JITMemoryKind) -> io::Result<*mut u8> {
            self.0.allocate(size, align, kind)
        }

        unsafe fn free_memory(&mut self) {
            // SAFETY: passed on from the caller.
            unsafe { self.0.free_memory() }
        }

        fn finalize(&mut self, _: BranchProtection) -> ModuleResult<()> {
            Err(ModuleError::Allocation { err: io::Error::from(io::ErrorKind::PermissionDenied) })
        }
    }

    fn unit() -> DisplayUnit {
        DisplayUnit { symbol: String::new(), factor: 1.0 }
    }

    fn species(index: u32) -> Species {
        Species {
            name: format!("x{index}"),
            kind: SpeciesKind::Molecules,
            place: None,
            cell: None,
            initial: Expr::Constant(0.0),
            fixed: false,
            unit: unit(),
            span: Default::default(),
        }
    }

    /// Sums of roots of products: values that live long and cross parts.
    fn model() -> Model {
        let states: Vec<Expr> = (0..4).map(|i| Expr::Species(SpeciesId(i))).collect();
        let mut network = Network { species: (0..4).map(species).collect(), ..Network::default() };
        let product = |i: usize, j: usize| Expr::unary(UnaryOp::Sqrt, states[i].clone() * states[j].clone());
        let pairs = (0..4).flat_map(|i| (0..4).map(move |j| (i, j)));
        let values = pairs.map(|(i, j)| product(i, j) + product(3 - i, 3 - j) / product(0, 3));
        network.observables = values
            .map(|value| Observable { name: String::new(), value, unit: unit(), span: Default::default() })
            .collect();
        Model::new(&network)
    }

    #[test]
    fn any_length_of_parts_gives_the_same_bits() {
        let model = model();
        let y = [2.0, 3.0, 5.0, 7.0];
        let program = model.program(Part::Observables);
        let mut expected = vec![0.0; program.outputs().len()];
        program.interpret(0.0, &y, &[], &mut expected, &mut Scratch::default());
        for length in [1, 2, 3, 7, 1000] {
            for effort in [Effort::Much, Effort::Little] {
                let compile = |lanes| {
                    let provider = Box::new(SystemMemoryProvider::new());
                    Code::compile_into(program, effort, provider, length, lanes).unwrap()
                };
                let mut found = vec![0.0; expected.len()];
                compile(Lanes::One).run(0.0, &y, &[], &mut found);
                assert_eq!(found, expected, "parts of {length}");
                let mut found = vec![[f64::NAN; 4]; expected.len()];
                compile(Lanes::Two { row: 4 }).run_two_lanes(&y.map(|y| [y; 4]), &[], &mut found);
                assert!(found.iter().zip(&expected).all(|(row, one)| *row == [*one; 4]), "parts of {length}");
            }
        }
    }

    #[test]
    fn the_interpreter_serves_where_memory_cannot_be_executed() {
        let locked = || Box::new(Locked(SystemMemoryProvider::new()));
        let attempt =
            |program: &Program| Code::compile_into(program, Effort::Little, locked(), PART_LENGTH, Lanes::One);
        let compiled = CompiledModel::from_attempts(model(), |program| Unit::from_attempt(attempt(program)));
        assert_eq!(compiled.engine(), Engine::Interpreter);
        assert!(compiled.fallback().is_some_and(|reason| reason.contains("permission denied")));
        let mut out = vec![0.0; 16];
        compiled.observables(0.0, &[1.0, 1.0, 1.0, 1.0], &[], &mut out);
        assert_eq!(out, [2.0; 16]);
    }
}
