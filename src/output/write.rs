//! Files written whole or not at all.

use std::io::Write;
use std::path::Path;

use super::OutputError;

/// Writes `bytes` to `path` by way of a temporary file beside it, so that a reader sees the old file or the new
/// one and never a part. A device or pipe is written directly.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let io = |error| OutputError::io(path, error);
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return std::fs::write(path, bytes).map_err(io);
    }
    let mut file = begin(path)?;
    file.write_all(bytes).map_err(io)?;
    put(file, path)
}

/// A temporary file beside the one that it will be.
pub(super) fn begin(path: &Path) -> Result<tempfile::NamedTempFile, OutputError> {
    if path.is_dir() {
        return Err(OutputError::IsFolder { path: path.to_owned() });
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(OutputError::NoFolder { folder: folder.to_owned() });
    }
    temporary(folder).map_err(|error| OutputError::io(path, error))
}

/// Puts a file that was begun in the place of what is there.
pub(super) fn put(file: tempfile::NamedTempFile, path: &Path) -> Result<(), OutputError> {
    file.as_file().sync_all().map_err(|error| OutputError::io(path, error))?;
    file.persist(path).map_err(|error| OutputError::io(path, error.error))?;
    Ok(())
}

/// A temporary file with the permissions that any new file would get.
fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".exoc-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        write_file(&path, b"first").unwrap();
        write_file(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn each_refusal_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("not/there.csv");
        assert!(matches!(write_file(&missing, b""), Err(OutputError::NoFolder { .. })));
        assert!(matches!(write_file(folder.path(), b""), Err(OutputError::IsFolder { .. })));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(OutputError::io(&missing, full).to_string().contains("free some space"));
    }
}
