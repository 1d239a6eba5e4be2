//! Small networks, built by hand.

use exoc::network::{
    BinaryOp, Definition, DefinitionId, DisplayUnit, Event, Evidence, Expr, Network, Observable, Parameter,
    ParameterId, Process, ProcessId, RateRule, Reaction, Species, SpeciesId, SpeciesKind, Target, UnaryOp,
};
use exoc::source::Span;

fn unit() -> DisplayUnit {
    DisplayUnit { symbol: "copies".into(), factor: 1.0 }
}

/// Adds to a network piece by piece.
#[derive(Default)]
pub struct Sketch(pub Network);

impl Sketch {
    pub fn parameter(&mut self, name: &str, value: impl Into<Number>) -> Expr {
        let id = ParameterId(self.0.parameters.len() as u32);
        self.0.parameters.push(Parameter {
            role: exoc::network::Role::Declared,
            name: name.into(),
            value: value.into().0,
            unit: unit(),
            evidence: Evidence::Assumed,
            uncertainty: None,
            origin: Span::default(),
            span: Span::default(),
        });
        Expr::Parameter(id)
    }

    pub fn species(&mut self, name: &str, initial: impl Into<Number>) -> Expr {
        let id = SpeciesId(self.0.species.len() as u32);
        self.0.species.push(Species {
            name: name.into(),
            kind: SpeciesKind::Molecules,
            place: None,
            cell: None,
            initial: initial.into().0,
            fixed: false,
            unit: unit(),
            span: Span::default(),
        });
        Expr::Species(id)
    }

    pub fn definition(&mut self, name: &str, value: Expr) -> Expr {
        let id = DefinitionId(self.0.definitions.len() as u32);
        self.0.definitions.push(Definition { name: name.into(), value, unit: unit(), span: Span::default() });
        Expr::Definition(id)
    }

    pub fn observable(&mut self, name: &str, value: Expr) {
        self.0.observables.push(Observable { name: name.into(), value, unit: unit(), span: Span::default() });
    }

    pub fn reaction(&mut self, name: &str, rate: Expr, changes: &[(&Expr, f64)]) {
        let process = ProcessId(self.0.processes.len() as u32);
        self.0.processes.push(Process { name: name.into(), cell: None, span: Span::default() });
        let stoichiometry = changes.iter().map(|(s, c)| (species_id(s), *c)).collect();
        self.0.reactions.push(Reaction { process, part: None, law: exoc::network::Law::Whole, rate, stoichiometry });
    }

    pub fn rule(&mut self, species: &Expr, rate: Expr) {
        self.0.rate_rules.push(RateRule { species: species_id(species), rate, span: Span::default() });
    }

    pub fn event(&mut self, trigger: Expr, delay: f64, assignments: Vec<(Target, Expr)>) {
        let delay = Expr::Constant(delay);
        let event = Event { name: "event".into(), trigger, delay, assignments, span: Span::default() };
        self.0.events.push(event);
    }
}

/// A number or an expression.
pub struct Number(Expr);

impl From<f64> for Number {
    fn from(c: f64) -> Self {
        Number(Expr::Constant(c))
    }
}

impl From<Expr> for Number {
    fn from(expr: Expr) -> Self {
        Number(expr)
    }
}

pub fn species_id(expr: &Expr) -> SpeciesId {
    match expr {
        Expr::Species(id) => *id,
        other => panic!("{other:?} is not a species"),
    }
}

pub fn parameter_id(expr: &Expr) -> ParameterId {
    match expr {
        Expr::Parameter(id) => *id,
        other => panic!("{other:?} is not a parameter"),
    }
}

pub fn c(number: f64) -> Expr {
    Expr::Constant(number)
}

