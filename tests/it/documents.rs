//! The examples of the manual, the README and the explanations do what their text says.
//!
//! A block marked `exo` passes the checker; `exo,cell` does after the declarations that the reference begins with;
//! `exo,fragment` parses; in an explanation, `exo fails` raises the code that the page explains.

use std::fs;
use std::path::Path;

use exoc::diagnostics::registry::ALL;
use exoc::diagnostics::render::render;
use exoc::diagnostics::{Code, Diagnostic};
use exoc::hir;
use exoc::source::{DiskLoader, SourceMap};
use exoc::syntax;

use crate::golden;

/// A fenced block: what its fence says, its first line's number, its text.
struct Block {
    marks: String,
    line: usize,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(marks), None) => open = Some(Block { marks: marks.to_owned(), line: at + 2, text: String::new() }),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

fn diagnostics(name: &str, text: &str) -> (Vec<Diagnostic>, String) {
    let mut sources = SourceMap::new();
    let root = sources.add(name, text);
    let checked = hir::check(&mut sources, &DiskLoader::beside(Path::new(name)), root);
    let rendered = render(&checked.diagnostics, &sources, false);
    (checked.diagnostics, rendered)
}

fn parses(name: &str, text: &str) -> (Vec<Diagnostic>, String) {
    let mut sources = SourceMap::new();
    let root = sources.add(name, text);
    let (_, diagnostics) = syntax::parse(&sources, root);
    let rendered = render(&diagnostics, &sources, false);
    (diagnostics, rendered)
}

#[test]
fn the_manuals_examples_compile() {
    let index = fs::read_to_string(golden::root().join("docs/src/reference/index.md")).expect("the reference");
    let prelude = blocks(&index).into_iter().find(|b| b.marks == "exo,prelude").expect("a prelude").text;
    let mut pages = golden::files("docs/src", "md");
    pages.push(golden::root().join("README.md"));
    let mut wrong = String::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap_or_default();
        for block in blocks(&text) {
            let name = format!("{}:{}", page.display(), block.line);
            let (diagnostics, rendered) = match block.marks.as_str() {
                "exo" | "exo,prelude" => diagnostics(&name, &block.text),
                "exo,cell" => diagnostics(&name, &format!("{prelude}\n{}", block.text)),
                "exo,fragment" => parses(&name, &block.text),
                _ => continue,
            };
            if diagnostics.iter().any(Diagnostic::is_error) {
                wrong.push_str(&format!("{name}\n{rendered}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
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
        wrong.extend(blocks(&page).iter().filter_map(|block| misbehaves(code, block)));
    }
    let pages = golden::files("src/diagnostics/explain", "md").len();
    assert!(pages <= ALL.len(), "{} pages are about no code", pages - ALL.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a block of the page on `code`, if anything.
fn misbehaves(code: Code, block: &Block) -> Option<String> {
    // Codes of a run, not of a text: the tests of runs raise them.
    let of_a_run = code.as_str().starts_with("E07");
    let (diagnostics, rendered) = diagnostics("example.exo", &block.text);
    let raised = diagnostics.iter().any(|d| d.code == code);
    let others = diagnostics.iter().any(|d| d.is_error() && d.code != code);
    match block.marks.as_str() {
        "exo fails" if !of_a_run && (!raised || others) => Some(format!("{code}: should raise it alone\n{rendered}")),
        "exo fails" if of_a_run && others => Some(format!("{code}: should pass the checker\n{rendered}")),
        "exo" if raised || others => Some(format!("{code}: should pass\n{rendered}")),
        _ => None,
    }
}
