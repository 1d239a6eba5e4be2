//! Results as a Parquet file: the columns of [`super::table`], with units and descriptions as metadata.
//!
//! Each number column is an optional `DOUBLE`, each text column a required `STRING`; the file's key-value metadata
//! has `unit:HEADING` and `description:HEADING` for each column, and `exoc:version`.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use super::OutputError;
use super::table::{Column, Data, columns};
use crate::experiment::results::Results;

/// The file's contents.
pub fn bytes(results: &Results) -> Result<Vec<u8>, OutputError> {
    table(&columns(results))
}

/// Any table.
pub(super) fn table(columns: &[Column]) -> Result<Vec<u8>, OutputError> {
    encode(columns).map_err(refused)
}

fn encode(table: &[Column]) -> Result<Vec<u8>, ParquetError> {
    let mut writer = begun(Vec::new(), "results", table)?;
    group(&mut writer, table)?;
    writer.into_inner()
}

/// A file whose rows come in groups, all with the same columns.
pub(super) struct Groups<W: std::io::Write + Send>(SerializedFileWriter<W>);

impl<W: std::io::Write + Send> Groups<W> {
    /// Begins a file with these columns; their rows are not written.
    pub fn new(sink: W, name: &str, table: &[Column]) -> Result<Groups<W>, OutputError> {
        begun(sink, name, table).map(Groups).map_err(refused)
    }

    pub fn add(&mut self, rows: &[Column]) -> Result<(), OutputError> {
        group(&mut self.0, rows).map_err(refused)
    }

    pub fn finish(self) -> Result<(), OutputError> {
        self.0.close().map(|_| ()).map_err(refused)
    }
}

fn refused(error: ParquetError) -> OutputError {
    OutputError::Encoding { format: "Parquet", reason: error.to_string() }
}

fn begun<W: std::io::Write + Send>(
    sink: W,
    name: &str,
    table: &[Column],
) -> Result<SerializedFileWriter<W>, ParquetError> {
    let fields = table.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Type::group_type_builder(name).with_fields(fields).build()?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("exoc ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(metadata(table)))
        .build();
    SerializedFileWriter::new(sink, schema, Arc::new(properties))
}

fn group<W: std::io::Write + Send>(writer: &mut SerializedFileWriter<W>, table: &[Column]) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for column in table {
        let Some(mut out) = group.next_column()? else { break };
        match &column.data {
            Data::Text(values) => {
                let values: Vec<ByteArray> = values.iter().map(|v| v.as_str().into()).collect();
                out.typed::<ByteArrayType>().write_batch(&values, None, None)?;
            }
            Data::Number(values) => {
                let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
                let present: Vec<f64> = values.iter().flatten().copied().collect();
                out.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
            }
        }
        out.close()?;
    }
    group.close()?;
    Ok(())
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let builder = match column.data {
        Data::Text(_) => Type::primitive_type_builder(&column.heading, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String)),
        Data::Number(_) => {
            Type::primitive_type_builder(&column.heading, Physical::DOUBLE).with_repetition(Repetition::OPTIONAL)
        }
    };
    builder.build().map(Arc::new)
}

fn metadata(table: &[Column]) -> Vec<KeyValue> {
    let pair = |kind: &str, column: &Column, value: &str| {
        KeyValue::new(format!("{kind}:{}", column.heading), Some(value.to_owned()))
    };
    let units = table.iter().filter(|c| !c.unit.is_empty()).map(|c| pair("unit", c, &c.unit));
    let descriptions = table.iter().map(|c| pair("description", c, &c.description));
    let version = KeyValue::new("exoc:version".to_owned(), Some(env!("CARGO_PKG_VERSION").to_owned()));
    units.chain(descriptions).chain([version]).collect()
}
