//! Machine code for others: a native object file, and the C header that explains it.
//!
//! Invariants: all symbols begin with the prefix; functions have the shape of [`abi::Entry`](super::abi::Entry), keep
//! no state and may run in several threads at once; `p` is exactly the network's parameters. The code runs on every
//! machine of this machine's family, not only on this one. Elementary functions are those of the C library that the
//! caller links, so results may differ from exoc's own in the last bits.
//! Deliberately absent: an integrator.

use super::error::CodegenError;
use super::function::Emitter;
use super::header;
use super::jit;
use crate::kernel::{Hoisting, Lowering, Model, Part, Program};
use crate::network::{DisplayUnit, Network, Target};
use cranelift_module::{DataDescription, DataId, Linkage, Module, default_libcall_names};
use cranelift_object::{ObjectBuilder, ObjectModule};

/// An object file and its header, as they would be written to disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectFile {
    pub object: Vec<u8>,
    pub header: String,
}

/// Makes an object file of a network. Every symbol begins with `prefix`, which is made into a C identifier
/// where it isn't one.
pub fn object(network: &Network, prefix: &str) -> Result<ObjectFile, CodegenError> {
    let prefix = header::identifier(prefix);
    let model = Model::with_hoisting(network, Hoisting::Off);
    let target = cranelift_native::builder_with_options(false).map_err(CodegenError::Host)?;
    let isa = target.finish(jit::flags("true", jit::Effort::Much)?)?;
    let mut module = ObjectModule::new(ObjectBuilder::new(isa, prefix.as_bytes(), default_libcall_names())?);
    functions(&mut module, &prefix, network, &model)?;
    Data { module: &mut module, prefix: &prefix }.all(network, &model)?;
    let object = module.finish().emit().map_err(|error| CodegenError::Object(error.to_string()))?;
    Ok(ObjectFile { object, header: header::text(network, &model, &prefix) })
}

fn functions(module: &mut ObjectModule, prefix: &str, network: &Network, model: &Model) -> Result<(), CodegenError> {
    let mut emitter = Emitter::new(module);
    let mut export =
        |name: &str, program: &Program| emitter.define(&format!("{prefix}_{name}"), program, Linkage::Export).map(drop);
    for part in Part::ALL.into_iter().filter(|&part| part != Part::Triggers) {
        export(part.name(), model.program(part))?;
    }
    export("initial", &model.initial)?;
    if !network.events.is_empty() {
        export(Part::Triggers.name(), model.program(Part::Triggers))?;
        export("delays", &model.delays)?;
        export("assignments", &assignments(network))?;
    }
    Ok(())
}

/// What all events assign, one after the other.
fn assignments(network: &Network) -> Program {
    let mut lowering = Lowering::new(network);
    let values = lowering.expressions(network.events.iter().flat_map(|e| e.assignments.iter().map(|a| &a.1)));
    lowering.program(&values)
}

/// Writes tables into an object.
struct Data<'m> {
    module: &'m mut ObjectModule,
    prefix: &'m str,
}

impl Data<'_> {
    fn all(&mut self, network: &Network, model: &Model) -> Result<(), CodegenError> {
        let sparsity = model.sparsity();
        self.integers("jacobian_column_starts", sparsity.column_starts.iter().map(|&i| i as i64))?;
        self.integers("jacobian_rows", sparsity.rows.iter().map(|&i| i as i64))?;
        self.numbers("parameters", model.parameter_values(&[]).into_iter())?;
        let counts = header::counts(network, model);
        for (name, count) in counts {
            self.integers(name, std::iter::once(count as i64))?;
        }
        self.table("state", network.species.iter().map(|s| (s.name.as_str(), &s.unit)))?;
        self.table("parameter", network.parameters.iter().map(|p| (p.name.as_str(), &p.unit)))?;
        self.table("observable", network.observables.iter().map(|o| (o.name.as_str(), &o.unit)))?;
        if network.events.is_empty() {
            return Ok(());
        }
        let assigned = || {
            let numbered = network.events.iter().enumerate();
            numbered.flat_map(|(event, e)| e.assignments.iter().map(move |a| (event, a.0)))
        };
        self.integers("assignment_events", assigned().map(|(event, _)| event as i64))?;
        self.integers("assignment_targets", assigned().map(|(_, target)| target_code(target)))
    }

    /// Names, units and scales of one kind of quantity.
    fn table<'t>(
        &mut self,
        kind: &str,
        rows: impl Iterator<Item = (&'t str, &'t DisplayUnit)> + Clone,
    ) -> Result<(), CodegenError> {
        self.strings(&format!("{kind}_names"), rows.clone().map(|(name, _)| name))?;
        self.strings(&format!("{kind}_units"), rows.clone().map(|(_, unit)| unit.symbol.as_str()))?;
        self.numbers(&format!("{kind}_factors"), rows.map(|(_, unit)| unit.factor))
    }

    fn numbers(&mut self, name: &str, numbers: impl Iterator<Item = f64>) -> Result<(), CodegenError> {
        self.bytes(name, numbers.flat_map(f64::to_ne_bytes).collect())
    }

    fn integers(&mut self, name: &str, integers: impl Iterator<Item = i64>) -> Result<(), CodegenError> {
        self.bytes(name, integers.flat_map(i64::to_ne_bytes).collect())
    }

    fn bytes(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), CodegenError> {
        let id = self.declare(name, Linkage::Export)?;
        let mut description = DataDescription::new();
        description.set_align(size_of::<f64>() as u64);
        description.define(padded(bytes));
        Ok(self.module.define_data(id, &description)?)
    }

    /// An array of pointers to strings that end in a zero byte.
    fn strings<'t>(&mut self, name: &str, strings: impl Iterator<Item = &'t str>) -> Result<(), CodegenError> {
        let mut text = Vec::new();
        let mut starts = Vec::new();
        for string in strings {
            starts.push(text.len() as i64);
            text.extend(string.bytes().filter(|&b| b != 0).chain([0]));
        }
        let text_id = self.declare(&format!("{name}_text"), Linkage::Local)?;
        let mut description = DataDescription::new();
        description.define(padded(text));
        self.module.define_data(text_id, &description)?;

        let id = self.declare(name, Linkage::Export)?;
        let pointer = usize::from(self.module.target_config().pointer_bytes());
        let mut pointers = DataDescription::new();
        pointers.set_align(pointer as u64);
        // Not zero-initialised: that would end up where relocations are not applied.
        pointers.define(vec![0; pointer * starts.len().max(1)].into());
        let target = self.module.declare_data_in_data(text_id, &mut pointers);
        for (index, start) in starts.into_iter().enumerate() {
            pointers.write_data_addr((index * pointer) as u32, target, start);
        }
        Ok(self.module.define_data(id, &pointers)?)
    }

    fn declare(&mut self, name: &str, linkage: Linkage) -> Result<DataId, CodegenError> {
        Ok(self.module.declare_data(&format!("{}_{name}", self.prefix), linkage, false, false)?)
    }
}

/// An empty array has an address all the same.
fn padded(mut bytes: Vec<u8>) -> Box<[u8]> {
    if bytes.is_empty() {
        bytes.resize(size_of::<f64>(), 0);
    }
    bytes.into()
}

/// A state's index; a parameter's index counted down from −1.
pub(super) fn target_code(target: Target) -> i64 {
    match target {
        Target::Species(id) => i64::from(id.0),
        Target::Parameter(id) => -1 - i64::from(id.0),
    }
}
