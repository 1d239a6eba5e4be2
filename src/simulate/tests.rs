//! Runs of small networks made by hand, against what they must do.

use super::*;
use crate::codegen::Engine;
use crate::network::plan::Change;
use crate::network::*;

fn unit(symbol: &str) -> DisplayUnit {
    DisplayUnit { symbol: symbol.into(), factor: 1.0 }
}

#[derive(Default)]
struct Sketch(Network);

impl Sketch {
    fn species(mut self, name: &str, initial: f64) -> Sketch {
        self.0.species.push(Species {
            name: name.into(),
            kind: SpeciesKind::Molecules,
            place: None,
            cell: (!self.0.cells.is_empty()).then_some(CellId(0)),
            initial: Expr::Constant(initial),
            fixed: false,
            unit: unit("copies"),
            span: Default::default(),
        });
        self
    }

    /// A parameter; its id is its position.
    fn parameter(mut self, name: &str, value: f64) -> Sketch {
        self.0.parameters.push(Parameter {
            role: crate::network::Role::Declared,
            name: name.into(),
            value: Expr::Constant(value),
            unit: unit(""),
            evidence: Evidence::Assumed,
            uncertainty: None,
            origin: Default::default(),
            span: Default::default(),
        });
        self
    }

    /// A cell that there is one of; what follows belongs to it.
    fn cell(mut self) -> Sketch {
        let count = ParameterId(self.0.parameters.len() as u32);
        self = self.parameter("count", 1.0);
        self.0.cells.push(Cell { name: "cell".into(), kind: "Cell".into(), count });
        self
    }

    fn reaction(mut self, name: &str, rate: Expr, stoichiometry: &[(u32, f64)]) -> Sketch {
        let process = ProcessId(self.0.processes.len() as u32);
        self.0.processes.push(Process { name: name.into(), cell: None, span: Default::default() });
        let stoichiometry = stoichiometry.iter().map(|&(s, c)| (SpeciesId(s), c)).collect();
        self.0.reactions.push(Reaction { process, part: None, law: crate::network::Law::Whole, rate, stoichiometry });
        self
    }

    fn event(mut self, trigger: Expr, delay: f64, target: Target, value: Expr) -> Sketch {
        let name = format!("event {}", self.0.events.len() + 1);
        let (delay, assignments) = (Expr::Constant(delay), vec![(target, value)]);
        self.0.events.push(Event { name, trigger, delay, assignments, span: Default::default() });
        self
    }

    fn model(self) -> Model {
        Model::new(self.0, Engine::Interpreter)
    }
}

fn x(i: u32) -> Expr {
    Expr::Species(SpeciesId(i))
}

fn p(i: u32) -> Expr {
    Expr::Parameter(ParameterId(i))
}

fn c(value: f64) -> Expr {
    Expr::Constant(value)
}

fn start(model: &Model) -> State {
    State::initial(model, Parameters::new(model, &[]))
}

/// Samples of all species at 0, 1, … 10 s, and how the run ended.
fn ten_seconds(model: &Model, interventions: Vec<Intervention>) -> (Vec<Vec<f64>>, Outcome) {
    let protocol = Protocol { interventions, ..Protocol::sampled(10.0, 1.0) };
    let mut rows = Vec::new();
    let outcome = run(model, start(model), &protocol, &Settings::default(), &mut |s| rows.push(s.species.to_vec()));
    (rows, outcome)
}

fn at(time: f64, change: Change) -> Intervention {
    Intervention { time, change, label: "done".into() }
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 2e-5 * b.abs().max(1.0), "{a} is not {b}");
}

#[test]
fn decay_is_sampled_on_the_grid() {
    let model = Sketch::default().parameter("k", 0.5).species("A", 100.0).reaction("loss", p(0) * x(0), &[(0, -1.0)]);
    let (rows, outcome) = ten_seconds(&model.model(), vec![]);
    assert_eq!(rows.len(), 11);
    assert!(outcome.failure.is_none());
    for (t, row) in rows.iter().enumerate() {
        close(row[0], 100.0 * (-0.5 * t as f64).exp());
    }
}

