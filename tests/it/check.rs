//! Checking says nothing of what is right; what it says of mistakes is held in `explanations.rs`.

use std::fs;
use std::path::Path;

use exoc::diagnostics::render::render;
use exoc::hir;
use exoc::source::{DiskLoader, SourceMap};

use crate::golden;

#[test]
fn the_library_and_the_examples_are_right() {
    let files = golden::files("stdlib", "exo").into_iter().chain(golden::files("examples", "exo"));
    for path in files {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let name = path.display().to_string();
        let mut sources = SourceMap::new();
        let root = sources.add(&name, &text);
        let checked = hir::check(&mut sources, &DiskLoader::beside(Path::new(&name)), root);
        let errors: Vec<_> = checked.diagnostics.into_iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{}", render(&errors, &sources, false));
    }
}
