//! Conservation laws: integer combinations of species that no reaction changes.
//!
//! The left null space of the stoichiometry, by fraction-free elimination over one reaction at a time: at first every
//! species is a law of its own; each reaction that changes some of the laws takes one of them as pivot and combines
//! the others with it. Reactions with few species come first and small laws are pivots, so that the work is about
//! linear in the network for chains and cycles. The pivot is taken from the side (gain or loss) with fewer laws, which
//! keeps coefficients positive where that is possible; small non-negative laws are then preferred.
//!
//! Laws hold between interventions and events. Left out: membrane areas (their changes are no integers), conditions,
//! what a rule or nothing changes at all, and species that some reaction changes by a number that is no fraction of
//! small terms. Limits: [`WORK`] elementary steps and coefficients up to [`LARGEST`]; beyond, only the laws
//! that are certain are given.

use rustc_hash::FxHashMap;

use super::{ConservationLaw, Network, SpeciesId, SpeciesKind};

/// Elementary steps after which the search ends.
pub const WORK: usize = 50_000_000;
/// The largest coefficient of a law.
pub const LARGEST: i64 = 1_000_000_000_000;
/// The largest factor that makes a reaction's changes whole numbers.
const DENOMINATOR: u32 = 1_000;

type Terms = FxHashMap<u32, i64>;

/// The laws of a network: a basis of them, small ones first.
pub fn laws(network: &Network) -> Vec<ConservationLaw> {
    let mut search = Search::new(network);
    let mut columns = search.columns(network);
    columns.sort_by_key(Vec::len);
    columns.dedup();
    for column in &columns {
        search.eliminate(column);
    }
    let mut laws: Vec<Vec<(u32, i64)>> =
        search.laws.iter().flatten().map(normal).filter(|law| !law.is_empty()).collect();
    if search.spent > WORK {
        laws.retain(|law| columns.iter().all(|column| changed(law, column) == 0));
    }
    simplify(&mut laws);
    laws.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    let law = |terms: Vec<(u32, i64)>| ConservationLaw {
        terms: terms.into_iter().map(|(species, n)| (SpeciesId(species), n)).collect(),
    };
    laws.into_iter().map(law).collect()
}

struct Search {
    /// `None` for those that are gone.
    laws: Vec<Option<Terms>>,
    /// For each species the laws that may have it: some may not any more, and some may be there twice.
    with: Vec<Vec<u32>>,
    spent: usize,
}

impl Search {
    fn new(network: &Network) -> Search {
        let mut touched = vec![false; network.species.len()];
        for reaction in &network.reactions {
            for (species, _) in &reaction.stoichiometry {
                if let Some(touched) = touched.get_mut(species.index()) {
                    *touched = true;
                }
            }
        }
        for rule in &network.rate_rules {
            if let Some(touched) = touched.get_mut(rule.species.index()) {
                *touched = false;
            }
        }
        let counted = |(species, touched): (&super::Species, bool)| {
            touched
                && !species.fixed
                && !matches!(species.kind, SpeciesKind::Area | SpeciesKind::Condition | SpeciesKind::Tally)
        };
        let law = |(index, species)| counted(species).then(|| Terms::from_iter([(index, 1)]));
        let laws: Vec<Option<Terms>> = (0u32..).zip(network.species.iter().zip(touched)).map(law).collect();
        let with = (0u32..).zip(&laws).map(|(id, law)| law.iter().map(|_| id).collect()).collect();
        Search { laws, with, spent: 0 }
    }

