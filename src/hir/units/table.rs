//! The units every file knows.
//!
//! Sources: SI brochure, 9th edition (prefixes; the mole and the dalton: one dalton is taken as a gram over
//! Avogadro's number, as chemists do); a litre is a cubic decimetre; a week and a day are of 24 hours.

use super::Dimension;
use super::scale::Scale;

/// What sets a unit apart from an ordinary one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Special {
    None,
    /// `%`, `fold`: a share or a multiple of something.
    Relative,
    /// `degC`: has a zero of its own, and so can't be multiplied.
    Affine,
}

pub struct Base {
    /// The name, or the stem that prefixes go before; then other spellings of it.
    pub names: &'static [&'static str],
    /// As shown; the spelling of the prefix goes before it.
    pub symbol: &'static str,
    pub prefixes: &'static [Prefix],
    pub dimension: Dimension,
    pub numerator: u128,
    pub denominator: u128,
    pub ten: i32,
    pub special: Special,
}

impl Base {
    pub fn scale(&self, prefix: Option<&Prefix>) -> Scale {
        Scale::new(self.numerator, self.ten + prefix.map_or(0, |p| p.ten))
            .times(Scale::new(self.denominator, 0).inverse())
    }
}

pub struct Prefix {
    pub names: &'static [&'static str],
    pub symbol: &'static str,
    pub ten: i32,
}

const fn prefix(names: &'static [&'static str], symbol: &'static str, ten: i32) -> Prefix {
    Prefix { names, symbol, ten }
}

const SMALL: &[Prefix] = &[
    prefix(&["f"], "f", -15),
    prefix(&["p"], "p", -12),
    prefix(&["n"], "n", -9),
    prefix(&["u", "µ"], "µ", -6),
    prefix(&["m"], "m", -3),
];
const METRE: &[Prefix] = &[
    prefix(&["p"], "p", -12),
    prefix(&["n"], "n", -9),
    prefix(&["u", "µ"], "µ", -6),
    prefix(&["m"], "m", -3),
    prefix(&["c"], "c", -2),
    prefix(&["d"], "d", -1),
    prefix(&["k"], "k", 3),
];
const LITRE: &[Prefix] = &[
    prefix(&["a"], "a", -18),
    prefix(&["f"], "f", -15),
    prefix(&["p"], "p", -12),
    prefix(&["n"], "n", -9),
    prefix(&["u", "µ"], "µ", -6),
    prefix(&["m"], "m", -3),
    prefix(&["c"], "c", -2),
    prefix(&["d"], "d", -1),
];
const GRAM: &[Prefix] = &[
    prefix(&["f"], "f", -15),
    prefix(&["p"], "p", -12),
    prefix(&["n"], "n", -9),
    prefix(&["u", "µ"], "µ", -6),
    prefix(&["m"], "m", -3),
    prefix(&["k"], "k", 3),
];
const LARGE: &[Prefix] = &[prefix(&["k"], "k", 3), prefix(&["M"], "M", 6), prefix(&["G"], "G", 9)];
const NONE: &[Prefix] = &[];

const AVOGADRO: u128 = 602_214_076;

macro_rules! bases {
    ($($names:expr, $symbol:literal, $prefixes:ident, $dimension:ident, $numerator:tt / $denominator:tt, $ten:literal $(, $special:ident)?;)*) => {
        &[$(Base {
            names: &$names, symbol: $symbol, prefixes: $prefixes, dimension: Dimension::$dimension,
            numerator: $numerator, denominator: $denominator, ten: $ten, special: bases!(@ $($special)?),
        }),*]
    };
    (@) => { Special::None };
    (@ $special:ident) => { Special::$special };
}

pub const BASES: &[Base] = bases! {
    ["s"], "s", SMALL, TIME, 1 / 1, 0;
    ["min"], "min", NONE, TIME, 60 / 1, 0;
    ["h"], "h", NONE, TIME, 3600 / 1, 0;
    ["day", "days"], "day", NONE, TIME, 86_400 / 1, 0;
    ["week", "weeks"], "week", NONE, TIME, 604_800 / 1, 0;
    ["Hz"], "Hz", LARGE, FREQUENCY, 1 / 1, 0;
    ["m"], "m", METRE, LENGTH, 1 / 1, 6;
    ["L"], "L", LITRE, VOLUME, 1 / 1, 15;
    ["copies", "copy", "molecules", "molecule"], "copies", NONE, AMOUNT, 1 / 1, 0;
    ["mol"], "mol", SMALL, AMOUNT, AVOGADRO / 1, 15;
    ["M"], "M", SMALL, CONCENTRATION, AVOGADRO / 1, 0;
    ["g"], "g", GRAM, MASS, 1 / 1, -3;
    ["Da"], "Da", LARGE, MASS, 1 / AVOGADRO, -18;
    ["K"], "K", NONE, TEMPERATURE, 1 / 1, 0;
    ["degC"], "°C", NONE, TEMPERATURE, 1 / 1, 0, Affine;
    ["cells", "cell"], "cells", NONE, CELLS, 1 / 1, 0;
    ["fold"], "fold", NONE, NONE, 1 / 1, 0, Relative;
    ["%"], "%", NONE, NONE, 1 / 1, -2, Relative;
};

/// What people write, and what they mean by it.
pub const SLIPS: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("minute", "min"),
    ("minutes", "min"),
    ("mins", "min"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("d", "day"),
    ("wk", "week"),
    ("l", "L"),
    ("liter", "L"),
    ("litre", "L"),
    ("ml", "mL"),
    ("ul", "uL"),
    ("µl", "uL"),
    ("nl", "nL"),
    ("pl", "pL"),
    ("fl", "fL"),
    ("dl", "dL"),
    ("cc", "mL"),
    ("micron", "um"),
    ("microns", "um"),
    ("meter", "m"),
    ("metre", "m"),
    ("mole", "mol"),
    ("moles", "mol"),
    ("molar", "M"),
    ("copie", "copies"),
    ("count", "copies"),
    ("counts", "copies"),
    ("percent", "%"),
    ("pct", "%"),
    ("x", "fold"),
    ("times", "fold"),
    ("C", "degC"),
    ("celsius", "degC"),
    ("kelvin", "K"),
    ("gram", "g"),
    ("grams", "g"),
    ("kda", "kDa"),
    ("KDa", "kDa"),
    ("dalton", "Da"),
    ("hz", "Hz"),
];

/// The units with the prefix micro, as typed.
pub const MICRO: &[&str] = &["us", "um", "uL", "umol", "uM", "ug"];
