//! Dimensions and units.
//!
//! Invariants: the unit names a program knows, and every product of them that it forms, are interned in one
//! [`Units`] and named by a [`UnitId`], so that equal units are formed once; scales are exact and rounded once, when a
//! number is converted. A unit says how its author thinks of a quantity; only the dimension decides what is allowed.
//! Deliberately absent: scopes (a user's unit is visible where names are), and reports.

mod dimension;
mod scale;
mod symbol;
mod table;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

pub use dimension::Dimension;
pub use scale::{Scale, of_number};
pub use table::Special;

/// A unit as its author wrote it.
#[derive(Clone, PartialEq, Debug)]
pub struct Unit {
    /// `copies/min`; empty for a plain number.
    pub symbol: SmolStr,
    pub dimension: Dimension,
    /// Internal units (s, µm, copies, kg, K, cells) in one of this unit.
    pub factor: f64,
}

impl Default for Unit {
    /// That of a plain number.
    fn default() -> Unit {
        Unit { symbol: SmolStr::default(), dimension: Dimension::NONE, factor: 1.0 }
    }
}

/// A unit of a [`Units`]; the default is that of a plain number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnitId(u32);

impl UnitId {
    pub const PLAIN: UnitId = UnitId(0);
}

/// Sixtieths, as in [`Dimension`].
type Power = i32;

#[derive(Clone, Debug)]
struct Entry {
    unit: Unit,
    scale: Scale,
    /// Named units and their exponents; itself for a named one.
    factors: Box<[(UnitId, Power)]>,
    special: Special,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Operation {
    Times,
    Over,
    Power(Power),
    /// As shown; see [`Units::shown`].
    Shown,
}

/// Every unit of one compilation.
#[derive(Clone, Debug)]
pub struct Units {
    entries: Vec<Entry>,
    /// What an id that was made elsewhere stands for.
    plain: Entry,
    names: FxHashMap<SmolStr, UnitId>,
    products: FxHashMap<Box<[(UnitId, Power)]>, UnitId>,
    /// Results of operations that were asked before.
    known: FxHashMap<(UnitId, UnitId, Operation), UnitId>,
    defaults: FxHashMap<Dimension, UnitId>,
}

impl Default for Units {
    fn default() -> Units {
        Units::new()
    }
}

impl Units {
    /// In place of one that is lent out: cheap, and knows no names.
    pub fn nameless() -> Units {
        let plain = Entry { unit: Unit::default(), scale: Scale::ONE, factors: Box::new([]), special: Special::None };
        Units {
            entries: vec![plain.clone()],
            plain,
            names: FxHashMap::default(),
            products: FxHashMap::default(),
            known: FxHashMap::default(),
            defaults: FxHashMap::default(),
        }
    }

    /// The units every file knows.
    pub fn new() -> Units {
        let mut units = Units::nameless();
        units.products.insert(Box::new([]), UnitId::PLAIN);
        for base in table::BASES {
            let id = units.add(base.symbol.into(), base.dimension, base.scale(None), base.special);
            for name in base.names {
                units.names.insert((*name).into(), id);
            }
            let Some(stem) = base.names.first() else { continue };
            for prefix in base.prefixes {
                let symbol = format!("{}{}", prefix.symbol, base.symbol);
                let id = units.add(symbol.into(), base.dimension, base.scale(Some(prefix)), base.special);
                for spelling in prefix.names {
                    units.names.insert(format!("{spelling}{stem}").into(), id);
                }
            }
        }
        units
    }

    /// Makes a unit that a user declares: `scale` internal units of that dimension. It isn't found by [`Units::named`]:
    /// where its name is known is a matter of scopes.
    pub fn declare(&mut self, name: &str, dimension: Dimension, scale: Scale) -> UnitId {
        self.add(name.into(), dimension, scale, Special::None)
    }

    fn add(&mut self, symbol: SmolStr, dimension: Dimension, scale: Scale, special: Special) -> UnitId {
        let id = UnitId(self.entries.len() as u32);
        let factors: Box<[(UnitId, Power)]> = Box::new([(id, 60)]);
        self.products.insert(factors.clone(), id);
        let unit = Unit { symbol, dimension, factor: scale.to_f64() };
        self.entries.push(Entry { unit, scale, factors, special });
        id
    }

