//! Runs that can't go on say so.

use std::sync::atomic::AtomicBool;

use super::statistics::has_mean;
use super::{model, position, ready, run};
use exoc::simulate::exact::ExactSettings;
use exoc::simulate::{Problem, Protocol, SimulationError};

fn failure(text: &str, settings: ExactSettings) -> SimulationError {
    let model = model(text);
    let exact = ready(&model, &settings);
    let (samples, outcome) = run(&exact, &Protocol::sampled(100.0, 0.001), 0, &settings);
    assert!(!samples.0.is_empty(), "what came before is kept");
    outcome.failure.expect("a failure")
}

const PLACE: &str = "compartment c = 1 fL assumed\nspecies A = 10 copies in c assumed\n";

#[test]
fn a_population_that_explodes_uses_its_budget_up() {
    let text = format!("{PLACE}process growth: A -> 2 A at 1 / s assumed\n");
    let settings = ExactSettings { most_events: 100_000, ..ExactSettings::default() };
    let error = failure(&text, settings);
    assert_eq!(error.problem, Problem::TooManyEvents { events: 100_000 });
    assert!(error.to_string().contains("`growth`"), "{error}");
}

#[test]
fn a_rate_that_turns_negative_is_told_with_its_process() {
    let text = format!("{PLACE}process step: A -> rate 1 / s * (A - 5 copies)\n");
    let text = text.replace("A -> rate", "-> A rate").replace("(A - 5 copies)", "(12 copies - A)");
    let text = format!("{text}process more: -> A rate 5 copies / s assumed\n");
    let error = failure(&text, ExactSettings::default());
    assert!(matches!(error.problem, Problem::NegativeRate { .. }), "{error}");
    assert!(error.time > 0.0 && error.to_string().contains("`step`"), "{error}");
}

#[test]
fn a_rate_that_is_no_number_is_told_with_its_process() {
    let text = format!("{PLACE}process step: A -> rate 1 copies / s * (A / (A - 5 copies))^2\n");
    let error = failure(&text, ExactSettings::default());
    assert_eq!(error.problem, Problem::RateNotFinite);
    assert!(error.to_string().contains("`step`"), "{error}");
}

#[test]
fn what_is_too_abundant_to_count_goes_by_its_mean() {
    // W and V turn into each other, far too often to be simulated one by one; A meets W, and each that does is an event.
    let text = "compartment c = 1 fL assumed\nspecies W = 1e17 copies in c assumed\nspecies V = 2e16 copies in c assumed\n\
        species A = 1000 copies in c assumed\nprocess turning: W <-> V at 0.3 / s, 0.1 / s assumed\n\
        process meeting: A + W -> rate 1e-17 / copies / s * A * W assumed\n";
    let model = model(text);
    let (w, v, a) = (position(&model, "W"), position(&model, "V"), position(&model, "A"));
    let all = 1.2e17;
    let mean = |t: f64| 0.25 * all + (1e17 - 0.25 * all) * (-0.4 * t).exp();
    let hazard = |t: f64| 1e-17 * (0.25 * all * t + (1e17 - 0.25 * all) * (1.0 - (-0.4 * t).exp()) / 0.4);
    for tau in [None, Some(0.01)] {
        let settings = ExactSettings { tau, ..ExactSettings::default() };
        let exact = ready(&model, &settings);
        let mut left = Vec::new();
        for number in 0..200 {
            let (samples, outcome) = run(&exact, &Protocol::sampled(2.0, 0.5), number, &settings);
            assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
            assert_eq!(outcome.by_means.species.iter().collect::<Vec<_>>(), ["V", "W"]);
            for (t, x) in &samples.0 {
                let within = if tau.is_some() { 0.01 } else { 1e-6 };
                assert!((x[w] / mean(*t) - 1.0).abs() < within, "{} at {t}, not {}", x[w], mean(*t));
                // A thousand of W are used up; sums are kept as far as numbers tell them apart.
                assert!((x[w] + x[v] - all).abs() < 1e5, "{}", x[w] + x[v] - all);
            }
            let last = samples.0.last().unwrap().1[a];
            assert!(tau.is_some() || outcome.events == 1000 - last as u64);
            left.push(last);
        }
        let p = (-hazard(2.0)).exp();
        if tau.is_none() {
            has_mean(&left, 1000.0 * p, (1000.0 * p * (1.0 - p)).sqrt());
        }
    }
}

#[test]
fn what_becomes_too_abundant_to_count_is_counted_until_then() {
    // 741 batches of a thousand, and they are too many; a batch is still no more than a batch.
    let text = "compartment c = 1 fL assumed\nspecies A = 9_007_199_254_000_000 copies in c assumed\n\
        process making: -> 1000 A rate 10_000 copies / s assumed\n";
    let model = model(text);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let (samples, outcome) = run(&exact, &Protocol::sampled(1.0, 0.01), 0, &settings);
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    let made = samples.0.last().unwrap().1[0] - 9_007_199_254_000_000.0;
    assert!(made == 1000.0 * outcome.events as f64 && (made / 1e7 - 1.0).abs() < 0.05, "{made}");
    assert_eq!(outcome.by_means.species.iter().collect::<Vec<_>>(), ["A"]);
}

#[test]
fn a_run_that_is_told_to_stop_does_so_at_once() {
    let told: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(true)));
    // A day of it are 10¹³ events, and in the last model rates follow the clock.
    let busy = "compartment c = 1 fL assumed\nspecies A, B = 10_000 copies in c assumed\n\
        process turning: A <-> B at 10_000 / s, 10_000 / s assumed\n";
    let slow = "process turning: A -> B rate A * (1 / s) * (1 + time / 1 s) assumed\nprocess back: B -> A at 10_000 / s assumed\n";
    let clock = busy.replace("process turning: A <-> B at 10_000 / s, 10_000 / s assumed\n", slow);
    let ways = [(busy, None, None), (busy, Some(1e-4), None), (busy, None, Some(1e-4)), (clock.as_str(), None, None)];
    for (text, tau, hybrid) in ways {
        let model = model(text);
        let settings = ExactSettings { tau, hybrid, stop: Some(told), most_events: u64::MAX, ..Default::default() };
        let exact = ready(&model, &settings);
        let (samples, outcome) = run(&exact, &Protocol::sampled(86_400.0, 86_400.0), 0, &settings);
        assert!(outcome.stopped && outcome.failure.is_none(), "{:?}", outcome.failure);
        assert!(samples.0.len() == 1 && outcome.events < 1000, "{} events", outcome.events);
    }
}

#[test]
fn a_rate_that_goes_on_when_nothing_is_left_stops() {
    // The mean field ends with E0710; one by one, what isn't there can't be taken.
    let text = format!("{PLACE}process loss: A -> rate 3 copies / s assumed\n");
    let model = model(&text);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let (samples, outcome) = run(&exact, &Protocol::sampled(100.0, 1.0), 0, &settings);
    assert!(outcome.failure.is_none());
    assert_eq!((samples.0.last().unwrap().1[0], outcome.events), (0.0, 10));
}
