//! Every code is raised, explained and shown in a golden file, and the examples of its page do what the page says.
//!
//! In a page, a block marked `exo fails` raises the code that the page explains, and no other error; one marked `exo`
//! raises neither it nor an error. `exo file NAME` is the module NAME for the blocks after it. Blocks of pages on notes
//! and on simulation are run, up to so many steps that no page takes long.

use std::collections::BTreeMap;
use std::fs;

use exoc::codegen::Engine;
use exoc::diagnostics::registry::ALL;
use exoc::diagnostics::render::render;
use exoc::diagnostics::{Code, Diagnostic, Severity};
use exoc::experiment::{self, Bench, Options};
use exoc::hir::{self, CheckedModel};
use exoc::network;
use exoc::simulate::{Model, Settings};
use exoc::source::{DiskLoader, LoadError, Loader, MAX_BYTES, SourceMap};

use crate::documents::{Block, blocks};
use crate::golden;

/// What no run of a text can bring about: a matrix that is singular at every step, tolerances that only the command line
/// can give (`tests/it/cli.rs`), what only sensitivities or exact runs meet (`tests/it/sensitivity`, `tests/it/exact`),
/// and a defect.
const OF_NO_TEXT: [&str; 6] = ["E0709", "E0712", "E0715", "E0716", "E0717", "E0799"];

/// Modules by name, others from the library.
#[derive(Default)]
struct Modules(BTreeMap<String, String>);

impl Loader for Modules {
    fn load(&self, segments: &[&str], from: &str) -> Result<(String, String), LoadError> {
        match self.0.get(&segments.join(".")) {
            Some(text) => Ok((format!("{}.exo", segments.join("/")), text.clone())),
            None => DiskLoader::default().load(segments, from),
        }
    }

    fn modules(&self) -> Vec<String> {
        DiskLoader::default().modules()
    }
}

/// The folder of the goldens as the current one; `enormous` is a file too large for a repository.
struct Folder;

impl Loader for Folder {
    fn load(&self, segments: &[&str], from: &str) -> Result<(String, String), LoadError> {
        const HERE: &str = "tests/golden/check/";
        if segments.last() == Some(&"enormous") {
            return Err(LoadError::TooLarge { size: 5_000_000_000, limit: MAX_BYTES as u64 });
        }
        let from = if from.starts_with("std/") { from.to_owned() } else { format!("{HERE}{from}") };
        let (name, text) = DiskLoader::default().load(segments, &from)?;
        Ok((name.strip_prefix(HERE).map(str::to_owned).unwrap_or(name), text))
    }

    fn modules(&self) -> Vec<String> {
        DiskLoader::default().modules()
    }
}

/// What there is to say of a text, rendered as well; of what comes through the gate also what building and running it
/// say, if wanted.
fn told(name: &str, text: &str, loader: &dyn Loader, run: bool) -> (Vec<Diagnostic>, String) {
    let mut sources = SourceMap::new();
    let root = sources.add(name, text);
    let (program, mut diagnostics) = hir::check(&mut sources, loader, root).gate();
    if let Some(program) = program.filter(|_| run) {
        diagnostics.extend(told_by_a_run(&program));
    }
    let rendered = render(&diagnostics, &sources, false);
    (diagnostics, rendered)
}

fn told_by_a_run(program: &CheckedModel) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    let mut benches = Vec::new();
    for model in 0..program.models.len() {
        let built = network::build(program, model).expect("what passed the gate can be built");
        notes.extend(built.notes);
        let model = Model::new(built.network, Engine::Interpreter);
        benches.push(Bench { model, plans: built.experiments, set: Vec::new() });
    }
    let mut settings = Settings::default();
    settings.max_steps = 5_000;
    let outcome = experiment::run(program, &benches, &Options { settings, ..Options::default() }, &mut |_| {});
    notes.extend(outcome.failures);
    notes
}

