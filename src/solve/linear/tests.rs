//! Factorisations against each other and against the matrix itself.

use super::*;

/// A small linear congruential generator: tests must not depend on a crate's stream.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }
}

/// The Jacobian of a random network of first-order conversions: columns sum to zero or less.
fn network(n: usize, reactions: usize, seed: u64) -> (SparsePattern, Vec<f64>) {
    let mut draw = Draw(seed);
    let list: Vec<_> =
        (0..reactions).map(|_| (draw.below(n), draw.below(n), 10f64.powf(6.0 * draw.next() - 3.0))).collect();
    let pattern = SparsePattern::from_entries(n, list.iter().map(|&(from, to, _)| (to, from)));
    let mut values = vec![0.0; pattern.nnz()];
    for (from, to, k) in list {
        values[pattern.lookup(from, from).unwrap()] -= k;
        values[pattern.lookup(to, from).unwrap()] += k;
    }
    (pattern, values)
}

/// (shift·I − J) x
fn times(pattern: &SparsePattern, values: &[f64], shift: f64, x: &[f64]) -> Vec<f64> {
    let mut b: Vec<f64> = x.iter().map(|x| shift * x).collect();
    for ((row, column), v) in pattern.entries().zip(values) {
        b[row] -= v * x[column];
    }
    b
}

#[test]
fn both_factorisations_solve_networks() {
    for (seed, &n) in [1, 2, 7, 40, 150].iter().enumerate() {
        let (pattern, values) = network(n, 2 * n, seed as u64 + 1);
        let mut draw = Draw(99);
        let x: Vec<f64> = (0..n).map(|_| draw.next()).collect();
        for shift in [1e-2, 1.0, 1e4] {
            let b = times(&pattern, &values, shift, &x);
            let solvers: [Box<dyn LinearSolver>; 2] =
                [Box::new(StaticLu::new(&pattern)), Box::new(PivotingLu::new(&pattern))];
            for mut solver in solvers {
                // Twice: what one factorisation leaves must not reach the next.
                for _ in 0..2 {
                    let mut found = b.clone();
                    solver.factor(shift, &values).unwrap();
                    solver.solve(&mut found);
                    for (found, x) in found.iter().zip(&x) {
                        assert!((found - x).abs() < 1e-7, "n {n}, shift {shift}: {found} not {x}");
                    }
                }
            }
        }
    }
}

#[test]
fn many_right_sides_are_solved_as_each_alone() {
    let (n, columns) = (40, 12);
    let (pattern, values) = network(n, 2 * n, 7);
    let mut draw = Draw(5);
    let b: Vec<f64> = (0..n * columns).map(|_| draw.next()).collect();
    let solvers: [Box<dyn LinearSolver>; 3] =
        [Box::new(StaticLu::new(&pattern)), Box::new(PivotingLu::new(&pattern)), suited(&pattern)];
    for mut solver in solvers {
        solver.factor(0.5, &values).unwrap();
        let mut together = b.clone();
        solver.solve_many(&mut together, columns);
        for column in 0..columns {
            let mut alone: Vec<f64> = b.iter().skip(column).step_by(columns).copied().collect();
            solver.solve(&mut alone);
            let found = together.iter().skip(column).step_by(columns);
            for (found, alone) in found.zip(&alone) {
                assert!((found - alone).abs() <= 1e-12 * (1.0 + alone.abs()), "column {column}: {found} not {alone}");
            }
        }
    }
}

#[test]
fn the_order_keeps_an_arrow_sparse() {
    // A full first row and column: eliminated first it would fill everything.
    let n = 30;
    let arrow = SparsePattern::from_entries(n, (0..n).flat_map(|i| [(0, i), (i, 0)]));
    assert_eq!(StaticLu::new(&arrow).entries(), 3 * n - 2);
    let order = Elimination::of(&arrow).order;
    assert_eq!(order[..n - 2], (1..n - 1).collect::<Vec<_>>());
}

