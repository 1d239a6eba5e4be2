//! `exoc completions`, `exoc man`: what shells and manual readers want to know.

use clap::CommandFactory;

use super::terminal::Terminal;
use super::{CliError, Exit};

/// Print the completions of a shell.
#[derive(clap::Args, Debug)]
#[command(after_help = "For bash: exoc completions bash > ~/.local/share/bash-completion/completions/exoc")]
pub(super) struct Completions {
    shell: clap_complete::Shell,
}

/// Print the manual page, for `man -l -`.
#[derive(clap::Args, Debug)]
pub(super) struct Man {}

pub(super) fn completions(arguments: &Completions, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "exoc", &mut text);
    terminal.print_bytes(&text)?;
    Ok(Exit::Fine)
}

pub(super) fn man(_: &Man, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut command = super::Arguments::command();
    command.build();
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for inner in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let page = clap_mangen::Man::new(inner.clone());
        text.extend_from_slice(format!(".SH {}\n", inner.get_name().to_uppercase()).as_bytes());
        page.render_synopsis_section(&mut text)?;
        page.render_description_section(&mut text)?;
        page.render_options_section(&mut text)?;
    }
    terminal.print_bytes(&text)?;
    Ok(Exit::Fine)
}
