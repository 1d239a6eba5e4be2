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
    let mut value = place(label.span, sources);
    value["message"] = json!(label.message);
    value["primary"] = json!(label.style == LabelStyle::Primary);
    value
}

fn fix(fix: &Fix, sources: &SourceMap) -> Value {
    let edits = fix.edits.iter().map(|(span, text)| {
        let mut value = place(*span, sources);
        value["replacement"] = json!(text);
        value
    });
    json!({ "message": fix.message, "edits": edits.collect::<Vec<_>>() })
}

fn place(span: Span, sources: &SourceMap) -> Value {
    let file = sources.file(span.file);
    let position = |offset: u32| {
        let at = file.line_column(offset as usize);
        json!({ "offset": offset, "line": at.line, "column": at.column })
    };
    json!({ "file": file.name(), "start": position(span.start), "end": position(span.end) })
}
