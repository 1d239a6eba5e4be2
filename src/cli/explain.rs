//! `exoc explain CODE`: a page with the cause of a message, a failing example and a mended one.

use include_dir::{Dir, include_dir};

use super::terminal::Terminal;
use super::{CliError, Exit};
use crate::diagnostics::{Code, registry};

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/diagnostics/explain");

/// Explain a message by its code, with a failing and a mended example.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Such as E0203; without it, all codes are listed.
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let Some(asked) = &arguments.code else {
        let lines: String = registry::ALL.iter().map(|(code, title)| format!("{code}  {title}\n")).collect();
        terminal.print(&lines)?;
        return Ok(Exit::Fine);
    };
    let known = || registry::ALL.iter().map(|(code, _)| code.to_string());
    let code = Code::parse(asked).ok_or_else(|| unknown(asked, known().collect()))?;
    let text = match page(code) {
        Some(page) => shown(page, terminal.colour()),
        None => format!("{code}: {}\n", code.title()),
    };
    terminal.print(&text)?;
    Ok(Exit::Fine)
}

/// The page of a code, as Markdown.
pub fn page(code: Code) -> Option<&'static str> {
    PAGES.get_file(format!("{code}.md"))?.contents_utf8()
}

fn unknown(asked: &str, known: Vec<String>) -> CliError {
    let CliError::Unknown { kind, found, suggestion, .. } = CliError::unknown("code of exoc", asked, known) else {
        return CliError::Usage(format!("`{asked}` is no code of exoc"));
    };
    let known = vec!["those that `exoc explain` lists".to_owned()];
    match suggestion {
        Some(_) => CliError::Unknown { kind, found, suggestion, known },
        None => CliError::Usage(format!("`{found}` is no {kind}; `exoc explain` lists them")),
    }
}

/// Markdown as a terminal shows it: headings and code stand out, the marks around them go.
fn shown(page: &str, colour: bool) -> String {
    if !colour {
        return page.to_owned();
    }
    let mut text = String::new();
    let mut in_code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            text.push_str(&format!("    \x1b[36m{line}\x1b[0m\n"));
        } else if let Some(heading) = line.strip_prefix('#') {
            text.push_str(&format!("\x1b[1m{}\x1b[0m\n", heading.trim_start_matches('#').trim()));
        } else {
            text.push_str(&inline(line));
            text.push('\n');
        }
    }
    text
}

/// A line with its `code` coloured.
fn inline(line: &str) -> String {
    let parts = line.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("\x1b[36m{part}\x1b[0m") } else { part.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_colours() {
        let page = "# E1: no\n\nA `word`.\n\n```exo\ncell A {}\n```\n";
        assert_eq!(shown(page, false), page);
        let shown = shown(page, true);
        assert_eq!(shown, "\x1b[1mE1: no\x1b[0m\n\nA \x1b[36mword\x1b[0m.\n\n    \x1b[36mcell A {}\x1b[0m\n");
    }
}
