//! Where the texts of modules come from: disk, the embedded library, an editor's buffers, a test.

use std::collections::BTreeMap;

/// Why a text could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// No file of that name.
    #[error("no such file")]
    NotFound,
    /// The file is there but can't be read; with the system's reason.
    #[error("{0}")]
    Unreadable(String),
    /// Not UTF-8; with the offset of the first bad byte.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
    /// Larger than the limit, in bytes.
    #[error("{size} bytes, more than the {limit} allowed")]
    TooLarge { size: u64, limit: u64 },
}

/// Gives the text of a module by its dotted path, as written in `use`.
pub trait Loader {
    /// The name to show and the text of module `segments` (`["std", "cells", "HeLa"]`), asked for by the file
    /// named `from`.
    fn load(&self, segments: &[&str], from: &str) -> Result<(String, String), LoadError>;

    /// All modules that could be named, dotted, for suggestions.
    fn modules(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Texts held in memory by dotted module path; for tests and editors.
#[derive(Debug, Clone, Default)]
pub struct MemoryLoader {
    texts: BTreeMap<String, String>,
}

impl MemoryLoader {
    pub fn with(mut self, module: &str, text: &str) -> MemoryLoader {
        self.texts.insert(module.to_owned(), text.to_owned());
        self
    }
}

impl Loader for MemoryLoader {
    fn load(&self, segments: &[&str], _from: &str) -> Result<(String, String), LoadError> {
        let module = segments.join(".");
        let text = self.texts.get(&module).ok_or(LoadError::NotFound)?;
        Ok((module, text.clone()))
    }

    fn modules(&self) -> Vec<String> {
        self.texts.keys().cloned().collect()
    }
}
