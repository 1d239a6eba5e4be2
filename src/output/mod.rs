//! What came of it, for people and for programs: tables, charts, files, pictures; and the network as text.
//!
//! Invariants: everything that makes text or a picture is a pure function of what it is given and of a width and a
//! `colour` flag, which are the caller's to decide; numbers are shown in the unit that stands beside them in the
//! results, and the conversion is made here and nowhere else; files are written whole or not at all.
//! Deliberately absent: standard output, the environment, any computation on the results but ratios to control.

mod census;
pub mod chart;
pub mod csv;
pub mod equations;
pub mod error;
pub mod expression;
pub mod graph;
pub mod json;
pub mod listing;
pub mod number;
pub mod parquet;
pub mod picture;
pub mod plot;
pub mod sensitivity;
pub mod steady;
pub mod summary;
pub mod table;
pub mod unit;

mod paint;
mod ticks;
mod write;

pub use census::CensusFile;
pub use error::OutputError;
pub use picture::Picture;
pub use plot::{save_plot, save_sensitivity_plot};
pub use sensitivity::save_sensitivities;
pub use write::write_file;

use std::path::Path;

use crate::experiment::results::Results;

/// Writes results to `path` in the format of its extension: `.csv`, `.parquet` or `.json`.
///
/// The file is complete or, on an error, as it was before.
pub fn save(path: &Path, results: &Results) -> Result<(), OutputError> {
    let bytes = match extension(path).as_deref() {
        Some("csv") => csv::bytes(results),
        Some("parquet") => parquet::bytes(results)?,
        Some("json") => json::bytes(results),
        _ => return Err(OutputError::unknown_format(path, &["csv", "parquet", "json"])),
    };
    write_file(path, &bytes)
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}
