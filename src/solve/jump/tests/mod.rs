//! The engine on schemes written by hand.

mod clock;
mod leaps;

use super::*;

/// ∅ → A at 40, A → ∅ at 2 a: Poisson with mean 20 in the end.
struct BirthDeath;

impl Rates for BirthDeath {
    fn coefficients(&self, out: &mut [f64]) {
        out.copy_from_slice(&[40.0, 2.0]);
    }

    fn propensity(&self, _channel: usize, _t: f64, _x: &[f64]) -> f64 {
        f64::NAN
    }
}

fn birth_death(search: Search) -> Scheme {
    let channel = |i, reads: &[u32], change| Channel {
        propensity: Propensity::Combination { i, j: 1, less: 0.0 },
        reads: reads.to_vec(),
        drifts: false,
        effect: Effect::Change(vec![(0, change)]),
    };
    Scheme::new(1, vec![channel(1, &[], 1.0), channel(0, &[0], -1.0)], &[], search)
}

#[test]
fn births_and_deaths_have_the_mean_and_variance_of_a_poisson() {
    for search in [Search::Direct, Search::Tree, Search::Fixed] {
        let scheme = birth_death(search);
        let (mut sum, mut squares, runs) = (0.0, 0.0, 4000);
        for run in 0..runs {
            let mut jumper = Jumper::new(&scheme, 1, run, u64::MAX);
            jumper.place(&BirthDeath, 0.0, &[0.0]).unwrap();
            assert_eq!(jumper.advance(&BirthDeath, &mut NoIndividuals, 5.0), Ok(Halt::Limit));
            let n = jumper.state()[0];
            sum += n;
            squares += n * n;
        }
        let mean = sum / runs as f64;
        let variance = squares / runs as f64 - mean * mean;
        // Four standard errors: 4 √(20/4000), 4 · 20 √(2/4000).
        assert!((mean - 20.0).abs() < 0.283, "{mean}");
        assert!((variance - 20.0).abs() < 1.8, "{variance}");
    }
}

#[test]
fn looking_in_between_changes_nothing() {
    for search in [Search::Direct, Search::Tree, Search::Fixed] {
        let scheme = birth_death(search);
        let run = |stops: &[f64]| {
            let mut jumper = Jumper::new(&scheme, 9, 0, u64::MAX);
            jumper.place(&BirthDeath, 0.0, &[3.0]).unwrap();
            for stop in stops {
                jumper.advance(&BirthDeath, &mut NoIndividuals, *stop).unwrap();
            }
            (jumper.time().to_bits(), jumper.state()[0], jumper.events())
        };
        assert_eq!(run(&[20.0]), run(&[0.1, 0.11, 7.0, 7.5, 19.999, 20.0]));
    }
}

#[test]
fn so_many_events_and_no_more() {
    let scheme = birth_death(Search::Auto);
    let mut jumper = Jumper::new(&scheme, 9, 0, 1000);
    jumper.place(&BirthDeath, 0.0, &[3.0]).unwrap();
    let error = jumper.advance(&BirthDeath, &mut NoIndividuals, 1e9).unwrap_err();
    assert!(matches!(error.fault, Fault::Budget { events: 1000, .. }), "{error}");
}

/// As births and deaths, but births come at a rate of a general form, `rate(n)`.
struct Births(fn(f64) -> f64);

impl Rates for Births {
    fn coefficients(&self, out: &mut [f64]) {
        out.copy_from_slice(&[f64::NAN, 2.0]);
    }

    fn propensity(&self, _channel: usize, _t: f64, x: &[f64]) -> f64 {
        (self.0)(x[0])
    }
}

fn general_births(search: Search) -> Scheme {
    let mut scheme = birth_death(search);
    let mut channels = scheme.channels().to_vec();
    channels[0].propensity = Propensity::General;
    channels[0].reads = vec![0];
    scheme = Scheme::new(1, channels, &[], search);
    scheme
}

#[test]
fn sums_in_fixed_point_follow_rates_that_change_by_many_decades() {
    // From 1e-6 to 1e6 and back at each birth and death: the quantum changes along. A death waits for a mean of half a
    // second.
    let scheme = general_births(Search::Fixed);
    let rates = Births(|n| {
        if n == 0.0 {
            1e6
        } else if n < 3.0 {
            1e3
        } else {
            1e-6
        }
    });
    let (runs, mut full) = (400, 0);
    for run in 0..runs {
        let mut jumper = Jumper::new(&scheme, 4, run, u64::MAX);
        jumper.place(&rates, 0.0, &[0.0]).unwrap();
        jumper.advance(&rates, &mut NoIndividuals, 10.0).unwrap();
        assert_eq!(jumper.stale(&rates), 0);
        full += u32::from(jumper.state()[0] == 3.0);
    }
    // Three copies are left at 6 per second and come back at 1,000: 994 of 1,000 runs have three.
    assert!(full >= 390, "{full}");
}

#[test]
fn faults_are_told_alike_however_channels_are_found() {
    for (rate, what) in [
        ((|n| if n < 5.0 { 40.0 } else { -1e-30 }) as fn(f64) -> f64, "negative"),
        (|n| if n < 5.0 { 40.0 } else { f64::NAN }, "not a number"),
        (|n| if n < 5.0 { 40.0 } else { f64::INFINITY }, "infinite"),
        (|n| if n < 5.0 { 40.0 } else { 1e200 }, "too large"),
    ] {
        let end = |search: Search| {
            let scheme = general_births(search);
            let mut jumper = Jumper::new(&scheme, 1, 0, 10_000);
            jumper.place(&Births(rate), 0.0, &[0.0]).unwrap();
            jumper
                .advance(&Births(rate), &mut NoIndividuals, 1e3)
                .map(|_| jumper.events())
                .map_err(|e| e.fault.to_string())
        };
        assert_eq!(end(Search::Fixed), end(Search::Direct), "{what}");
    }
}
