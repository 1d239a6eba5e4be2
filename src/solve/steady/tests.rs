//! Steady states with closed forms, moieties of small networks, eigenvalues that can be told by hand.

use super::*;

type Rates = fn(&[f64], &mut [f64]);
type Derivatives = fn(&[f64]) -> Vec<Vec<f64>>;

/// A flow given by hand, its Jacobian dense by rows.
struct Dense {
    pattern: SparsePattern,
    rates: Rates,
    derivatives: Derivatives,
}

impl Dense {
    fn new(n: usize, rates: Rates, derivatives: Derivatives) -> Dense {
        Dense { pattern: SparsePattern::dense(n), rates, derivatives }
    }
}

impl Flow for Dense {
    fn dimension(&self) -> usize {
        self.pattern.dimension()
    }
    fn rates(&self, y: &[f64], dydt: &mut [f64]) {
        (self.rates)(y, dydt);
    }
    fn pattern(&self) -> &SparsePattern {
        &self.pattern
    }
    fn derivatives(&self, y: &[f64], values: &mut [f64]) {
        let rows = (self.derivatives)(y);
        for (value, (row, column)) in values.iter_mut().zip(self.pattern.entries()) {
            *value = rows[row][column];
        }
    }
    fn is_amount(&self, _: usize) -> bool {
        true
    }
}

const ONES: [f64; 4] = [1.0; 4];

fn limits(n: usize, near: f64) -> Limits<'static> {
    Limits { scales: &ONES[..n], near, tolerance: 1e-8, shift: 1e-9 }
}

fn reduction(n: usize, changes: &[&[(usize, f64)]]) -> Reduction {
    Reduction::new(&vec![false; n], changes.iter().copied()).unwrap()
}

/// An enzyme that binds its substrate and makes product: E + S ⇌ ES → E + P, S made at 2 and P lost at 0.5 P.
/// Enzyme in all 10.
fn enzyme() -> (Dense, Reduction) {
    let rates: Rates = |y, f| {
        let [e, s, es, p] = [y[0], y[1], y[2], y[3]];
        let (bind, free, make) = (0.3 * e * s, 0.1 * es, 1.0 * es);
        f.copy_from_slice(&[free + make - bind, 2.0 - bind + free, bind - free - make, make - 0.5 * p]);
    };
    let derivatives: Derivatives = |y| {
        let (by_e, by_s) = (0.3 * y[1], 0.3 * y[0]);
        vec![
            vec![-by_e, -by_s, 1.1, 0.0],
            vec![-by_e, -by_s, 0.1, 0.0],
            vec![by_e, by_s, -1.1, 0.0],
            vec![0.0, 0.0, 1.0, -0.5],
        ]
    };
    let bind: &[(usize, f64)] = &[(0, -1.0), (1, -1.0), (2, 1.0)];
    let free: &[(usize, f64)] = &[(0, 1.0), (1, 1.0), (2, -1.0)];
    let make: &[(usize, f64)] = &[(0, 1.0), (2, -1.0), (3, 1.0)];
    (Dense::new(4, rates, derivatives), reduction(4, &[bind, free, make, &[(1, 1.0)], &[(3, -1.0)]]))
}

#[test]
fn an_enzyme_keeps_its_total_and_follows_michaelis_and_menten() {
    let (flow, reduction) = enzyme();
    assert_eq!(reduction.moieties().len(), 1);
    let mut newton = Newton::new(&flow, reduction);
    // es = 2 = 10 s / (s + 1.1 / 0.3)
    let exact = [8.0, 2.0 * (1.1 / 0.3) / 8.0, 2.0, 4.0];
    let start = [8.1, 0.8, 1.9, 4.2];
    let totals = newton.totals(&start);
    let mut y = start;
    newton.polish(&flow, &mut y, &totals, &limits(4, 0.5)).unwrap();
    for (y, exact) in y.iter().zip(exact) {
        assert!((y - exact).abs() < 1e-11 * exact, "{y} is not {exact}");
    }
    assert!(newton.drift(&y, &totals) < 1e-14);
    let spectrum = newton.spectrum(&flow, &y, &ONES).unwrap();
    assert_eq!(spectrum.eigenvalues().len(), 3);
    assert!(spectrum.decays_faster_than(1e-3) && spectrum.unstable() == 0);
    // The product depends on the rest but nothing on it: its own rate is an eigenvalue.
    assert!(spectrum.eigenvalues().iter().any(|e| (e.real + 0.5).abs() < 1e-12));
}

#[test]
fn what_is_too_far_is_not_looked_for() {
    let (flow, reduction) = enzyme();
    let mut newton = Newton::new(&flow, reduction);
    let mut y = [10.0, 0.0, 0.0, 0.0];
    let totals = newton.totals(&y);
    assert!(matches!(newton.polish(&flow, &mut y, &totals, &limits(4, 0.1)), Err(Missed::Far { .. })));
}

