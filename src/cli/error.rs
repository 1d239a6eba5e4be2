//! What can go wrong around a compilation: the command line, files, the terminal.

use super::Exit;
use crate::codegen::CodegenError;
use crate::experiment::ensemble::EnsembleError;
use crate::network::BuildError;
use crate::output::OutputError;
use crate::solve::ToleranceError;

/// Why a command could not do its work. A model's own mistakes are diagnostics, not these.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The reader of our output has gone: not worth a word.
    #[error("the reader of the output has gone")]
    Closed,
    #[error("can't write the output: {0}; free some space, or send it elsewhere")]
    Output(std::io::Error),
    #[error(transparent)]
    File(#[from] OutputError),
    #[error(transparent)]
    Tolerance(#[from] ToleranceError),
    #[error(transparent)]
    Ensemble(Box<EnsembleError>),
    #[error("can't make machine code: {0}")]
    Codegen(#[from] CodegenError),
    #[error("`{found}` is no {kind}{}", hint(.suggestion, .known))]
    Unknown { kind: &'static str, found: String, suggestion: Option<String>, known: Vec<String> },
    /// Checking let something through that it promises not to.
    #[error("exoc could not build the model: {0}; this is a defect of exoc, please report it with the file")]
    Build(#[from] BuildError),
    #[error("{0}")]
    Usage(String),
}

fn hint(suggestion: &Option<String>, known: &[String]) -> String {
    let quoted: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
    match (suggestion, quoted.as_slice()) {
        (Some(near), _) => format!("; did you mean `{near}`?"),
        (None, []) => "; there is none".to_owned(),
        (None, [one]) => format!("; there is only {one}"),
        (None, many) => format!("; there are {}", many.join(", ")),
    }
}

impl CliError {
    /// A name that isn't among those known, with the nearest of them.
    pub fn unknown(kind: &'static str, found: &str, known: Vec<String>) -> CliError {
        let suggestion = crate::diagnostics::nearest(found, known.iter().map(String::as_str)).map(str::to_owned);
        CliError::Unknown { kind, found: found.to_owned(), suggestion, known }
    }

    pub fn exit(&self) -> Exit {
        match self {
            CliError::Closed => Exit::Fine,
            _ => Exit::Usage,
        }
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> CliError {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => CliError::Closed,
            _ => CliError::Output(error),
        }
    }
}
