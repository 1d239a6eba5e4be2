//! From a name on the command line to what a command works on: checked programs, networks, benches.

use std::path::Path;

use super::set::Setting;
use super::terminal::Terminal;
use super::{CliError, Exit, input};
use crate::codegen::Engine;
use crate::diagnostics::Diagnostic;
use crate::experiment::Bench;
use crate::hir::{self, CheckedModel, ExperimentId};
use crate::network::{self, Built};
use crate::simulate::{Model, Parameters};
use crate::source::{DiskLoader, FileId, Loader, SourceMap};

/// One file, or several as one program, read and checked, with everything they use.
pub(super) struct Checked {
    pub sources: SourceMap,
    /// The first of them; `None` if one could not be read.
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

/// What a command may be given that stands for several files.
pub(super) enum Given {
    /// A file, or standard input.
    File(String),
    /// All modules of the library that are, or lie in, one: `std`, `std.release`, `std.release.rab27`.
    Modules(Vec<String>),
    /// All files of a folder.
    Folder(Vec<std::path::PathBuf>),
}

impl Given {
    /// `stdlib` is the library, and so is a path that begins with `std`; a folder stands for all Exo files in it.
    ///
    /// # Errors
    /// There is no such module, or nothing in the folder.
    pub fn of(name: &str) -> Result<Given, CliError> {
        let path = if name == "stdlib" { "std" } else { name };
        if path == "std" || path.starts_with("std.") {
            let all: Vec<String> = DiskLoader::beside(Path::new("")).modules();
            let all = all.into_iter().filter(|module| module.starts_with("std."));
            let inside = format!("{path}.");
            let (found, known): (Vec<String>, Vec<String>) =
                all.partition(|module| module == path || module.starts_with(&inside));
            return match found.is_empty() {
                true => Err(CliError::unknown("module of the library", name, known)),
                false => Ok(Given::Modules(found)),
            };
        }
        if !Path::new(name).is_dir() {
            return Ok(Given::File(name.to_owned()));
        }
        let files = crate::source::files_in(Path::new(name));
        match files.is_empty() {
            true => Err(CliError::Usage(format!("there is no Exo file in the folder `{name}`"))),
            false => Ok(Given::Folder(files)),
        }
    }
}

/// Reads and checks what a command was given, as one program.
pub(super) fn check_given(given: &Given) -> Checked {
    let mut sources = SourceMap::new();
    let mut roots = Vec::new();
    let loader = match given {
        Given::File(name) => return check(name),
        Given::Modules(modules) => {
            let loader = DiskLoader::beside(Path::new(""));
            for module in modules {
                let segments: Vec<&str> = module.split('.').collect();
                // What is listed can be loaded, unless the file goes or changes meanwhile.
                if let Ok((name, text)) = loader.load(&segments, "") {
                    roots.push(sources.add(&name, &text));
                }
            }
            loader
        }
        Given::Folder(files) => {
            let read = files.iter().map(|file| input::read(&file.display().to_string(), &mut sources));
            let read: Result<Vec<FileId>, Diagnostic> = read.collect();
            let loader = DiskLoader::beside(files.first().map_or(Path::new(""), |file| file));
            match read {
                Ok(all) => roots = all,
                Err(diagnostic) => {
                    return Checked { sources, root: None, program: None, diagnostics: vec![diagnostic] };
                }
            }
            loader
        }
    };
    let (program, diagnostics) = hir::check_all(&mut sources, &loader, &roots).gate();
    Checked { root: roots.first().copied(), sources, program, diagnostics }
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

/// The networks of the models that some experiments are about, in order, those of their arms' hypotheses among them.
pub(super) fn networks_of(program: &CheckedModel, experiments: &[ExperimentId]) -> Result<Vec<Built>, CliError> {
    let mut models: Vec<usize> = Vec::new();
    for experiment in experiments.iter().filter_map(|id| program.experiments.get(id.index())) {
        models.push(experiment.model);
        models.extend(experiment.arms.iter().filter_map(|arm| arm.model));
    }
    models.sort_unstable();
    models.dedup();
    models.into_iter().map(|model| Ok(network::build(program, model)?)).collect()
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

/// Says so where machine code was asked for and can't be had.
pub(super) fn tell_of_interpreter(benches: &[Bench], quiet: bool, terminal: &mut Terminal) {
    if let Some(reason) = benches.iter().find_map(|bench| bench.model.code().fallback()).filter(|_| !quiet) {
        terminal.say(&format!(
            "note: no machine code here ({reason}); the interpreter runs the model, to the same numbers\n"
        ));
    }
}
