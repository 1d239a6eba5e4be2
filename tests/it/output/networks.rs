//! A network made by hand: one cell with Rab27a, multivesicular bodies and their contents.

use exoc::network::*;
use exoc::source::Span;

use super::fixtures::unit;

fn c(value: f64) -> Expr {
    Expr::Constant(value)
}

fn s(id: u32) -> Expr {
    Expr::Species(SpeciesId(id))
}

fn p(id: u32) -> Expr {
    Expr::Parameter(ParameterId(id))
}

fn place(name: &str, kind: PlaceKind, size: f64, cell: bool, within: &[u32], depth: u32) -> Place {
    Place {
        name: name.into(),
        kind,
        size: c(size),
        cell: cell.then_some(CellId(0)),
        within: within.iter().map(|&i| PlaceId(i)).collect(),
        depth,
        span: Span::default(),
    }
}

fn species(name: &str, kind: SpeciesKind, place: Option<u32>, initial: f64) -> Species {
    let symbol = if kind == SpeciesKind::Area { "um^2" } else { "copies" };
    Species {
        name: name.into(),
        kind,
        place: place.map(PlaceId),
        cell: (place != Some(0)).then_some(CellId(0)),
        initial: c(initial),
        fixed: false,
        unit: unit(symbol, 1.0),
        span: Span::default(),
    }
}

fn parameter(name: &str, shown: f64, unit: DisplayUnit, evidence: Evidence) -> Parameter {
    let value = shown * unit.factor;
    let uncertainty = (evidence == Evidence::Assumed)
        .then_some(Uncertainty::LogNormal { median: value, ln_sd: 3_f64.ln() / 1.959_964 });
    Parameter {
        name: name.into(),
        role: Role::Declared,
        value: c(value),
        unit,
        evidence,
        uncertainty,
        origin: Span::default(),
        span: Span::default(),
    }
}

fn places() -> Vec<Place> {
    vec![
        place("medium", PlaceKind::Volume, 1e12, false, &[], 0),
        place("donor.plasma_membrane", PlaceKind::Membrane, 1500.0, true, &[2, 0], 0),
        place("donor.cytosol", PlaceKind::Volume, 2000.0, true, &[0], 1),
        place("donor.lysosome", PlaceKind::Volume, 5.0, true, &[2], 2),
    ]
}

fn all_species() -> Vec<Species> {
    let inside = |carrier: u32| SpeciesKind::Contents { carrier: SpeciesId(carrier) };
    vec![
        species("donor.Rab27a.gdp", SpeciesKind::Molecules, Some(2), 12_000.0),
        species("donor.Rab27a.gtp", SpeciesKind::Molecules, Some(2), 8000.0),
        species("donor.CD63@plasma_membrane", SpeciesKind::Molecules, Some(1), 50_000.0),
        species("donor.MVB.peripheral", SpeciesKind::Vesicles, Some(2), 40.0),
        species("donor.MVB.docked", SpeciesKind::Vesicles, Some(2), 10.0),
        species("donor.ILV@MVB.peripheral", inside(3), None, 800.0),
        species("donor.ILV@MVB.docked", inside(4), None, 200.0),
        species("donor.CD63@ILV@MVB.peripheral", inside(5), None, 8000.0),
        species("donor.CD63@ILV@MVB.docked", inside(6), None, 2000.0),
        species("ILV@medium", SpeciesKind::Vesicles, Some(0), 0.0),
        species("CD63@ILV@medium", inside(9), None, 0.0),
        species("donor.ILV@lysosome", SpeciesKind::Vesicles, Some(3), 0.0),
        species("donor.area of plasma_membrane", SpeciesKind::Area, None, 1500.0),
        species("donor.MADD", SpeciesKind::Molecules, Some(2), 5000.0),
    ]
}

/// Adds reactions; those that follow name their leader.
struct Reactions(Vec<Reaction>);

impl Reactions {
    fn add(
        &mut self,
        process: u32,
        part: Option<&str>,
        leader: Option<usize>,
        rate: Expr,
        changes: &[(u32, f64)],
    ) -> usize {
        let law = leader.map_or(Law::Whole, |leader| Law::Follows { leader, how: Following::Carried });
        let stoichiometry = changes.iter().map(|(i, n)| (SpeciesId(*i), *n)).collect();
        let part = part.map(str::to_owned);
        self.0.push(Reaction { process: ProcessId(process), part, law, rate, stoichiometry });
        self.0.len() - 1
    }
}

