//! In which order to eliminate, and what fills in.
//!
//! Pivots are on the diagonal, ties broken by index, so the order is a function of the pattern. As long as little has filled,
//! each step takes the pivot with the least product of the other entries in its row and its column (H. Markowitz, Management
//! Science 3 (1957) 255); then the one that fills least (the third scheme of W. F. Tinney, J. W. Walker, Proc. IEEE 55 (1967)
//! 1801), which of networks that fill leaves two thirds of the entries and half of the multiplications.
//!
//! Small systems, whose factors lie in the nearest cache, take as long as their longest chain of operations that wait for each
//! other: of pivots that are nearly as cheap the one whose row and column the fewest others changed in succession.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::SparsePattern;

/// Nanoseconds of a multiplication and subtraction in a sparse column, in a dense block, and of an entry of the block.
const SPARSE: f64 = 0.6;
const DENSE: f64 = 0.1;
const ENTRY: f64 = 0.5;
/// A dense block is for less than this part of the time without it.
const WORTHWHILE: f64 = 0.75;
/// As many variables as bits in a word: a system of no more is small.
const SMALL: usize = 64;
/// In small systems, by how much more than the cheapest a pivot may cost to shorten the chain. Measured on the rate matrices of
/// systems of 3 to 12 species: 3 to 8 give chains within a tenth of the shortest that a search over orders finds, and a few
/// more entries.
const SPARE: usize = 4;
/// More than one entry in so many, and sets of bits take less work than lists.
const DENSER: usize = 16;
/// So many pivots at most are chosen by what they fill, from when on more than one entry in so many is left. More would take
/// longer to order than is gained.
const MOST_BY_FILL: usize = 1_000;
const FILLED: usize = 32;
/// As long as there are more, what a pivot fills is found anew only when its own row or column has changed.
const FEW: usize = 256;

/// An elimination order with the entries of its factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elimination {
    /// `order[k]` is eliminated k-th.
    pub order: Vec<usize>,
    /// For each step k, the variables whose rows it changes (entries of L in column k), ascending.
    pub below: Vec<Vec<usize>>,
    /// For each step k, the variables that its row still holds (entries of U in row k), ascending.
    pub right: Vec<Vec<usize>>,
}

impl Elimination {
    /// Orders the elimination of a matrix with this pattern, pivots on the diagonal.
    pub fn of(pattern: &SparsePattern) -> Elimination {
        let mut lists = Lists::new(pattern);
        let mut elimination = Elimination { order: Vec::new(), below: Vec::new(), right: Vec::new() };
        if pattern.dimension() <= SMALL {
            lists.into_bits().finish_in_short_chains(&mut elimination);
            return elimination;
        }
        while let Some(pivot) = lists.next() {
            let (below, right) = lists.eliminate(pivot);
            elimination.order.push(pivot);
            elimination.below.push(below);
            elimination.right.push(right);
            if lists.are_dense() {
                lists.into_bits().finish(&mut elimination);
                break;
            }
        }
        elimination
    }

    /// Multiplications that eliminating pivot k takes.
    fn work(&self, k: usize) -> f64 {
        (self.below[k].len() * self.right[k].len()) as f64
    }

    /// How many of the last pivots are best taken as one dense block; none, when that gains little and the multiplications
    /// are at most so many as lists of them may hold.
    ///
    /// By times measured of each kernel: a multiplication that finds its place by an index takes `SPARSE`, one in a
    /// block `DENSE`, an entry of the block `ENTRY` besides.
    pub fn dense_tail(&self, most_listed: f64) -> usize {
        let n = self.order.len();
        let all: f64 = (0..n).map(|k| self.work(k)).sum();
        let let_be = if all > most_listed { f64::INFINITY } else { SPARSE * all * WORTHWHILE };
        let (mut before, mut best) = (0.0, (let_be, 0));
        for k in 0..n {
            let size = (n - k) as f64;
            let cost = before + DENSE * size.powi(3) / 3.0 + ENTRY * size * size;
            if cost < best.0 {
                best = (cost, n - k);
            }
            before += SPARSE * self.work(k);
        }
        best.1
    }
}

/// The part not yet eliminated, off its diagonal, as ascending lists.
struct Lists {
    rows: Vec<Vec<usize>>,
    columns: Vec<Vec<usize>>,
    /// Pivots by their cost; some costs are outdated.
    queue: BinaryHeap<Reverse<(usize, usize)>>,
    left: Vec<bool>,
    /// Number of pivots and of entries left.
    pivots: usize,
    entries: usize,
    merged: Vec<usize>,
}

