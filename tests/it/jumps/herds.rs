//! What holds in every run of models with vesicles: random ones, and those of `tests/golden/language`.

use std::fmt::Write;

use super::{Samples, network, ready};
use exoc::codegen::Engine;
use exoc::network::plan::Change;
use exoc::network::{ConservationLaw, Expr, Network, SpeciesId, SpeciesKind};
use exoc::simulate::exact::{ExactModel, ExactOutcome, ExactReceiver, ExactSettings, RunKey, Vesicles, run_exact};
use exoc::simulate::{Intervention, Model, Parameters, Problem, Protocol, Sample, State};
use proptest::prelude::*;

/// Cells in a dish with endosomes, bodies and what buds into them, is released and taken up, and any of further processes; and whether no
/// membrane is lost. Endosomes mature to bodies of another size. Areas are followed of classes that buds are taken from, or that give a membrane of
/// another size than theirs to one that is followed, and of what becomes one of these; so there is one of both then.
fn random_text() -> impl Strategy<Value = (String, bool)> {
    let rates = prop::collection::vec(1u32..40, 16);
    (any::<u16>(), any::<bool>(), rates, 1u32..5, any::<bool>()).prop_map(|(mask, closed, rates, cells, spread)| {
        let kept = if mask >> 15 == 1 { BUDDING } else { RETURNING };
        let mask = if closed { mask & ((1 << LOSING) - 1) | 1 << kept } else { mask };
        let mut text = String::from(PLACES);
        if !spread {
            text = text.replace(" ± 40 nm", "").replace(" ± 15 nm, 40 nm .. 150 nm", "");
        }
        for (n, process) in PROCESSES.iter().enumerate() {
            // The first makes endosomes.
            if n == 0 || mask >> n & 1 == 1 {
                let k = format!("{}", f64::from(rates[n]) * 0.05);
                let _ = writeln!(text, "    process p{n}: {}", process.replace('#', &k));
            }
        }
        let _ = write!(
            text,
            "}}\ncell Donor {{ include traffic }}\nmodel dish {{\n    compartment medium = 1 pL assumed\n    \
             place donor: Donor, {cells} cells in medium\n}}\n"
        );
        (text, closed)
    })
}

const PLACES: &str = "\
compartment medium = 1 pL assumed
compartment cytosol = 2 pL in medium assumed
compartment plasma_membrane = 1500 um^2 between cytosol and medium assumed
compartment lysosome = 5 fL in cytosol assumed
compartment lysosome_membrane = 20 um^2 between lysosome and cytosol assumed
vesicle Endosome = 5 copies in cytosol { diameter 300 nm ± 40 nm assumed }
vesicle MVB in cytosol { states young, docked; diameter 500 nm assumed }
vesicle ILV in Endosome, MVB, medium, lysosome, cytosol { diameter 80 nm ± 15 nm, 40 nm .. 150 nm assumed }
vesicle Carrier in cytosol { diameter 100 nm assumed }
vesicle Ectosome in medium { diameter 200 nm ± 40 nm assumed }
pathway traffic {
    cargo CD63, Lock = 300 copies in plasma_membrane assumed
    cargo Locked = 0 copies in plasma_membrane assumed
    machinery Free, Used = 50 copies in cytosol assumed
    cargo miR21 = 300 copies in cytosol assumed
    process retrieval: bud Carrier from lysosome_membrane rate 1 copies / min capturing CD63
";

/// `#` stands for a number.
const PROCESSES: [&str; 16] = [
    "bud Endosome from plasma_membrane rate # * 10 copies / min capturing CD63, Lock",
    "mature Endosome -> MVB.young at # / min",
    "bud ILV into MVB.young at # / min capturing CD63 (enriched: 2 fold), miR21 (enriched: 2 fold)",
    "MVB.young -> MVB.docked at # / min * Free / (50 copies) turning Free -> Used",
    "fuse MVB.docked with plasma_membrane at # / min * (ILV per MVB.docked)",
    "engulf ILV@medium into Endosome at # / min",
    "fuse ILV@MVB with MVB at # / min",
    "fuse MVB.young with lysosome at # / min",
    "bud Carrier from Endosome at # / min capturing CD63",
    "fuse Carrier with plasma_membrane at # / min",
    "fuse Endosome with MVB.young at # / min",
    "bud Ectosome from plasma_membrane rate # * 5 copies / min capturing CD63, miR21",
    "CD63@MVB.young + Lock@MVB.young -> Locked@MVB.young at # / copies / min",
    "degrade ILV@lysosome at # / min",
    "rupture Ectosome at # / min",
    "rupture Endosome at # / min",
];
/// From this one on membrane is lost.
const LOSING: usize = 13;
const BUDDING: usize = 2;
const RETURNING: usize = 4;

/// Holds every sample of a run against what must hold.
struct Guard<'e> {
    exact: &'e ExactModel<'e>,
    laws: &'e [ConservationLaw],
    /// No membrane is lost or made.
    closed: bool,
    /// All that is counted is whole.
    whole: bool,
    first: Option<(Vec<f64>, f64)>,
    samples: Samples,
    broken: Option<String>,
}