/// Whether a code is raised only after checking.
fn is_of_a_run(code: Code) -> bool {
    code.as_str().starts_with("E07") || code.severity() == Severity::Note
}

#[test]
fn mistakes_are_reported_as_written_down() {
    golden::check("check", "txt", "exoc check", |name, text| told(name, text, &Folder, false).1);
    golden::check("run/told", "txt", "exoc run", |name, text| told(name, text, &Folder, true).1);
}

#[test]
fn goldens_named_after_a_code_raise_it_alone() {
    let files =
        golden::files("tests/golden/check", "exo").into_iter().chain(golden::files("tests/golden/run/told", "exo"));
    let mut wrong = Vec::new();
    for path in files {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let Some(code) = Code::parse(stem.split('_').next().unwrap_or_default()) else { continue };
        let text = fs::read_to_string(&path).expect("an input");
        wrong.extend(unlike(code, true, &told(&format!("{stem}.exo"), &text, &Folder, is_of_a_run(code))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_page_that_does_what_it_says() {
    let folder = golden::root().join("src/diagnostics/explain");
    let mut wrong = Vec::new();
    for &(code, title) in ALL {
        let Ok(page) = fs::read_to_string(folder.join(format!("{code}.md"))) else {
            wrong.push(format!("{code} has no page"));
            continue;
        };
        if page.lines().next() != Some(&format!("# {code}: {title}")) {
            wrong.push(format!("{code}'s page does not begin with `# {code}: {title}`"));
        }
        wrong.extend(misbehaving(code, &blocks(&page)));
    }
    let pages = golden::files("src/diagnostics/explain", "md").len();
    assert!(pages <= ALL.len(), "{} pages are about no code", pages - ALL.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the blocks of the page on `code`. Those that no text can raise show how to write it at most.
fn misbehaving(code: Code, blocks: &[Block]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut modules = Modules::default();
    let mut seen = [false; 2];
    for block in blocks {
        if let Some(name) = block.marks.strip_prefix("exo file ") {
            modules.0.insert(name.to_owned(), block.text.clone());
        }
        let Some(fails) = ["exo", "exo fails"].iter().position(|marks| block.marks == *marks) else { continue };
        seen[fails] = true;
        let found = told("example.exo", &block.text, &modules, is_of_a_run(code));
        wrong.extend(unlike(code, fails == 1, &found));
    }
    let excused = OF_NO_TEXT.contains(&code.as_str()) || ["E0001", "E0002", "E0003"].contains(&code.as_str());
    let complete = if excused { !seen[1] } else { seen == [true; 2] };
    if !complete {
        wrong.push(format!("{code}'s page lacks a failing or a mended example"));
    }
    wrong
}

/// A complaint if a text that should raise `code`, and no other error, doesn't, or one that shouldn't raises any.
fn unlike(code: Code, fails: bool, (found, rendered): &(Vec<Diagnostic>, String)) -> Option<String> {
    let raised = found.iter().any(|d| d.code == code);
    let others = found.iter().any(|d| d.is_error() && d.code != code);
    let should = if fails { "raise it alone" } else { "pass" };
    (raised != fails || others).then(|| format!("{code}: should {should}\n{rendered}"))
}

#[test]
fn every_code_is_raised_and_has_a_golden() {
    let shown: String =
        golden::files("tests/golden", "txt").iter().filter_map(|p| fs::read_to_string(p).ok()).collect();
    let mut sources = golden::files("src", "rs");
    sources.retain(|path| !path.ends_with("registry.rs"));
    let source: String = sources.iter().filter_map(|p| fs::read_to_string(p).ok()).collect();
    let lines: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut wrong = Vec::new();
    for (code, _) in ALL {
        if !lines.iter().any(|line| line.contains(code.as_str())) {
            wrong.push(format!("{code} is raised nowhere"));
        }
        if !shown.contains(&format!("[{code}]")) && !OF_NO_TEXT.contains(&code.as_str()) {
            wrong.push(format!("{code} is in no golden file"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