    /// The unit of that name among those that every file knows.
    pub fn named(&self, name: &str) -> Option<UnitId> {
        self.names.get(name).copied()
    }

    /// The unit that is shown as `symbol`, if there is one.
    pub fn spelt(&self, symbol: &str) -> Option<UnitId> {
        let position = self.entries.iter().position(|entry| entry.unit.symbol == symbol)?;
        Some(UnitId(position as u32))
    }

    /// All names of units that every file knows, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.names.keys().map(SmolStr::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The unit that someone who writes `name` will mean, if it is a common slip.
    pub fn meant_by(&self, name: &str) -> Option<&'static str> {
        let listed = table::SLIPS.iter().find(|(slip, _)| *slip == name).map(|&(_, meant)| meant);
        // The Greek letter looks like the micro sign, but is another character.
        listed.or_else(|| {
            let micro = name.strip_prefix('μ')?;
            let known = self.names.iter().find(|(n, _)| n.strip_prefix('u') == Some(micro))?.1;
            table::MICRO.iter().copied().find(|n| self.named(n) == Some(*known))
        })
    }

    fn entry(&self, id: UnitId) -> &Entry {
        self.entries.get(id.0 as usize).unwrap_or(&self.plain)
    }

    pub fn get(&self, id: UnitId) -> &Unit {
        &self.entry(id).unit
    }

    pub fn scale(&self, id: UnitId) -> Scale {
        self.entry(id).scale
    }

    pub fn special(&self, id: UnitId) -> Special {
        self.entry(id).special
    }

    pub fn times(&mut self, a: UnitId, b: UnitId) -> UnitId {
        self.combine(a, b, Operation::Times)
    }

    pub fn over(&mut self, a: UnitId, b: UnitId) -> UnitId {
        self.combine(a, b, Operation::Over)
    }

    /// To a power in sixtieths.
    pub fn power(&mut self, a: UnitId, sixtieths: Power) -> UnitId {
        if sixtieths == 60 { a } else { self.combine(a, UnitId::PLAIN, Operation::Power(sixtieths)) }
    }

    /// The unit to show a computed quantity in: without `%` and `fold` beside other units, and the common one of its
    /// dimension if what remains is no unit that anyone would write (`µM·pL`).
    pub fn shown(&mut self, a: UnitId) -> UnitId {
        self.combine(a, UnitId::PLAIN, Operation::Shown)
    }

    fn combine(&mut self, a: UnitId, b: UnitId, operation: Operation) -> UnitId {
        if let Some(&known) = self.known.get(&(a, b, operation)) {
            return known;
        }
        let own = self.entry(a).factors.clone();
        let id = match operation {
            Operation::Times => self.product(own.iter().copied().chain(self.entry(b).factors.clone())),
            Operation::Over => {
                let other = self.entry(b).factors.clone();
                self.product(own.iter().copied().chain(other.iter().map(|&(unit, power)| (unit, -power))))
            }
            Operation::Power(by) => self.product(own.iter().map(|&(unit, power)| (unit, power * by / 60))),
            Operation::Shown => self.presentable(a, &own),
        };
        self.known.insert((a, b, operation), id);
        id
    }

    fn presentable(&mut self, id: UnitId, factors: &[(UnitId, Power)]) -> UnitId {
        let plain: Vec<(UnitId, Power)> =
            factors.iter().copied().filter(|&(f, _)| self.special(f) == Special::None).collect();
        let mut seen = [false; 6];
        for &(factor, _) in &plain {
            for (seen, exponent) in seen.iter_mut().zip(self.get(factor).dimension.exponents) {
                if exponent != 0 && std::mem::replace(seen, true) {
                    return self.usual(self.get(id).dimension);
                }
            }
        }
        if plain.is_empty() { id } else { self.product(plain.into_iter()) }
    }

    /// The unit commonly used for a dimension: µM for concentrations, copies, s, µm, kg, K, cells for what remains.
    pub fn usual(&mut self, dimension: Dimension) -> UnitId {
        if let Some(&known) = self.defaults.get(&dimension) {
            return known;
        }
        let [time, length, amount, mass, temperature, cells] = dimension.exponents.map(i32::from);
        let concentration = if amount != 0 && length == -3 * amount { amount } else { 0 };
        let parts = [
            ("uM", concentration),
            ("copies", amount - concentration),
            ("kg", mass),
            ("um", length + 3 * concentration),
            ("K", temperature),
            ("cells", cells),
            ("s", time),
        ];
        let factors: Vec<(UnitId, Power)> =
            parts.iter().filter(|p| p.1 != 0).filter_map(|&(name, power)| Some((self.named(name)?, power))).collect();
        let id = self.product(factors.into_iter());
        self.defaults.insert(dimension, id);
        id
    }