    /// The reactions' changes in whole numbers, without those that no law can have. What a reaction changes by no
    /// simple fraction is in no law: a column of its own rules it out.
    fn columns(&self, network: &Network) -> Vec<Vec<(u32, i64)>> {
        let mut columns = Vec::with_capacity(network.reactions.len());
        for reaction in &network.reactions {
            let counted = |species: &SpeciesId| self.laws.get(species.index()).is_some_and(Option::is_some);
            let changes: Vec<(u32, f64)> =
                reaction.stoichiometry.iter().filter(|(s, _)| counted(s)).map(|(s, n)| (s.0, *n)).collect();
            let whole = (1..=DENOMINATOR).find_map(|factor| {
                let scaled = changes.iter().map(|&(s, n)| {
                    let n = n * f64::from(factor);
                    (n.fract() == 0.0 && n.abs() < LARGEST as f64).then_some((s, n as i64))
                });
                scaled.collect::<Option<Vec<_>>>()
            });
            match whole {
                Some(column) => columns.push(reduced(column)),
                None => columns.extend(changes.into_iter().map(|(s, _)| vec![(s, 1)])),
            }
        }
        columns.retain(|column| !column.is_empty());
        columns
    }

    fn eliminate(&mut self, column: &[(u32, i64)]) {
        if self.spent > WORK {
            return;
        }
        // What the reaction does to each law: only laws with one of its species are touched.
        let mut effects: Vec<(u32, i128)> = Vec::new();
        let mut seen: FxHashMap<u32, usize> = FxHashMap::default();
        for &(species, change) in column {
            let Some(with) = self.with.get_mut(species as usize) else { continue };
            let laws = &self.laws;
            with.retain(|&id| laws.get(id as usize).and_then(Option::as_ref).is_some_and(|l| l.contains_key(&species)));
            with.sort_unstable();
            with.dedup();
            self.spent += with.len();
            for &id in with.iter() {
                let Some(Some(law)) = self.laws.get(id as usize) else { continue };
                let n = i128::from(law.get(&species).copied().unwrap_or(0)) * i128::from(change);
                match seen.get(&id).and_then(|&at| effects.get_mut(at)) {
                    Some((_, total)) => *total += n,
                    None => {
                        seen.insert(id, effects.len());
                        effects.push((id, n));
                    }
                }
            }
        }
        effects.retain(|(_, effect)| *effect != 0);
        let gains = effects.iter().filter(|(_, effect)| *effect > 0).count();
        let from_gains = gains > 0 && (gains <= effects.len() - gains || gains == effects.len());
        let size = |id: u32| self.laws.get(id as usize).and_then(Option::as_ref).map_or(usize::MAX, Terms::len);
        let side = effects.iter().filter(|(_, effect)| (*effect > 0) == from_gains);
        let Some(&(pivot, by)) = side.min_by_key(|(id, effect)| (effect.unsigned_abs(), size(*id), *id)) else {
            return;
        };
        let Some(pivot_terms) = self.laws.get_mut(pivot as usize).and_then(Option::take) else { return };
        let mut others: Vec<(u32, i128)> = effects.into_iter().filter(|(id, _)| *id != pivot).collect();
        let last = others.pop();
        for (id, effect) in others {
            self.combine(id, effect, pivot_terms.clone(), by, None);
        }
        if let Some((id, effect)) = last {
            self.combine(id, effect, pivot_terms, by, Some(pivot));
        }
    }

    /// Makes of a law one that the reaction doesn't change: |by| × law ± |effect| × pivot. A `free` number, the
    /// pivot's own, may be taken for the result: then merging two laws costs the smaller of them.
    fn combine(&mut self, id: u32, effect: i128, pivot: Terms, by: i128, free: Option<u32>) {
        let Some(law) = self.laws.get_mut(id as usize).and_then(Option::take) else { return };
        let common = gcd(effect.unsigned_abs(), by.unsigned_abs()).max(1) as i128;
        let (mut times, mut plus) = (by.abs() / common, effect.abs() / common);
        if (by > 0) == (effect > 0) {
            plus = -plus;
        }
        let (mut large, mut small, mut id) = (law, pivot, id);
        if let Some(free) = free.filter(|_| plus == 1 && small.len() > large.len()) {
            std::mem::swap(&mut large, &mut small);
            std::mem::swap(&mut times, &mut plus);
            id = free;
        }
        self.spent += small.len() + if times == 1 { 0 } else { large.len() };
        if times != 1 {
            for n in large.values_mut() {
                let Some(product) = within(i128::from(*n) * times) else { return };
                *n = product;
            }
        }
        for (species, n) in small {
            let entry = large.entry(species).or_insert_with(|| {
                if let Some(with) = self.with.get_mut(species as usize) {
                    with.push(id);
                }
                0
            });
            let Some(sum) = within(i128::from(*entry) + i128::from(n) * plus) else { return };
            *entry = sum;
            if sum == 0 {
                large.remove(&species);
            }
        }
        if let Some(slot) = self.laws.get_mut(id as usize) {
            *slot = Some(large);
        }
    }
}

