//! The sources as the renderer sees them: whole, except that lines too long for a screen are cut around the marks.

use std::ops::Range;

use codespan_reporting::files::{Error, Files, Location};
use rustc_hash::FxHashMap;

use crate::diagnostics::Diagnostic;
use crate::source::{FileId, SourceFile, SourceMap, Span};

/// Characters a line may have before it is cut, and how many are kept of a cut one.
const LONGEST: usize = 160;
/// Characters kept before the first mark of a cut line.
const BEFORE: usize = 40;
const DOTS: &str = "…";

/// The files of one diagnostic; those with a long marked line are replaced by a text in which it is cut.
pub(super) struct Excerpts<'a> {
    sources: &'a SourceMap,
    cut: FxHashMap<FileId, CutFile>,
}

/// A file with some lines cut.
struct CutFile {
    text: String,
    lines: Vec<CutLine>,
}

/// Where a shown line comes from: `kept` of the file is shown from `shown + dots` on.
struct CutLine {
    shown: usize,
    dots: usize,
    kept: Range<usize>,
}

impl<'a> Excerpts<'a> {
    pub(super) fn new(sources: &'a SourceMap, diagnostic: &Diagnostic) -> Excerpts<'a> {
        let mut marks: FxHashMap<FileId, Vec<usize>> = FxHashMap::default();
        for label in &diagnostic.labels {
            let at = marks.entry(label.span.file).or_default();
            at.extend([label.span.start as usize, label.span.end as usize]);
        }
        let cut = marks.into_iter().filter_map(|(id, marks)| Some((id, CutFile::new(sources.file(id), &marks)?)));
        Excerpts { sources, cut: cut.collect() }
    }

    /// The span in the text that is shown, on character boundaries and inside the text.
    pub(super) fn shown(&self, span: Span) -> Range<usize> {
        let file = self.sources.file(span.file);
        let (mut start, mut end) =
            (boundary(file.text(), span.start as usize), boundary(file.text(), span.end as usize));
        if let Some(cut) = self.cut.get(&span.file) {
            (start, end) = (cut.shown(file, start), cut.shown(file, end));
        }
        start..end.max(start)
    }
}

/// The nearest character boundary at or before `offset`.
fn boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|&o| text.is_char_boundary(o)).unwrap_or(0)
}

fn line_of(file: &SourceFile, offset: usize) -> usize {
    file.line_column(offset).line.saturating_sub(1)
}

fn line_range(file: &SourceFile, line: usize) -> Option<Range<usize>> {
    let starts = file.line_starts();
    Some(*starts.get(line)?..starts.get(line + 1).copied().unwrap_or(file.text().len()))
}

impl CutFile {
    /// `None` if no marked line is long.
    fn new(file: &SourceFile, marks: &[usize]) -> Option<CutFile> {
        let mut windows: FxHashMap<usize, Range<usize>> = FxHashMap::default();
        let mut marks = marks.to_vec();
        marks.sort_unstable();
        for mark in marks {
            let line = line_of(file, mark);
            let range = line_range(file, line)?;
            if file.text().get(range.clone())?.chars().count() > LONGEST {
                windows.entry(line).or_insert_with(|| window(file.text(), range, boundary(file.text(), mark)));
            }
        }
        if windows.is_empty() { None } else { Some(CutFile::with(file, &windows)) }
    }

    fn with(file: &SourceFile, windows: &FxHashMap<usize, Range<usize>>) -> CutFile {
        let mut cut = CutFile { text: String::new(), lines: Vec::new() };
        for line in 0..file.line_starts().len() {
            let whole = line_range(file, line).unwrap_or_default();
            let kept = windows.get(&line).cloned().unwrap_or(whole.clone());
            let before = if kept.start > whole.start { DOTS } else { "" };
            cut.lines.push(CutLine { shown: cut.text.len(), dots: before.len(), kept: kept.clone() });
            cut.text.push_str(before);
            cut.text.push_str(file.text().get(kept.clone()).unwrap_or(""));
            if kept.end < whole.end {
                cut.text.push_str(DOTS);
                cut.text.push('\n');
            }
        }
        cut
    }

    fn shown(&self, file: &SourceFile, offset: usize) -> usize {
        let Some(line) = self.lines.get(line_of(file, offset)) else { return 0 };
        line.shown + line.dots + (offset.clamp(line.kept.start, line.kept.end) - line.kept.start)
    }

    fn line(&self, shown: usize) -> usize {
        self.lines.partition_point(|l| l.shown <= shown).saturating_sub(1)
    }

    fn original(&self, shown: usize) -> usize {
        let Some(line) = self.lines.get(self.line(shown)) else { return 0 };
        (line.kept.start + shown.saturating_sub(line.shown + line.dots)).min(line.kept.end)
    }
}

/// What is kept of the long line `range`: some characters before `mark`, and as many after it as fit.
fn window(text: &str, range: Range<usize>, mark: usize) -> Range<usize> {
    let before = text.get(range.start..mark).unwrap_or("");
    let start = before.char_indices().rev().nth(BEFORE - 1).map_or(range.start, |(at, _)| range.start + at);
    let rest = text.get(start..range.end).unwrap_or("");
    let end = rest.char_indices().nth(LONGEST).map_or(range.end, |(at, _)| start + at);
    start..end
}

impl<'a> Files<'a> for Excerpts<'a> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(self.sources.file(id).name())
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(self.cut.get(&id).map_or_else(|| self.sources.file(id).text(), |cut| &cut.text))
    }

    fn line_index(&'a self, id: FileId, offset: usize) -> Result<usize, Error> {
        Ok(self.cut.get(&id).map_or_else(|| line_of(self.sources.file(id), offset), |cut| cut.line(offset)))
    }

    fn location(&'a self, id: FileId, offset: usize) -> Result<Location, Error> {
        let original = self.cut.get(&id).map_or(offset, |cut| cut.original(offset));
        let at = self.sources.file(id).line_column(original);
        Ok(Location { line_number: at.line, column_number: at.column })
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let range = match self.cut.get(&id) {
            None => line_range(self.sources.file(id), line),
            Some(cut) => {
                let end = cut.lines.get(line + 1).map_or(cut.text.len(), |next| next.shown);
                cut.lines.get(line).map(|l| l.shown..end)
            }
        };
        range.ok_or(Error::LineTooLarge { given: line, max: self.sources.file(id).line_starts().len() })
    }
}
