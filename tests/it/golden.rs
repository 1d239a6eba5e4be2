//! Golden files: for each input of a folder, what a closure makes of it, held against the text beside it.
//!
//! A golden's first line names the command that made it; `EXOC_BLESS=1 cargo test` writes all of them anew.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of `folder` (from the root of the repository, with folders in it) that end in `.extension`, sorted.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// Runs `make` on the name and text of each `.exo` right in `tests/golden/FOLDER` and holds what it gives against
/// `NAME.SUFFIX` beside it. `command` is what a reader would type before the file's name.
pub fn check(folder: &str, suffix: &str, command: &str, make: impl Fn(&str, &str) -> String) {
    let folder_path = root().join("tests/golden").join(folder);
    let mut inputs = files(&format!("tests/golden/{folder}"), "exo");
    inputs.retain(|input| input.parent() == Some(&folder_path));
    assert!(!inputs.is_empty(), "no inputs in tests/golden/{folder}");
    let mut wrong = Vec::new();
    for input in inputs {
        let text = fs::read_to_string(&input).unwrap_or_default();
        let name = input.file_name().and_then(|n| n.to_str()).unwrap_or("");
        let output = format!("# {command} {name}\n{}", make(name, &text));
        if !matches(&input.with_extension(suffix), &output) {
            wrong.push(name.to_owned());
        }
    }
    assert!(wrong.is_empty(), "differ from their goldens ({suffix}): {wrong:?}; EXOC_BLESS=1 rewrites them");
}

/// Whether `path` holds `output`; writes it first when blessing, and shows the first difference otherwise.
pub fn matches(path: &Path, output: &str) -> bool {
    if std::env::var_os("EXOC_BLESS").is_some() {
        fs::write(path, output).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let golden = fs::read_to_string(path).unwrap_or_default();
    if golden == output {
        return true;
    }
    let line = golden.lines().zip(output.lines()).take_while(|(a, b)| a == b).count();
    let at = |text: &str| text.lines().nth(line).unwrap_or("(ends)").to_owned();
    eprintln!("{}:{}\n  golden: {}\n  now:    {}", path.display(), line + 1, at(&golden), at(output));
    false
}