#[test]
fn changes_happen_at_their_times_and_samples_there_show_them() {
    let model = Sketch::default().parameter("k", 0.0).species("A", 1.0).reaction("made", p(0), &[(0, 1.0)]).model();
    let set = |k| Change::Set { target: Target::Parameter(ParameterId(0)), value: c(k) };
    let add = Change::Add { species: SpeciesId(0), amount: c(100.0) };
    let done = vec![at(7.5, set(0.0)), at(2.0, set(3.0)), at(4.0, add)];
    let (rows, outcome) = ten_seconds(&model, done);
    let expected = [1.0, 1.0, 1.0, 4.0, 107.0, 110.0, 113.0, 116.0, 117.5, 117.5, 117.5];
    rows.iter().zip(expected).for_each(|(row, e)| close(row[0], e));
    assert_eq!(outcome.marks.iter().map(|m| m.0).collect::<Vec<_>>(), [2.0, 4.0, 7.5]);
}

#[test]
fn doses_add_up_and_what_an_irreversible_drug_remembers_only_rises() {
    let sketch = Sketch::default().parameter("drug", 0.0).parameter("most", 0.0).species("A", 0.0).species("B", 0.0);
    let model = sketch.reaction("now", p(0), &[(0, 1.0)]).reaction("ever", p(1), &[(1, 1.0)]).model();
    let (concentration, latch) = (ParameterId(0), Some(ParameterId(1)));
    let dose = |level| Change::Dose { concentration, latch, level: c(level) };
    let wash = |level| Change::Washout { concentration, level: c(level) };
    let done = vec![at(0.0, dose(2.0)), at(2.0, dose(1.0)), at(4.0, wash(2.0)), at(6.0, wash(1.0))];
    let (rows, _) = ten_seconds(&model, done);
    close(rows[10][0], 2.0 * 2.0 + 3.0 * 2.0 + 2.0);
    close(rows[10][1], 2.0 * 2.0 + 3.0 * 8.0);
}

#[test]
fn a_complex_that_dissolves_frees_its_other_parts() {
    let model = Sketch::default().species("AB", 10.0).species("B", 1.0).model();
    let freed = vec![(SpeciesId(1), 2.0)];
    let (rows, _) =
        ten_seconds(&model, vec![at(1.0, Change::Dissolve { complex: SpeciesId(0), factor: c(0.2), freed })]);
    assert_eq!(rows[10], [2.0, 17.0]);
}

#[test]
fn an_event_fires_when_its_condition_turns_true_and_waits_its_delay() {
    let rising = |delay| {
        Sketch::default()
            .parameter("k", 1.0)
            .species("A", 0.0)
            .reaction("made", p(0), &[(0, 1.0)])
            .event(x(0) - c(3.5), delay, Target::Parameter(ParameterId(0)), c(0.0))
            .model()
    };
    let (rows, outcome) = ten_seconds(&rising(0.0), vec![]);
    close(rows[3][0], 3.0);
    close(rows[10][0], 3.5);
    assert_eq!(outcome.marks.len(), 1);
    close(outcome.marks[0].0, 3.5);
    let (rows, _) = ten_seconds(&rising(2.0), vec![]);
    close(rows[10][0], 5.5);
}

/// Sets the first species.
fn set(value: f64) -> Change {
    Change::Set { target: Target::Species(SpeciesId(0)), value: c(value) }
}

#[test]
fn a_change_that_makes_a_condition_true_fires_its_event_and_a_condition_true_at_first_does_not() {
    let model = || {
        let sketch = Sketch::default().species("A", 1.0).species("B", 0.0);
        sketch.event(x(0) - c(5.0), 0.0, Target::Species(SpeciesId(1)), x(1) + c(1.0))
    };
    let (rows, _) = ten_seconds(&model().model(), vec![at(4.0, set(9.0))]);
    assert_eq!((rows[3][1], rows[4][1], rows[10][1]), (0.0, 1.0, 1.0));
    let mut already = model();
    already.0.species[0].initial = c(9.0);
    assert_eq!(ten_seconds(&already.model(), vec![]).0[10][1], 0.0);
}

