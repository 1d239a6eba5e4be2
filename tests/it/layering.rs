//! The drawing of what may use what, held against the `crate::` paths of the source.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each module with those that it may use besides itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diagnostics", &["source"]),
    ("syntax", &["source", "diagnostics"]),
    ("hir", &["source", "diagnostics", "syntax"]),
    ("network", &["source", "diagnostics", "syntax", "hir"]),
    ("kernel", &["source", "diagnostics", "network"]),
    ("codegen", &["network", "kernel"]),
    ("solve", &[]),
    ("simulate", &["source", "network", "kernel", "codegen", "solve"]),
    ("experiment", &["source", "diagnostics", "hir", "network", "simulate", "solve"]),
    ("output", &["source", "network", "experiment", "solve"]),
    ("document", &["source", "syntax", "hir", "experiment", "output"]),
];

/// May use anything.
const ON_TOP: &[&str] = &["cli", "lib", "main"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The modules named after `crate::`, in code and in comments that link to items alike.
fn used(text: &str) -> BTreeSet<&str> {
    let word = |rest: &'_ str| rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let after = code.flat_map(|line| line.match_indices("crate::").map(|(at, found)| &line[at + found.len()..]));
    after.map(|rest| &rest[..word(rest)]).filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_use_only_what_is_below_them() {
    let mut all = Vec::new();
    files(&root(), &mut all);
    let mut broken = Vec::new();
    for path in all {
        let inside = path.strip_prefix(root()).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if ON_TOP.contains(&module.as_str()) {
            continue;
        }
        let allowed = MAY_USE.iter().find(|(name, _)| *name == module);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("`{module}` has no place in the drawing"));
        let text = std::fs::read_to_string(&path).unwrap();
        for name in used(&text) {
            if name != module && !allowed.contains(&name) {
                broken.push(format!("{} uses `{name}`", inside.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn unsafe_lives_in_code_generation_alone() {
    let mut all = Vec::new();
    files(&root(), &mut all);
    let unsafe_word = |line: &str| {
        let code = line.split("//").next().unwrap_or("");
        code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
    };
    for path in all.iter().filter(|p| !p.starts_with(root().join("codegen"))) {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.lines().any(unsafe_word), "{}", path.display());
    }
}
