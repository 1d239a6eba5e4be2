//! Distributions over single vesicles: counted in exact runs, computed from mixtures in the mean field.
//!
//! Invariants: what is counted is whole numbers, so that adding up runs gives the same bits in any order; memory goes with the
//! number of different bins, not of vesicles. Values are multiples of a quantum far below what is told apart (1e-9 µm), bins of
//! a width far below what is shown (1 nm). Deliberately absent: how many bins a picture has.

use std::collections::BTreeMap;

use super::results::Histogram;
use crate::hir::experiment::Summary;
use crate::network::questions::{Component, Property, Scaling};
use crate::network::sizes::{SizeLaw, area_of, diameter_of_area, diameter_of_lumen, lumen_of};

/// What is measured of each, and how finely it is told apart.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Grain {
    /// Internal units.
    pub quantum: f64,
    /// Quanta to a bin.
    pub bin: i64,
    /// Whole numbers: a bin is one of them.
    pub whole: bool,
}

impl Grain {
    /// Of a property, with the largest size that there is (µm) and the length of the run (s).
    pub fn of(property: &Property, largest: f64, duration: f64) -> Grain {
        let fine = |top: f64| Grain { quantum: top * 1e-9, bin: 1_000_000, whole: false };
        match property {
            Property::Diameter => Grain { quantum: 1e-9, bin: 1_000_000, whole: false },
            Property::Area => fine(area_of(largest)),
            Property::Volume => fine(lumen_of(largest)),
            Property::Age => fine(duration),
            Property::Copies(_) | Property::Route => Grain { quantum: 1.0, bin: 1, whole: true },
        }
    }
}

/// What is known of a distribution.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Spectrum {
    Counted(Counted),
    Mixed(Mixed),
}

impl Spectrum {
    /// `mean of`, `sd of`…; `None` of no members, and where there is no such number.
    pub fn statistic(&self, how: Summary) -> Option<f64> {
        match self {
            Spectrum::Counted(counted) => counted.statistic(how),
            Spectrum::Mixed(mixed) => mixed.statistic(how),
        }
    }
}

/// Members that were looked at, one by one.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Counted {
    grain: Grain,
    pub count: u64,
    sum: i128,
    squares: u128,
    least: i64,
    most: i64,
    bins: BTreeMap<i64, u64>,
    /// Instead of numbers: routes, by name.
    pub routes: BTreeMap<String, u64>,
}

