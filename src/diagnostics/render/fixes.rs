//! Ways out, shown as the lines they would leave behind.

use crate::diagnostics::Fix;
use crate::source::{SourceMap, Span};

/// Mended lines shown at most; a longer edit is told by its message alone.
const MOST_LINES: usize = 6;
/// Characters of a mended line shown at most.
const LONGEST: usize = 160;

/// `help: message`, followed by the mended lines where the fix can be carried out.
pub(super) fn help(fix: &Fix, sources: &SourceMap) -> String {
    let mut text = format!("help: {}", fix.message);
    for line in mended(&fix.edits, sources).unwrap_or_default() {
        text.push('\n');
        text.extend(line.chars().take(LONGEST));
        if line.chars().nth(LONGEST).is_some() {
            text.push('…');
        }
    }
    text
}

/// The lines that the edits touch, as they would be, each with its number; `None` if the edits are of several
/// files, overlap, or touch too many lines to show.
fn mended(edits: &[(Span, String)], sources: &SourceMap) -> Option<Vec<String>> {
    let mut edits: Vec<&(Span, String)> = edits.iter().collect();
    edits.sort_by_key(|(span, _)| *span);
    let (first, last) = (edits.first()?.0, edits.last()?.0);
    if first.file != last.file {
        return None;
    }
    let file = sources.file(first.file);
    let number = file.line_column(first.start as usize).line;
    let start = *file.line_starts().get(number.checked_sub(1)?)?;
    let last_line = file.line_column(last.end as usize).line;
    let end = file.line_starts().get(last_line).map_or(file.text().len(), |next| next - 1);
    let mut text = String::new();
    let mut at = start;
    for (span, replacement) in edits {
        text.push_str(file.text().get(at..span.start as usize)?);
        text.push_str(replacement);
        at = span.end as usize;
    }
    text.push_str(file.text().get(at..end)?);
    let lines: Vec<String> =
        text.lines().enumerate().map(|(i, line)| format!("{} + {}", number + i, line.trim_end())).collect();
    (lines.len() <= MOST_LINES).then_some(lines)
}