#[test]
fn what_needs_pivoting_gets_it() {
    // shift·I − J = [[0, 1], [1, 0]] has no pivot on its diagonal.
    let pattern = SparsePattern::dense(2);
    let values = [1.0, -1.0, -1.0, 1.0];
    let mut quick = StaticLu::new(&pattern);
    assert!(quick.factor(1.0, &values).is_err());
    let mut guarded = Guarded::new(Box::new(quick), &pattern);
    guarded.factor(1.0, &values).unwrap();
    let mut b = [2.0, 3.0];
    guarded.solve(&values, &mut b).unwrap();
    assert_eq!((b, guarded.pivoted()), ([3.0, 2.0], 1));
    // Nearly none: the factorisation goes through, its solution does not.
    let values = [1.0 - 1e-7, -1.0, -1.0, 1.0 - 1e-7];
    let x = [1.0, 1.0 / 3.0];
    let mut b = times(&pattern, &values, 1.0, &x);
    guarded.factor(1.0, &values).unwrap();
    guarded.solve(&values, &mut b).unwrap();
    assert!((b[0] - x[0]).abs() + (b[1] - x[1]).abs() < 1e-8);
    // And nothing helps here.
    assert!(guarded.factor(1.0, &[1.0, 0.0, 0.0, 1.0]).is_err());
}

#[test]
fn unknowns_in_units_of_their_own_need_no_pivoting() {
    let (pattern, values) = network(60, 90, 5);
    let n = pattern.dimension();
    // x in units that span twenty decades, as copies beside parts of one: D⁻¹ W D.
    let unit = |i: usize| 10_f64.powi((i * 7 % 21) as i32 - 10);
    let mut scaled = values.clone();
    for column in 0..n {
        for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
            scaled[entry] *= unit(column) / unit(row);
        }
    }
    let x: Vec<f64> = (0..n).map(|i| (1.0 + i as f64) / unit(i)).collect();
    let mut guarded = Guarded::new(Box::new(StaticLu::new(&pattern)), &pattern);
    guarded.factor(1.0, &scaled).unwrap();
    for _ in 0..2 {
        let mut b = times(&pattern, &scaled, 1.0, &x);
        guarded.solve(&scaled, &mut b).unwrap();
        assert!(b.iter().zip(&x).all(|(b, x)| (b / x - 1.0).abs() < 1e-8), "{b:?}");
    }
    assert_eq!(guarded.pivoted(), 0);
}

#[test]
fn a_dense_tail_solves_as_the_sparse_factors_do() {
    for (seed, &(n, reactions)) in [(3, 9), (20, 90), (60, 400), (130, 900)].iter().enumerate() {
        let (pattern, values) = network(n, reactions, 7 + seed as u64);
        let elimination = Elimination::of(&pattern);
        let mut draw = Draw(5);
        let x: Vec<f64> = (0..n).map(|_| draw.next()).collect();
        let b = times(&pattern, &values, 0.5, &x);
        for tail in [1, n / 3, n / 2, n] {
            let mut solver = DenseTailLu::new(&pattern, &elimination, tail);
            for _ in 0..2 {
                let mut found = b.clone();
                solver.factor(0.5, &values).unwrap();
                solver.solve(&mut found);
                for (found, x) in found.iter().zip(&x) {
                    assert!((found - x).abs() < 1e-7, "n {n}, tail {tail}: {found} not {x}");
                }
            }
        }
    }
}

#[test]
fn pivoting_a_large_sparse_matrix_takes_no_square_of_it() {
    // Pairs without a diagonal, in a chain: every second pivot is off the diagonal, and little fills.
    let n = 10_000;
    let pairs = (0..n).step_by(2).flat_map(|i| [(i, i + 1), (i + 1, i)]);
    let pattern = SparsePattern::from_entries(n, pairs.chain((1..n).map(|i| (i, i - 1))));
    let values: Vec<f64> = pattern.entries().map(|(i, j)| if i == j { 1.0 } else { -1.0 - (i % 7) as f64 }).collect();
    let mut draw = Draw(3);
    let x: Vec<f64> = (0..n).map(|_| draw.next()).collect();
    let b = times(&pattern, &values, 1.0, &x);
    let mut solver = PivotingLu::new(&pattern);
    for _ in 0..2 {
        let mut found = b.clone();
        solver.factor(1.0, &values).unwrap();
        solver.solve(&mut found);
        let worst = found.iter().zip(&x).map(|(found, x)| (found - x).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-9, "off by {worst:e}");
        assert!(solver.entries() < 5 * n, "{} entries", solver.entries());
    }
}

