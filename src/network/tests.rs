//! Networks of small programs made by hand.

mod sketch;

use super::{BuildError, Built, Expr, Network, SpeciesId, Values, build};
use sketch::{Sketch, number};

fn species(network: &Network, name: &str) -> SpeciesId {
    let found = network.species.iter().position(|s| s.name == name);
    let names: Vec<&str> = network.species.iter().map(|s| s.name.as_str()).collect();
    SpeciesId(found.unwrap_or_else(|| panic!("no `{name}` among {names:?}")) as u32)
}

/// Time derivatives of all species.
fn derivatives(network: &Network, values: &Values) -> Vec<f64> {
    let mut change = vec![0.0; network.species.len()];
    for reaction in &network.reactions {
        let rate = network.evaluate_at(&reaction.rate, values);
        assert!(rate.is_finite(), "{:?} of {:?}", reaction.part, network.processes[reaction.process.index()].name);
        for (species, n) in &reaction.stoichiometry {
            change[species.index()] += n * rate;
        }
    }
    change
}

/// Runge–Kutta with fixed steps, from the initial amounts.
fn run(network: &Network, duration: f64, steps: usize) -> Values {
    let mut values = network.initial_values();
    let h = duration / steps as f64;
    for _ in 0..steps {
        let start = values.species.clone();
        let mut sum = vec![0.0; start.len()];
        let mut slope = vec![0.0; start.len()];
        for (part, weight) in [(0.0, 1.0), (0.5, 2.0), (0.5, 2.0), (1.0, 1.0)] {
            for (i, value) in values.species.iter_mut().enumerate() {
                *value = start[i] + h * part * slope[i];
            }
            slope = derivatives(network, &values);
            sum.iter_mut().zip(&slope).for_each(|(s, d)| *s += weight * d);
        }
        values.time += h;
        values.species = start.iter().zip(&sum).map(|(x, s)| x + h / 6.0 * s).collect();
    }
    values
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-8 * b.abs().max(1e-9), "{a} is not {b}");
}

fn built(sketch: &Sketch) -> Built {
    build(&sketch.hir, 0).expect("a network")
}

fn laws_hold(network: &Network) {
    for law in &network.conservation {
        for reaction in &network.reactions {
            let of = |s: &SpeciesId| law.terms.iter().find(|(t, _)| t == s).map_or(0.0, |(_, n)| *n as f64);
            let change: f64 = reaction.stoichiometry.iter().map(|(s, n)| n * of(s)).sum();
            assert_eq!(change, 0.0, "{law:?}");
        }
    }
}

/// MVBs form at R, bud ILVs at k each, fuse with the lysosome at l and with the plasma membrane at s.
fn hello() -> Sketch {
    let mut s = Sketch::new();
    let medium = s.volume("medium", 1e12, None);
    let cytosol = s.volume("cytosol", 2000.0, Some(medium));
    let membrane = s.membrane("plasma_membrane", 1500.0, cytosol, medium);
    let lysosome = s.volume("lysosome", 5.0, Some(cytosol));
    let mvb = s.vesicle("MVB", Some(50.0), &[sketch::home(cytosol)], 0.5);
    let homes = [sketch::carried(mvb), sketch::home(lysosome), sketch::home(medium)];
    let ilv = s.vesicle("ILV", None, &homes, 0.08);
    s.create("formation", mvb, 2.0);
    s.bud_into("budding", ilv, mvb, 0.05, &[]);
    s.fuse_with_volume("degradation", mvb, lysosome, 0.03);
    s.fuse_with_membrane("secretion", mvb, membrane, 0.01);
    s.degrade("breakdown", ilv, lysosome, 0.05);
    s
}

#[test]
fn a_vesicle_chain_has_the_means_of_its_closed_form() {
    let built = built(&hello());
    let network = &built.network;
    assert!(built.notes.is_empty());
    let (r, k, loss) = (2.0, 0.05, 0.04);
    let t: f64 = 40.0;
    let end = run(network, t, 4000);
    let n = |t: f64| r / loss + (50.0 - r / loss) * (-loss * t).exp();
    near(end.species[species(network, "MVB").index()], n(t));
    // n = R / loss from the start: dI/dt = k n - loss I.
    let stored = k * 50.0 / loss * (1.0 - (-loss * t).exp());
    near(end.species[species(network, "ILV@MVB").index()], stored);
    let released = 0.01 * k * 50.0 / loss * (t - (1.0 - (-loss * t).exp()) / loss);
    near(end.species[species(network, "ILV@medium").index()], released);
    laws_hold(network);
}

#[test]
fn nothing_has_a_place_that_no_vesicle_reaches() {
    let built = built(&hello());
    let names: Vec<&str> = built.network.species.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["MVB", "area of MVB", "ILV@MVB", "ILV@lysosome", "ILV@medium"]);
}

