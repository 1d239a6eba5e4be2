//! Problems with known solutions, for the tests of the methods and of the driver.

use crate::solve::SparsePattern;
use crate::solve::ode::{Method, Settings, System, Tolerances};

type Rhs = fn(f64, &[f64], &mut [f64]);
/// Writes ∂f/∂y through `set(row, column, value)`.
type Jacobian = fn(f64, &[f64], &mut dyn FnMut(usize, usize, f64));

/// A system written as plain functions.
pub struct Problem {
    pattern: SparsePattern,
    rhs: Rhs,
    jacobian: Jacobian,
    time_derivative: Option<Rhs>,
    roots: Option<(usize, Rhs)>,
    amounts: bool,
}

impl Problem {
    /// The pattern is what `jacobian` sets at (0.5, [0.5; n]).
    pub fn new(n: usize, rhs: Rhs, jacobian: Jacobian) -> Self {
        let mut entries = Vec::new();
        jacobian(0.5, &vec![0.5; n], &mut |i, j, _| entries.push((i, j)));
        let pattern = SparsePattern::from_entries(n, entries);
        Problem { pattern, rhs, jacobian, time_derivative: None, roots: None, amounts: false }
    }

    pub fn with_time_derivative(self, dfdt: Rhs) -> Self {
        Problem { time_derivative: Some(dfdt), ..self }
    }

    /// All components are amounts.
    pub fn of_amounts(self) -> Self {
        Problem { amounts: true, ..self }
    }

    pub fn with_roots(self, count: usize, g: Rhs) -> Self {
        Problem { roots: Some((count, g)), ..self }
    }
}

impl System for Problem {
    fn dimension(&self) -> usize {
        self.pattern.dimension()
    }

    fn rhs(&self, t: f64, y: &[f64], dydt: &mut [f64]) {
        (self.rhs)(t, y, dydt);
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }

    fn jacobian(&self, t: f64, y: &[f64], values: &mut [f64]) {
        values.fill(0.0);
        (self.jacobian)(t, y, &mut |i, j, v| {
            values[self.pattern.lookup(i, j).expect("an entry of the pattern")] += v;
        });
    }

    fn time_derivative(&self, t: f64, y: &[f64], dfdt: &mut [f64]) {
        match self.time_derivative {
            Some(f) => f(t, y, dfdt),
            None => dfdt.fill(0.0),
        }
    }

    fn is_nonnegative(&self, _component: usize) -> bool {
        self.amounts
    }

    fn roots(&self) -> usize {
        self.roots.map_or(0, |(count, _)| count)
    }

    fn root_values(&self, t: f64, y: &[f64], g: &mut [f64]) {
        if let Some((_, f)) = self.roots {
            f(t, y, g);
        }
    }
}

/// x'' = -x as a system: (cos t, -sin t) from (1, 0).
pub fn oscillator() -> Problem {
    Problem::new(
        2,
        |_, y, f| {
            f[0] = y[1];
            f[1] = -y[0];
        },
        |_, _, set| {
            set(0, 1, 1.0);
            set(1, 0, -1.0);
        },
    )
}

/// y' = -2 t y²: 1 / (1 + t²) from 1.
pub fn bell() -> Problem {
    Problem::new(1, |t, y, f| f[0] = -2.0 * t * y[0] * y[0], |t, y, set| set(0, 0, -4.0 * t * y[0]))
        .with_time_derivative(|_, y, f| f[0] = -2.0 * y[0] * y[0])
}

/// Prothero and Robinson's test: y' = -10⁶ (y - sin t) + cos t, sin t from 0 (Math. Comp. 28 (1974) 145).
pub fn prothero_robinson() -> Problem {
    const RATE: f64 = -1e6;
    Problem::new(1, |t, y, f| f[0] = RATE * (y[0] - t.sin()) + t.cos(), |_, _, set| set(0, 0, RATE))
        .with_time_derivative(|t, _, f| f[0] = -RATE * t.cos() - t.sin())
}

/// A mass-action reaction: species and copies consumed and made, rate coefficient.
#[derive(Debug, Clone)]
pub struct Reaction {
    from: Vec<(usize, i32)>,
    to: Vec<(usize, i32)>,
    k: f64,
}