    fn product(&mut self, factors: impl Iterator<Item = (UnitId, Power)>) -> UnitId {
        let mut merged: Vec<(UnitId, Power)> = Vec::new();
        for (unit, power) in factors {
            match merged.iter_mut().find(|(known, _)| *known == unit) {
                Some((_, sum)) => *sum += power,
                None => merged.push((unit, power)),
            }
        }
        merged.retain(|&(_, power)| power != 0);
        let mut key = merged.clone();
        key.sort_unstable();
        let key: Box<[(UnitId, Power)]> = key.into();
        if let Some(&known) = self.products.get(&key) {
            return known;
        }
        let symbol = symbol::product(merged.iter().map(|&(unit, power)| (self.get(unit).symbol.as_str(), power)));
        let mut dimension = Dimension::NONE;
        let mut scale = Scale::ONE;
        for &(unit, power) in &merged {
            let one = self.entry(unit);
            dimension = dimension * one.unit.dimension.power(power).unwrap_or_default();
            scale = scale.times(match power % 60 {
                0 => one.scale.power(power / 60),
                _ => Scale::Rounded(one.unit.factor.powf(f64::from(power) / 60.0)),
            });
        }
        let id = UnitId(self.entries.len() as u32);
        let unit = Unit { symbol, dimension, factor: scale.to_f64() };
        self.entries.push(Entry { unit, scale, factors: merged.into(), special: Special::None });
        self.products.insert(key, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(units: &Units, name: &str) -> UnitId {
        units.named(name).unwrap_or_else(|| panic!("{name}"))
    }

    #[test]
    fn every_prefix_means_what_it_says() {
        let units = Units::new();
        for (name, factor) in [
            ("nm", 1e-3),
            ("um", 1.0),
            ("µm", 1.0),
            ("m", 1e6),
            ("km", 1e9),
            ("fL", 1.0),
            ("pL", 1e3),
            ("mL", 1e12),
            ("uM", 602.214076),
            ("nM", 0.602214076),
            ("mol", 6.02214076e23),
            ("h", 3600.0),
            ("%", 0.01),
            ("kDa", 1.0 / 6.02214076e23),
        ] {
            assert_eq!(units.get(of(&units, name)).factor, factor, "{name}");
        }
    }

    #[test]
    fn products_are_interned_and_cancel() {
        let mut units = Units::new();
        let (um, s) = (of(&units, "uM"), of(&units, "s"));
        let both = units.times(um, s);
        let rate = units.over(UnitId::PLAIN, both);
        assert_eq!(units.get(rate).symbol, "1/(µM·s)");
        let step = units.over(UnitId::PLAIN, um);
        assert_eq!(units.over(step, s), rate);
        assert_eq!(units.times(rate, both), UnitId::PLAIN);
    }

    #[test]
    fn what_nobody_writes_is_shown_in_the_usual_unit() {
        let mut units = Units::new();
        let (um, pl, share) = (of(&units, "uM"), of(&units, "pL"), of(&units, "%"));
        let amount = units.times(um, pl);
        let shown = units.shown(amount);
        assert_eq!(units.get(shown).symbol, "copies");
        let mixed = units.times(share, um);
        assert_eq!(units.shown(mixed), um);
        assert_eq!(units.shown(share), share);
        let speed = units.usual(Dimension::CONCENTRATION / Dimension::TIME);
        assert_eq!(units.get(speed).symbol, "µM/s");
    }

    #[test]
    fn slips_are_understood() {
        let units = Units::new();
        assert_eq!(units.meant_by("sec"), Some("s"));
        assert_eq!(units.meant_by("μM"), Some("uM"));
        assert_eq!(units.meant_by("banana"), None);
        for (slip, meant) in table::SLIPS {
            assert!(units.named(slip).is_none() && units.named(meant).is_some(), "{slip} {meant}");
        }
    }
}