#[test]
fn events_at_one_time_assign_in_the_order_of_the_source() {
    let assign = |value: Expr| (Target::Species(SpeciesId(0)), value);
    let (first, second) = (assign(c(1.0)), assign(x(0) * c(10.0) + c(2.0)));
    let sketch = Sketch::default().species("A", 0.0);
    let sketch = sketch.event(Expr::Time - c(2.0), 1.0, first.0, first.1);
    let model = sketch.event(Expr::Time - c(3.0), 0.0, second.0, second.1).model();
    assert_eq!(ten_seconds(&model, vec![]).0[10][0], 12.0);
}

#[test]
fn events_that_set_each_other_off_are_stopped() {
    let sketch = Sketch::default().species("A", 0.0);
    let sketch = sketch.event(x(0) - c(0.5), 0.0, Target::Species(SpeciesId(0)), c(0.0));
    let model = sketch.event(c(0.5) - x(0), 0.0, Target::Species(SpeciesId(0)), c(1.0)).model();
    let (rows, outcome) = ten_seconds(&model, vec![at(2.5, set(1.0))]);
    assert_eq!(rows.len(), 3);
    let problem = outcome.failure.unwrap().problem;
    assert!(matches!(problem, Problem::Cascade { .. }), "{problem:?}");
}

#[test]
fn a_failure_names_species_and_process_and_keeps_what_came_before() {
    let sketch = Sketch::default().species("A", 1.0).species("B", 1.0);
    let sketch = sketch.reaction("harmless", c(1.0), &[(1, 1.0)]);
    let model = sketch.reaction("runaway", x(0) * x(0), &[(0, 1.0)]).model();
    let protocol = Protocol::sampled(10.0, 0.3);
    let mut times = Vec::new();
    let outcome = run(&model, start(&model), &protocol, &Settings::default(), &mut |s| times.push(s.time));
    let failure = outcome.failure.unwrap();
    assert_eq!(times.len(), 4);
    let culprit = failure.culprit.clone().unwrap();
    assert_eq!((culprit.species.as_str(), culprit.processes), ("A", vec!["runaway".to_owned()]));
    close(failure.time, 1.0);
    let minutes = DisplayUnit { symbol: "min".into(), factor: 60.0 };
    assert!(failure.message(&minutes).starts_with("at 0.01667 min"), "{}", failure.message(&minutes));
}

fn settled(model: &Model) -> Result<Vec<f64>, SimulationError> {
    let held = Held::for_settling(model);
    settle(model, &start(model), &held, 100.0, &Settings::default()).map(|(state, _)| state)
}

#[test]
fn a_cell_settles_and_what_is_outside_is_held() {
    let mut sketch = Sketch::default().cell().species("inside", 0.0).species("outside", 7.0);
    sketch.0.species[1].cell = None;
    let sketch = sketch.reaction("made", c(2.0), &[(0, 1.0)]);
    let model = sketch.reaction("leaves", c(0.01) * x(0), &[(0, -1.0), (1, 1.0)]).model();
    let state = settled(&model).unwrap();
    close(state[0], 200.0);
    assert_eq!(state[1], 7.0);
}

#[test]
fn what_only_piles_up_is_held_and_what_grows_by_itself_does_not_settle() {
    let cell = || Sketch::default().cell().species("waste", 3.0);
    let piles_up = cell().reaction("made", c(2.0), &[(0, 1.0)]).model();
    assert_eq!(settled(&piles_up).unwrap(), [3.0]);
    let grows = cell().reaction("made", c(2.0) + c(1e-9) * x(0), &[(0, 1.0)]).model();
    let error = settled(&grows).unwrap_err();
    assert!(matches!(error.problem, Problem::Unsettled { .. }));
    assert_eq!(error.culprit.unwrap().species, "waste");
}

/// Of the rates A and B convert at, one depends on a substance that is nowhere: what it would move stands still.
#[test]
fn what_cannot_happen_conserves_more() {
    let sketch =
        Sketch::default().cell().parameter("off", 0.0).species("A", 30.0).species("B", 10.0).species("none", 0.0);
    let sketch = sketch.reaction("there", c(0.02) * x(0), &[(0, -1.0), (1, 1.0)]);
    let sketch = sketch.reaction("back", c(0.01) * x(1), &[(0, 1.0), (1, -1.0)]);
    let sketch = sketch.reaction("lost", p(1) * x(1), &[(1, -1.0)]);
    let model = sketch.reaction("catalysed", x(2) * x(0), &[(0, -1.0), (2, 0.5)]).model();
    let found =
        Settler::new(&model, Held::for_settling(&model)).settle(&start(&model), 100.0, &Settings::default()).unwrap();
    assert!(found.polished);
    assert_eq!(found.moieties.len(), 1);
    assert_eq!(found.moieties[0].1, 40.0);
    assert_eq!(found.still, [false, false, true]);
    assert!((found.amounts[0] - 40.0 / 3.0).abs() < 1e-11 && found.amounts[2] == 0.0, "{:?}", found.amounts);
    let slowest = found.spectrum.unwrap().dominant().unwrap();
    assert!((slowest.real + 0.03).abs() < 1e-12);
}

