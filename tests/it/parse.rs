//! The parser: what well-formed files give, what broken ones say, and that nothing breaks it.

use exoc::diagnostics::{Diagnostic, registry, render};
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

/// The blocks of a page of `exoc explain`: whether each is to fail, and its text.
fn blocks(page: &str) -> Vec<(bool, String)> {
    let mut blocks = Vec::new();
    let mut parts = page.split("```exo");
    parts.next();
    for part in parts {
        let (head, body) = part.split_once('\n').unwrap_or(("", ""));
        let body = body.split("```").next().unwrap_or("");
        blocks.push((head.trim() == "fails", body.to_owned()));
    }
    blocks
}

#[test]
fn explained_mistakes_are_the_ones_that_are_reported() {
    let pages = golden::files("src/diagnostics/explain", "md");
    let name = |path: &std::path::Path| path.file_stem().and_then(|s| s.to_str()).unwrap_or("").to_owned();
    for (code, _) in registry::ALL.iter().filter(|(code, _)| code.as_str().starts_with("E01")) {
        let path = pages.iter().find(|path| name(path) == code.as_str()).unwrap_or_else(|| panic!("no page {code}"));
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(page.starts_with(&format!("# {code}: {}\n", code.title())), "{code}: title of the page");
        for (fails, text) in blocks(&page) {
            let (sources, _, diagnostics) = parse_text(code.as_str(), &text);
            let as_said = match fails {
                true => !diagnostics.is_empty() && diagnostics.iter().all(|d| d.code == *code),
                false => diagnostics.is_empty(),
            };
            assert!(as_said, "{code}\n{}", render::render(&diagnostics, &sources, false));
        }
    }
}