#[test]
fn a_block_pivots() {
    // No diagonal to speak of: rows must move.
    for n in [2, 5, 16, 17, 40, 100] {
        let mut draw = Draw(n as u64);
        let pattern = SparsePattern::dense(n);
        let values: Vec<f64> =
            pattern.entries().map(|(i, j)| if i == j { 1.0 + 1e-9 } else { draw.next() - 0.5 }).collect();
        let x: Vec<f64> = (0..n).map(|_| draw.next()).collect();
        let solvers: [Box<dyn LinearSolver>; 2] =
            [Box::new(DenseTailLu::new(&pattern, &Elimination::of(&pattern), n)), Box::new(PivotingLu::new(&pattern))];
        for mut solver in solvers {
            let mut b = times(&pattern, &values, 1.0, &x);
            solver.factor(1.0, &values).unwrap();
            solver.solve(&mut b);
            let worst = b.iter().zip(&x).map(|(b, x)| (b - x).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-8, "n {n}: off by {worst:e}");
        }
    }
    let mut singular = DenseTailLu::new(&SparsePattern::dense(2), &Elimination::of(&SparsePattern::dense(2)), 2);
    assert!(singular.factor(1.0, &[0.0, -1.0, -1.0, 0.0]).is_err());
}

#[test]
fn small_systems_have_short_chains_and_little_fill() {
    // A chain of 40: from one end to the other nothing fills, but each pivot waits for the one before.
    let n = 40;
    let chain = SparsePattern::from_entries(n, (0..n - 1).flat_map(|i| [(i, i + 1), (i + 1, i)]));
    let Elimination { order, below, right } = Elimination::of(&chain);
    let mut levels = vec![0; n];
    for ((&pivot, below), right) in order.iter().zip(&below).zip(&right) {
        for &i in below.iter().chain(right) {
            levels[i] = levels[i].max(levels[pivot] + 1);
        }
    }
    let (longest, entries) = (levels.iter().max(), below.iter().chain(&right).map(Vec::len).sum::<usize>());
    assert!(longest <= Some(&10) && entries <= 4 * n, "{longest:?} pivots in a row, {entries} entries");
}

#[test]
fn what_is_too_long_to_list_has_a_dense_tail() {
    // A band, where none pays.
    let n = 400_usize;
    let entries = (0..n).flat_map(|i| (i.saturating_sub(3)..(i + 4).min(n)).map(move |j| (i, j)));
    let elimination = Elimination::of(&SparsePattern::from_entries(n, entries));
    assert_eq!(elimination.dense_tail(1e6), 0);
    assert!(elimination.dense_tail(1e3) > 0);
}

#[test]
fn pivots_are_cheap_first_then_fill_little() {
    for (n, reactions) in [(120, 700), (200, 150)] {
        let (pattern, _) = network(n, reactions, 3);
        let Elimination { order, below, right } = Elimination::of(&pattern);
        let mut full = vec![vec![false; n]; n];
        pattern.entries().filter(|(i, j)| i != j).for_each(|(i, j)| full[i][j] = true);
        let mut left: Vec<usize> = (0..n).collect();
        let mut is_filled = false;
        for (k, &pivot) in order.iter().enumerate() {
            let row = |i: usize| left.iter().copied().filter(|&j| full[i][j]).collect::<Vec<_>>();
            let column = |j: usize| left.iter().copied().filter(|&i| full[i][j]).collect::<Vec<_>>();
            let cost = |i: usize| row(i).len() * column(i).len();
            let fill = |p: usize| {
                let new = |i: usize| row(p).iter().filter(|&&j| j != i && !full[i][j]).count();
                if is_filled { column(p).into_iter().map(new).sum() } else { 0 }
            };
            let best = left.iter().copied().min_by_key(|&i| (fill(i), cost(i), i));
            assert_eq!(best, Some(pivot), "pivot {k} of {n}");
            assert_eq!((&below[k], &right[k]), (&column(pivot), &row(pivot)));
            for &i in &below[k] {
                right[k].iter().filter(|&&j| j != i).for_each(|&j| full[i][j] = true);
            }
            left.retain(|&i| i != pivot);
            let entries: usize = left.iter().map(|&i| left.iter().filter(|&&j| full[i][j]).count()).sum();
            is_filled |= entries * 32 > left.len() * left.len();
        }
        assert!(is_filled);
    }
}
