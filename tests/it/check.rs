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

#[test]
fn explained_mistakes_raise_their_code_and_mended_ones_pass() {
    let mut wrong = Vec::new();
    for page in golden::files("src/diagnostics/explain", "md") {
        let code = page.file_stem().and_then(|s| s.to_str()).unwrap_or("").to_owned();
        let text = fs::read_to_string(&page).unwrap_or_default();
        for (failing, block) in blocks(&text) {
            let (sources, checked) = check("page.exo", &block);
            // What words and sentences are wrong decides what can be said of their meaning, so a page about those
            // answers only for them; warnings are left to pages about warnings.
            let about = |c: &str| match code.get(..2) {
                Some("E0") if code.starts_with("E01") => c.starts_with("E01"),
                Some("E0") => c.starts_with('E'),
                _ => true,
            };
            let found: Vec<String> = checked.diagnostics.iter().map(|d| d.code.to_string()).collect();
            let right = match failing {
                true => found.contains(&code) && found.iter().all(|c| *c == code || !about(c)),
                false => !found.iter().any(|c| c.starts_with('E') || *c == code),
            };
            if !right {
                wrong.push(format!("{code} {failing} {found:?}\n{}", render(&checked.diagnostics, &sources, false)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The blocks of Exo in a page, with whether each is meant to fail.
fn blocks(page: &str) -> Vec<(bool, String)> {
    let mut all = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in page.lines() {
        match (&mut open, line) {
            (None, "```exo") => open = Some((false, String::new())),
            (None, "```exo fails") => open = Some((true, String::new())),
            (Some(_), "```") => all.extend(open.take()),
            (Some((_, text)), line) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    all
}