impl Reaction {
    pub fn new(from: &[(usize, i32)], to: &[(usize, i32)], k: f64) -> Self {
        Reaction { from: from.to_vec(), to: to.to_vec(), k }
    }

    fn rate(&self, y: &[f64]) -> f64 {
        self.from.iter().fold(self.k, |rate, &(i, copies)| rate * y[i].powi(copies))
    }
}

/// Reactions written as (consumed, made, rate coefficient).
pub type List = [(&'static [(usize, i32)], &'static [(usize, i32)], f64)];

/// A network with mass-action rates k Π y^copies.
#[derive(Debug)]
pub struct Network {
    reactions: Vec<Reaction>,
    pattern: SparsePattern,
}

impl Network {
    pub fn new(n: usize, reactions: Vec<Reaction>) -> Self {
        let entries = reactions.iter().flat_map(|Reaction { from, to, .. }| {
            let changed = from.iter().chain(to);
            changed.flat_map(|&(i, _)| from.iter().map(move |&(j, _)| (i, j)))
        });
        let pattern = SparsePattern::from_entries(n, entries);
        Network { reactions, pattern }
    }

    /// All rate coefficients times a factor.
    pub fn scaled(&self, factor: f64) -> Self {
        let scaled = |r: &Reaction| Reaction { k: r.k * factor, ..r.clone() };
        Network { reactions: self.reactions.iter().map(scaled).collect(), pattern: self.pattern.clone() }
    }

    /// The rates of all reactions together.
    pub fn turnover(&self, y: &[f64]) -> f64 {
        self.reactions.iter().map(|r| r.rate(y)).sum()
    }

    pub fn listed(n: usize, list: &List) -> Self {
        Network::new(n, list.iter().map(|(from, to, k)| Reaction::new(from, to, *k)).collect())
    }
}

impl System for Network {
    fn dimension(&self) -> usize {
        self.pattern.dimension()
    }

    fn is_nonnegative(&self, _component: usize) -> bool {
        true
    }

    fn rhs(&self, _t: f64, y: &[f64], dydt: &mut [f64]) {
        dydt.fill(0.0);
        for reaction @ Reaction { from, to, .. } in &self.reactions {
            let rate = reaction.rate(y);
            from.iter().for_each(|&(i, copies)| dydt[i] -= f64::from(copies) * rate);
            to.iter().for_each(|&(i, copies)| dydt[i] += f64::from(copies) * rate);
        }
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }

    fn jacobian(&self, _t: f64, y: &[f64], values: &mut [f64]) {
        values.fill(0.0);
        for Reaction { from, to, k } in &self.reactions {
            for &(j, order) in from {
                let slope = from.iter().fold(*k, |rate, &(i, copies)| {
                    rate * if i == j { f64::from(order) * y[i].powi(copies - 1) } else { y[i].powi(copies) }
                });
                let mut add = |i, copies| {
                    values[self.pattern.lookup(i, j).expect("an entry of the pattern")] += f64::from(copies) * slope;
                };
                from.iter().for_each(|&(i, copies)| add(i, -copies));
                to.iter().for_each(|&(i, copies)| add(i, copies));
            }
        }
    }
}

/// Settings with this relative tolerance and a thousandth of it as the absolute one.
pub fn tight(method: Method, rtol: f64) -> Settings {
    Settings { tolerances: Tolerances::scalar(rtol, 1e-3 * rtol).unwrap(), method, ..Settings::default() }
}

/// Conversions and dimerisations with rates over seven decades, and a start.
pub fn network_of_dimers() -> (Network, Vec<f64>) {
    let list: &List = &[
        (&[(0, 1)], &[(1, 1)], 1e3),
        (&[(1, 1)], &[(0, 1)], 10.0),
        (&[(1, 1), (2, 1)], &[(3, 1)], 1e4),
        (&[(3, 1)], &[(1, 1), (2, 1)], 1.0),
        (&[(3, 1)], &[(4, 1)], 0.1),
        (&[(4, 2)], &[(0, 1), (1, 1), (2, 2)], 0.02),
        (&[(2, 1)], &[(5, 1)], 0.3),
        (&[(5, 1)], &[(2, 1)], 1e-3),
    ];
    (Network::listed(6, list), vec![2.0, 0.0, 1.5, 0.0, 0.0, 0.2])
}
