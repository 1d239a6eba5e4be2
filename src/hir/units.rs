//! Dimensions and units.

/// Exponents of time, length, amount, mass, temperature and cells, as fractions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Dimension {
    /// In the order above; each in sixtieths, so that roots stay exact.
    pub exponents: [i16; 6],
}

/// A unit as its author wrote it.
#[derive(Clone, PartialEq, Debug)]
pub struct Unit {
    /// `copies/min`; empty for a plain number.
    pub symbol: String,
    pub dimension: Dimension,
    /// Internal units (s, µm, copies, kg, K, cells) in one of this unit.
    pub factor: f64,
}
