//! Runs that can't go on say so.

use super::{model, ready, run};
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
fn more_than_can_be_counted_is_told() {
    let text =
        "compartment c = 1 fL assumed\nspecies A = 1e16 copies in c assumed\nprocess loss: A -> at 1e-20 / s assumed\n";
    let model = model(text);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let (_, outcome) = run(&exact, &Protocol::sampled(1.0, 1.0), 0, &settings);
    let error = outcome.failure.expect("a failure");
    assert!(matches!(error.problem, Problem::TooManyCopies { .. }), "{error}");
    assert!(error.to_string().contains("`A`"), "{error}");
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
