//! The parser: what well-formed files give, what broken ones say, and that nothing breaks it.

use exoc::diagnostics::{Diagnostic, render};
use exoc::source::SourceMap;
use exoc::syntax::ast::Ast;
use exoc::syntax::{parse, print};

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
            if path.components().any(|c| c.as_os_str() == "broken" || c.as_os_str() == "tokens") {
                continue;
            }
            let (sources, _, diagnostics) = parse_text(&path.display().to_string(), &text);
            assert!(diagnostics.is_empty(), "{}", render::render(&diagnostics, &sources, false));
        }
    }
}

#[test]
fn trees_and_tokens_print_as_their_goldens_say() {
    golden::check("parse", "ast", "exoc compile --emit ast", |name, text| print::ast(&parse_text(name, text).1));
    golden::check("parse/tokens", "tokens", "exoc compile --emit tokens", |name, text| {
        let (sources, ast, _) = parse_text(name, text);
        print::tokens(&sources, ast.span.file)
    });
}

#[test]
fn every_mistake_is_reported_once_and_the_rest_is_kept() {
    golden::check("parse/broken", "txt", "exoc check", |name, text| {
        let (sources, ast, diagnostics) = parse_text(name, text);
        assert!(!diagnostics.is_empty(), "{name} is not broken");
        format!("{}\n{}", render::render(&diagnostics, &sources, false), print::ast(&ast))
    });
}
