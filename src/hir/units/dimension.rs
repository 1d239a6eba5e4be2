//! Dimensions: their arithmetic, and their names.

use std::ops::{Div, Mul};

/// Exponents of time, length, amount, mass, temperature and cells, as fractions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Dimension {
    /// In the order above; each in sixtieths, so that roots stay exact.
    pub exponents: [i16; 6],
}

/// An exponent of one.
const ONE: i16 = 60;

const fn whole(time: i16, length: i16, amount: i16, mass: i16, temperature: i16, cells: i16) -> Dimension {
    Dimension { exponents: [time * ONE, length * ONE, amount * ONE, mass * ONE, temperature * ONE, cells * ONE] }
}

impl Dimension {
    pub const NONE: Dimension = whole(0, 0, 0, 0, 0, 0);
    pub const TIME: Dimension = whole(1, 0, 0, 0, 0, 0);
    pub const FREQUENCY: Dimension = whole(-1, 0, 0, 0, 0, 0);
    pub const LENGTH: Dimension = whole(0, 1, 0, 0, 0, 0);
    pub const AREA: Dimension = whole(0, 2, 0, 0, 0, 0);
    pub const VOLUME: Dimension = whole(0, 3, 0, 0, 0, 0);
    pub const AMOUNT: Dimension = whole(0, 0, 1, 0, 0, 0);
    pub const FLUX: Dimension = whole(-1, 0, 1, 0, 0, 0);
    pub const CONCENTRATION: Dimension = whole(0, -3, 1, 0, 0, 0);
    pub const SURFACE_DENSITY: Dimension = whole(0, -2, 1, 0, 0, 0);
    pub const MASS: Dimension = whole(0, 0, 0, 1, 0, 0);
    pub const TEMPERATURE: Dimension = whole(0, 0, 0, 0, 1, 0);
    pub const CELLS: Dimension = whole(0, 0, 0, 0, 0, 1);

    pub fn is_none(self) -> bool {
        self == Dimension::NONE
    }

    pub fn inverse(self) -> Dimension {
        Dimension { exponents: self.exponents.map(i16::saturating_neg) }
    }

    /// To the power `numerator / 60`; `None` if that isn't a whole number of sixtieths, or too large.
    pub fn power(self, sixtieths: i32) -> Option<Dimension> {
        let mut exponents = [0i16; 6];
        for (to, from) in exponents.iter_mut().zip(self.exponents) {
            let product = i64::from(from) * i64::from(sixtieths);
            if product % 60 != 0 {
                return None;
            }
            *to = i16::try_from(product / 60).ok()?;
        }
        Some(Dimension { exponents })
    }

    /// The dimension of that name in an annotation, as in `param k: 1/time`.
    pub fn named(name: &str) -> Option<Dimension> {
        NAMES.iter().find(|(n, _)| *n == name).map(|&(_, dimension)| dimension)
    }

    /// Every name that an annotation may use.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|&(name, _)| name)
    }

    /// What it is in words, with an article: `a concentration per time`.
    pub fn words(self) -> String {
        let times_time = self * Dimension::TIME;
        let per = |what: &str| format!("{what} per time");
        if let Some(noun) = self.noun() {
            return noun.to_owned();
        }
        if let Some(noun) = times_time.noun() {
            return per(noun);
        }
        if let Some(noun) = self.inverse().noun() {
            return format!("a number per {}", bare(noun));
        }
        if let Some(noun) = times_time.inverse().noun() {
            return format!("a number per {} and time", bare(noun));
        }
        if let Some(noun) = (self * Dimension::CELLS).noun() {
            return format!("{noun} per cell");
        }
        if let Some(noun) = (times_time * Dimension::CELLS).noun() {
            return format!("{noun} per cell and time");
        }
        format!("a quantity of dimension {}", self.formula())
    }

    fn noun(self) -> Option<&'static str> {
        NOUNS.iter().find(|(d, _)| *d == self).map(|&(_, noun)| noun)
    }

    /// `amount·length⁻²`.
    fn formula(self) -> String {
        let words = ["time", "length", "amount", "mass", "temperature", "cells"];
        let factors = words.iter().zip(self.exponents).filter(|(_, e)| *e != 0);
        let shown: Vec<String> =
            factors.map(|(word, e)| format!("{word}{}", super::symbol::superscript(i32::from(e)))).collect();
        shown.join("·")
    }
}

impl Mul for Dimension {
    type Output = Dimension;

    fn mul(self, other: Dimension) -> Dimension {
        let mut exponents = self.exponents;
        for (a, b) in exponents.iter_mut().zip(other.exponents) {
            *a = a.saturating_add(b);
        }
        Dimension { exponents }
    }
}

impl Div for Dimension {
    type Output = Dimension;

    fn div(self, other: Dimension) -> Dimension {
        let mut exponents = self.exponents;
        for (a, b) in exponents.iter_mut().zip(other.exponents) {
            *a = a.saturating_sub(b);
        }
        Dimension { exponents }
    }
}

fn bare(noun: &str) -> &str {
    noun.strip_prefix("a ").or(noun.strip_prefix("an ")).unwrap_or(noun)
}

const NAMES: &[(&str, Dimension)] = &[
    ("time", Dimension::TIME),
    ("length", Dimension::LENGTH),
    ("area", Dimension::AREA),
    ("volume", Dimension::VOLUME),
    ("amount", Dimension::AMOUNT),
    ("concentration", Dimension::CONCENTRATION),
    ("density", Dimension::SURFACE_DENSITY),
    ("rate", Dimension::FREQUENCY),
    ("flux", Dimension::FLUX),
    ("mass", Dimension::MASS),
    ("temperature", Dimension::TEMPERATURE),
    ("cells", Dimension::CELLS),
    ("number", Dimension::NONE),
    ("share", Dimension::NONE),
];

const NOUNS: &[(Dimension, &str)] = &[
    (Dimension::NONE, "a plain number"),
    (Dimension::TIME, "a time"),
    (Dimension::FREQUENCY, "a number per time"),
    (Dimension::LENGTH, "a length"),
    (Dimension::AREA, "an area"),
    (Dimension::VOLUME, "a volume"),
    (Dimension::AMOUNT, "an amount"),
    (Dimension::CONCENTRATION, "a concentration"),
    (Dimension::SURFACE_DENSITY, "a surface density"),
    (Dimension::MASS, "a mass"),
    (Dimension::TEMPERATURE, "a temperature"),
    (Dimension::CELLS, "a number of cells"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_is_named_in_words() {
        assert_eq!((Dimension::CONCENTRATION / Dimension::TIME).words(), "a concentration per time");
        assert_eq!(
            (Dimension::CONCENTRATION * Dimension::TIME).inverse().words(),
            "a number per concentration and time"
        );
        assert_eq!((Dimension::AMOUNT / Dimension::CELLS).words(), "an amount per cell");
        assert_eq!((Dimension::AMOUNT * Dimension::AMOUNT).words(), "a quantity of dimension amount²");
    }

    #[test]
    fn roots_are_exact() {
        let root = Dimension::VOLUME.power(20);
        assert_eq!(root, Some(Dimension::LENGTH));
        assert_eq!(Dimension::TIME.power(7).and_then(|d| d.power(7)), None);
    }
}