impl Lists {
    fn new(pattern: &SparsePattern) -> Self {
        let n = pattern.dimension();
        let (mut rows, mut columns) = (vec![Vec::new(); n], vec![Vec::new(); n]);
        let mut entries = 0;
        for (row, column) in pattern.entries().filter(|(r, c)| r != c) {
            rows[row].push(column);
            columns[column].push(row);
            entries += 1;
        }
        let mut lists = Lists {
            rows,
            columns,
            queue: BinaryHeap::new(),
            left: vec![true; n],
            pivots: n,
            entries,
            merged: Vec::new(),
        };
        lists.queue = (0..n).map(|i| Reverse((lists.cost(i), i))).collect();
        lists
    }

    fn cost(&self, i: usize) -> usize {
        self.rows[i].len() * self.columns[i].len()
    }

    fn next(&mut self) -> Option<usize> {
        while let Some(Reverse((price, pivot))) = self.queue.pop() {
            if self.left[pivot] && price == self.cost(pivot) {
                return Some(pivot);
            }
        }
        None
    }

    /// The rows and the columns that the pivot touches.
    fn eliminate(&mut self, pivot: usize) -> (Vec<usize>, Vec<usize>) {
        self.left[pivot] = false;
        let right = std::mem::take(&mut self.rows[pivot]);
        let below = std::mem::take(&mut self.columns[pivot]);
        self.pivots -= 1;
        self.entries -= right.len();
        for &i in &below {
            self.entries -= self.rows[i].len();
            merge_without(&mut self.rows[i], &right, pivot, i, &mut self.merged);
            self.entries += self.rows[i].len();
        }
        for &j in &right {
            merge_without(&mut self.columns[j], &below, pivot, j, &mut self.merged);
        }
        for &i in below.iter().chain(&right) {
            self.queue.push(Reverse((self.cost(i), i)));
        }
        (below, right)
    }

    /// Whether sets of bits are to take over.
    fn are_dense(&self) -> bool {
        let one_in = if self.pivots <= MOST_BY_FILL { FILLED } else { DENSER };
        self.entries * one_in > self.pivots * self.pivots
    }

    fn into_bits(self) -> Bits {
        let variables: Vec<usize> = (0..self.left.len()).filter(|&i| self.left[i]).collect();
        let mut index = vec![0; self.left.len()];
        for (i, &variable) in variables.iter().enumerate() {
            index[variable] = i;
        }
        let words = variables.len().div_ceil(64);
        let set = |lists: &[Vec<usize>]| {
            let mut bits = vec![0; words * variables.len()];
            for (i, &variable) in variables.iter().enumerate() {
                for &other in &lists[variable] {
                    bits[i * words + index[other] / 64] |= 1 << (index[other] % 64);
                }
            }
            bits
        };
        Bits { rows: set(&self.rows), columns: set(&self.columns), variables, words }
    }
}

/// The same, a bit for each entry there may be; indices are positions in `variables`.
struct Bits {
    variables: Vec<usize>,
    words: usize,
    rows: Vec<u64>,
    columns: Vec<u64>,
}

impl Bits {
    /// Eliminates all that is left.
    fn finish(mut self, into: &mut Elimination) {
        let mut left: Vec<usize> = (0..self.variables.len()).collect();
        let mut sizes = self.sizes();
        // What each pivot would fill, once that counts.
        let mut fills: Vec<usize> = Vec::new();
        while !left.is_empty() {
            if left.len() <= MOST_BY_FILL && fills.is_empty() {
                fills = (0..self.variables.len()).map(|i| self.fill(i)).collect();
            }
            let cost = |&at: &usize| {
                let i = left[at];
                (fills.get(i).copied(), sizes[i].0 * sizes[i].1)
            };
            let Some(at) = (0..left.len()).min_by_key(cost) else { return };
            let pivot = left.remove(at);
            let (below, right) = self.eliminate(pivot, &mut sizes, into);
            // A pivot that adds nothing leaves those as they are that would add nothing either: all, once all is full.
            let least = usize::from(fills.get(pivot) == Some(&0));
            let mut renew = |i: usize| {
                if fills[i] >= least {
                    fills[i] = self.fill(i);
                }
            };
            if left.len() <= FEW {
                left.iter().for_each(|&i| renew(i));
            } else if left.len() < MOST_BY_FILL {
                let changed = below.iter().zip(&right).map(|(below, right)| below | right).collect::<Vec<u64>>();
                members(&changed).for_each(renew);
            }
        }
    }

