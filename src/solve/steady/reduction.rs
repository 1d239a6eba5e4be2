//! What stands still and what is conserved, found from the changes that can happen.
//!
//! The laws by elimination over one change at a time, as [`Reduction::new`] says; then each law is solved for one
//! component of its own (reduced row echelon form), the *dependent* one. Changes need not be whole numbers: areas of
//! membrane are moieties as well. Rounding is told from a change by comparing with the sum of the magnitudes.

use rustc_hash::FxHashMap;

/// A sum this small beside its terms is rounding.
const ROUNDING: f64 = 1e-11;
/// Elementary steps after which no more laws are looked for.
const WORK: usize = 20_000_000;

/// Σ coefficient · y = constant. The coefficient of the dependent component is 1, and no other moiety has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Moiety {
    pub dependent: usize,
    /// By component, the dependent one included.
    pub terms: Vec<(usize, f64)>,
}

impl Moiety {
    /// The total at a state.
    pub fn total(&self, y: &[f64]) -> f64 {
        self.terms.iter().map(|&(i, c)| c * y[i]).sum()
    }

    /// The sum of the magnitudes of its terms: what an error of the total compares with.
    pub fn magnitude(&self, y: &[f64]) -> f64 {
        self.terms.iter().map(|&(i, c)| (c * y[i]).abs()).sum()
    }
}

/// Which components move, and what they conserve together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reduction {
    /// Whether each component stands still.
    held: Vec<bool>,
    moieties: Vec<Moiety>,
}

type Law = Vec<(usize, f64)>;

impl Reduction {
    /// From the components that are held and the changes that the others undergo, each as `(component, amount)`; a
    /// component that no change has is held as well. `None` when the search for moieties takes too long.
    ///
    /// At first every component is a law; a change that alters some laws takes one of them as pivot and is eliminated
    /// from the others by it.
    pub fn new<'a>(held: &[bool], changes: impl IntoIterator<Item = &'a [(usize, f64)]>) -> Option<Reduction> {
        let mut moves = vec![false; held.len()];
        let free = |&&(i, n): &&(usize, f64)| n != 0.0 && held.get(i) == Some(&false);
        let mut columns: Vec<Law> =
            changes.into_iter().map(|change| change.iter().filter(free).copied().collect()).collect();
        columns.iter().flatten().for_each(|&(i, _)| moves[i] = true);
        columns.iter_mut().for_each(|column| column.sort_unstable_by_key(|(i, _)| *i));
        columns.retain(|column| !column.is_empty());
        columns
            .sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal)));
        columns.dedup();
        let mut search = Search::new(&moves);
        for column in &columns {
            search.eliminate(column);
            if search.spent > WORK {
                return None;
            }
        }
        let moieties = solved(search.laws.into_iter().flatten().collect());
        Some(Reduction { held: moves.into_iter().map(|m| !m).collect(), moieties })
    }

    /// Whether a component stands still.
    pub fn holds(&self, component: usize) -> bool {
        self.held.get(component) == Some(&true)
    }

    /// The number of components.
    pub fn dimension(&self) -> usize {
        self.held.len()
    }

    /// The laws, each with a dependent component of its own.
    pub fn moieties(&self) -> &[Moiety] {
        &self.moieties
    }

    /// For each component the position of the moiety that it is the dependent one of.
    pub(super) fn dependents(&self) -> Vec<Option<usize>> {
        let mut dependents = vec![None; self.held.len()];
        for (position, moiety) in self.moieties.iter().enumerate() {
            dependents[moiety.dependent] = Some(position);
        }
        dependents
    }
}

struct Search {
    laws: Vec<Option<Law>>,
    /// For each component the laws that may have it.
    with: Vec<Vec<usize>>,
    spent: usize,
}

impl Search {
    fn new(moves: &[bool]) -> Search {
        let laws = moves.iter().enumerate().map(|(i, moves)| moves.then(|| vec![(i, 1.0)])).collect();
        Search { laws, with: (0..moves.len()).map(|i| vec![i]).collect(), spent: 0 }
    }

