//! Checking: what is said of each text under `tests/golden/check`, and that nothing is said of what is right.

use std::fs;
use std::path::Path;

use exoc::diagnostics::render::render;
use exoc::hir::{self, Checked};
use exoc::source::{DiskLoader, SourceMap};

use crate::golden;

fn check(name: &str, text: &str) -> (SourceMap, Checked) {
    let mut sources = SourceMap::new();
    let root = sources.add(name, text);
    let checked = hir::check(&mut sources, &DiskLoader::beside(Path::new(name)), root);
    (sources, checked)
}

fn rendered(name: &str, text: &str) -> String {
    let (sources, checked) = check(name, text);
    render(&checked.diagnostics, &sources, false)
}

#[test]
fn mistakes_are_reported_as_written_down() {
    golden::check("check", "txt", "exoc check", rendered);
}

#[test]
fn the_library_and_the_examples_are_right() {
    let files = golden::files("stdlib", "exo").into_iter().chain(golden::files("examples", "exo"));
    for path in files {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let (sources, checked) = check(&path.display().to_string(), &text);
        let errors: Vec<_> = checked.diagnostics.into_iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{}", render(&errors, &sources, false));
    }
}
