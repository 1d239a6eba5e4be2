//! What holds in every run, on random networks.

use super::{Samples, network, ready, run};
use exoc::codegen::Engine;
use exoc::network::Expr;
use exoc::network::represent::Representation;
use exoc::simulate::exact::{ExactModel, ExactSettings};
use exoc::simulate::{Model, Protocol};
use exoc::solve::jump::Search;
use proptest::prelude::*;
use std::fmt::Write;

/// A random network in Exo: what it consumes and makes, by species, with laws of all kinds.
fn random_text() -> impl Strategy<Value = String> {
    let reaction =
        (prop::collection::vec(0usize..6, 0..3), prop::collection::vec(0usize..6, 0..3), 0usize..5, 1u32..50);
    let amounts = prop::collection::vec(0u32..40, 6);
    (amounts, prop::collection::vec(reaction, 1..24)).prop_map(|(amounts, reactions)| {
        let mut text = String::from("compartment c = 1 fL assumed\nparam steepness = 2.5 assumed\n");
        for (i, amount) in amounts.iter().enumerate() {
            let _ = writeln!(text, "species S{i} = {amount} copies in c assumed");
        }
        for (n, (from, to, law, k)) in reactions.iter().enumerate() {
            let side = |all: &[usize]| all.iter().map(|i| format!("S{i}")).collect::<Vec<_>>().join(" + ");
            // No more is made than is used, but from nothing: so nothing explodes.
            let to = match (from.as_slice(), to.as_slice()) {
                ([], []) => &[0],
                _ => &to[..to.len().min(from.len().max(1))],
            };
            let k = f64::from(*k) * 0.01;
            let law = match (from.len(), law) {
                (0, _) => format!("rate {k} copies / s assumed"),
                (_, 0) => format!("rate {k} copies / s * S{0} / (3 copies + S{0})", (n + 1) % 6),
                (_, 1) => format!("rate {k} copies / s assumed"),
                (_, 2) => format!("rate {k} copies / s / (1 + (S{0} / (9 copies))^steepness)", (n + 2) % 6),
                (2, _) => format!("at {} / copies / s assumed", 0.02 * k),
                _ => format!("at {k} / s assumed"),
            };
            let _ = writeln!(text, "process p{n}: {} -> {} {law}", side(from), side(to));
        }
        text
    })
}

fn sampled(model: &Model, settings: &ExactSettings, number: u64) -> (Samples, u64) {
    let exact = ready(model, settings);
    let (samples, outcome) = run(&exact, &Protocol::sampled(20.0, 0.5), number, settings);
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    (samples, outcome.events)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn counts_stay_whole_and_never_negative_and_sums_are_kept(text in random_text()) {
        let network = network(&text);
        let laws = network.conservation.clone();
        let model = Model::new(network, Engine::Interpreter);
        let settings = ExactSettings { engine: Engine::Interpreter, ..ExactSettings::default() };
        let (samples, _) = sampled(&model, &settings, 1);
        let first = &samples.0[0].1;
        for (_, state) in &samples.0 {
            prop_assert!(state.iter().all(|x| *x >= 0.0 && x.fract() == 0.0), "{:?}", state);
            for law in &laws {
                let sum = |y: &[f64]| law.terms.iter().map(|(s, c)| *c as f64 * y[s.index()]).sum::<f64>();
                prop_assert_eq!(sum(state), sum(first));
            }
        }
    }

    #[test]
    fn trees_and_a_list_find_events_of_the_same_law(text in random_text()) {
        // Not the same events, for sums are formed otherwise; but where one goes on, so does the other.
        let model = Model::new(network(&text), Engine::Interpreter);
        for search in [Search::Direct, Search::Tree, Search::Fixed] {
            let settings = ExactSettings { search, ..ExactSettings::default() };
            sampled(&model, &settings, 2);
        }
    }

    #[test]
    fn code_and_engine_give_the_same_bits(text in random_text()) {
        let model = Model::new(network(&text), Engine::Interpreter);
        for search in [Search::Direct, Search::Tree] {
            let interpreted = ExactSettings { search, engine: Engine::Interpreter, ..ExactSettings::default() };
            let native = ExactSettings { search, ..ExactSettings::default() };
            let exact = ExactModel::new(&model, &native);
            prop_assert!(exact.compile());
            let (samples, outcome) = run(&exact, &Protocol::sampled(20.0, 0.5), 3, &native);
            let (expected, events) = sampled(&model, &interpreted, 3);
            prop_assert_eq!(samples, expected);
            prop_assert_eq!(outcome.events, events);
        }
    }

    #[test]
    fn what_is_computed_anew_is_all_that_changed(text in random_text()) {
        let model = Model::new(network(&text), Engine::Interpreter);
        for search in [Search::Auto, Search::Fixed] {
            let settings = ExactSettings { search, engine: Engine::Interpreter, ..ExactSettings::default() };
            let exact = ExactModel::new(&model, &settings);
            prop_assert_eq!(exact.stale_propensities(5, 20.0, 200).unwrap(), 0);
        }
    }
}

#[test]
fn what_depends_on_a_vesicle_reads_that_vesicle() {
    // Budding is slower where a body's membrane is used up: by each body's own area, whatever is declared afterwards.
    let text = std::fs::read_to_string("examples/rab27_knockdown.exo").unwrap();
    let network = network(&text);
    let counts = vec![1.0; network.cells.len()];
    let made = Representation::new(&network, &counts, None).network;
    let weights = &made.individuals.weights;
    assert!(!weights.is_empty());
    for weight in weights {
        let mut read = Vec::new();
        species_in(&weight.value, &mut |index| read.push(index));
        read.sort_unstable();
        read.dedup();
        assert_eq!(read, (0..weight.reads.len()).collect::<Vec<_>>());
    }
    let beyond = made.species.len();
    for edge in &made.individuals.edges {
        species_in(&edge.each, &mut |index| assert!(index < beyond));
    }
}

fn species_in(expr: &Expr, found: &mut dyn FnMut(usize)) {
    match expr {
        Expr::Species(species) => found(species.index()),
        Expr::Unary(_, a) => species_in(a, found),
        Expr::Binary(_, a, b) => [a, b].into_iter().for_each(|part| species_in(part, found)),
        Expr::Select(select) => {
            [&select.condition, &select.then, &select.otherwise].into_iter().for_each(|part| species_in(part, found));
        }
        _ => {}
    }
}
