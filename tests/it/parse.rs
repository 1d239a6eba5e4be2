//! The parser: what well-formed files give, what broken ones say, and that nothing breaks it.

use exoc::diagnostics::{Diagnostic, render};
use exoc::source::SourceMap;
use exoc::syntax::ast::Ast;
use exoc::syntax::parse;

use crate::golden;

fn parse_text(name: &str, text: &str) -> (SourceMap, Ast, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add(name, text);
    let (ast, diagnostics) = parse(&sources, file);
    (sources, ast, diagnostics)
}

#[test]
fn well_formed_files_parse_without_a_word() {
    for folder in ["tests/golden/parse", "examples", "stdlib"] {
        for path in golden::files(folder, "exo") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let (sources, _, diagnostics) = parse_text(&path.display().to_string(), &text);
            assert!(diagnostics.is_empty(), "{}", render::render(&diagnostics, &sources, false));
        }
    }
}