impl Counted {
    pub fn new(grain: Grain) -> Counted {
        Counted {
            grain,
            count: 0,
            sum: 0,
            squares: 0,
            least: i64::MAX,
            most: i64::MIN,
            bins: BTreeMap::new(),
            routes: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, value: f64) {
        let quanta = (value / self.grain.quantum).round() as i64;
        self.count += 1;
        self.sum += i128::from(quanta);
        self.squares += u128::from(quanta.unsigned_abs()).pow(2);
        self.least = self.least.min(quanta);
        self.most = self.most.max(quanta);
        *self.bins.entry(quanta.div_euclid(self.grain.bin)).or_default() += 1;
    }

    pub fn add_route(&mut self, name: &str) {
        self.count += 1;
        match self.routes.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.routes.insert(name.to_owned(), 1);
            }
        }
    }

    /// Those of another run as well.
    pub fn merge(&mut self, other: &Counted) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
        for (bin, count) in &other.bins {
            *self.bins.entry(*bin).or_default() += count;
        }
        for (name, count) in &other.routes {
            *self.routes.entry(name.clone()).or_default() += count;
        }
    }

    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 * self.grain.quantum)
    }

    /// Of the members as a sample; of one there is none.
    fn variance(&self) -> Option<f64> {
        let n = self.count as f64;
        if self.count < 2 {
            return None;
        }
        // n Σx² - (Σx)² without loss as long as it fits, which it does for any population that is in memory.
        let whole = u128::from(self.count).checked_mul(self.squares);
        let square = self.sum.unsigned_abs().checked_mul(self.sum.unsigned_abs());
        let spread = match (whole, square) {
            (Some(a), Some(b)) => a.saturating_sub(b) as f64,
            _ => (n * self.squares as f64 - (self.sum as f64).powi(2)).max(0.0),
        };
        Some(spread / (n * (n - 1.0)) * self.grain.quantum.powi(2))
    }

    fn statistic(&self, how: Summary) -> Option<f64> {
        if self.count == 0 || !self.routes.is_empty() {
            return None;
        }
        match how {
            Summary::Min => Some(self.least as f64 * self.grain.quantum),
            Summary::Max => Some(self.most as f64 * self.grain.quantum),
            Summary::Mean => self.mean(),
            Summary::Median => Some(self.median()),
            Summary::Sd => self.variance().map(f64::sqrt),
            Summary::Fano => Some(self.variance()? / self.mean().filter(|mean| *mean > 0.0)?),
        }
    }

    /// Within its bin by a straight line; of whole numbers the middle one, or between the middle two.
    fn median(&self) -> f64 {
        let quantum = self.grain.quantum;
        if self.grain.whole {
            let at = |rank: u64| {
                self.bins
                    .iter()
                    .scan(0, |below, (bin, count)| {
                        *below += count;
                        Some((*bin, *below))
                    })
                    .find(|(_, below)| *below > rank)
                    .map_or(f64::NAN, |(bin, _)| bin as f64)
            };
            return 0.5 * (at((self.count - 1) / 2) + at(self.count / 2)) * quantum;
        }
        let half = 0.5 * self.count as f64;
        let mut below = 0.0;
        for (bin, count) in &self.bins {
            let here = *count as f64;
            if below + here >= half {
                let within = (half - below) / here;
                return (*bin as f64 + within) * self.grain.bin as f64 * quantum;
            }
            below += here;
        }
        self.most as f64 * quantum
    }

    /// The numbers between which all lie.
    fn range(&self) -> Option<(f64, f64)> {
        let range = (self.least as f64 * self.grain.quantum, self.most as f64 * self.grain.quantum);
        (self.count > 0 && self.routes.is_empty()).then_some(range)
    }

    /// Shares by bins of a width; `None` of routes.
    pub fn histogram(&self, bins: &Binning) -> Histogram {
        let mut shares = vec![0.0; bins.count];
        for (bin, count) in &self.bins {
            // The middle of the fine bin says where it goes; whole numbers are where they are.
            let middle = if self.grain.whole { *bin as f64 } else { (*bin as f64 + 0.5) * self.grain.bin as f64 };
            let place = ((middle * self.grain.quantum - bins.from) / bins.width).floor();
            if let Some(slot) = shares.get_mut(place.max(0.0) as usize) {
                *slot += *count as f64;
            }
        }
        let all = self.count.max(1) as f64;
        shares.iter_mut().for_each(|share| *share /= all);
        let none = self.grain.whole.then(|| self.bins.get(&0).copied().unwrap_or(0) as f64 / all);
        let routes: Vec<(String, f64)> =
            self.routes.iter().map(|(name, count)| (name.clone(), *count as f64 / all)).collect();
        Histogram {
            members: self.count as f64,
            from: bins.from,
            width: bins.width,
            shares: if routes.is_empty() { shares } else { Vec::new() },
            routes,
            none,
            mean: number(self.statistic(Summary::Mean)),
            sd: number(self.statistic(Summary::Sd)),
            least: number(self.statistic(Summary::Min)),
            most: number(self.statistic(Summary::Max)),
            median: number(self.statistic(Summary::Median)),
        }
    }
}

fn number(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// Bins to show.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Binning {
    pub from: f64,
    pub width: f64,
    pub count: usize,
}

/// About so many bins are shown.
const BINS: f64 = 48.0;

impl Binning {
    /// For these distributions beside each other: a round width in the unit in which it is shown.
    pub fn of(spectra: &[&Spectrum], factor: f64) -> Binning {
        let ranges: Vec<(f64, f64)> = spectra.iter().filter_map(|spectrum| spectrum.shown_range()).collect();
        let low = ranges.iter().map(|r| r.0).fold(f64::INFINITY, f64::min);
        let high = ranges.iter().map(|r| r.1).fold(f64::NEG_INFINITY, f64::max);
        if !(low.is_finite() && high.is_finite()) {
            return Binning { from: 0.0, width: factor, count: 0 };
        }
        let whole = spectra.iter().any(|spectrum| spectrum.is_whole());
        let rough = (high - low) / BINS / factor;
        let mut width = round_up(if rough > 0.0 { rough } else { 1.0 });
        if whole {
            width = width.max(1.0);
        }
        let first = (low / factor / width * (1.0 + 1e-12)).floor();
        let count = ((high / factor / width).floor() - first) as usize + 1;
        Binning { from: first * width * factor, width: width * factor, count: count.min(4096) }
    }
}

