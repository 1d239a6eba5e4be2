//! Source texts and positions in them.
//!
//! Invariants: a [`FileId`] is only made by the [`SourceMap`] that owns the text; a [`Span`] is a half-open
//! byte range of one file, on character boundaries. A text is never changed after it was added. Deliberately
//! absent: paths are names to show and to resolve `use` by, not handles; reading is a [`Loader`]'s.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

mod disk;
mod loader;
mod map;

pub use disk::{DiskLoader, SIZE_LIMIT, decode, files_in, read_text};
pub use loader::{LoadError, Loader, MemoryLoader};
pub use map::{FileId, LineColumn, SourceFile, SourceMap, Span};

/// A file may have this many bytes.
pub const MAX_BYTES: usize = 32 << 20;
