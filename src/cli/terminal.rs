//! Where text goes, how wide it may be, and whether it may have colour.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;

use super::CliError;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::render;
use crate::source::SourceMap;

/// `--color`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ColourChoice {
    Auto,
    Always,
    Never,
}

/// More messages than this at once help nobody; `check --json` gives all.
const MOST_SHOWN: usize = 100;

/// Standard output and standard error.
pub(super) struct Terminal {
    choice: ColourChoice,
}

impl Terminal {
    pub fn new(choice: ColourChoice) -> Terminal {
        Terminal { choice }
    }

    /// Whether standard output may have colour.
    pub fn colour(&self) -> bool {
        self.may_colour(std::io::stdout().is_terminal())
    }

    fn may_colour(&self, is_terminal: bool) -> bool {
        // https://no-color.org: set and not empty.
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        match self.choice {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto => is_terminal && !unwanted && std::env::var_os("TERM").is_none_or(|t| t != "dumb"),
        }
    }

    /// Columns of standard output: COLUMNS, or the terminal's own, or 80.
    pub fn width(&self) -> usize {
        self.width_or(80)
    }

    /// Columns for a wide table: where nothing says how many there are, 160.
    pub fn table_width(&self) -> usize {
        self.width_or(160)
    }

    fn width_or(&self, usual: usize) -> usize {
        let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let seen = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
        told.or_else(seen).unwrap_or(usual).clamp(20, 400)
    }

    /// Whether a progress bar would be seen, and not get in the way.
    pub fn shows_progress(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Writes to standard output.
    pub fn print(&mut self, text: &str) -> Result<(), CliError> {
        Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
    }

    /// Writes bytes to standard output.
    pub fn print_bytes(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        Ok(std::io::stdout().lock().write_all(bytes)?)
    }

    pub fn flush(&mut self) -> Result<(), CliError> {
        Ok(std::io::stdout().lock().flush()?)
    }

    /// Writes to standard error; that it can't be written is nothing anyone could be told.
    pub fn say(&mut self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Shows what the compiler has to say.
    pub fn diagnose(&mut self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        let colour = self.may_colour(std::io::stderr().is_terminal());
        let mut order: Vec<&Diagnostic> = diagnostics.iter().collect();
        order.sort_by_key(|d| (!d.is_error(), d.span()));
        let shown: Vec<Diagnostic> = order.iter().take(MOST_SHOWN).map(|d| (*d).clone()).collect();
        self.say(&render(&shown, sources, colour));
        if diagnostics.len() > MOST_SHOWN {
            self.say(&format!("and {} more, not shown: mend these first\n\n", diagnostics.len() - MOST_SHOWN));
        }
    }

    /// Says why the command stopped.
    pub fn complain(&mut self, error: &CliError) {
        if !matches!(error, CliError::Closed) {
            let colour = self.may_colour(std::io::stderr().is_terminal());
            let word = if colour { "\x1b[1;31merror\x1b[0m" } else { "error" };
            self.say(&format!("{word}: {error}\n"));
        }
    }
}
