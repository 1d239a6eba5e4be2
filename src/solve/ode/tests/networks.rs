//! Random reaction networks: the methods agree, what is conserved stays, events fall where they should.

use proptest::prelude::*;

use super::problems::{Network, Reaction, tight};
use crate::solve::ode::{Method, System, trajectory};

/// Monomers that convert into each other and dimerise reversibly, with rates over six decades:
/// copies of monomer, bound ones counted, are conserved. Gives the number of monomers as well.
pub fn networks() -> impl Strategy<Value = (usize, Network)> {
    (2usize..8).prop_flat_map(|n| {
        let rate = || (-3.0f64..3.0).prop_map(|log_k| 10f64.powf(log_k));
        let conversions = prop::collection::vec((0..n, 1..n, rate()), 1..3 * n);
        let dimers = prop::collection::vec((0..n, 1..n, rate(), rate()), 0..5);
        (conversions, dimers).prop_map(move |(conversions, dimers)| {
            let mut reactions = Vec::new();
            for (from, offset, k) in conversions {
                reactions.push(Reaction::new(&[(from, 1)], &[((from + offset) % n, 1)], k));
            }
            let all = n + dimers.len();
            for (i, (a, offset, on, off)) in dimers.into_iter().enumerate() {
                let (monomers, dimer) = ([(a, 1), ((a + offset) % n, 1)], [(n + i, 1)]);
                reactions.push(Reaction::new(&monomers, &dimer, on));
                reactions.push(Reaction::new(&dimer, &monomers, off));
            }
            (n, Network::new(all, reactions))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn methods_agree_and_conserve((n, network) in networks()) {
        let y0: Vec<f64> = (0..network.dimension()).map(|i| if i < n { 1.0 + i as f64 } else { 0.0 }).collect();
        let copies = |y: &[f64]| y[..n].iter().sum::<f64>() + 2.0 * y[n..].iter().sum::<f64>();
        let total = copies(&y0);
        let times = [0.1, 1.0, 10.0];
        let reference = trajectory(&network, 0.0, &y0, &times, &tight(Method::Stiff, 1e-10)).unwrap();
        // A slope is a sum of rates, each as exact as its largest: where reactions are fast and in balance, what it lacks adds up.
        let turnover = |i: usize| network.turnover(reference.state(i));
        let rounded = |i: usize| f64::EPSILON * times[i] * (0..=i).map(turnover).fold(0.0, f64::max);
        for method in [Method::Stiff, Method::Multistep, Method::Auto] {
            let found = trajectory(&network, 0.0, &y0, &times, &tight(method, 1e-7)).unwrap();
            for (i, t) in times.iter().enumerate() {
                let (lost, allowed) = (copies(found.state(i)) - total, 1e-13 * total + rounded(i));
                prop_assert!(lost.abs() < allowed, "{method:?} at {t}: copies off by {lost:e}, of {total}");
                // In one network of some thousands the multistep method's errors add up to more than 1e-5.
                let near = if method == Method::Multistep { 3e-5 } else { 1e-5 };
                for (y, r) in found.state(i).iter().zip(reference.state(i)) {
                    prop_assert!((y - r).abs() < near * (r + 1e-3), "{method:?} at {t}: {y} not {r}");
                }
            }
        }
    }
}
