//! Single vesicles as a table: a row for each vesicle that an arm of an exact run ends with.
//!
//! Columns: `run`, `experiment`, `arm`, `vesicle` (a number within that arm and run), `carrier` (the number of the vesicle that it
//! lies in), `population`, `kind`, `place`, `diameter [nm]`, `age [min]` (since it was made, or since the start), `origin` (the process that made
//! it; empty for those there at the start), and the copies of each molecule, and of each kind of vesicle, that it holds directly.
//!
//! Invariants: a file appears whole, when all runs are over, or not at all; memory is that of one batch of rows.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::table::{Column, Data};
use super::{OutputError, csv, extension, parquet, write};
use crate::experiment::census::{Census, Rows};

/// Rows that are encoded together.
const BATCH: usize = 1 << 16;

/// A table that grows run by run.
pub struct CensusFile {
    path: PathBuf,
    held: Vec<String>,
    file: tempfile::NamedTempFile,
    format: Format,
}

enum Format {
    Csv { begun: bool },
    Parquet(Box<parquet::Groups<std::fs::File>>),
}

impl CensusFile {
    /// Begins a `.csv` or `.parquet` file with a column for each of `held`.
    pub fn create(path: &Path, held: &[String]) -> Result<CensusFile, OutputError> {
        let known = extension(path).filter(|extension| matches!(extension.as_str(), "csv" | "parquet"));
        let Some(known) = known else { return Err(OutputError::unknown_format(path, &["csv", "parquet"])) };
        let file = write::begin(path)?;
        let nothing = columns(None, held, 0..0);
        let format = match known.as_str() {
            "csv" => Format::Csv { begun: false },
            _ => {
                let own = file.reopen().map_err(|error| OutputError::io(path, error))?;
                Format::Parquet(Box::new(parquet::Groups::new(own, "vesicles", &nothing)?))
            }
        };
        Ok(CensusFile { path: path.to_owned(), held: held.to_vec(), file, format })
    }

    /// Adds what an arm of a run ended with.
    pub fn add(&mut self, census: &Census<'_>) -> Result<(), OutputError> {
        let rows = census.rows.len();
        for first in (0..rows).step_by(BATCH) {
            let batch = columns(Some(census), &self.held, first..rows.min(first + BATCH));
            self.append(&batch)?;
        }
        Ok(())
    }

    fn append(&mut self, batch: &[Column]) -> Result<(), OutputError> {
        match &mut self.format {
            Format::Csv { begun } => {
                let text = csv::rows(batch, !*begun);
                *begun = true;
                self.file.write_all(&text).map_err(|error| OutputError::io(&self.path, error))
            }
            Format::Parquet(groups) => groups.add(batch),
        }
    }

    /// Puts the file where it belongs.
    pub fn finish(mut self) -> Result<(), OutputError> {
        if let Format::Csv { begun: false } = self.format {
            let nothing = columns(None, &self.held, 0..0);
            self.append(&nothing)?;
        }
        if let Format::Parquet(groups) = self.format {
            groups.finish()?;
        }
        write::put(self.file, &self.path)
    }
}

/// To so many parts of one: what is kept in 32 bits has no more digits than these.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// Some rows as columns.
fn columns(census: Option<&Census<'_>>, held: &[String], range: std::ops::Range<usize>) -> Vec<Column> {
    let none = Rows::default();
    let rows = census.map_or(&none, |census| census.rows);
    let population = |row: usize| census?.roll.populations.get(usize::from(*rows.population.get(row)?));
    let text = |of: &dyn Fn(usize) -> Option<String>| {
        Data::Text(range.clone().map(|row| of(row).unwrap_or_default()).collect())
    };
    let count = |of: &dyn Fn(usize) -> Option<f64>| Data::Number(range.clone().map(of).collect());
    let plain = |heading: &str, description: &str, data: Data| Column {
        heading: heading.to_owned(),
        unit: String::new(),
        description: description.to_owned(),
        data,
    };
    let measured = |name: &str, unit: &str, description: &str, data: Data| Column {
        unit: unit.to_owned(),
        ..plain(&format!("{name} [{unit}]"), description, data)
    };
    let number = |number: &u32| f64::from(*number);
    let origin = |row: usize| {
        let census = census?;
        census.roll.routes.get(usize::from((*rows.route.get(row)?)?)).cloned()
    };
    let run = census.map(|census| census.run as f64);
    let mut table = vec![
        plain("run", "number of the run", count(&|_| run)),
        plain("experiment", "name of the experiment", text(&|_| census.map(|c| c.experiment.to_owned()))),
        plain("arm", "name of the arm", text(&|_| census.map(|c| c.arm.to_owned()))),
        plain("vesicle", "told apart by it within an arm and run", count(&|row| rows.number.get(row).map(number))),
        plain("carrier", "the vesicle that it lies in", count(&|row| rows.carrier.get(row)?.as_ref().map(number))),
        plain("population", "kind and place", text(&|row| population(row).map(|p| p.name.clone()))),
        plain("kind", "class and state", text(&|row| population(row).map(|p| p.kind.clone()))),
        plain("place", "where it, or what carries it, lies", text(&|row| population(row).map(|p| p.place.clone()))),
        measured(
            "diameter",
            "nm",
            "",
            count(&|row| rows.diameter.get(row).map(|d| rounded(f64::from(*d) * 1000.0, 1e4))),
        ),
        measured(
            "age",
            "min",
            "since it was made, or the start",
            count(&|row| rows.age.get(row).map(|a| rounded(f64::from(*a) / 60.0, 1e6))),
        ),
        plain("origin", "the process that made it", text(&origin)),
    ];
    for name in held {
        let own = census.and_then(|census| census.roll.held.iter().position(|known| known == name));
        let own = own.and_then(|own| rows.held.get(own));
        let data = count(&|row| own?.get(row).map(|copies| copies as f64));
        table.push(plain(name, "copies that it holds", data));
    }
    table
}