/// A Rab's cycle: reversible exchange, promoted by an effector through a Hill function, with a saturable loss.
pub fn rab() -> Network {
    let mut s = Sketch::default();
    s.0.name = "rab".into();
    let k_gef = s.parameter("k_gef", 0.4);
    let k_gap = s.parameter("k_gap", 0.1);
    let half = s.parameter("half", 300.0);
    let n = s.parameter("n", 2.5);
    let vmax = s.parameter("vmax", k_gap.clone() * c(20.0));
    let gdp = s.species("Rab27a.gdp", 600.0);
    let gtp = s.species("Rab27a.gtp", c(1000.0) * k_gef.clone());
    let lost = s.species("lost", 0.0);
    let power = |x: Expr| Expr::binary(BinaryOp::Pow, x, n.clone());
    let feedback = s.definition("feedback", power(gtp.clone()) / (power(half.clone()) + power(gtp.clone())));
    s.reaction("exchange", k_gef * gdp.clone() * (c(1.0) + feedback.clone()), &[(&gdp, -1.0), (&gtp, 1.0)]);
    s.reaction("hydrolysis", k_gap * gtp.clone(), &[(&gdp, 1.0), (&gtp, -1.0)]);
    s.reaction("loss", vmax * gtp.clone() / (half + gtp.clone()), &[(&gtp, -2.0), (&lost, 1.0)]);
    s.observable("active share", gtp.clone() / (gtp + gdp));
    s.observable("feedback", feedback);
    s.0
}

/// Everything that rab() lacks: time, rules, selections, events, a fixed species.
pub fn driven() -> Network {
    let mut s = Sketch::default();
    s.0.name = "driven".into();
    let k = s.parameter("k", 0.05);
    let dose = s.parameter("dose", 3.0);
    let acid = s.species("pH", 7.4);
    let ca = s.species("Ca", 100.0);
    let store = s.species("store", 5000.0);
    s.0.species[2].fixed = true;
    let ramp = s.definition("ramp", Expr::Time / (c(100.0) + Expr::Time));
    let wave = Expr::unary(UnaryOp::Sin, Expr::Time * c(0.1));
    let low = Expr::binary(BinaryOp::Less, acid.clone(), c(7.0));
    let leak = Expr::select(low, store.clone() * k.clone() * ramp.clone(), c(0.0));
    s.reaction("leak", leak, &[(&ca, 1.0)]);
    s.reaction("pump", k.clone() * dose.clone() * Expr::unary(UnaryOp::Sqrt, ca.clone()), &[(&ca, -1.0)]);
    s.rule(&acid, c(-0.01) * (c(1.0) + wave));
    s.event(
        ca.clone() - c(150.0),
        5.0,
        vec![(Target::Parameter(parameter_id(&dose)), dose * c(2.0)), (Target::Species(species_id(&ca)), c(90.0))],
    );
    s.observable("Ca", ca);
    s.0
}

/// A network of any size, with the mix of laws that pathways have: mass action, saturation, cooperative promotion.
/// Neighbours react with neighbours, and now and then with a hub, so the Jacobian is sparse.
pub fn generated(species: usize, reactions: usize) -> Network {
    let mut s = Sketch::default();
    s.0.name = format!("generated_{species}_{reactions}");
    let pools: Vec<Expr> = (0..species).map(|i| s.species(&format!("X{i}"), 100.0 + i as f64 % 7.0)).collect();
    let volume = s.parameter("volume", 2000.0);
    let half = s.parameter("half", 40.0);
    // A linear congruential generator (Numerical Recipes' constants): the same network everywhere.
    let mut state = 1u64;
    let mut next = move |bound: usize| {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223) & 0xffff_ffff;
        (state >> 8) as usize % bound
    };
    for i in 0..reactions {
        let here = i * species / reactions;
        let near = |offset: usize| (here + offset) % species;
        let (a, b) = (near(1 + next(8)), near(9 + next(8)));
        let hub = if next(20) == 0 { next(4.min(species)) } else { near(17 + next(8)) };
        let k = s.parameter(&format!("k{i}"), 0.01 + next(100) as f64 / 1e3);
        let [from, to, third] = [&pools[here], &pools[a], &pools[b]];
        let rate = match next(5) {
            0 | 1 => k * from.clone(),
            2 => k * from.clone() * third.clone() / volume.clone(),
            3 => k * from.clone() / (half.clone() + from.clone()),
            _ => {
                let square = |x: &Expr| Expr::binary(BinaryOp::Pow, x.clone(), c(2.0));
                let promoter = &pools[hub];
                k * from.clone() * square(promoter) / (square(&half) + square(promoter))
            }
        };
        let mut changes = vec![(from, -1.0), (to, 1.0)];
        changes.sort_by_key(|(x, _)| species_id(x));
        if from != to {
            s.reaction(&format!("r{i}"), rate, &changes);
        }
    }
    s.observable("first", pools[0].clone());
    s.0
}