/// 1, 2 or 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powi(value.log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= value * (1.0 - 1e-9)).unwrap_or(10.0);
    if power < 1.0 { step / (1.0 / power).round() } else { step * power }
}

impl Spectrum {
    fn shown_range(&self) -> Option<(f64, f64)> {
        match self {
            Spectrum::Counted(counted) => counted.range(),
            Spectrum::Mixed(mixed) => mixed.range(),
        }
    }

    fn is_whole(&self) -> bool {
        match self {
            Spectrum::Counted(counted) => counted.grain.whole,
            Spectrum::Mixed(mixed) => mixed.parts.iter().any(|part| part.copies.is_some()),
        }
    }

    pub fn histogram(&self, bins: &Binning) -> Histogram {
        match self {
            Spectrum::Counted(counted) => counted.histogram(bins),
            Spectrum::Mixed(mixed) => mixed.histogram(bins),
        }
    }
}

/// What the mean field knows: populations, each with its law.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Mixed {
    property: Property,
    parts: Vec<Part>,
    members: f64,
}

#[derive(Clone, PartialEq, Debug)]
struct Part {
    law: SizeLaw,
    /// Of all members.
    share: f64,
    /// Chances of 0, 1, 2… copies.
    copies: Option<Vec<f64>>,
}

/// Chances below this are left out.
const NEGLIGIBLE: f64 = 1e-10;
/// Copies in one vesicle beyond which nobody looks.
const MOST_COPIES: usize = 1_000_000;

impl Mixed {
    /// From the numbers that the observables of the components have; `None` of no members.
    pub fn of(property: &Property, components: &[Component], observed: &[f64]) -> Option<Mixed> {
        let at = |index: usize| observed.get(index).copied().unwrap_or(0.0).max(0.0);
        let members: f64 = components.iter().map(|part| at(part.members)).sum();
        if components.is_empty() || members.is_nan() || members <= 0.0 {
            return None;
        }
        let part = |component: &Component| Part {
            law: component.law,
            share: at(component.members) / members,
            copies: component.copies.map(|(mean, scaling)| poisson_mixture(&component.law, at(mean), scaling)),
        };
        Some(Mixed { property: property.clone(), parts: components.iter().map(part).collect(), members })
    }

    /// The diameter at which the property has a value.
    fn diameter(&self, value: f64) -> f64 {
        match self.property {
            Property::Area => diameter_of_area(value),
            Property::Volume => diameter_of_lumen(value),
            _ => value,
        }
    }

    fn value(&self, diameter: f64) -> f64 {
        match self.property {
            Property::Area => area_of(diameter),
            Property::Volume => lumen_of(diameter),
            _ => diameter,
        }
    }

    /// The share of members that are not above a value.
    fn below(&self, value: f64) -> f64 {
        let of = |part: &Part| match &part.copies {
            Some(chances) if value < 0.0 => 0.0 * chances.len() as f64,
            Some(chances) => chances.iter().take(value as usize + 1).sum(),
            None => part.law.below(self.diameter(value)),
        };
        self.parts.iter().map(|part| part.share * of(part)).sum()
    }

    fn range(&self) -> Option<(f64, f64)> {
        let end = |part: &Part| match &part.copies {
            Some(chances) => (0.0, chances.iter().rposition(|c| *c > 1e-4).unwrap_or(0) as f64),
            None => {
                let (low, high) = part.law.bulk();
                let tails = (low.max(part.law.mean - 4.0 * part.law.sd), high.min(part.law.mean + 4.0 * part.law.sd));
                (self.value(tails.0), self.value(tails.1))
            }
        };
        let ends: Vec<(f64, f64)> = self.parts.iter().filter(|part| part.share > 0.0).map(end).collect();
        let low = ends.iter().map(|e| e.0).fold(f64::INFINITY, f64::min);
        let high = ends.iter().map(|e| e.1).fold(f64::NEG_INFINITY, f64::max);
        (low <= high).then_some((low, high))
    }

