//! What a command is given to read: files by name, or standard input as `-`.

use std::io::Read;
use std::path::Path;

use super::Exit;
use super::terminal::Terminal;
use crate::diagnostics::registry::{E0001, E0002, E0003};
use crate::diagnostics::{Diagnostic, nearest};
use crate::source::{FileId, LoadError, SIZE_LIMIT, SourceMap, decode, read_text};

/// Adds a file to the sources; or shows why it can't be had, and gives the exit code for that.
pub(super) fn admit(name: &str, sources: &mut SourceMap, terminal: &mut Terminal) -> Result<FileId, Exit> {
    read(name, sources).map_err(|unreadable| {
        terminal.diagnose(&[unreadable], sources);
        Exit::Usage
    })
}

/// Adds a file to the sources, or says why it can't be had.
pub(super) fn read(name: &str, sources: &mut SourceMap) -> Result<FileId, Diagnostic> {
    let (shown, text) = if name == "-" { ("<stdin>", from_stdin()) } else { (name, read_text(Path::new(name))) };
    match text {
        Ok(text) => Ok(sources.add(shown, &text)),
        Err(error) => Err(unreadable(shown, &error)),
    }
}

fn from_stdin() -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    // Standard input need not end: no more is taken than a file may have.
    let mut limited = std::io::stdin().lock().take(SIZE_LIMIT + 1);
    limited.read_to_end(&mut bytes).map_err(|error| LoadError::Unreadable(error.to_string()))?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(LoadError::TooLarge { size: bytes.len() as u64, limit: SIZE_LIMIT });
    }
    decode(bytes)
}

fn unreadable(name: &str, error: &LoadError) -> Diagnostic {
    match error {
        LoadError::NotUtf8(at) => {
            Diagnostic::new(E0002, format!("`{name}` is not UTF-8 text: byte {at} is the first that isn't"))
                .help("save it as UTF-8 in your editor; if it is no text at all, name the Exo file that was meant")
        }
        LoadError::NotFound => {
            let missing = Diagnostic::new(E0001, format!("there is no file `{name}`"));
            match neighbour(Path::new(name)) {
                Some(near) => missing.help(format!("did you mean `{near}`?")),
                None => missing.help("check the name and the folder; `exoc new NAME` writes a file to start from"),
            }
        }
        LoadError::Unreadable(reason) => Diagnostic::new(E0001, format!("can't read `{name}`: {reason}"))
            .help("name a file that you may read, or `-` to read standard input"),
        LoadError::TooLarge { size, limit } => {
            Diagnostic::new(E0003, format!("`{name}` has {size} bytes, more than the {limit} that exoc reads"))
                .help("name the Exo file; results and data are not read as models")
        }
    }
}

/// A file beside `path` with a similar name.
fn neighbour(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".exo"))
        .collect();
    let name = path.file_name()?.to_str()?;
    let with_extension = format!("{name}.exo");
    let near = names.iter().find(|n| **n == with_extension).map(String::as_str);
    let near = near.or_else(|| nearest(name, names.iter().map(String::as_str)))?;
    Some(path.with_file_name(near).display().to_string())
}
