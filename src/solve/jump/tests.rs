//! The engine on schemes written by hand.

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
    for search in [Search::Direct, Search::Tree] {
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
    let scheme = birth_death(Search::Auto);
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

#[test]
fn so_many_events_and_no_more() {
    let scheme = birth_death(Search::Auto);
    let mut jumper = Jumper::new(&scheme, 9, 0, 1000);
    jumper.place(&BirthDeath, 0.0, &[3.0]).unwrap();
    let error = jumper.advance(&BirthDeath, &mut NoIndividuals, 1e9).unwrap_err();
    assert!(matches!(error.fault, Fault::Budget { events: 1000, .. }), "{error}");
}
