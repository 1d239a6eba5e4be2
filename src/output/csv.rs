//! Results as comma-separated values: one header line, UTF-8, units in the headings, an empty field where there is
//! no value.

use super::number::exact;
use super::table::{Column, Data, columns};
use crate::experiment::results::Results;

/// The file's contents.
pub fn bytes(results: &Results) -> Vec<u8> {
    encode(&columns(results))
}

/// Any table.
pub(super) fn encode(table: &[Column]) -> Vec<u8> {
    rows(table, true)
}

/// The rows of a table, below a line of headings or without one.
pub(super) fn rows(table: &[Column], headings: bool) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = table.first().map_or(0, |c| match &c.data {
        Data::Text(values) => values.len(),
        Data::Number(values) => values.len(),
    });
    // Writing to memory can't fail, and all rows have the same length.
    if headings {
        let _ = writer.write_record(table.iter().map(|c| &c.heading));
    }
    for row in 0..rows {
        let _ = writer.write_record(table.iter().map(|column| field(column, row)));
    }
    writer.into_inner().unwrap_or_default()
}

fn field(column: &Column, row: usize) -> String {
    match &column.data {
        Data::Text(values) => values.get(row).cloned().unwrap_or_default(),
        Data::Number(values) => values.get(row).copied().flatten().map(exact).unwrap_or_default(),
    }
}