/// A switch: made at 0.5 + 10 a² / (9 + a²) and lost at 1.5 a (per hour). Both sides of the watershed, and the state
/// on it, which no start leads to.
#[test]
fn a_switch_settles_on_the_side_that_it_starts_on() {
    let made = |a: f64| 0.5 + 10.0 * a * a / (9.0 + a * a);
    let root = |mut low: f64, mut high: f64| {
        let falls = made(high) - 1.5 * high < made(low) - 1.5 * low;
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            let above = made(middle) - 1.5 * middle > 0.0;
            if above == falls { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    };
    let (off, watershed, on) = (root(0.0, 0.9), root(0.9, 3.0), root(3.0, 9.0));
    assert!(0.3 < off && off < 0.9 && watershed < 3.0 && on > 3.0, "{off} {watershed} {on}");
    for (initial, expected) in [(0.0, off), (0.99 * watershed, off), (1.01 * watershed, on), (50.0, on)] {
        let hour = 1.0 / 3600.0;
        let sketch = Sketch::default().cell().species("a", initial);
        let rate = c(hour) * (c(0.5) + c(10.0) * x(0) * x(0) / (c(9.0) + x(0) * x(0)));
        let model =
            sketch.reaction("made", rate, &[(0, 1.0)]).reaction("lost", c(1.5 * hour) * x(0), &[(0, -1.0)]).model();
        let found = Settler::new(&model, Held::for_settling(&model))
            .settle(&start(&model), 100.0, &Settings::default())
            .unwrap();
        assert!((found.amounts[0] - expected).abs() < 1e-10, "from {initial}: {} is not {expected}", found.amounts[0]);
        assert!(found.polished && found.spectrum.unwrap().decays_faster_than(1e-6));
    }
}

/// The Brusselator has one steady state, and no path leads to it.
#[test]
fn an_oscillator_does_not_settle_even_beside_its_unstable_point() {
    let sketch = Sketch::default().cell().species("u", 1.0).species("v", 3.01);
    let rate = c(1e-4);
    let sketch = sketch.reaction("made", rate.clone(), &[(0, 1.0)]);
    let sketch = sketch.reaction("auto", rate.clone() * x(0) * x(0) * x(1), &[(0, 1.0), (1, -1.0)]);
    let sketch = sketch.reaction("turned", c(3.0) * rate.clone() * x(0), &[(0, -1.0), (1, 1.0)]);
    let model = sketch.reaction("lost", rate * x(0), &[(0, -1.0)]).model();
    assert!(matches!(settled(&model).unwrap_err().problem, Problem::Unsettled { .. }));
}

#[test]
fn a_settler_gives_the_same_bits_whatever_came_before() {
    let model = |off: f64| {
        let sketch = Sketch::default().cell().parameter("off", off).species("A", 30.0).species("B", 10.0);
        let sketch = sketch.reaction("there", c(0.02) * x(0) * x(1), &[(0, -1.0), (1, 1.0)]);
        let sketch = sketch.reaction("back", c(0.01) * x(1), &[(0, 1.0), (1, -1.0)]);
        sketch.reaction("made", p(1), &[(0, 1.0)]).reaction("lost", p(1) * x(1), &[(1, -1.0)]).model()
    };
    let model = model(0.0);
    let parameters = |off: f64| Parameters::new(&model, &[(ParameterId(1), off)]);
    let mut settler = Settler::new(&model, Held::for_settling(&model));
    let go = |settler: &mut Settler<'_>, off| {
        let start = State::initial(&model, parameters(off));
        settler.settle(&start, 100.0, &Settings::default()).unwrap().amounts
    };
    let first = go(&mut settler, 0.3);
    let closed = go(&mut settler, 0.0);
    assert!((closed[0] - 0.5).abs() < 1e-12 && (closed[1] - 39.5).abs() < 1e-12, "{closed:?}");
    assert_eq!(go(&mut settler, 0.3), first);
    assert_eq!(go(&mut Settler::new(&model, Held::for_settling(&model)), 0.3), first);
}