/// A generator of pseudo-random numbers: the same network everywhere.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }

    /// Log-uniform between powers of ten.
    fn rate(&mut self, low: f64, high: f64) -> f64 {
        10f64.powf(low + (high - low) * self.below(1 << 20) as f64 / (1 << 20) as f64)
    }
}

/// Species and reactions of mass action, added one by one.
fn mass_action(s: &mut Sketch, pools: &[Expr], from: &[usize], to: &[usize], k: f64) {
    let name = format!("k{}", s.0.reactions.len());
    let k = s.parameter(&name, k);
    let rate = from.iter().fold(k, |rate, &i| rate * pools[i].clone());
    let mut change = std::collections::BTreeMap::<usize, f64>::new();
    from.iter().for_each(|&i| *change.entry(i).or_default() -= 1.0);
    to.iter().for_each(|&i| *change.entry(i).or_default() += 1.0);
    let changes: Vec<(&Expr, f64)> = change.iter().filter(|c| *c.1 != 0.0).map(|(&i, &c)| (&pools[i], c)).collect();
    s.reaction(&name, rate, &changes);
}

/// Complexes that are assembled from 20 subunits in 79 reversible steps and fall apart in 42 more: 100 species,
/// 200 reactions, rate constants over eight powers of ten.
pub fn assembly() -> Network {
    const SUBUNITS: usize = 20;
    let mut s = Sketch::default();
    s.0.name = "assembly".into();
    let pools: Vec<Expr> =
        (0..100).map(|i| s.species(&format!("X{i}"), if i <= SUBUNITS { 5.0 } else { 0.0 })).collect();
    let mut draws = Draws(20240);
    let mut bound: Vec<Vec<usize>> = vec![vec![]];
    for complex in 1..80 {
        let parent = complex - 1 - draws.below(complex.min(6));
        let subunit = draws.below(SUBUNITS);
        let mut parts = bound[parent].clone();
        parts.push(subunit);
        bound.push(parts);
        let (apart, together) = ([SUBUNITS + parent, subunit], [SUBUNITS + complex]);
        mass_action(&mut s, &pools, &apart, &together, draws.rate(-2.0, 4.0));
        mass_action(&mut s, &pools, &together, &apart, draws.rate(-4.0, 3.0));
    }
    for complex in (38..80).rev() {
        let parts: Vec<usize> = std::iter::once(SUBUNITS).chain(bound[complex].iter().copied()).collect();
        mass_action(&mut s, &pools, &[SUBUNITS + complex], &parts, draws.rate(-3.0, 0.0));
    }
    s.0
}

/// Mass action between neighbours and, now and then, far away: half of it of two species.
pub fn scattered(species: usize, reactions: usize) -> Network {
    let mut s = Sketch::default();
    s.0.name = format!("scattered_{species}_{reactions}");
    let pools: Vec<Expr> = (0..species).map(|i| s.species(&format!("X{i}"), 1.0)).collect();
    let mut draws = Draws(777);
    for i in 0..reactions {
        let here = i % species;
        let mut other = |seen: &[usize]| loop {
            let near = (here + species + draws.below(41) - 20) % species;
            let there = if draws.below(50) == 0 { draws.below(species) } else { near };
            if !seen.contains(&there) {
                break there;
            }
        };
        let (a, b) = (other(&[here]), other(&[here]));
        if i % 2 == 0 {
            mass_action(&mut s, &pools, &[here], &[a], 1.0);
        } else {
            let partner = other(&[here, a, b]);
            mass_action(&mut s, &pools, &[here, partner], &[a, b], 0.5);
        }
    }
    s.0
}
