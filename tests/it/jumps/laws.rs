//! Laws that are known in closed form (D. T. Gillespie, *Markov Processes*, 1992; C. Gardiner, *Stochastic Methods*, 2009).

use super::ends;
use super::statistics::{binomial, fits, follows, has_mean, negative_binomial, poisson};

#[test]
fn births_and_deaths_are_poisson_at_every_time() {
    // From nothing: Poisson with mean k/g (1 − exp(−g t)).
    let text = "compartment c = 1 fL assumed\nspecies A in c\n\
        process birth: -> A rate 6 copies / s assumed\nprocess death: A -> at 0.3 / s assumed\n";
    let found = ends(text, "A", 2.0, 20_000);
    fits(&found, poisson(20.0 * (1.0 - (-0.6f64).exp())));
}

#[test]
fn conversion_is_binomial() {
    let text = "compartment c = 1 fL assumed\nspecies A = 50 copies in c assumed\nspecies B in c\n\
        process there: A <-> B at 0.4 / s, 0.1 / s assumed\n";
    let found = ends(text, "B", 3.0, 20_000);
    fits(&found, binomial(50, 0.8 * (1.0 - (-1.5f64).exp())));
}

#[test]
fn dimerisation_settles_to_its_stationary_law() {
    // Pairs react at k n (n − 1) / 2 and pairs fall apart at g each: detailed balance gives the law over the number m of
    // pairs of N = 30: π(m + 1) / π(m) = k n (n − 1) / 2 / (g (m + 1)), n = N − 2 m.
    let (k, g, all) = (0.02, 1.0, 30usize);
    let text = "compartment c = 1 fL assumed\nspecies A = 30 copies in c assumed\nspecies D in c\n\
        process pairing: 2 A -> D at 0.02 / copies / s assumed\nprocess parting: D -> 2 A at 1 / s assumed\n";
    let mut law = vec![1.0];
    for m in 0..all / 2 {
        let n = (all - 2 * m) as f64;
        law.push(law[m] * k * n * (n - 1.0) / 2.0 / (g * (m + 1) as f64));
    }
    let total: f64 = law.iter().sum();
    let found = ends(text, "D", 30.0, 20_000);
    fits(&found, |m| law.get(m).map_or(0.0, |p| p / total));
}

#[test]
fn bursts_are_negative_binomial() {
    // Three-stage limit: bursts of geometric size. A gene makes mRNA that dies at once compared with protein; here the
    // exact law of a birth process with immigration: n → n + 1 at r b + b n (Kendall 1949), from 0: negative binomial with
    // r and p = exp(−b t).
    let text = "compartment c = 1 fL assumed\nspecies A in c\n\
        process immigration: -> A rate 1.5 copies / s assumed\nprocess birth: A -> 2 A at 0.6 / s assumed\n";
    let found = ends(text, "A", 2.0, 20_000);
    fits(&found, negative_binomial(2.5, (-1.2f64).exp()));
}

#[test]
fn the_last_of_a_chain_waits_as_an_erlang_variable() {
    // P(all three steps by t) = 1 − e^(−t) (1 + t + t²/2).
    let text = "compartment c = 1 fL assumed\nspecies A = 1 copies in c assumed\nspecies B, C, D in c\n\
        process one: A -> B at 1 / s assumed\nprocess two: B -> C at 1 / s assumed\nprocess three: C -> D at 1 / s assumed\n";
    for t in [0.5, 2.0, 5.0f64] {
        let found = ends(text, "D", t, 10_000);
        let done = 1.0 - (-t).exp() * (1.0 + t + t * t / 2.0);
        has_mean(&found, done, (done * (1.0 - done)).sqrt());
    }
}

#[test]
fn rates_that_follow_the_clock_are_met_exactly() {
    // An inhomogeneous Poisson process with rate 8 (1 + sin t): its count over 0 … t is Poisson with the integral.
    let text = "compartment c = 1 fL assumed\nspecies A in c\nparam w = 1 / s assumed\n\
        process birth: -> A rate 8 copies / s * (1 + sin(w * time))\n";
    let found = ends(text, "A", 2.5, 20_000);
    fits(&found, poisson(8.0 * (2.5 + 1.0 - 2.5f64.cos())));
}

#[test]
fn a_decaying_rate_gives_the_waiting_time_of_its_hazard() {
    // One molecule lost at k(t) = t / 2 s² (Weibull, shape 2): P(lost by t) = 1 − exp(−t²/4); seen through a counter of time.
    let text = "compartment c = 1 fL assumed\nspecies A = 1 copies in c assumed\n\
        process loss: A -> at time / 2 / (1 s) / (1 s)\n";
    for t in [0.5, 1.5, 3.0f64] {
        let found = ends(text, "A", t, 10_000);
        let left = (-t * t / 4.0).exp();
        has_mean(&found, left, (left * (1.0 - left)).sqrt());
    }
}

#[test]
fn a_change_rule_moves_rates_between_jumps() {
    // k falls from 1/s by 0.25/s each second; loss of 40 molecules by the hazard ∫ k = t − t²/8.
    let text = "compartment c = 1 fL assumed\nspecies A = 40 copies in c assumed\ninput k = 1 / s\n\
        change k by -0.25 / s / s\nprocess loss: A -> at k\n";
    let found = ends(text, "A", 2.0, 10_000);
    fits(&found, binomial(40, (-1.5f64).exp()));
}

#[test]
fn uniform_arrivals_given_their_number() {
    // A single molecule that turns up at a constant rate and stays alone: the time it is seen for is exponential.
    let text = "compartment c = 1 fL assumed\nspecies A = 1 copies in c assumed\nspecies T in c\n\
        process loss: A -> at 1 / s assumed\nprocess tick: A -> A + T at 1_000 / s assumed\n";
    // The number of ticks before the loss is geometric with p = 1/1001; as a share of its mean it is close to exponential,
    // and exactly so in distribution on the grid.
    let found = ends(text, "T", 1000.0, 5_000);
    let q = (1000.0f64 / 1001.0).ln();
    follows(found.into_iter().map(|n| n + 0.5).collect(), |x| 1.0 - (q * (x + 0.5)).exp());
}
