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
fn the_order_keeps_an_arrow_sparse() {
    // A full first row and column: eliminated first it would fill everything.
    let n = 30;
    let arrow = SparsePattern::from_entries(n, (0..n).flat_map(|i| [(0, i), (i, 0)]));
    assert_eq!(StaticLu::new(&arrow).entries(), 3 * n - 2);
    let order = markowitz(&arrow).order;
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