type Marks = Vec<(f64, String)>;

/// Bits of all that a run gives.
#[derive(Debug, Default, PartialEq)]
struct Record {
    samples: Vec<Vec<u64>>,
    ended: Option<(Marks, Option<SimulationError>)>,
}

impl Record {
    fn sample(&mut self, sample: Sample<'_>) {
        let numbers = sample.species.iter().chain(sample.parameters).chain([&sample.time]);
        self.samples.push(numbers.map(|v| v.to_bits()).collect());
    }
}

impl Receiver for Vec<Record> {
    fn sample(&mut self, job: usize, sample: Sample<'_>) {
        self[job].sample(sample);
    }

    fn ended(&mut self, job: usize, outcome: Outcome) {
        assert!(self[job].ended.is_none());
        self[job].ended = Some((outcome.marks, outcome.failure));
    }
}

/// A stiff pair, a pulse that events make and end, doses, and a process that explodes at some values.
fn eventful() -> Model {
    let sketch = Sketch::default().parameter("k", 0.5).parameter("fast", 3000.0).parameter("boom", 0.0);
    let sketch = sketch.species("A", 100.0).species("B", 0.0).species("C", 0.1);
    let sketch = sketch.reaction("to", p(1) * x(0), &[(0, -1.0), (1, 1.0)]);
    let sketch = sketch.reaction("back", p(1) * c(0.5) * x(1), &[(1, -1.0), (0, 1.0)]);
    let sketch = sketch.reaction("loss", p(0) * x(1), &[(1, -1.0)]).reaction("grow", p(2) * x(2) * x(2), &[(2, 1.0)]);
    let sketch = sketch.event(c(20.0) - x(0), 0.25, Target::Species(SpeciesId(0)), x(0) + c(40.0));
    sketch.event(x(1) - c(30.0), 0.0, Target::Parameter(ParameterId(0)), c(1.25)).model()
}

#[test]
fn jobs_give_the_same_bits_alone_and_together_in_any_order() {
    let model = eventful();
    let protocols = [
        Protocol::sampled(10.0, 0.5),
        Protocol { interventions: vec![at(1.5, set(70.0)), at(4.0, set(3.0))], ..Protocol::sampled(12.0, 1.0) },
        Protocol::default(),
        Protocol { interventions: vec![at(0.0, set(-1e9)), at(4.0, set(3.0))], ..Protocol::sampled(3.0, 1.0) },
    ];
    let job = |index: usize| {
        let number = index as f64;
        let set =
            [(0, 0.2 + 0.1 * number), (1, 10f64.powf(0.25 * number)), (2, if index % 5 == 3 { 2.0 } else { 0.01 })];
        let set = set.map(|(id, value)| (ParameterId(id), value));
        let start = State::initial(&model, Parameters::new(&model, &set));
        Job { index, start, protocol: &protocols[index % protocols.len()] }
    };
    let settings = Settings::default();
    let alone = |index| {
        let (mut found, job) = (Record::default(), job(index));
        let outcome = run(&model, job.start, job.protocol, &settings, &mut |sample| found.sample(sample));
        Record { ended: Some((outcome.marks, outcome.failure)), ..found }
    };
    let expected: Vec<Record> = (0..19).map(alone).collect();
    assert!(expected.iter().any(|r| r.ended.as_ref().is_some_and(|(_, failure)| failure.is_some())));
    assert!(expected.iter().any(|r| r.ended.as_ref().is_some_and(|(marks, _)| marks.len() > 4)));
    for lanes in [Lanes::One, Lanes::Two, Lanes::Eight, Lanes::Auto] {
        for reversed in [false, true] {
            let mut found: Vec<Record> = expected.iter().map(|_| Record::default()).collect();
            let order: Vec<usize> = if reversed { (0..19).rev().collect() } else { (0..19).collect() };
            run_batch(&model, &mut order.into_iter().map(job), &settings, lanes, &mut found);
            for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(found, expected, "job {index}, {lanes:?}, reversed {reversed}");
            }
        }
    }
}

