//! Models whose solutions are known: decay, chains, enzymes, doses, events, steady states.

use super::{by, close, options, prepare, scaled};
use exoc::experiment::sensitivity::{self, Options, When};
use std::path::Path;

const MINUTE: f64 = 60.0;

fn experiment(run: &str, arms: &str) -> String {
    format!("experiment e {{\n    {run}\n    measure a = A\n{arms}}}\n")
}

fn decay(more: &str, arms: &str) -> String {
    let run = experiment("run 30 min every 5 min", arms);
    format!(
        "compartment c = 1 pL assumed\nspecies A = 100 copies in c assumed\nparam k = 0.1 / min assumed\n\
         process loss: A -> at k\n{more}{run}"
    )
}

#[test]
fn decay_falls_with_the_rate_times_the_time() {
    let text = decay("", "");
    let found = by(&text, &["k", "initial A", "size of c"], options(1e-8));
    close(scaled(&found, "k"), -3.0, "k");
    close(scaled(&found, "initial A"), 1.0, "initial A");
    close(scaled(&found, "size of c"), 0.0, "size");
    let when = When::At(10.0 * MINUTE);
    close(scaled(&by(&text, &["k"], Options { when, ..options(1e-8) }), "k"), -1.0, "k at 10 min");
    // The mean of samples by trapezia, as in claims.
    let values: Vec<f64> = (0..=6).map(|i| (-0.5 * f64::from(i)).exp()).collect();
    let moved: Vec<f64> = (0..=6).map(|i| -0.5 * f64::from(i) * (-0.5 * f64::from(i)).exp()).collect();
    let mean = |v: &[f64]| v.windows(2).map(|w| 0.5 * (w[0] + w[1])).sum::<f64>();
    let found = by(&text, &["k"], Options { when: When::Mean, ..options(1e-8) });
    close(scaled(&found, "k"), mean(&moved) / mean(&values), "mean");
}

#[test]
fn all_samples_are_kept_when_asked_for() {
    let found = by(&decay("", ""), &["k"], Options { over_time: true, ..options(1e-8) });
    assert_eq!(found.times.len(), 7);
    for (time, at) in found.times.iter().zip(found.over_time(0, 0)) {
        close(at.scaled.unwrap(), -0.1 * time / MINUTE, "k");
    }
}

#[test]
fn what_is_zero_is_not_scaled() {
    let text = decay("param none = 0 copies / min assumed\nprocess gain: -> A rate none\n", "");
    let found = by(&text, &["none"], options(1e-8));
    let by_none = found.of(0, 0).unwrap();
    assert_eq!(by_none.scaled, None);
    // ∂A/∂v = (1 - exp(-k t)) / k, in copies per copy a second.
    close(by_none.derivative, (1.0 - (-3.0_f64).exp()) * 600.0, "none");
}

#[test]
fn a_chain_passes_its_sensitivities_on() {
    let text = "compartment c = 1 pL assumed\nspecies B = 100 copies in c assumed\nspecies A in c\n\
        param k = 0.1 / min assumed\nparam q = 0.3 / min assumed\nprocess on: B -> A at k\nprocess off: A -> at q\n"
        .to_owned()
        + &experiment("run 10 min every 10 min", "");
    let found = by(&text, &["k", "q", "initial B", "initial A"], options(1e-9));
    let (k, q, t) = (0.1, 0.3, 10.0);
    let (ek, eq): (f64, f64) = (f64::exp(-k * t), f64::exp(-q * t));
    let a = 100.0 * k / (q - k) * (ek - eq);
    let by_k = 100.0 * (q / (q - k).powi(2) * (ek - eq) - k / (q - k) * t * ek);
    let by_q = 100.0 * k * (-(ek - eq) / (q - k).powi(2) + t * eq / (q - k));
    close(scaled(&found, "k"), k * by_k / a, "k");
    close(scaled(&found, "q"), q * by_q / a, "q");
    close(scaled(&found, "initial B"), 1.0, "initial B");
    let initial = found.numbers.iter().position(|n| n.name == "initial A").unwrap();
    close(found.of(0, initial).unwrap().derivative, eq, "initial A");
}

#[test]
fn an_enzyme_follows_michaelis_and_menten() {
    let text = "compartment c = 1 pL assumed\nspecies A = 100 copies in c assumed\nparam v = 5 copies / min assumed\n\
        param half = 40 copies assumed\nprocess turnover: A -> rate v * A / (half + A)\n"
        .to_owned()
        + &experiment("run 20 min every 20 min", "");
    let found = by(&text, &["v", "half", "initial A"], options(1e-9));
    let (v, half, start, t) = (5.0, 40.0, 100.0, 20.0);
    // S + K ln S = S₀ + K ln S₀ - V t, by Newton's method.
    let mut s: f64 = 50.0;
    for _ in 0..50 {
        s -= (s + half * s.ln() - start - half * f64::ln(start) + v * t) / (1.0 + half / s);
    }
    let steep = 1.0 + half / s;
    close(scaled(&found, "v"), -v * t / steep / s, "v");
    close(scaled(&found, "half"), half * (f64::ln(start) - s.ln()) / steep / s, "half");
    close(scaled(&found, "initial A"), start * (1.0 + half / start) / steep / s, "initial A");
}

