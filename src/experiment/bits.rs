//! Numbers in JSON to the last bit, whatever they are: for results that are stored and read again.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::network::DisplayUnit;

pub(super) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    value.to_bits().serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(f64::from_bits(u64::deserialize(from)?))
}

pub(super) mod many {
    use super::*;

    pub fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(|v| v.to_bits()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        Ok(Vec::<u64>::deserialize(from)?.into_iter().map(f64::from_bits).collect())
    }
}

pub(super) mod marks {
    use super::*;

    pub fn serialize<S: Serializer>(marks: &[(f64, String)], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(marks.iter().map(|(time, text)| (time.to_bits(), text)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(f64, String)>, D::Error> {
        let marks = Vec::<(u64, String)>::deserialize(from)?;
        Ok(marks.into_iter().map(|(time, text)| (f64::from_bits(time), text)).collect())
    }
}

pub(super) mod unit {
    use super::*;

    pub fn serialize<S: Serializer>(unit: &DisplayUnit, to: S) -> Result<S::Ok, S::Error> {
        (&unit.symbol, unit.factor.to_bits()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DisplayUnit, D::Error> {
        let (symbol, factor) = <(String, u64)>::deserialize(from)?;
        Ok(DisplayUnit { symbol, factor: f64::from_bits(factor) })
    }
}