impl Guard<'_> {
    fn network(&self) -> &Network {
        self.exact.model().network()
    }

    /// The sums that the whole model keeps, with the mean over the cells there are.
    fn sums(&self, x: &[f64]) -> Vec<f64> {
        let made = self.exact.representation().unwrap();
        let mean = |s: SpeciesId| {
            let copies = made.copies(s);
            let scale = if self.network().species[copies[0].index()].cell.is_none() { made.scale } else { 1.0 };
            copies.iter().map(|copy| x[copy.index()]).sum::<f64>() / copies.len() as f64 / scale
        };
        let sum = |law: &ConservationLaw| law.terms.iter().map(|&(s, n)| n as f64 * mean(s)).sum();
        self.laws.iter().map(sum).collect()
    }

    /// µm² of places and of every vesicle.
    fn membrane(&self, x: &[f64], vesicles: &Vesicles<'_>) -> f64 {
        let table = &self.network().individuals;
        let mut sum = 0.0;
        for (n, species) in self.network().species.iter().enumerate() {
            let of_vesicles = table.populations.iter().any(|p| p.area.is_some_and(|area| area.index() == n));
            if species.kind == SpeciesKind::Area && !of_vesicles {
                sum += x[n];
            }
        }
        table.populations.iter().for_each(|p| vesicles.for_each(p.species, |one| sum += one.area()));
        sum
    }

    fn look(&self, sample: &Sample<'_>, vesicles: &Vesicles<'_>) -> Result<(Vec<f64>, f64), String> {
        let x = sample.species;
        vesicles.check(x)?;
        for (amount, species) in x.iter().zip(&self.network().species) {
            let counted = !matches!(species.kind, SpeciesKind::Area | SpeciesKind::Condition) && !species.fixed;
            if !amount.is_finite() || *amount < 0.0 || (counted && self.whole && amount.fract() != 0.0) {
                return Err(format!("{amount} of {}", species.name));
            }
        }
        let found = (self.sums(x), self.membrane(x, vesicles));
        let Some((sums, membrane)) = &self.first else { return Ok(found) };
        if let Some((now, then)) =
            found.0.iter().zip(sums).find(|(now, then)| (*now - *then).abs() > 1e-9 * then.abs().max(1.0))
        {
            return Err(format!("a sum of {then} is {now}"));
        }
        if self.closed && found.1.to_bits() != membrane.to_bits() {
            return Err(format!("{membrane} µm² are {}", found.1));
        }
        Ok(found)
    }
}

impl ExactReceiver for Guard<'_> {
    fn sample(&mut self, sample: Sample<'_>) {
        self.samples.sample(sample);
    }

    fn vesicles(&mut self, sample: Sample<'_>, vesicles: &Vesicles<'_>) {
        if self.broken.is_some() {
            return;
        }
        match self.look(&sample, vesicles) {
            Ok(found) => {
                self.first.get_or_insert(found);
            }
            Err(why) => self.broken = Some(format!("at {} s: {why}", sample.time)),
        }
    }
}

/// One run of a model that is looked at throughout.
fn guarded(
    model: &Model,
    protocol: &Protocol,
    closed: bool,
    settings: &ExactSettings,
) -> Result<(Samples, ExactOutcome), String> {
    let exact = ready(model, settings);
    let laws = &model.network().conservation;
    let whole = settings.hybrid.is_none();
    let mut guard =
        Guard { exact: &exact, laws, closed, whole, first: None, samples: Samples::default(), broken: None };
    let start = State::initial(model, Parameters::new(model, &[]));
    let outcome = run_exact(&exact, start, protocol, RunKey { seed: 7, run: 1 }, settings, &mut guard);
    guard.broken.map_or(Ok((guard.samples, outcome)), Err)
}

fn all_settings() -> [ExactSettings; 4] {
    let plain = ExactSettings { engine: Engine::Interpreter, most_events: 300_000, ..ExactSettings::default() };
    let with = |hybrid, tau, cells| ExactSettings { hybrid, tau, cells, ..plain };
    [plain, with(Some(0.05), None, None), with(None, Some(0.05), None), with(None, None, Some(2))]
}

