//! All examples, number by number, against central differences of whole runs.

use super::{finals, options, prepare};
use exoc::experiment::sensitivity::{self, Options};
use exoc::experiment::{self};
use exoc::simulate::sensitivity::About;
use std::path::Path;

const STEP: f64 = 1e-4;

/// Holds every `each`-th number of an example against differences, in its first plain arms.
fn differences(example: &str, each: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{example}.exo"));
    let (program, mut benches) = prepare(&std::fs::read_to_string(&path).unwrap(), &path);
    for plan in benches.iter_mut().flat_map(|bench| &mut bench.plans) {
        plan.arms.retain(|arm| arm.coordinates.is_empty());
        plan.arms.truncate(3);
    }
    let settings = options(1e-9).settings;
    let run = |benches: &[experiment::Bench]| {
        let options = experiment::Options { settings: settings.clone(), ..experiment::Options::default() };
        finals(&experiment::run(&program, benches, &options, &mut |_| {}))
    };
    let values = run(&benches);
    let mut numbers = sensitivity::every(&benches[0].model, &[]);
    numbers.retain(|n| matches!(n.about, About::Parameter(_)) && n.value != 0.0);
    let numbers: Vec<_> = numbers.into_iter().step_by(each).collect();
    let names = Some(numbers.iter().map(|n| n.name.clone()).collect::<Vec<_>>());
    let arms: Vec<String> = benches[0].plans[0].arms.iter().map(|arm| arm.name.clone()).collect();
    let found: Vec<_> = arms
        .iter()
        .map(|arm| {
            let options = Options { arm: Some(arm.clone()), by: names.clone(), ..options(1e-7) };
            let outcome = sensitivity::run(&program, &benches, &options, &mut |_| {});
            assert!(outcome.failures.is_empty(), "{:#?}", outcome.failures);
            outcome.results.into_iter().next().unwrap()
        })
        .collect();
    for number in &numbers {
        let About::Parameter(id) = number.about else { continue };
        let mut moved = |by: f64| {
            benches[0].set = vec![(id, number.value * (1.0 + by))];
            run(&benches)
        };
        let (up, down) = (moved(STEP), moved(-STEP));
        benches[0].set.clear();
        for (a, arm) in found.iter().enumerate() {
            let k = arm.numbers.iter().position(|n| n.name == number.name).unwrap();
            for m in 0..arm.measures.len() {
                let by_difference = (up[a][m] - down[a][m]) / (2.0 * STEP * values[a][m]);
                let exact = arm.of(m, k).unwrap().scaled.unwrap_or(0.0);
                let what = format!("{example} {}: {} by {}", arms[a], arm.measures[m].name, number.name);
                let allowed = 2e-4 * (1.0 + exact.abs());
                assert!((exact - by_difference).abs() <= allowed, "{what}: {exact} is not {by_difference}");
            }
        }
    }
}

#[test]
fn of_small_examples() {
    for example in ["hello", "vesicle_chain", "endocytic_chain", "endocytic_chain_nine", "dose_response"] {
        differences(example, 1);
    }
}

#[test]
fn of_the_endosome_that_converts() {
    differences("rab5_rab7_switch", 2);
}

#[test]
fn of_the_organs() {
    differences("liposome_organs", 5);
}

#[test]
fn of_the_knockdown() {
    differences("rab27_knockdown", 11);
}

#[test]
fn of_the_two_drugs() {
    differences("gw4869_manumycin", 17);
}
