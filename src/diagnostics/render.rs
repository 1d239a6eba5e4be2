//! Diagnostics as text for a terminal, as one line each, and as JSON.
//!
//! Invariants: rendering can't fail and can't panic, whatever spans it is given; the order is that of the places
//! in the sources; lines longer than a screen are cut around what is marked, and positions are still those of the
//! file. The only user of the rendering crate. Deliberately absent: where the text goes, and whether it may have
//! colour; both are the caller's to know.

mod excerpt;
mod fixes;
mod json;

use codespan_reporting::diagnostic::{Diagnostic as Rendered, Label as RenderedLabel, Severity as RenderedSeverity};
use codespan_reporting::term::termcolor::{Ansi, NoColor};
use codespan_reporting::term::{self, Config};

use super::{Diagnostic, LabelStyle, Severity};
use crate::source::{FileId, SourceMap};
use excerpt::Excerpts;

pub use json::to_json;

/// The diagnostics as text with the lines of source they speak of, in order of place.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, colour: bool) -> String {
    let config = Config::default();
    let mut text = String::new();
    for diagnostic in in_order(diagnostics) {
        let excerpts = Excerpts::new(sources, diagnostic);
        let rendered = convert(diagnostic, sources, &excerpts);
        // Writing into memory can't fail; a span that the renderer refuses leaves at least the message.
        let emitted = if colour {
            let mut buffer = Ansi::new(Vec::new());
            term::emit_to_write_style(&mut buffer, &config, &excerpts, &rendered).map(|()| buffer.into_inner())
        } else {
            let mut buffer = NoColor::new(Vec::new());
            term::emit_to_write_style(&mut buffer, &config, &excerpts, &rendered).map(|()| buffer.into_inner())
        };
        match emitted {
            Ok(bytes) => text.push_str(&String::from_utf8_lossy(&bytes)),
            Err(_) => text.push_str(&short_line(diagnostic, sources)),
        }
    }
    text
}

/// One line for each diagnostic: `file:line:column: error[E0203]: message`.
pub fn render_short(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    in_order(diagnostics).into_iter().map(|d| short_line(d, sources)).collect()
}

fn in_order(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|d| d.span());
    ordered
}

fn short_line(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let place = diagnostic.span().map_or_else(String::new, |span| {
        let file = sources.file(span.file);
        let at = file.line_column(span.start as usize);
        format!("{}:{}:{}: ", file.name(), at.line, at.column)
    });
    format!("{place}{}[{}]: {}\n", word(diagnostic.severity()), diagnostic.code, diagnostic.message)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn convert(diagnostic: &Diagnostic, sources: &SourceMap, excerpts: &Excerpts) -> Rendered<FileId> {
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
        make(label.span.file, excerpts.shown(label.span)).with_message(&label.message)
    });
    let helps = diagnostic.fixes.iter().map(|fix| fixes::help(fix, sources));
    Rendered::new(severity)
        .with_code(diagnostic.code.as_str())
        .with_message(&diagnostic.message)
        .with_labels(labels.collect())
        .with_notes(diagnostic.notes.iter().cloned().chain(helps).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::registry::E0101;
    use crate::source::Span;

    fn one(text: &str, start: usize, end: usize) -> (SourceMap, Diagnostic) {
        let mut sources = SourceMap::new();
        let file = sources.add("model.exo", text);
        (sources, Diagnostic::new(E0101, "no such word").at(Span::new(file, start, end), "here"))
    }

    #[test]
    fn a_caret_stands_under_its_word_after_tabs_and_wide_characters() {
        let text = "\tα 細胞 bad\n";
        let start = text.find("bad").unwrap();
        let (sources, diagnostic) = one(text, start, start + 3);
        let shown = render(&[diagnostic], &sources, false);
        let lines: Vec<&str> = shown.lines().collect();
        let width =
            |s: &str| s.chars().map(|c| if ('\u{4e00}'..'\u{9fff}').contains(&c) { 2 } else { 1 }).sum::<usize>();
        let line = lines.iter().find(|l| l.contains("bad")).unwrap();
        let carets = lines.iter().find(|l| l.contains("^^^")).unwrap();
        assert_eq!(width(line.split("bad").next().unwrap()), width(carets.split("^^^").next().unwrap()), "{shown}");
    }

    #[test]
    fn a_huge_line_is_cut_around_the_mark_and_keeps_its_column() {
        let text = format!("{}bad{}\nnext\n", "x ".repeat(5000), " y".repeat(5000));
        let (sources, diagnostic) = one(&text, 10_000, 10_003);
        let shown = render(&[diagnostic], &sources, false);
        assert!(shown.lines().all(|l| l.chars().count() < 200), "{shown}");
        assert!(shown.contains("model.exo:1:10001") && shown.contains("^^^ here"), "{shown}");
    }

    #[test]
    fn spans_beyond_the_text_or_inside_a_character_do_no_harm() {
        for (start, end) in [(0, 99), (50, 99), (1, 2), (7, 7)] {
            let (sources, diagnostic) = one("αβγ\n", start, end);
            assert!(render(&[diagnostic], &sources, true).contains("no such word"));
        }
    }

    #[test]
    fn a_fix_shows_the_mended_line() {
        let (sources, diagnostic) = one("one\n  Rab27a.gpt at 1\n", 13, 16);
        let span = diagnostic.span().unwrap();
        let shown = render(&[diagnostic.fix("did you mean `gtp`?", vec![(span, "gtp".into())])], &sources, false);
        assert!(shown.contains("help: did you mean `gtp`?\n") && shown.contains("2 +   Rab27a.gtp at 1"), "{shown}");
    }

    #[test]
    fn one_line_and_json_say_the_same_place() {
        let (sources, diagnostic) = one("one\ntwo bad\n", 8, 11);
        let all = [diagnostic];
        assert_eq!(render_short(&all, &sources), "model.exo:2:5: error[E0101]: no such word\n");
        let json: serde_json::Value = serde_json::from_str(&to_json(&all, &sources)).unwrap();
        assert_eq!(json[0]["labels"][0]["start"], serde_json::json!({"offset": 8, "line": 2, "column": 5}));
    }
}