fn within(n: i128) -> Option<i64> {
    i64::try_from(n).ok().filter(|n| n.abs() <= LARGEST)
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Divided by the common factor; with a first coefficient that is positive.
fn reduced(mut terms: Vec<(u32, i64)>) -> Vec<(u32, i64)> {
    terms.retain(|(_, n)| *n != 0);
    terms.sort_unstable();
    let common = terms.iter().fold(0, |common, (_, n)| gcd(common, u128::from(n.unsigned_abs())));
    let common = i64::try_from(common).unwrap_or(1).max(1);
    let sign = terms.first().map_or(1, |(_, n)| n.signum());
    terms.iter_mut().for_each(|(_, n)| *n = *n / common * sign);
    terms
}

/// In its lowest terms; positive rather than negative.
fn normal(terms: &Terms) -> Vec<(u32, i64)> {
    let mut terms = reduced(terms.iter().map(|(&s, &n)| (s, n)).collect());
    let negative = terms.iter().filter(|(_, n)| *n < 0).count();
    if negative * 2 > terms.len() {
        terms.iter_mut().for_each(|(_, n)| *n = -*n);
    }
    terms
}

/// What a reaction does to a law.
fn changed(law: &[(u32, i64)], column: &[(u32, i64)]) -> i128 {
    let of = |species: u32| law.binary_search_by_key(&species, |(s, _)| *s).ok().and_then(|at| law.get(at));
    column.iter().filter_map(|&(s, n)| of(s).map(|&(_, m)| i128::from(n) * i128::from(m))).sum()
}

/// Makes laws non-negative, then smaller, by adding others to them and taking others away, while that helps. Only
/// for as many laws as someone would read.
fn simplify(laws: &mut [Vec<(u32, i64)>]) {
    if laws.len() > 200 {
        return;
    }
    let cost = |law: &[(u32, i64)]| {
        let negative = law.iter().filter(|(_, n)| *n < 0).count();
        (negative, law.len(), law.iter().map(|(_, n)| n.unsigned_abs()).sum::<u64>())
    };
    for _ in 0..4 {
        let mut better = false;
        for at in 0..laws.len() {
            for other in 0..laws.len() {
                let (Some(law), Some(add)) = (laws.get(at), laws.get(other)) else { continue };
                if at == other || !overlap(law, add) {
                    continue;
                }
                let best = [1, -1].into_iter().filter_map(|sign| sum(law, add, sign)).min_by_key(|l| cost(l));
                if let Some(best) = best.filter(|best| !best.is_empty() && cost(best) < cost(law)) {
                    if let Some(slot) = laws.get_mut(at) {
                        *slot = best;
                    }
                    better = true;
                }
            }
        }
        if !better {
            return;
        }
    }
}

fn overlap(a: &[(u32, i64)], b: &[(u32, i64)]) -> bool {
    let (small, large) = if a.len() < b.len() { (a, b) } else { (b, a) };
    small.iter().any(|(s, _)| large.binary_search_by_key(s, |(t, _)| *t).is_ok())
}

fn sum(a: &[(u32, i64)], b: &[(u32, i64)], sign: i64) -> Option<Vec<(u32, i64)>> {
    let mut total: std::collections::BTreeMap<u32, i64> = a.iter().copied().collect();
    for &(species, n) in b {
        let entry = total.entry(species).or_insert(0);
        *entry = within(i128::from(*entry) + i128::from(sign * n))?;
    }
    total.retain(|_, n| *n != 0);
    Some(total.into_iter().collect())
}
