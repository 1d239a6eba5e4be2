//! Diagnostics as text for a terminal, with the lines of source they speak of.

use codespan_reporting::diagnostic::{Diagnostic as Rendered, Label as RenderedLabel, Severity as RenderedSeverity};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Config};

use super::{Diagnostic, LabelStyle, Severity};
use crate::source::{FileId, SourceMap};

/// The diagnostics as text, in order of place.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let files = MapFiles(sources);
    let config = Config::default();
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|d| d.span());
    let mut text = String::new();
    for diagnostic in ordered {
        let rendered = convert(diagnostic);
        let piece = term::emit_into_string(&config, &files, &rendered);
        text.push_str(&piece.unwrap_or_default());
    }
    text
}

fn convert(diagnostic: &Diagnostic) -> Rendered<FileId> {
    let severity = match diagnostic.severity() {
        Severity::Error => RenderedSeverity::Error,
        Severity::Warning => RenderedSeverity::Warning,
        Severity::Note => RenderedSeverity::Note,
    };
    let labels = diagnostic.labels.iter().map(|label| {
        let make = match label.style {
            LabelStyle::Primary => RenderedLabel::primary,
            LabelStyle::Secondary => RenderedLabel::secondary,
        };
        make(label.span.file, label.span.range()).with_message(&label.message)
    });
    let helps = diagnostic.fixes.iter().map(|fix| format!("help: {}", fix.message));
    Rendered::new(severity)
        .with_code(diagnostic.code.as_str())
        .with_message(&diagnostic.message)
        .with_labels(labels.collect())
        .with_notes(diagnostic.notes.iter().cloned().chain(helps).collect())
}

struct MapFiles<'a>(&'a SourceMap);

impl<'a> Files<'a> for MapFiles<'a> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(self.0.file(id).name())
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(self.0.file(id).text())
    }

    fn line_index(&'a self, id: FileId, offset: usize) -> Result<usize, Error> {
        Ok(self.0.file(id).line_column(offset).line - 1)
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<std::ops::Range<usize>, Error> {
        let file = self.0.file(id);
        let starts = file.line_starts();
        let max = starts.len().saturating_sub(1);
        let start = *starts.get(line).ok_or(Error::LineTooLarge { given: line, max })?;
        Ok(start..starts.get(line + 1).copied().unwrap_or(file.text().len()))
    }
}