fn reactions() -> Vec<Reaction> {
    let mut r = Reactions(Vec::new());
    let promoted = c(0.4) + c(0.6) * (s(13) / c(5000.0));
    r.add(0, Some("forward"), None, p(0) * s(0) * promoted, &[(0, -1.0), (1, 1.0)]);
    r.add(0, Some("reverse"), None, p(1) * s(1), &[(0, 1.0), (1, -1.0)]);
    let docking = |amount: Expr| p(2) * amount * (s(1) / c(8000.0));
    let leader = r.add(1, None, None, docking(s(3)), &[(3, -1.0), (4, 1.0)]);
    r.add(1, Some("ILV"), Some(leader), docking(s(5)), &[(5, -1.0), (6, 1.0)]);
    r.add(1, Some("CD63@ILV"), Some(leader), docking(s(7)), &[(7, -1.0), (8, 1.0)]);
    let leader = r.add(2, None, None, p(3) * s(4), &[(4, -1.0), (12, 0.785)]);
    r.add(2, Some("ILV"), Some(leader), p(3) * s(6), &[(6, -1.0), (9, 1e6)]);
    r.add(2, Some("CD63@ILV"), Some(leader), p(3) * s(8), &[(8, -1.0), (10, 1e6)]);
    let leader = r.add(3, None, None, p(4) * s(3), &[(5, 1.0)]);
    r.add(3, Some("CD63"), Some(leader), p(4) * s(3) * Expr::Definition(DefinitionId(0)), &[(2, -1.0), (7, 1.0)]);
    let leader = r.add(4, None, None, p(3) * s(3), &[(3, -1.0)]);
    r.add(4, Some("ILV"), Some(leader), p(3) * s(5), &[(5, -1.0), (11, 1.0)]);
    r.add(5, None, None, c(0.02 / 60.0) * s(11), &[(11, -1.0)]);
    r.add(6, None, None, c(2.0 / 60.0), &[(3, 1.0)]);
    r.0
}

pub fn cell() -> Network {
    let per_minute = || unit("1/min", 1.0 / 60.0);
    let processes = ["exchange", "docking", "secretion", "budding", "degradation", "breakdown", "formation"];
    Network {
        name: "culture".into(),
        cells: vec![Cell { name: "donor".into(), kind: "HeLa".into(), count: ParameterId(5) }],
        places: places(),
        species: all_species(),
        parameters: vec![
            parameter("donor.k_gef", 0.2, per_minute(), Evidence::Assumed),
            parameter("donor.k_gap", 0.3, per_minute(), Evidence::Cited(vec!["review[91]".into()])),
            parameter("donor.k_dock", 0.1, per_minute(), Evidence::Assumed),
            parameter("donor.k_fuse", 0.05, per_minute(), Evidence::Unsupported),
            parameter("donor.k_ilv", 0.5, per_minute(), Evidence::Cited(vec!["doi:10.1000/xyz".into()])),
            parameter("donor cells", 1e6, unit("cells", 1.0), Evidence::Derived),
        ],
        definitions: vec![Definition {
            name: "donor.captured CD63".into(),
            value: Expr::binary(BinaryOp::Min, c(10.0), s(2) / s(12) * c(0.0201)),
            unit: unit("copies", 1.0),
            span: Span::default(),
        }],
        processes: processes
            .map(|name| Process { name: format!("donor.{name}"), cell: Some(CellId(0)), span: Span::default() })
            .to_vec(),
        reactions: reactions(),
        rate_rules: Vec::new(),
        events: vec![Event {
            name: "washout".into(),
            trigger: Expr::Time - c(7200.0),
            delay: c(0.0),
            assignments: vec![(Target::Species(SpeciesId(9)), c(0.0))],
            span: Span::default(),
        }],
        observables: vec![Observable {
            name: "yield".into(),
            value: s(9) / p(5),
            unit: unit("copies/cell", 1.0),
            span: Span::default(),
        }],
        coefficients: Vec::new(),
        conservation: vec![ConservationLaw { terms: vec![(SpeciesId(0), 1), (SpeciesId(1), 1)] }],
        ..Network::default()
    }
}

/// A cell with `count` molecules in a chain of conversions, each promoted by another: for the layout of large ones.
pub fn large(count: u32) -> Network {
    let mut network = cell();
    let first = network.species.len() as u32;
    for i in 0..count {
        network.species.push(species(&format!("donor.protein_{i}"), SpeciesKind::Molecules, Some(2 + i % 2), 1.0));
    }
    for i in 1..count {
        let process = ProcessId(network.processes.len() as u32);
        let name = format!("donor.step_{i}");
        network.processes.push(Process { name, cell: Some(CellId(0)), span: Span::default() });
        let (from, to, by) = (first + i * 7 % count, first + (i * 7 + i % 5 + 1) % count, first + i * 3 % count);
        let stoichiometry = vec![(SpeciesId(from), -1.0), (SpeciesId(to), 1.0)];
        network.reactions.push(Reaction { process, part: None, law: Law::Whole, rate: s(from) * s(by), stoichiometry });
    }
    network
}
