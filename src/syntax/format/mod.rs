//! The formatter.
//!
//! Invariants: every token and comment of the text comes out, in order, on the line it was on; formatting twice
//! changes nothing more, and what was meant stays the same (both held by property tests). Lines are the author's:
//! they are indented, their tokens spaced, blank lines limited to one, and like lines that follow each other are
//! aligned at their `=`, `in`, `{`, `at`, evidence and comments. How wide the gap before a column is, the longest
//! line says, up to three spaces. Deliberately absent: breaking and joining lines; options.

mod columns;
mod lines;
mod spacing;

use super::parse::parse;
use crate::diagnostics::Diagnostic;
use crate::source::SourceMap;

/// The text well set, or what is wrong with it: text with syntax errors is left alone.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut sources = SourceMap::new();
    let file = sources.add("", text);
    let (_, diagnostics) = parse(&sources, file);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    let mut lines = lines::lines(text, file);
    columns::align(&mut lines);
    Ok(print(&lines))
}

fn print(lines: &[lines::Line]) -> String {
    let mut out = String::new();
    for line in lines {
        if line.blank_before {
            out.push('\n');
        }
        if !line.pieces.is_empty() {
            out.push_str(&" ".repeat(line.indent));
        }
        for piece in &line.pieces {
            out.push_str(&" ".repeat(piece.space));
            out.push_str(&piece.text);
        }
        out.push('\n');
    }
    out
}