#[test]
fn doses_count_with_what_is_left_of_them() {
    let text =
        decay("param dose = 50 copies assumed\nparam onset = 10 min assumed\n", "    at onset add dose of A to c\n");
    let found = by(&text, &["k", "dose", "onset", "initial A"], options(1e-9));
    let (k, at, end): (f64, f64, f64) = (0.1, 10.0, 30.0);
    let (first, second) = (100.0 * (-k * end).exp(), 50.0 * (-k * (end - at)).exp());
    let all = first + second;
    close(scaled(&found, "dose"), second / all, "dose");
    close(scaled(&found, "initial A"), first / all, "initial A");
    close(scaled(&found, "k"), -k * (end * first + (end - at) * second) / all, "k");
    close(scaled(&found, "onset"), k * at * second / all, "onset");
}

#[test]
fn events_come_earlier_or_later() {
    let more = "param low = 40 copies assumed\nparam more = 30 copies assumed\nparam wait = 2 min assumed\n";
    for (wait, delay) in [("", 0.0), ("after wait ", 2.0)] {
        let text = decay(&format!("{more}when A < low {wait}{{ A = A + more }}\n"), "");
        // One event: 100 falls to 40, and what comes after stays above it until the end.
        let text = text.replace("run 30 min every 5 min", "run 13 min every 1 min");
        let found = by(&text, &["k", "low", "more", "wait", "initial A"], options(1e-9));
        let (k, low, more): (f64, f64, f64) = (0.1, 40.0, 30.0);
        let t = f64::ln(100.0 / low) / k + delay;
        let fell = low * (-k * delay).exp();
        let after = |s: &str| scaled(&found, s);
        let value = (fell + more) * (-k * (13.0 - t)).exp();
        close(found.value(0), value, "A");
        close(after("initial A"), 1.0, "initial A");
        close(after("more"), more / (fell + more), "more");
        // ln A = ln(low exp(-k d) + more) - k T + ln(A₀ / low) + k d
        close(after("low"), fell / (fell + more) - 1.0, "low");
        close(after("k"), -k * delay * fell / (fell + more) - k * 13.0 + k * delay, "k");
        if delay > 0.0 {
            close(after("wait"), k * delay * (1.0 - fell / (fell + more)), "wait");
        }
    }
}

#[test]
fn a_time_in_a_condition_moves_what_it_sets_off() {
    let more = "param onset = 10 min assumed\nparam more = 30 copies assumed\nwhen time > onset { A = more }\n";
    let found = by(&decay(more, ""), &["k", "onset", "more", "initial A"], options(1e-9));
    close(scaled(&found, "onset"), 1.0, "onset");
    close(scaled(&found, "more"), 1.0, "more");
    close(scaled(&found, "k"), -2.0, "k");
    close(scaled(&found, "initial A"), 0.0, "initial A");
}

#[test]
fn a_condition_that_jumps_has_no_derivative() {
    let (program, benches) =
        prepare(&decay("when floor(A / 10 copies) < 4 { A = 90 copies }\n", ""), Path::new("m.exo"));
    let options = Options { by: Some(vec!["k".into()]), ..options(1e-6) };
    let outcome = sensitivity::run(&program, &benches, &options, &mut |_| {});
    let codes: Vec<String> = outcome.failures.iter().map(|d| d.code.to_string()).collect();
    assert_eq!(codes, ["E0712"]);
}

#[test]
fn a_steady_state_moves_with_what_makes_and_takes() {
    // X and Y convert into each other, so their sum stays as it began; A is made and lost.
    let text = "compartment c = 1 pL assumed\nspecies X = 60 copies in c assumed\nspecies Y = 20 copies in c assumed\n\
        species A in c\nparam on = 0.2 / min assumed\nparam off = 0.1 / min assumed\nparam k = 0.05 / min assumed\n\
        process there: X -> Y at on\nprocess back: Y -> X at off\nprocess making: -> A rate 0.5 / min * Y assumed\n\
        process loss: A -> at k\n"
        .to_owned()
        + &experiment("settle\n    run 1 min every 1 min", "");
    let found = by(&text, &["on", "off", "k", "initial X", "initial Y", "making.k", "making.rate"], options(1e-8));
    close(scaled(&found, "on"), 1.0 / 3.0, "on");
    close(scaled(&found, "off"), -1.0 / 3.0, "off");
    close(scaled(&found, "k"), -1.0, "k");
    close(scaled(&found, "initial X"), 0.75, "initial X");
    close(scaled(&found, "initial Y"), 0.25, "initial Y");
}

#[test]
fn a_number_has_the_same_sensitivity_alone_and_in_company() {
    let text = std::fs::read_to_string("examples/rab5_rab7_switch.exo").unwrap();
    let together = by(&text, &["ke5", "kh5", "kg7", "ke7", "hydrolyse7.k"], options(1e-7));
    for number in ["ke5", "kg7", "hydrolyse7.k"] {
        close(scaled(&by(&text, &[number], options(1e-7)), number), scaled(&together, number), number);
    }
}
