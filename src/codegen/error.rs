//! Why machine code could not be made. Never a model's fault: the interpreter serves instead.

use crate::kernel::Malformed;
use cranelift_codegen::CodegenError as CompileError;
use cranelift_codegen::settings::SetError;
use cranelift_module::ModuleError;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum CodegenError {
    #[error("this machine is not one the code generator knows: {0}")]
    Host(&'static str),
    #[error("the code generator refuses a setting: {0}")]
    Setting(#[from] SetError),
    #[error("the code generator refuses this machine: {0}")]
    Target(#[from] CompileError),
    #[error("{0}")]
    Module(Box<ModuleError>),
    #[error("a program is malformed: {0}")]
    Program(#[from] Malformed),
    #[error("a plan refers to what isn't there")]
    Plan,
    #[error("{bytes} bytes of the stack would be needed for intermediate values")]
    Frame { bytes: usize },
    #[error("the object could not be put together: {0}")]
    Object(String),
}

impl From<ModuleError> for CodegenError {
    fn from(error: ModuleError) -> Self {
        CodegenError::Module(Box::new(error))
    }
}