    /// Makes laws that this change does not alter of those that it does.
    fn eliminate(&mut self, change: &[(usize, f64)]) {
        let mut effects: FxHashMap<usize, (f64, f64)> = FxHashMap::default();
        for &(component, amount) in change {
            let laws = &self.laws;
            let with = &mut self.with[component];
            with.sort_unstable();
            with.dedup();
            with.retain(|&id| coefficient(&laws[id], component) != 0.0);
            self.spent += with.len();
            for &id in with.iter() {
                let effect = coefficient(&laws[id], component) * amount;
                let (sum, size) = effects.entry(id).or_default();
                *sum += effect;
                *size += effect.abs();
            }
        }
        let altered = effects.into_iter().filter(|(_, (sum, size))| sum.abs() > ROUNDING * size);
        let mut altered: Vec<(usize, f64)> = altered.map(|(id, (sum, _))| (id, sum)).collect();
        altered.sort_unstable_by_key(|&(id, _)| (self.laws[id].as_ref().map_or(0, Vec::len), id));
        let Some((&(pivot, by), others)) = altered.split_first() else { return };
        let Some(pivot) = self.laws[pivot].take() else { return };
        for &(id, effect) in others {
            let Some(law) = self.laws[id].take() else { continue };
            self.spent += law.len() + pivot.len();
            pivot.iter().for_each(|&(component, _)| self.with[component].push(id));
            self.laws[id] = Some(plus(&law, -effect / by, &pivot));
        }
    }
}

fn coefficient(law: &Option<Law>, component: usize) -> f64 {
    let at = |law: &Law| law.binary_search_by_key(&component, |(i, _)| *i).ok().map(|at| law[at].1);
    law.as_ref().and_then(at).unwrap_or(0.0)
}

/// a + factor · b, without what is rounding.
fn plus(a: &[(usize, f64)], factor: f64, b: &[(usize, f64)]) -> Law {
    let mut sum = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let (i, x, y) = match (a.peek(), b.peek()) {
            (Some(&&(i, x)), Some(&&(j, y))) if i == j => (i, x, factor * y),
            (Some(&&(i, x)), Some(&&(j, _))) if i < j => (i, x, 0.0),
            (Some(&&(i, x)), None) => (i, x, 0.0),
            (_, Some(&&(j, y))) => (j, 0.0, factor * y),
            (None, None) => return sum,
        };
        a.next_if(|(j, _)| *j == i);
        b.next_if(|(j, _)| *j == i);
        if (x + y).abs() > ROUNDING * (x.abs() + y.abs()) {
            sum.push((i, x + y));
        }
    }
}

/// Each law solved for a component of its own: its largest term, the first of equals.
fn solved(mut laws: Vec<Law>) -> Vec<Moiety> {
    laws.sort_by_key(Vec::len);
    let mut dependents = Vec::with_capacity(laws.len());
    for at in 0..laws.len() {
        let largest = |best: Option<(usize, f64)>, &(i, c): &(usize, f64)| match best {
            Some((_, most)) if c.abs() <= most.abs() => best,
            _ => Some((i, c)),
        };
        let Some((dependent, by)) = laws[at].iter().fold(None, largest) else { continue };
        laws[at].iter_mut().for_each(|(_, c)| *c /= by);
        let pivot = laws[at].clone();
        for (other, law) in laws.iter_mut().enumerate() {
            let Ok(found) = law.binary_search_by_key(&dependent, |(i, _)| *i) else { continue };
            if other != at {
                let factor = -law[found].1;
                *law = plus(law, factor, &pivot);
            }
        }
        dependents.push((at, dependent));
    }
    dependents.into_iter().map(|(at, dependent)| Moiety { dependent, terms: std::mem::take(&mut laws[at]) }).collect()
}