/// A random network of mass action: each reaction takes one or two and makes one or two; half of them go back as well;
/// something is made and most things are lost.
fn random_network(seed: u64) -> Model {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    };
    let n = 3 + next(5) as u32;
    let mut sketch = Sketch::default().cell();
    for i in 0..n {
        let amount = next(4) as f64 * 50.0;
        sketch = sketch.species(&format!("S{i}"), amount);
    }
    let open = next(2) == 0;
    for r in 0..n + 2 {
        let (a, b, d) = (next(n.into()) as u32, next(n.into()) as u32, next(n.into()) as u32);
        let k = 1e-4 * (1 + next(20)) as f64;
        let two = next(3) == 0 && b != a;
        let (rate, mut change) =
            if two { (c(k / 100.0) * x(a) * x(b), vec![(a, -1.0), (b, -1.0)]) } else { (c(k) * x(a), vec![(a, -1.0)]) };
        match change.iter_mut().find(|(s, _)| *s == d) {
            Some((_, n)) => *n += 1.0,
            None => change.push((d, 1.0)),
        }
        change.retain(|(_, n)| *n != 0.0);
        change.sort_unstable_by_key(|(s, _)| *s);
        if next(2) == 0 && change.len() > 1 {
            let back = change.iter().map(|&(s, n)| (s, -n)).collect::<Vec<_>>();
            sketch = sketch.reaction(&format!("back{r}"), c(0.5 * k) * x(d), &back);
        }
        if !change.is_empty() {
            sketch = sketch.reaction(&format!("r{r}"), rate, &change);
        }
    }
    if open {
        sketch = sketch.reaction("made", c(0.02), &[(0, 1.0)]);
        for i in 0..n {
            sketch = sketch.reaction(&format!("lost{i}"), c(2e-4) * x(i), &[(i, -1.0)]);
        }
    }
    sketch.model()
}

#[test]
fn random_networks_settle_where_integration_alone_ends() {
    let mut polished = 0;
    for seed in 1..=150 {
        let model = random_network(seed);
        let start = start(&model);
        let held = Held::fixed(&model);
        let exact = Settings::new(1e-9, None).unwrap();
        let alone = settle_by_integration(&model, &start, &held, 3600.0, &exact);
        let found = Settler::new(&model, held.clone()).settle(&start, 3600.0, &Settings::default());
        let (Ok((expected, _)), Ok(found)) = (&alone, &found) else {
            assert_eq!(alone.is_ok(), found.is_ok(), "{seed}: {alone:?} {found:?}");
            continue;
        };
        polished += usize::from(found.polished);
        for (a, b) in found.amounts.iter().zip(expected) {
            // By integration alone the last block may change by 1e-5, and a slow one as much again in each that follows.
            assert!((a - b).abs() <= 1e-4 * a.abs().max(b.abs()).max(1.0), "{seed}: {:?} {expected:?}", found.amounts);
        }
    }
    // The rest have steady states beside each other, or come near theirs too slowly for a rate.
    assert!(polished > 75, "only {polished}");
}

/// 1 while the time is within the window, as a rate and as a condition.
fn window(from: f64, to: f64) -> (Expr, Expr) {
    let within = Expr::binary(
        BinaryOp::And,
        Expr::binary(BinaryOp::LessEqual, c(from), Expr::Time),
        Expr::binary(BinaryOp::Less, Expr::Time, c(to)),
    );
    (Expr::select(within, c(1.0), c(0.0)), (Expr::Time - c(from)).min(c(to) - Expr::Time))
}

/// The first species is made in the window, the second counts how often the window opens; the third moves slowly.
fn pulsed(rate: Expr, trigger: Expr) -> Model {
    let sketch = Sketch::default().species("made", 0.0).species("opened", 0.0).species("slow", 1.0);
    let sketch = sketch.reaction("pulse", rate, &[(0, 1.0)]).reaction("drift", c(1e-3) * x(2), &[(2, -1.0)]);
    sketch.event(trigger, 0.0, Target::Species(SpeciesId(1)), x(1) + c(1.0)).model()
}