#[test]
fn a_budget_of_membrane_ends_budding_at_none() {
    let mut s = hello();
    s.hir.processes.retain(|p| p.name == "budding");
    s.hir.models[0].scopes[0].members.retain(|d| !matches!(d, crate::hir::Decl::Process(id) if id.0 > 0));
    let built = built(&s);
    let network = &built.network;
    let end = run(network, 20_000.0, 20_000);
    let area = end.species[species(network, "area of MVB").index()];
    assert!((0.0..1e-3).contains(&area), "{area}");
    let buds = end.species[species(network, "ILV@MVB").index()];
    assert!((buds - 50.0 * (0.5f64 / 0.08).powi(2)).abs() < 0.1, "{buds}");
}

#[test]
fn molecules_are_conserved_from_cell_to_cell() {
    let mut s = Sketch::new();
    let medium = s.volume("medium", 1e12, None);
    let outside = s.volume("outside", 1e12, None);
    let cytosol = s.volume("cytosol", 2000.0, Some(outside));
    let membrane = s.membrane("plasma_membrane", 1500.0, cytosol, outside);
    let cargo = s.molecule("CD63", 50_000.0, membrane, true);
    let mirna = s.molecule("miR21", 3_000.0, cytosol, false);
    let endosome = s.vesicle("Endosome", Some(20.0), &[sketch::home(cytosol)], 0.5);
    let mvb = s.vesicle("MVB", None, &[sketch::home(cytosol)], 0.5);
    let ilv = s.vesicle("ILV", None, &[sketch::carried(mvb), sketch::home(outside)], 0.08);
    s.bud_from("endocytosis", endosome, membrane, 0.5, &[cargo]);
    s.convert("maturation", endosome, mvb, 0.02);
    s.bud_into("budding", ilv, mvb, 0.1, &[cargo, mirna]);
    s.fuse_with_membrane("secretion", mvb, membrane, 0.01);
    s.engulf("uptake", ilv, outside, endosome, 1e-8);
    s.in_cells(medium, outside, &[("donor", 1e6), ("recipient", 2e5)]);
    let built = built(&s);
    let network = &built.network;
    laws_hold(network);
    let total = |values: &Values, what: &str| -> f64 {
        let counts = |s: &super::Species| match s.cell {
            Some(cell) => network.evaluate(&Expr::Parameter(network.cells[cell.index()].count)),
            None => 1.0,
        };
        let all = network.species.iter().zip(&values.species);
        all.filter(|(s, _)| s.name.contains(what) && !s.name.starts_with("area")).map(|(s, v)| counts(s) * v).sum()
    };
    let (start, end) = (network.initial_values(), run(network, 2000.0, 2000));
    for what in ["CD63", "miR21"] {
        assert!((total(&end, what) / total(&start, what) - 1.0).abs() < 1e-12);
        let laws = network.conservation.iter().filter(|law| {
            law.terms.iter().all(|(s, _)| network.species[s.index()].name.contains(what)) && !law.terms.is_empty()
        });
        assert_eq!(laws.count(), 1, "one law for {what}");
    }
    assert!(end.species[species(network, "recipient.CD63@ILV@Endosome").index()] > 0.0);
    let area: f64 = ["donor", "recipient"]
        .iter()
        .map(|cell| end.species[species(network, &format!("area of {cell}.plasma_membrane")).index()])
        .sum();
    assert!(area.is_finite());
}

#[test]
fn a_model_that_is_not_there_is_said_so() {
    assert_eq!(build(&crate::hir::Hir::default(), 3).err(), Some(BuildError::NoModel(3)));
}

#[test]
fn a_reversible_reaction_conserves_its_total() {
    let mut s = Sketch::new();
    let cytosol = s.volume("cytosol", 2000.0, None);
    let (a, b) = (s.molecule("A", 100.0, cytosol, false), s.molecule("B", 0.0, cytosol, false));
    s.reaction("exchange", &[(a, 1)], &[(b, 1)], 0.1, Some(0.3));
    let built = built(&s);
    let network = &built.network;
    assert_eq!(network.conservation.len(), 1);
    assert_eq!(network.conservation[0].terms.len(), 2);
    let end = run(network, 100.0, 2000);
    near(end.species[species(network, "A").index()], 75.0);
    assert!(network.parameters.iter().any(|p| p.name == "exchange.k_reverse"));
    assert!(number(1.0).evidence.assumed);
}

#[test]
fn ten_thousand_processes_are_built_quickly() {
    let mut s = Sketch::new();
    let cytosol = s.volume("cytosol", 2000.0, None);
    let all: Vec<_> = (0..5_000).map(|i| s.molecule(&format!("S{i}"), 10.0, cytosol, false)).collect();
    for i in 0..10_000usize {
        let (a, b) = (all[i % 5_000], all[(i * 7 + 1) % 5_000]);
        s.reaction(&format!("r{i}"), &[(a, 1)], &[(b, 1)], 0.1, None);
    }
    let start = std::time::Instant::now();
    let built = built(&s);
    let spent = start.elapsed();
    assert_eq!(built.network.reactions.len(), 10_000);
    laws_hold(&built.network);
    assert!(spent.as_secs_f64() < 20.0, "{spent:?}");
}