#[test]
fn what_is_held_stands_and_what_nothing_changes_too() {
    let changes: [&[(usize, f64)]; 2] = [&[(0, -1.0), (1, 1.0)], &[(1, -1.0), (2, 1.0)]];
    let reduction = Reduction::new(&[false, false, true, false], changes).unwrap();
    // The second change leaves A and B for what is held: no law is left.
    assert!(reduction.moieties().is_empty());
    assert!(reduction.holds(2) && reduction.holds(3) && !reduction.holds(0));
}

#[test]
fn moieties_need_no_whole_numbers_and_don_t_share_their_dependents() {
    // Vesicles of 0.0314 µm² bud from a membrane and fuse with another; a Rab cycles.
    let bud: &[(usize, f64)] = &[(0, -0.0314), (1, 1.0)];
    let fuse: &[(usize, f64)] = &[(1, -1.0), (2, 0.0314)];
    let reduction = reduction(5, &[bud, fuse, &[(3, -1.0), (4, 1.0)], &[(4, -2.0), (3, 2.0)]]);
    assert_eq!(reduction.moieties().len(), 2);
    for moiety in reduction.moieties() {
        for change in [bud, fuse] {
            let mut y = [0.0; 5];
            change.iter().for_each(|&(i, n)| y[i] = n);
            assert!(moiety.total(&y).abs() < 1e-12, "{moiety:?}");
        }
        let others = reduction.moieties().iter().filter(|m| m.dependent != moiety.dependent);
        assert!(others.into_iter().all(|m| m.terms.iter().all(|(i, _)| *i != moiety.dependent)));
    }
}

/// The Brusselator with a = 1, b = 3: its only steady state (1, 3) is unstable, with eigenvalues (1 ± i √3) / 2.
#[test]
fn an_unstable_focus_is_told_from_a_stable_one() {
    let rates: Rates = |y, f| {
        f[0] = 1.0 + y[0] * y[0] * y[1] - 4.0 * y[0];
        f[1] = 3.0 * y[0] - y[0] * y[0] * y[1];
    };
    let derivatives: Derivatives =
        |y| vec![vec![2.0 * y[0] * y[1] - 4.0, y[0] * y[0]], vec![3.0 - 2.0 * y[0] * y[1], -y[0] * y[0]]];
    let flow = Dense::new(2, rates, derivatives);
    let mut newton = Newton::new(&flow, reduction(2, &[&[(0, 1.0)], &[(0, -1.0), (1, 1.0)]]));
    let mut y = [1.02, 2.95];
    newton.polish(&flow, &mut y, &[], &limits(2, 0.5)).unwrap();
    assert!((y[0] - 1.0).abs() < 1e-12 && (y[1] - 3.0).abs() < 1e-12);
    let spectrum = newton.spectrum(&flow, &y, &ONES[..2]).unwrap();
    let dominant = spectrum.dominant().unwrap();
    assert!((dominant.real - 0.5).abs() < 1e-12 && (dominant.imaginary - 0.75_f64.sqrt()).abs() < 1e-12);
    assert!(!spectrum.decays_faster_than(0.0) && spectrum.unstable() == 2 && spectrum.oscillates());
}

#[test]
fn a_fold_without_a_root_is_no_steady_state() {
    let flow = Dense::new(1, |y, f| f[0] = (y[0] - 1.0).powi(2) + 1e-3, |y| vec![vec![2.0 * (y[0] - 1.0)]]);
    let mut newton = Newton::new(&flow, reduction(1, &[&[(0, 1.0)]]));
    let mut y = [0.95];
    assert!(newton.polish(&flow, &mut y, &[], &limits(1, 0.1)).is_err());
}

#[test]
fn a_long_chain_has_small_blocks_only() {
    // Each decays into the next, the first ten in a circle.
    let n = 2 * LARGEST_BLOCK;
    let mut changes = vec![vec![(0, 1.0)]];
    changes.extend((1..n).map(|i| vec![(i - 1, -1.0), (i, 1.0)]));
    changes.push(vec![(9, -1.0), (0, 1.0)]);
    changes.push(vec![(n - 1, -1.0)]);
    let reduction = Reduction::new(&vec![false; n], changes.iter().map(Vec::as_slice)).unwrap();
    let entries = (1..n).map(|i| (i, i - 1)).chain([(0, 9)]);
    let pattern = SparsePattern::from_entries(n, entries);
    let jacobian: Vec<f64> = pattern.entries().map(|(i, j)| if i == j { -2.0 } else { 1.0 }).collect();
    let found = spectrum::of(&pattern, &jacobian, &reduction, &reduction.dependents(), &vec![1.0; n]).unwrap();
    assert_eq!(found.eigenvalues().len(), n);
    // Of the circle: -2 plus the tenth roots of 1.
    assert!((found.dominant().unwrap().real + 1.0).abs() < 1e-9);
    let circle = SparsePattern::from_entries(n, (1..n).map(|i| (i, i - 1)).chain([(0, n - 1)]));
    let jacobian: Vec<f64> = circle.entries().map(|(i, j)| if i == j { -2.0 } else { 1.0 }).collect();
    let refused = spectrum::of(&circle, &jacobian, &reduction, &reduction.dependents(), &vec![1.0; n]);
    assert_eq!(refused, Err(TooLarge { equations: n }));
}
