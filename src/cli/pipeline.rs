//! From a name on the command line to what a command works on: checked programs, networks, benches.

use std::path::Path;

use super::set::Setting;
use super::terminal::Terminal;
use super::{CliError, Exit, input};
use crate::codegen::Engine;
use crate::diagnostics::Diagnostic;
use crate::experiment::Bench;
use crate::hir::{self, CheckedModel};
use crate::network::{self, Built};
use crate::simulate::{Model, Parameters};
use crate::source::{DiskLoader, FileId, SourceMap};

/// One file, read and checked, with everything it uses.
pub(super) struct Checked {
    pub sources: SourceMap,
    /// `None` if it could not be read.
    pub root: Option<FileId>,
    /// What came through the gate.
    pub program: Option<CheckedModel>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks a file.
pub(super) fn check(name: &str) -> Checked {
    let mut sources = SourceMap::new();
    match input::read(name, &mut sources) {
        Err(unreadable) => Checked { sources, root: None, program: None, diagnostics: vec![unreadable] },
        Ok(root) => {
            let loader = DiskLoader::beside(Path::new(name));
            let (program, diagnostics) = hir::check(&mut sources, &loader, root).gate();
            Checked { sources, root: Some(root), program, diagnostics }
        }
    }
}

impl Checked {
    /// The exit code that a file which did not come through the gate deserves.
    pub fn exit(&self) -> Exit {
        match (&self.root, &self.program) {
            (None, _) => Exit::Usage,
            (_, None) => Exit::Model,
            _ => Exit::Fine,
        }
    }

    /// The checked program, after showing what there is to say of it; or the exit code. `quiet` leaves out what is no
    /// error.
    pub fn admit(self, terminal: &mut Terminal, quiet: bool) -> Result<(SourceMap, CheckedModel), Exit> {
        let exit = self.exit();
        let wanted: Vec<Diagnostic> = self.diagnostics.into_iter().filter(|d| !quiet || d.is_error()).collect();
        terminal.diagnose(&wanted, &self.sources);
        self.program.map(|program| (self.sources, program)).ok_or(exit)
    }
}

/// The networks of a program's models, in order.
pub(super) fn networks(program: &CheckedModel) -> Result<Vec<Built>, CliError> {
    (0..program.models.len()).map(|model| Ok(network::build(program, model)?)).collect()
}

/// The networks with code to run them, and the command line's own values.
pub(super) fn benches(built: Vec<Built>, settings: &[Setting], engine: Engine) -> Result<Vec<Bench>, CliError> {
    super::set::all_known("--set", settings, &built)?;
    let bench = |built: Built| {
        let model = Model::new(built.network, engine);
        let set: Vec<_> = settings.iter().flat_map(|setting| setting.parameters(&model)).collect();
        match model.refusal(&Parameters::new(&model, &set)).filter(|_| !set.is_empty()) {
            Some(refusal) => Err(CliError::Usage(format!("`--set`: {refusal}"))),
            None => Ok(Bench { model, plans: built.experiments, set }),
        }
    };
    built.into_iter().map(bench).collect()
}
