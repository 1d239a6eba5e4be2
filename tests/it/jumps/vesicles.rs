//! Vesicles one by one against closed forms: chains of states, with their ages and routes.
//!
//! Vesicles that come at a constant rate, each going its way without the others, are a marked Poisson process (J. F. C. Kingman, *Poisson
//! Processes*, 1993, chapters 2 and 5): at any time the numbers in each state, and of each route, are independent Poisson numbers, and
//! given these the ages are independent.

use super::statistics::{fits, follows, has_mean, poisson};
use super::{model, ready};
use exoc::network::Network;
use exoc::simulate::exact::{ExactReceiver, ExactSettings, RunKey, Vesicles, run_exact};
use exoc::simulate::{Parameters, Protocol, Sample, State};

pub const MINUTE: f64 = 60.0;

/// What is known of one vesicle at the end of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct One {
    pub population: String,
    /// µm.
    pub diameter: f64,
    /// Seconds.
    pub age: f64,
    /// The process that made it.
    pub route: Option<String>,
    /// By the number of the cargo.
    pub held: Vec<f64>,
}

/// A run's last state: by species, and vesicle by vesicle.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Last {
    pub species: Vec<f64>,
    pub all: Vec<One>,
}

impl Last {
    pub fn of(&self, population: &str) -> impl Iterator<Item = &One> {
        self.all.iter().filter(move |one| one.population == population)
    }

    pub fn count(&self, population: &str) -> f64 {
        self.of(population).count() as f64
    }
}

struct Look<'n> {
    network: &'n Network,
    last: Last,
}

impl ExactReceiver for Look<'_> {
    fn sample(&mut self, sample: Sample<'_>) {
        self.last.species = sample.species.to_vec();
    }

    fn vesicles(&mut self, sample: Sample<'_>, vesicles: &Vesicles<'_>) {
        vesicles.check(sample.species).unwrap();
        let table = &self.network.individuals;
        let cargoes: Vec<_> = (0..table.cargoes.len()).map(|cargo| vesicles.cargo(cargo)).collect();
        let mut all = Vec::new();
        for population in &table.populations {
            vesicles.for_each(population.species, |one| {
                all.push(One {
                    population: self.network.species[population.species.index()].name.clone(),
                    diameter: one.diameter(),
                    age: sample.time - one.birth(),
                    route: vesicles.route(&one).map(|route| self.network.processes[usize::from(route)].name.clone()),
                    held: cargoes.iter().map(|path| path.map_or(0.0, |path| one.held(path) as f64)).collect(),
                });
            });
        }
        assert_eq!(all.len(), vesicles.len());
        self.last.all = all;
    }
}

/// How so many runs end.
pub fn lasts(text: &str, minutes: f64, runs: u64) -> Vec<Last> {
    let model = model(text);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let protocol = Protocol::sampled(minutes * MINUTE, minutes * MINUTE);
    let last = |run| {
        let start = State::initial(exact.model(), Parameters::new(exact.model(), &[]));
        let mut look = Look { network: exact.model().network(), last: Last::default() };
        let outcome = run_exact(&exact, start, &protocol, RunKey { seed: 4, run }, &settings, &mut look);
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
        look.last
    };
    (0..runs).map(last).collect()
}

/// Made in two ways, at `rate` a minute in all, of which a quarter the other way; a step takes two minutes on average.
fn chain(rate: f64, last: &str) -> String {
    format!(
        "compartment medium = 1 mL assumed\ncompartment cytosol = 2 pL in medium assumed\n\
         vesicle V in cytosol {{ states a, b, c, done; diameter 100 nm assumed }}\n\
         process making: -> V.a rate {} copies / min assumed\nprocess other: -> V.a rate {} copies / min assumed\n\
         process one: V.a -> V.b at 0.5 / min assumed\nprocess two: V.b -> V.c at 0.5 / min assumed\n{last}\n",
        0.75 * rate,
        0.25 * rate
    )
}

const LEAVE: &str = "process three: V.c -> V.done at 0.5 / min assumed";
const GONE: &str = "process three: degrade V.c at 0.5 / min assumed";

/// P(n steps at rate 1 are made by x).
fn erlang(n: usize, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for i in 0..n {
        sum += term;
        term *= x / (i + 1) as f64;
    }
    1.0 - (-x).exp() * sum
}

/// ∫ of that from 0 to x.
fn erlang_integral(n: usize, x: f64) -> f64 {
    x - (1..=n).map(|i| erlang(i, x)).sum::<f64>()
}

#[test]
fn at_rest_each_state_of_a_chain_is_poisson_and_ages_are_erlang() {
    // Each state r/k; in the i-th state the age is that of the i-th step of an unfinished renewal: Erlang i.
    let runs = lasts(&chain(6.0, GONE), 40.0, 2000);
    for population in ["V.a", "V.b", "V.c"] {
        let found: Vec<f64> = runs.iter().map(|run| run.count(population)).collect();
        fits(&found, poisson(12.0));
    }
    let run = &lasts(&chain(2000.0, GONE), 40.0, 1)[0];
    for (i, population) in ["V.a", "V.b", "V.c"].into_iter().enumerate() {
        let ages: Vec<f64> = run.of(population).map(|one| one.age / MINUTE).collect();
        assert!(ages.len() > 3500);
        follows(ages, |age| erlang(i + 1, 0.5 * age));
    }
}

#[test]
fn a_chain_fills_as_poisson_numbers_that_are_independent() {
    // In the i-th state by t: r/k P(i steps by k t); at its end the rest.
    let (rate, t) = (3.0, 6.0);
    let runs = lasts(&chain(rate, LEAVE), t, 4000);
    let counts = |population: &str| runs.iter().map(|run| run.count(population)).collect::<Vec<f64>>();
    let states = ["V.a", "V.b", "V.c"].map(counts);
    for (i, found) in states.iter().enumerate() {
        fits(found, poisson(rate / 0.5 * erlang(i + 1, 0.5 * t)));
    }
    let done = counts("V.done");
    let expected = rate / 0.5 * erlang_integral(3, 0.5 * t);
    fits(&done, poisson(expected));
    // Covariances of independent numbers have a deviation of the product of theirs.
    for (i, found) in states.iter().enumerate() {
        let mean = rate / 0.5 * erlang(i + 1, 0.5 * t);
        let products: Vec<f64> = found.iter().zip(&done).map(|(a, b)| (a - mean) * (b - expected)).collect();
        has_mean(&products, 0.0, (mean * expected).sqrt());
    }
}

#[test]
fn those_that_are_through_have_the_ages_of_who_had_time_for_it() {
    // Of age a those are through that made three steps by then: below x, ∫ P(3 steps by k a) da up to x, over that up to t.
    let t = 8.0;
    let run = &lasts(&chain(1000.0, LEAVE), t, 1)[0];
    let ages: Vec<f64> = run.of("V.done").map(|one| one.age / MINUTE).collect();
    assert!(ages.len() > 2000);
    follows(ages, |age| erlang_integral(3, 0.5 * age) / erlang_integral(3, 0.5 * t));
}

#[test]
fn routes_are_poisson_shares_of_each_state() {
    let runs = lasts(&chain(6.0, GONE), 30.0, 2000);
    let by = |route: &str| -> Vec<f64> {
        let made = |run: &Last| run.of("V.b").filter(|one| one.route.as_deref() == Some(route)).count() as f64;
        runs.iter().map(made).collect()
    };
    fits(&by("making"), poisson(9.0));
    fits(&by("other"), poisson(3.0));
}