#[test]
fn a_pulse_of_the_clock_is_integrated_from_its_first_moment_to_its_last() {
    let (rate, trigger) = window(3.0, 3.0001);
    let (rows, outcome) = ten_seconds(&pulsed(c(1e4) * rate, trigger), vec![]);
    assert_eq!(rows[3], [0.0, 0.0, rows[3][2]]);
    assert!((rows[10][0] - 1.0).abs() < 1e-9, "{}", rows[10][0]);
    assert_eq!(rows[10][1], 1.0);
    assert_eq!(outcome.marks.iter().map(|m| m.0).collect::<Vec<_>>(), [3f64.next_up()]);
    assert_eq!(outcome.statistics.rejected, 0);
}

#[test]
fn a_spike_of_an_amount_between_two_steps_fires_its_event() {
    // An amount that goes up and down once, at t = 5, far faster than the tolerance of anything needs steps for.
    let spike = |width: f64| {
        let away = (Expr::Time - c(5.0)) / c(width);
        c(1.0) - away.clone() * away + c(0.0) * x(0)
    };
    for width in [1.0, 1e-1, 1e-2, 1e-3] {
        let sketch = Sketch::default().species("slow", 1.0).species("seen", 0.0);
        let sketch = sketch.reaction("drift", c(1e-3) * x(0), &[(0, -1.0)]);
        let model = sketch.event(spike(width), 0.0, Target::Species(SpeciesId(1)), x(1) + c(1.0)).model();
        let (rows, outcome) = ten_seconds(&model, vec![]);
        assert_eq!(rows[10][1], 1.0, "{width}");
        close(outcome.marks[0].0, 5.0 - width);
    }
}

proptest::proptest! {
    #[test]
    fn no_window_is_too_narrow(from in 0.001f64..9.0, log_width in -7.0f64..-0.5) {
        let to = from + 10f64.powf(log_width);
        let (rate, trigger) = window(from, to);
        let (rows, _) = ten_seconds(&pulsed(rate / c(to - from), trigger), vec![]);
        proptest::prop_assert!((rows[10][0] - 1.0).abs() < 1e-6, "{}", rows[10][0]);
        proptest::prop_assert_eq!(rows[10][1], 1.0);
    }

    #[test]
    fn an_amount_within_narrow_bounds_is_seen(level in 0.15f64..0.9, log_width in -6.0f64..-1.0) {
        proptest::prop_assert!(is_seen_within(level, 10f64.powf(log_width)));
    }
}

/// Whether an amount that decays from 1 is seen within bounds.
fn is_seen_within(level: f64, width: f64) -> bool {
    let trigger = (c(level + width) - x(0)).min(x(0) - c(level));
    let sketch = Sketch::default().species("A", 2.0).species("seen", 0.0);
    let sketch = sketch.reaction("loss", c(0.3) * x(0), &[(0, -1.0)]);
    let model = sketch.event(trigger, 0.0, Target::Species(SpeciesId(1)), x(1) + c(1.0)).model();
    let (rows, _) = ten_seconds(&model, vec![]);
    rows[10][1] == 1.0
}

#[test]
fn bounds_that_are_met_near_the_ends_of_pieces_are_seen() {
    // Found by the property above.
    assert!(is_seen_within(0.5498195286051363, 10f64.powf(-5.788988988058328)));
    assert!(is_seen_within(0.8304300544064349, 10f64.powf(-5.706211488926886)));
}

#[test]
fn rates_sixty_orders_of_magnitude_apart_are_no_obstacle() {
    let sketch = Sketch::default().species("A", 100.0).species("B", 10.0);
    let sketch = sketch.reaction("there", c(1e30) * x(0), &[(0, -1.0), (1, 1.0)]);
    let sketch = sketch.reaction("back", c(1e30) * x(1), &[(0, 1.0), (1, -1.0)]);
    let model = sketch.reaction("lost", c(1e-30) * x(1), &[(1, -1.0)]).model();
    let (rows, outcome) = ten_seconds(&model, vec![]);
    assert_eq!(outcome.failure, None);
    rows.iter().skip(1).for_each(|row| row.iter().for_each(|amount| close(*amount, 55.0)));
}