    /// Mean and mean square.
    fn moments(&self) -> (f64, f64) {
        let of = |part: &Part| -> (f64, f64) {
            let points: Vec<(f64, f64)> = match &part.copies {
                Some(chances) => chances.iter().enumerate().map(|(k, c)| (k as f64, *c)).collect(),
                None => {
                    let (low, high) = part.law.bulk();
                    part.law.nodes(low, high).into_iter().map(|(d, w)| (self.value(d), w)).collect()
                }
            };
            (points.iter().map(|(x, w)| x * w).sum(), points.iter().map(|(x, w)| x * x * w).sum())
        };
        self.parts.iter().fold((0.0, 0.0), |(mean, square), part| {
            let own = of(part);
            (mean + part.share * own.0, square + part.share * own.1)
        })
    }

    fn statistic(&self, how: Summary) -> Option<f64> {
        let (mean, square) = self.moments();
        let variance = (square - mean * mean).max(0.0);
        match how {
            Summary::Mean => Some(mean),
            Summary::Sd => Some(variance.sqrt()),
            Summary::Fano => (mean > 0.0).then_some(variance / mean),
            Summary::Median => Some(self.median()),
            Summary::Min | Summary::Max => {
                let low = how == Summary::Min;
                let end = |part: &Part| match (&part.copies, low) {
                    (Some(_), true) => 0.0,
                    (Some(_), false) => f64::NAN,
                    (None, true) => self.value(part.law.ends().0),
                    (None, false) => self.value(part.law.ends().1),
                };
                let ends = self.parts.iter().filter(|part| part.share > 0.0).map(end);
                let extreme = ends.reduce(|a, b| if a.is_nan() || (b < a) == low { b } else { a })?;
                extreme.is_finite().then_some(extreme)
            }
        }
    }

