//! From programs to functions in a module: one, or several parts and a driver that calls them in order.
//!
//! Invariants: every function that leaves has the shape [`abi::Entry`]; values that cross parts live in the driver's
//! frame, so functions need no memory of their own and may run in several threads at once.

use super::abi::{self, Routine};
use super::chunk::{PART_LENGTH, Plan};
use super::emit::{Body, Lanes, Routines};
use super::error::CodegenError;
use super::pairs::Pairs;
use crate::kernel::Program;
use cranelift_codegen::Context;
use cranelift_codegen::ir::{self, InstBuilder, StackSlotData, StackSlotKind, UserFuncName};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{FuncId, Linkage, Module};
use std::fmt::Write;

/// More than this much stack for crossing values is refused, in bytes.
const LARGEST_FRAME: usize = 512 * 1024;

/// What a listing shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// Cranelift's intermediate representation, before its optimiser.
    Clif,
    /// The machine's instructions.
    Assembly,
}

/// Emits programs into a module.
pub struct Emitter<'m, M: Module> {
    pub module: &'m mut M,
    context: Context,
    builder_context: FunctionBuilderContext,
    routines: Routines,
    listing: Option<(Listing, String)>,
    /// Instructions in one part of a long program.
    pub part_length: usize,
    pub lanes: Lanes,
    /// Whether operations that are alike are done two at a time: see [`super::pairs`].
    pub in_pairs: bool,
}

impl<'m, M: Module> Emitter<'m, M> {
    pub fn new(module: &'m mut M) -> Self {
        let context = module.make_context();
        Emitter {
            module,
            context,
            builder_context: FunctionBuilderContext::new(),
            routines: Routines::default(),
            listing: None,
            part_length: PART_LENGTH,
            lanes: Lanes::One,
            in_pairs: false,
        }
    }

    /// From now on keeps a listing of what is defined.
    pub fn keep_listing(&mut self, listing: Listing) {
        self.listing = Some((listing, String::new()));
    }

    pub fn into_listing(self) -> String {
        self.listing.map(|(_, text)| text).unwrap_or_default()
    }

    /// Compiles a program as a function of the shape [`abi::Entry`]. It reads and writes only what the program's
    /// inputs and outputs say, for it is verified first.
    pub fn define(&mut self, name: &str, program: &Program, linkage: Linkage) -> Result<FuncId, CodegenError> {
        // What callers check before they run code rests on this.
        program.verify()?;
        let plan = Plan::new(program, self.part_length);
        let bytes = plan.room * self.lanes.count() * size_of::<f64>();
        if bytes > LARGEST_FRAME {
            return Err(CodegenError::Frame { bytes });
        }
        self.import_routines(program)?;
        let config = self.module.target_config();
        let signature = abi::entry_signature(config.default_call_conv, config.pointer_type());
        let id = self.module.declare_function(name, linkage, &signature)?;
        if plan.parts.len() == 1 {
            self.part(name, id, signature, program, &plan, 0)?;
            return Ok(id);
        }
        let mut parts = Vec::with_capacity(plan.parts.len());
        for index in 0..plan.parts.len() {
            let part_name = format!("{name}_part{index}");
            let signature = abi::part_signature(config.default_call_conv, config.pointer_type());
            let part = self.module.declare_function(&part_name, Linkage::Local, &signature)?;
            self.part(&part_name, part, signature, program, &plan, index)?;
            parts.push(part);
        }
        self.driver(name, id, signature, &plan, &parts)?;
        Ok(id)
    }

    /// Declares the routines that a program calls, where they aren't yet.
    fn import_routines(&mut self, program: &Program) -> Result<(), CodegenError> {
        let convention = self.module.target_config().default_call_conv;
        for routine in program.instructions().iter().filter_map(Routine::of) {
            let known = &mut self.routines[routine as usize];
            if known.is_none() {
                let signature = routine.signature(convention);
                *known = Some(self.module.declare_function(routine.c_name(), Linkage::Import, &signature)?);
            }
        }
        Ok(())
    }

    /// One part of a program.
    fn part(
        &mut self,
        name: &str,
        id: FuncId,
        signature: ir::Signature,
        program: &Program,
        plan: &Plan,
        index: usize,
    ) -> Result<(), CodegenError> {
        self.begin(id, signature);
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder_context);
        let block = builder.create_block();
        builder.append_block_params_for_function_params(block);
        builder.switch_to_block(block);
        let arguments = builder.block_params(block).to_vec();
        let (range, outputs) = (plan.parts[index].clone(), &plan.outputs[index]);
        let mut body = Body::new(&mut builder, self.module, &self.routines, program, plan, self.lanes, &arguments);
        if self.in_pairs && self.lanes == Lanes::One {
            body.pair(Pairs::of(program, range.clone()));
        }
        body.emit(range, outputs);
        builder.ins().return_(&[]);
        builder.seal_all_blocks();
        builder.finalize(self.module.target_config());
        self.finish(name, id)
    }

    /// The function that calls the parts in order.
    fn driver(
        &mut self,
        name: &str,
        id: FuncId,
        signature: ir::Signature,
        plan: &Plan,
        parts: &[FuncId],
    ) -> Result<(), CodegenError> {
        let pointer = self.module.target_config().pointer_type();
        self.begin(id, signature);
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder_context);
        let block = builder.create_block();
        builder.append_block_params_for_function_params(block);
        builder.switch_to_block(block);
        let mut arguments = builder.block_params(block).to_vec();
        let bytes = (plan.room.max(1) * self.lanes.count() * size_of::<f64>()) as u32;
        let slot = builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 4));
        arguments.push(builder.ins().stack_addr(pointer, slot, 0));
        for part in parts {
            let callee = self.module.declare_func_in_func(*part, builder.func);
            // In memory made piece by piece, parts may lie too far apart for a short call; a linker sees to that itself.
            builder.func.dfg.ext_funcs[callee].colocated &= self.module.isa().flags().is_pic();
            builder.ins().call(callee, &arguments);
        }
        builder.ins().return_(&[]);
        builder.seal_all_blocks();
        builder.finalize(self.module.target_config());
        self.finish(name, id)
    }

    fn begin(&mut self, id: FuncId, signature: ir::Signature) {
        self.context.set_disasm(matches!(self.listing, Some((Listing::Assembly, _))));
        self.context.func.signature = signature;
        self.context.func.name = UserFuncName::user(0, id.as_u32());
    }

    fn finish(&mut self, name: &str, id: FuncId) -> Result<(), CodegenError> {
        if let Some((Listing::Clif, text)) = &mut self.listing {
            let _ = writeln!(text, "; {name}\n{}", self.context.func.display());
        }
        self.module.define_function(id, &mut self.context)?;
        if let Some((Listing::Assembly, text)) = &mut self.listing {
            let assembly = self.context.compiled_code().and_then(|code| code.vcode.as_deref()).unwrap_or_default();
            let _ = writeln!(text, "; {name}\n{assembly}");
        }
        self.module.clear_context(&mut self.context);
        Ok(())
    }
}