    /// The same by Markowitz's costs alone, in short chains.
    fn finish_in_short_chains(mut self, into: &mut Elimination) {
        let mut left: Vec<usize> = (0..self.variables.len()).collect();
        let mut sizes = self.sizes();
        // How many pivots, one after the other, have changed what is left of each.
        let mut levels = vec![0; left.len()];
        loop {
            let cost = |&i: &usize| sizes[i].0 * sizes[i].1;
            let Some(least) = left.iter().map(cost).min() else { return };
            let cheap = (0..left.len()).filter(|&at| cost(&left[at]) <= least + SPARE);
            let Some(at) = cheap.min_by_key(|&at| (levels[left[at]], cost(&left[at]))) else { return };
            let pivot = left.remove(at);
            let (below, right) = self.eliminate(pivot, &mut sizes, into);
            for i in members(&below).chain(members(&right)) {
                levels[i] = levels[i].max(levels[pivot] + 1);
            }
        }
    }

    /// Entries off the diagonal in each row and each column.
    fn sizes(&self) -> Vec<(usize, usize)> {
        let size = |bits: &[u64]| bits.iter().map(|w| w.count_ones() as usize).sum::<usize>();
        (0..self.variables.len()).map(|i| (size(self.of(&self.rows, i)), size(self.of(&self.columns, i)))).collect()
    }

    /// How many entries eliminating this pivot would add.
    fn fill(&self, pivot: usize) -> usize {
        let right = self.of(&self.rows, pivot);
        let added = |row: usize| {
            let of_row = self.of(&self.rows, row).iter().zip(right);
            let new: usize = of_row.map(|(old, right)| (right & !old).count_ones() as usize).sum();
            // Its diagonal is there.
            new - usize::from(right[row / 64] >> (row % 64) & 1 == 1)
        };
        members(self.of(&self.columns, pivot)).map(added).sum()
    }

    /// The next pivot; the rows and the columns that it touches.
    fn eliminate(
        &mut self,
        pivot: usize,
        sizes: &mut [(usize, usize)],
        into: &mut Elimination,
    ) -> (Vec<u64>, Vec<u64>) {
        let right = self.of(&self.rows, pivot).to_vec();
        let below = self.of(&self.columns, pivot).to_vec();
        for i in members(&below) {
            sizes[i].0 = unite(&mut self.rows[i * self.words..][..self.words], &right, pivot, i);
        }
        for j in members(&right) {
            sizes[j].1 = unite(&mut self.columns[j * self.words..][..self.words], &below, pivot, j);
        }
        let named = |bits: &[u64]| members(bits).map(|i| self.variables[i]).collect();
        into.order.push(self.variables[pivot]);
        into.below.push(named(&below));
        into.right.push(named(&right));
        (below, right)
    }

    fn of<'a>(&self, sets: &'a [u64], i: usize) -> &'a [u64] {
        &sets[i * self.words..(i + 1) * self.words]
    }
}

fn members(bits: &[u64]) -> impl Iterator<Item = usize> + '_ {
    bits.iter().enumerate().flat_map(|(at, &word)| {
        let next = |w: &u64| Some(w & (w - 1)).filter(|w| *w != 0);
        std::iter::successors(Some(word).filter(|w| *w != 0), next).map(move |w| at * 64 + w.trailing_zeros() as usize)
    })
}

/// `into ∪ other`, without the pivot just eliminated and without the diagonal; its size.
fn unite(into: &mut [u64], other: &[u64], pivot: usize, diagonal: usize) -> usize {
    for (into, other) in into.iter_mut().zip(other) {
        *into |= other;
    }
    for absent in [pivot, diagonal] {
        into[absent / 64] &= !(1 << (absent % 64));
    }
    into.iter().map(|w| w.count_ones() as usize).sum()
}

/// `into ∪ other`, without the pivot just eliminated and without the diagonal; all ascending.
fn merge_without(into: &mut Vec<usize>, other: &[usize], pivot: usize, diagonal: usize, merged: &mut Vec<usize>) {
    merged.clear();
    let (mut a, mut b) = (into.iter().copied().peekable(), other.iter().copied().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(&x), Some(&y)) => {
                if x <= y {
                    a.next();
                }
                if y <= x {
                    b.next();
                }
                x.min(y)
            }
            (Some(_), None) => a.next().unwrap_or_default(),
            (None, Some(_)) => b.next().unwrap_or_default(),
            (None, None) => break,
        };
        if next != pivot && next != diagonal {
            merged.push(next);
        }
    }
    std::mem::swap(into, merged);
}
