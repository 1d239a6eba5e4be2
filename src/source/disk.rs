//! Modules from the disk and from the library that is part of the program.

use std::io::Read;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::{LoadError, Loader};

static LIBRARY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/stdlib");

/// Names a folder to read the library from instead, for those who write on it.
pub const LIBRARY_VARIABLE: &str = "EXOC_STDLIB";

/// Texts of more bytes than this are not even read.
pub const SIZE_LIMIT: u64 = super::MAX_BYTES as u64;

/// Finds `std` modules in the embedded library and all others beside the file that asks for them.
#[derive(Clone, Debug, Default)]
pub struct DiskLoader {
    /// The folder of the root file, whose modules are suggested.
    folder: PathBuf,
    /// Where the library is, if not in the program.
    library: Option<PathBuf>,
}

impl DiskLoader {
    /// For a compilation that starts from `root`; a path without folders, such as `<stdin>`, is in the current one.
    pub fn beside(root: &Path) -> DiskLoader {
        let library = std::env::var_os(LIBRARY_VARIABLE).map(PathBuf::from);
        DiskLoader { folder: root.parent().map(Path::to_owned).unwrap_or_default(), library }
    }

    fn library_text(&self, inside: &str) -> Result<String, LoadError> {
        if let Some(folder) = &self.library {
            return read_text(&folder.join(inside));
        }
        let file = LIBRARY.get_file(inside).ok_or(LoadError::NotFound)?;
        Ok(file.contents_utf8().ok_or(LoadError::NotUtf8(0))?.to_owned())
    }
}

impl Loader for DiskLoader {
    fn load(&self, segments: &[&str], from: &str) -> Result<(String, String), LoadError> {
        if let [head @ "std", rest @ ..] = segments {
            let inside = format!("{}.exo", rest.join("/"));
            return Ok((format!("{head}/{inside}"), self.library_text(&inside)?));
        }
        if from.starts_with("std/") {
            return Err(LoadError::NotFound);
        }
        let mut path = Path::new(from).parent().map(Path::to_owned).unwrap_or_default();
        path.extend(segments);
        path.set_extension("exo");
        Ok((path.display().to_string(), read_text(&path)?))
    }

    fn modules(&self) -> Vec<String> {
        let mut modules = Vec::new();
        match &self.library {
            Some(folder) => modules.extend(files_in(folder).iter().filter_map(|path| module_in(folder, path))),
            None => embedded(&LIBRARY, &mut modules),
        }
        modules.extend(beside(&self.folder));
        modules.sort();
        modules
    }
}

/// Reads a file as text.
///
/// # Errors
/// All of [`LoadError`].
pub fn read_text(path: &Path) -> Result<String, LoadError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => LoadError::NotFound,
        std::io::ErrorKind::PermissionDenied => LoadError::Unreadable("you have no permission to read it".to_owned()),
        _ => LoadError::Unreadable(error.to_string()),
    };
    let there = std::fs::metadata(path).map_err(unreadable)?;
    if there.is_dir() {
        return Err(LoadError::Unreadable("it is a folder".to_owned()));
    }
    if there.len() > SIZE_LIMIT {
        return Err(LoadError::TooLarge { size: there.len(), limit: SIZE_LIMIT });
    }
    // What has no size, such as a pipe, need not end either.
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(LoadError::TooLarge { size: bytes.len() as u64, limit: SIZE_LIMIT });
    }
    decode(bytes)
}

/// Bytes as text, without the mark that some editors put first.
pub fn decode(bytes: Vec<u8>) -> Result<String, LoadError> {
    let text = String::from_utf8(bytes).map_err(|error| LoadError::NotUtf8(error.utf8_error().valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn embedded(folder: &Dir<'_>, modules: &mut Vec<String>) {
    for file in folder.files() {
        if file.path().extension().is_some_and(|e| e == "exo") {
            let stem = file.path().with_extension("");
            let segments: Vec<String> = stem.iter().map(|s| s.to_string_lossy().into_owned()).collect();
            modules.push(format!("std.{}", segments.join(".")));
        }
    }
    for inner in folder.dirs() {
        embedded(inner, modules);
    }
}

/// All Exo files of a folder and of those in it, sorted.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                _ if path.extension().is_some_and(|e| e == "exo") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// `std.release.rab27` for a file of a folder that holds the library.
fn module_in(library: &Path, file: &Path) -> Option<String> {
    let inside = file.strip_prefix(library).ok()?.with_extension("");
    let segments: Vec<String> = inside.iter().map(|s| s.to_string_lossy().into_owned()).collect();
    Some(format!("std.{}", segments.join(".")))
}

fn beside(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let modules = paths.filter(|path| path.extension().is_some_and(|e| e == "exo"));
    modules.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_there_and_other_modules_lie_beside_their_user() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lab")).unwrap();
        std::fs::write(folder.path().join("lab/ours.exo"), "// ours\n").unwrap();
        let root = folder.path().join("model.exo");
        let loader = DiskLoader::beside(&root);
        let (name, text) = loader.load(&["lab", "ours"], &root.display().to_string()).unwrap();
        assert!(name.ends_with("ours.exo") && text == "// ours\n");
        assert!(loader.load(&["std", "places"], "model.exo").is_ok());
        assert_eq!(loader.load(&["lab", "ours"], "std/places.exo"), Err(LoadError::NotFound));
        assert!(loader.modules().contains(&"std.release.rab27".to_owned()));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(decode(b"ab\xff".to_vec()), Err(LoadError::NotUtf8(2)));
        assert_eq!(decode("\u{feff}cell".into()), Ok("cell".to_owned()));
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read_text(folder.path()), Err(LoadError::Unreadable(_))));
        assert_eq!(read_text(&folder.path().join("none.exo")), Err(LoadError::NotFound));
    }
}