    fn median(&self) -> f64 {
        if self.parts.iter().any(|part| part.copies.is_some()) {
            let top = self.parts.iter().filter_map(|part| part.copies.as_ref()).map(Vec::len).max().unwrap_or(0);
            return (0..top).find(|k| self.below(*k as f64) >= 0.5).unwrap_or(0) as f64;
        }
        let Some((mut low, mut high)) = self.range() else { return f64::NAN };
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if self.below(middle) < 0.5 { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    fn histogram(&self, bins: &Binning) -> Histogram {
        let whole = self.parts.iter().any(|part| part.copies.is_some());
        let edge = |bin: usize| {
            let edge = bins.from + bin as f64 * bins.width;
            // Of whole numbers a bin has those from its edge up to, but without, the next.
            if whole { (edge - 0.5).ceil() - 1.0 } else { edge }
        };
        let shares = (0..bins.count).map(|bin| (self.below(edge(bin + 1)) - self.below(edge(bin))).max(0.0));
        Histogram {
            members: self.members,
            from: bins.from,
            width: bins.width,
            shares: shares.collect(),
            routes: Vec::new(),
            none: whole.then(|| self.below(0.0)),
            mean: number(self.statistic(Summary::Mean)),
            sd: number(self.statistic(Summary::Sd)),
            least: number(self.statistic(Summary::Min)),
            most: number(self.statistic(Summary::Max)),
            median: number(self.statistic(Summary::Median)),
        }
    }
}

/// Chances of 0, 1, 2… copies, over all sizes.
fn poisson_mixture(law: &SizeLaw, mean: f64, scaling: Scaling) -> Vec<f64> {
    let (low, high) = law.bulk();
    let mut chances: Vec<f64> = Vec::new();
    for (diameter, weight) in law.nodes(low, high) {
        let expected = mean * scaling.at(diameter);
        // From the likeliest number outwards, so that nothing underflows.
        let mode = expected.floor().min(MOST_COPIES as f64);
        let at_mode =
            libm::exp(mode * libm::log(expected.max(f64::MIN_POSITIVE)) - expected - libm::lgamma(mode + 1.0));
        let at_mode = if expected > 0.0 { at_mode } else { 1.0 };
        let mut put = |k: f64, chance: f64| {
            let k = k as usize;
            if chances.len() <= k {
                chances.resize(k + 1, 0.0);
            }
            chances[k] += weight * chance;
        };
        let (mut k, mut chance) = (mode, at_mode);
        while chance > NEGLIGIBLE && k < MOST_COPIES as f64 {
            put(k, chance);
            k += 1.0;
            chance *= expected / k;
        }
        let (mut k, mut chance) = (mode, at_mode);
        while k >= 1.0 && chance > NEGLIGIBLE {
            chance *= k / expected;
            k -= 1.0;
            put(k, chance);
        }
    }
    chances
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths() -> Grain {
        Grain::of(&Property::Diameter, 0.2, 1.0)
    }

    #[test]
    fn what_is_counted_in_parts_is_what_is_counted_at_once() {
        let values: Vec<f64> = (0..1000).map(|i| 0.05 + f64::from(i * 37 % 1000) * 1e-4).collect();
        let mut all = Counted::new(lengths());
        values.iter().for_each(|v| all.add(*v));
        let mut parts = [Counted::new(lengths()), Counted::new(lengths())];
        values.iter().enumerate().for_each(|(i, v)| parts[i % 2].add(*v));
        let [a, b] = parts;
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(&b);
        ba.merge(&a);
        assert_eq!(ab, all);
        assert_eq!(ba, all);
        let mean = values.iter().sum::<f64>() / 1000.0;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 999.0;
        assert!((all.statistic(Summary::Mean).unwrap() - mean).abs() < 1e-12);
        assert!((all.statistic(Summary::Sd).unwrap() - variance.sqrt()).abs() < 1e-9);
        assert!((all.statistic(Summary::Median).unwrap() - 0.1).abs() < 1e-3);
    }

    #[test]
    fn copies_have_a_fano_factor_and_empties() {
        let mut counted = Counted::new(Grain::of(&Property::Copies(Vec::new()), 0.0, 0.0));
        [0.0, 0.0, 1.0, 3.0].iter().for_each(|v| counted.add(*v));
        assert_eq!(counted.statistic(Summary::Median), Some(0.5));
        assert_eq!(counted.statistic(Summary::Fano), Some(2.0));
        let spectrum = Spectrum::Counted(counted);
        let shown = spectrum.histogram(&Binning::of(&[&spectrum], 1.0));
        assert_eq!((shown.shares.as_slice(), shown.none), (&[0.5, 0.25, 0.0, 0.25][..], Some(0.5)));
    }

    #[test]
    fn a_mixture_of_sizes_has_its_moments() {
        let law = SizeLaw::new(0.08, 0.025, Some((0.03, 0.15)));
        let part = |members| Component { law, members, copies: None };
        let mixed = Mixed::of(&Property::Diameter, &[part(0), part(1)], &[3.0, 1.0]).unwrap();
        let known = crate::network::geometry::Geometry::new(0.08, 0.025, Some((0.03, 0.15)));
        assert!((mixed.statistic(Summary::Mean).unwrap() - known.diameter).abs() < 1e-9);
        assert_eq!(mixed.statistic(Summary::Max), Some(0.15));
        let spectrum = Spectrum::Mixed(mixed);
        let shown = spectrum.histogram(&Binning::of(&[&spectrum], 1e-3));
        assert!((shown.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{shown:?}");
    }

    #[test]
    fn captured_copies_are_poisson_of_the_size() {
        let one = SizeLaw::new(0.1, 0.0, None);
        let chances = poisson_mixture(&one, 2.0, Scaling::Lumen(lumen_of(0.1)));
        assert!((chances[0] - (-2f64).exp()).abs() < 1e-12 && (chances[3] - 8.0 / 6.0 * (-2f64).exp()).abs() < 1e-12);
        let spread = SizeLaw::new(0.08, 0.02, Some((0.03, 0.15)));
        let lumen = crate::network::geometry::Geometry::new(0.08, 0.02, Some((0.03, 0.15))).lumen;
        let chances = poisson_mixture(&spread, 2.0, Scaling::Lumen(lumen));
        let mean: f64 = chances.iter().enumerate().map(|(k, c)| k as f64 * c).sum();
        assert!((mean - 2.0).abs() < 1e-5, "{mean}");
        // Sizes that differ make more empties.
        assert!(chances[0] > (-2f64).exp());
    }
}
