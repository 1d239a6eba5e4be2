//! Rates that follow the clock: by quadrature between jumps, and by the integrator that moving states need.

use crate::solve::jump::*;

/// Births at a rate of the time, deaths at one per second each. Asked to look at conditions between jumps, which never
/// turn, the engine integrates in steps.
struct Seasons {
    births: fn(f64) -> f64,
    watched: bool,
}

impl Rates for Seasons {
    fn coefficients(&self, out: &mut [f64]) {
        out.copy_from_slice(&[f64::NAN, 1.0]);
    }

    fn propensity(&self, _channel: usize, t: f64, _x: &[f64]) -> f64 {
        (self.births)(t)
    }

    fn watches(&self) -> bool {
        self.watched
    }
}

fn seasons() -> Scheme {
    let births = Channel {
        propensity: Propensity::General,
        reads: vec![],
        drifts: true,
        effect: Effect::Change(vec![(0, 1.0)]),
    };
    let deaths = Channel {
        propensity: Propensity::Combination { i: 0, j: 1, less: 0.0 },
        reads: vec![0],
        drifts: false,
        effect: Effect::Change(vec![(0, -1.0)]),
    };
    Scheme::new(1, vec![births, deaths], &[], Search::Auto)
}

/// Times and counts after each of so many seconds.
fn course(rates: &Seasons, run: u64, end: u32) -> Vec<(f64, f64)> {
    let scheme = seasons();
    let mut jumper = Jumper::new(&scheme, 3, run, 100_000);
    jumper.place(rates, 0.0, &[4.0]).unwrap();
    let look = |second: u32| {
        assert_eq!(jumper.advance(rates, &mut NoIndividuals, f64::from(second)), Ok(Halt::Limit));
        (jumper.time(), jumper.state()[0])
    };
    (1..=end).map(look).collect()
}

#[test]
fn quadrature_and_integration_find_the_same_jumps() {
    for births in [
        (|t| 5.0 * (1.0 + (0.3 * t).sin())) as fn(f64) -> f64,
        |t| t / (100.0 + t),
        |t| 1000.0 * (-t).exp(),
        |t| if t < 7.0 { 0.0 } else { 20.0 },
        |_| 3.0,
    ] {
        for run in 0..20 {
            let quick = course(&Seasons { births, watched: false }, run, 30);
            let slow = course(&Seasons { births, watched: true }, run, 30);
            assert_eq!(quick, slow);
        }
    }
}

#[test]
fn nothing_comes_while_the_rate_is_zero_and_faults_are_told() {
    let none = course(&Seasons { births: |_| 0.0, watched: false }, 0, 40);
    assert_eq!(none.last().unwrap(), &(40.0, 0.0));
    for fault in [(|t| if t < 5.0 { 1.0 } else { -1.0 }) as fn(f64) -> f64, |t| if t < 5.0 { 1.0 } else { f64::NAN }] {
        let rates = Seasons { births: fault, watched: false };
        let scheme = seasons();
        let mut jumper = Jumper::new(&scheme, 3, 0, 100_000);
        jumper.place(&rates, 0.0, &[4.0]).unwrap();
        assert!(jumper.advance(&rates, &mut NoIndividuals, 100.0).is_err());
        assert!((4.0..6.5).contains(&jumper.time()), "{}", jumper.time());
    }
}
