//! Diagnostics as JSON, for tools.

use serde_json::{Value, json};

use super::{in_order, word};
use crate::diagnostics::{Diagnostic, Fix, Label, LabelStyle};
use crate::source::{SourceMap, Span};

/// An array with one object for each diagnostic: `code`, `severity`, `title`, `message`, `labels`, `notes`,
/// `fixes`. Places have `file`, `start` and `end`, each with byte `offset`, `line` and `column` (from 1, in
/// characters). The text ends with a newline.
pub fn to_json(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let all: Vec<Value> = in_order(diagnostics).into_iter().map(|d| object(d, sources)).collect();
    format!("{:#}\n", Value::Array(all))
}

fn object(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    json!({
        "code": diagnostic.code.as_str(),
        "severity": word(diagnostic.severity()),
        "title": diagnostic.code.title(),
        "message": diagnostic.message,
        "labels": diagnostic.labels.iter().map(|l| label(l, sources)).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "fixes": diagnostic.fixes.iter().map(|f| fix(f, sources)).collect::<Vec<_>>(),
    })
}

fn label(label: &Label, sources: &SourceMap) -> Value {
    let primary = label.style == LabelStyle::Primary;
    place(label.span, sources, [("message", json!(label.message)), ("primary", json!(primary))])
}

fn fix(fix: &Fix, sources: &SourceMap) -> Value {
    let edits = fix.edits.iter().map(|(span, text)| place(*span, sources, [("replacement", json!(text))]));
    json!({ "message": fix.message, "edits": edits.collect::<Vec<_>>() })
}

/// A place with what there is to say of it.
fn place<const N: usize>(span: Span, sources: &SourceMap, more: [(&str, Value); N]) -> Value {
    let file = sources.file(span.file);
    let position = |offset: u32| {
        let at = file.line_column(offset as usize);
        json!({ "offset": offset, "line": at.line, "column": at.column })
    };
    let ends = [("file", json!(file.name())), ("start", position(span.start)), ("end", position(span.end))];
    ends.into_iter().chain(more).map(|(key, value)| (key.to_owned(), value)).collect()
}