const MINUTE: f64 = 60.0;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn copies_membrane_and_places_of_vesicles_are_kept((text, closed) in random_text()) {
        let model = Model::new(network(&text), Engine::Interpreter);
        for settings in all_settings() {
            let ran = guarded(&model, &Protocol::sampled(20.0 * MINUTE, MINUTE), closed, &settings);
            prop_assert!(ran.is_ok(), "{settings:?}: {}", ran.unwrap_err());
            let outcome = ran.unwrap().1;
            prop_assert!(outcome.failure.is_none() && outcome.events > 0, "{:?}", outcome.failure);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn machine_code_gives_vesicles_of_the_same_bits((text, _) in random_text()) {
        let model = Model::new(network(&text), Engine::Interpreter);
        let protocol = Protocol::sampled(10.0 * MINUTE, MINUTE);
        let run = |engine: Engine| {
            let settings = ExactSettings { engine, ..ExactSettings::default() };
            let exact = ready(&model, &settings);
            assert!(engine == Engine::Interpreter || exact.compile());
            let start = State::initial(&model, Parameters::new(&model, &[]));
            let mut samples = Samples::default();
            let outcome = run_exact(&exact, start, &protocol, RunKey { seed: 7, run: 2 }, &settings, &mut samples);
            (samples, outcome.events)
        };
        prop_assert_eq!(run(Engine::Native), run(Engine::Interpreter));
    }
}

/// Adds to each population and to what each carries, and takes some of it away again.
fn disturbed(network: &Network, mut protocol: Protocol) -> Protocol {
    let table = &network.individuals;
    let populations = table.populations.iter().map(|population| population.species);
    let species: Vec<SpeciesId> = populations.chain(table.contents.iter().map(|content| content.species)).collect();
    let mut at = |time: f64, change: Change| {
        protocol.interventions.push(Intervention { time, change, label: String::new() });
    };
    for &species in &species {
        at(2.5 * MINUTE, Change::Add { species, amount: Expr::Constant(25.0) });
    }
    for &species in &species {
        at(7.5 * MINUTE, Change::Scale { species, factor: Expr::Constant(0.6) });
    }
    protocol
}

#[test]
fn golden_models_with_vesicles_keep_them_in_order() {
    let mut seen = 0;
    for path in crate::golden::files("tests/golden/language", "exo") {
        let mut sources = exoc::source::SourceMap::new();
        let root = sources.add(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
        let loader = exoc::source::DiskLoader::beside(&path);
        let program = exoc::hir::check(&mut sources, &loader, root).gate().0.unwrap();
        for number in 0..program.models.len() {
            let network = exoc::network::build(&program, number).unwrap().network;
            if network.individuals.populations.is_empty() {
                continue;
            }
            seen += 1;
            let protocol = disturbed(&network, Protocol::sampled(10.0 * MINUTE, MINUTE));
            // What comes and goes by hand keeps no sums.
            let model = Model::new(Network { conservation: Vec::new(), ..network }, Engine::Interpreter);
            for settings in all_settings() {
                let (_, outcome) = guarded(&model, &protocol, false, &settings)
                    .unwrap_or_else(|why| panic!("{}, {settings:?}: {why}", path.display()));
                let fine = outcome.failure.as_ref().is_none_or(|e| matches!(e.problem, Problem::TooManyEvents { .. }));
                assert!(fine, "{}: {:?}", path.display(), outcome.failure);
            }
        }
    }
    assert!(seen >= 20, "{seen}");
}

const CROWD: &str = "compartment medium = 1 mL assumed\ncompartment cytosol = 2 pL in medium assumed\n\
    vesicle V = 10 copies in cytosol { states a, b; diameter 100 nm assumed }\n";

#[test]
fn a_population_that_explodes_uses_its_budget_of_events_or_of_vesicles_up() {
    let text = format!(
        "{CROWD}process making: -> V.a rate V.a * (1 / min)\nprocess ageing: V.a -> V.b at 0.01 / min assumed\n"
    );
    let model = Model::new(network(&text), Engine::Interpreter);
    let settings = ExactSettings { most_vesicles: 5000, ..ExactSettings::default() };
    let (samples, outcome) = guarded(&model, &Protocol::sampled(100.0 * MINUTE, MINUTE), false, &settings).unwrap();
    let error = outcome.failure.unwrap();
    assert!(matches!(error.problem, Problem::TooManyCopies { .. }), "{error}");
    assert!(samples.0.len() > 5 && error.time > 5.0 * MINUTE && error.to_string().contains("`V.a`"), "{error}");
    let settings = ExactSettings { most_events: 2000, ..ExactSettings::default() };
    let (_, outcome) = guarded(&model, &Protocol::sampled(100.0 * MINUTE, MINUTE), false, &settings).unwrap();
    let error = outcome.failure.unwrap();
    assert_eq!(error.problem, Problem::TooManyEvents { events: 2000 });
    assert!(error.to_string().contains("`making`") && error.time > MINUTE, "{error}");
}

#[test]
fn more_vesicles_than_can_be_kept_are_refused_before_they_are_made() {
    let text = format!("{CROWD}process ageing: V.a -> V.b at 1 / min assumed\n").replace("10 copies", "1e12 copies");
    let model = Model::new(network(&text), Engine::Interpreter);
    let settings = ExactSettings::default();
    let (samples, outcome) = guarded(&model, &Protocol::sampled(MINUTE, MINUTE), false, &settings).unwrap();
    assert!(matches!(outcome.failure.unwrap().problem, Problem::TooManyCopies { .. }) && samples.0.is_empty());
}

#[test]
fn vesicles_at_rest_end_a_run_at_its_time() {
    let text = format!("{CROWD}process ageing: V.a -> V.b at 1 / min assumed\n");
    let model = Model::new(network(&text), Engine::Interpreter);
    let settings = ExactSettings::default();
    let (samples, outcome) = guarded(&model, &Protocol::sampled(1e6, 1e5), false, &settings).unwrap();
    assert!(outcome.failure.is_none());
    assert_eq!((samples.0.len(), outcome.events, samples.0.last().unwrap().0), (11, 10, 1e6));
}
