//! Tokens and trees as text, for `compile --emit tokens` and `--emit ast`.
//!
//! Invariants: what is printed holds no positions of the tree's nodes, so two texts that differ only in white space
//! and comments print alike; every part of a tree is in its print. Deliberately absent: reading it back.

mod experiment;
mod expr;
mod item;
mod sexp;

use std::fmt::Write;

use sexp::{Sexp, list, text_atom};

use super::ast::Ast;
use super::lexer;
use crate::source::{FileId, SourceMap};

/// One line to a token: line and column, kind, spelling; spaces and line ends are left out.
pub fn tokens(sources: &SourceMap, file: FileId) -> String {
    let source = sources.file(file);
    let mut out = String::new();
    for token in lexer::tokens(source.text()) {
        if matches!(token.kind, super::token::Kind::Space | super::token::Kind::Newline) {
            continue;
        }
        let at = source.line_column(token.start as usize);
        let place = format!("{}:{}", at.line, at.column);
        let kind = format!("{:?}", token.kind);
        // Writing to a string can't fail.
        let _ = writeln!(out, "{place:<8} {kind:<13} {}", token.text(source.text()));
    }
    out
}

/// The tree in parentheses, each node beginning with its keyword.
pub fn ast(ast: &Ast) -> String {
    let docs = ast.docs.as_ref().map(|docs| list("docs", vec![text_atom(docs)]));
    let items = ast.items.iter().map(item::item);
    let tree = Sexp::List(std::iter::once(Sexp::atom("file")).chain(docs).chain(items).collect());
    tree.pretty()
}
