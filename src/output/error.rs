//! Why a file could not be made, with what to do about it.

use std::path::{Path, PathBuf};

/// What went wrong on the way to a file.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The extension names no format that this kind of output can be written in.
    #[error("can't tell the format of `{}`: end its name in {supported}", path.display())]
    UnknownFormat { path: PathBuf, supported: String },
    /// The folder that should hold the file is not there.
    #[error("the folder `{}` doesn't exist: create it, or choose another place", folder.display())]
    NoFolder { folder: PathBuf },
    /// The path is that of a folder.
    #[error("`{}` is a folder: give the name of a file in it", path.display())]
    IsFolder { path: PathBuf },
    /// The system doesn't let us write there.
    #[error("not allowed to write `{}`: change the permissions of its folder, or choose another place", path.display())]
    Forbidden { path: PathBuf },
    /// No room left.
    #[error("no room left to write `{}`: free some space, or choose another disk; no partial file was left", path.display())]
    DiskFull { path: PathBuf },
    /// Anything else the system says.
    #[error("can't write `{}`: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// The encoder of a format refused the data.
    #[error("can't encode the results as {format}: {reason}")]
    Encoding { format: &'static str, reason: String },
    /// There is nothing that could be drawn.
    #[error("nothing to draw: {0}")]
    NothingToDraw(&'static str),
}

impl OutputError {
    pub(super) fn unknown_format(path: &Path, supported: &[&str]) -> OutputError {
        let dotted: Vec<String> = supported.iter().map(|s| format!(".{s}")).collect();
        let supported = match dotted.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => dotted.concat(),
        };
        OutputError::UnknownFormat { path: path.to_owned(), supported }
    }

    pub(super) fn io(path: &Path, source: std::io::Error) -> OutputError {
        use std::io::ErrorKind;
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => OutputError::Forbidden { path },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                OutputError::DiskFull { path }
            }
            ErrorKind::IsADirectory => OutputError::IsFolder { path },
            _ => OutputError::Io { path, source },
        }
    }
}
