//! Which module of the library declares a name that was not imported.
//!
//! Looked at only when a name is missing; then all modules that the loader can name are scanned, once.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use crate::source::Loader;

/// The loader's modules, by what they declare.
pub struct Library<'p> {
    loader: &'p dyn Loader,
    index: OnceCell<FxHashMap<String, Vec<String>>>,
}

impl<'p> Library<'p> {
    pub fn new(loader: &'p dyn Loader) -> Library<'p> {
        Library { loader, index: OnceCell::new() }
    }

    /// The paths of all modules.
    pub fn modules(&self) -> Vec<String> {
        self.loader.modules()
    }

    /// The paths to `use` for a name, sorted: `std.release.alix.Alix`.
    pub fn paths(&self, name: &str) -> &[String] {
        self.index.get_or_init(|| scan(self.loader)).get(name).map_or(&[], Vec::as_slice)
    }

    /// All names that some module declares.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.index.get_or_init(|| scan(self.loader)).keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

fn scan(loader: &dyn Loader) -> FxHashMap<String, Vec<String>> {
    let mut index: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for module in loader.modules() {
        let segments: Vec<&str> = module.split('.').collect();
        let Ok((_, text)) = loader.load(&segments, "") else { continue };
        for name in declared_names(&text) {
            let last = segments.last().is_some_and(|last| *last == name);
            let path = if last { module.clone() } else { format!("{module}.{name}") };
            index.entry(name).or_default().push(path);
        }
    }
    index.values_mut().for_each(|paths| {
        paths.sort();
        paths.dedup();
    });
    index
}

/// The names a text declares at its top level. By its lines, not by its tree: a library file in the middle of an
/// edit still serves for suggestions.
fn declared_names(text: &str) -> Vec<String> {
    const KEYWORDS: [&str; 18] = [
        "machinery",
        "cargo",
        "species",
        "complex",
        "vesicle",
        "compartment",
        "param",
        "input",
        "let",
        "fn",
        "pathway",
        "hypothesis",
        "cell",
        "drug",
        "knockout",
        "knockdown",
        "overexpression",
        "source",
    ];
    let mut names = Vec::new();
    for line in text.lines() {
        let Some((keyword, rest)) = line.split_once(char::is_whitespace) else { continue };
        if !KEYWORDS.contains(&keyword) {
            continue;
        }
        let head = rest.split(['=', '{', ':', '(', '~']).next().unwrap_or("");
        for part in head.split(',') {
            let name: String = part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                names.push(name);
            }
        }
    }
    names
}
