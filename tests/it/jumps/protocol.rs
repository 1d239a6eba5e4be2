//! Doses, additions, events and samples in exact runs.

use super::statistics::{binomial, fits, has_mean, poisson};
use super::{ends, model, position, ready, run};
use exoc::network::plan::Change;
use exoc::network::{Expr, SpeciesId};
use exoc::simulate::exact::ExactSettings;
use exoc::simulate::{Intervention, Protocol};

const CHAIN: &str = "compartment c = 1 fL assumed\nspecies A = 30 copies in c assumed\nspecies B in c\n\
    process step: A -> B at 0.5 / s assumed\n";

#[test]
fn an_addition_comes_at_its_time_and_is_rounded_fairly() {
    let model = model(CHAIN);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let (a, b) = (position(&model, "A"), position(&model, "B"));
    let change = Change::Add { species: SpeciesId(a as u32), amount: Expr::Constant(10.25) };
    let intervention = Intervention { time: 1.0, change, label: "A".into() };
    let protocol = Protocol { samples: vec![0.0, 1.0 - 1e-9, 1.0, 3.0], interventions: vec![intervention] };
    let mut added = Vec::new();
    for n in 0..4000 {
        let (samples, outcome) = run(&exact, &protocol, n, &settings);
        let total = |i: usize| samples.0[i].1[a] + samples.0[i].1[b];
        assert_eq!((total(0), total(1), total(2)), (30.0, 30.0, total(3)));
        assert_eq!(outcome.marks.len(), 1);
        assert!([40.0, 41.0].contains(&total(2)), "{}", total(2));
        added.push(total(2) - 30.0);
    }
    has_mean(&added, 10.25, (0.25f64 * 0.75).sqrt());
}

#[test]
fn an_event_on_an_amount_fires_with_the_jump_that_brings_it_about() {
    // Of the 30 the tenth loss sets the rest free at once, so B is 30 from then on; by then B was exactly 10.
    let text = format!("{CHAIN}when B >= 9.5 copies {{ A = 0 copies }}\n");
    let model = model(&text);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let b = position(&model, "B");
    for n in 0..200 {
        let (samples, _) = run(&exact, &Protocol::sampled(50.0, 0.01), n, &settings);
        assert_eq!(samples.0.last().unwrap().1[b], 10.0);
    }
}

#[test]
fn a_delayed_event_waits() {
    // After 1 s of Poisson births at 20 / s the condition holds since the first; two seconds later births end.
    let text = "compartment c = 1 fL assumed\nspecies A in c\ninput k = 20 copies / s\n\
        process birth: -> A rate k\nwhen time > 1 s after 2 s { k = 0 copies / s }\n";
    fits(&ends(text, "A", 10.0, 5_000), poisson(60.0));
}

#[test]
fn an_event_on_an_amount_and_the_clock_is_found_between_jumps() {
    // Ten molecules that never jump: 10 falls below 4 t at 2.5 s, and then half of them decay per second.
    let text = "compartment c = 1 fL assumed\nspecies A = 10 copies in c assumed\ninput k = 0 / s\n\
        process loss: A -> at k\nwhen A < 4 copies * time / (1 s) { k = 1 / s }\n";
    fits(&ends(text, "A", 3.0, 10_000), binomial(10, (-0.5f64).exp()));
}

#[test]
fn samples_do_not_steer_the_run() {
    let model = model(CHAIN);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let (coarse, _) = run(&exact, &Protocol::sampled(4.0, 1.0), 7, &settings);
    let (fine, _) = run(&exact, &Protocol::sampled(4.0, 0.125), 7, &settings);
    for (t, state) in &coarse.0 {
        assert!(fine.0.contains(&(*t, state.clone())), "{t}");
    }
}

#[test]
fn where_nothing_can_happen_the_run_goes_to_its_end() {
    let model = model(CHAIN);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let (samples, outcome) = run(&exact, &Protocol::sampled(1e12, 1e11), 0, &settings);
    assert_eq!((samples.0.len(), outcome.events), (11, 30));
    assert!(outcome.failure.is_none());
}
