//! Matter through budding, loading, fusion and uptake: none is made, none is lost.

use exoc::codegen::Engine;
use exoc::hir;
use exoc::network;
use exoc::simulate::{self, Model, Parameters, Protocol, Settings, State};
use exoc::source::{MemoryLoader, SourceMap};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// Rates per minute (of endocytosis, in copies) and the number of one of two kinds of cells in a dish.
#[derive(Debug, Clone)]
struct Traffic {
    bud: f64,
    mature: f64,
    load: f64,
    dock: f64,
    fuse: f64,
    engulf: f64,
    cells: f64,
}

fn text(Traffic { bud, mature, load, dock, fuse, engulf, cells }: &Traffic) -> String {
    format!(
        r#"
compartment medium  = 1 mL assumed
compartment cytosol = 2 pL in medium assumed
compartment plasma_membrane = 1500 um^2 between cytosol and medium assumed

vesicle Endosome = 200 copies in cytosol {{ diameter 300 nm assumed }}
vesicle MVB in cytosol {{ states young, docked; diameter 500 nm assumed }}
vesicle ILV in Endosome, MVB, medium {{ diameter 80 nm assumed }}

pathway traffic {{
    cargo CD63 = 50_000 copies in plasma_membrane assumed
    cargo miR21 = 20_000 copies in cytosol assumed
    process endocytosis: bud Endosome from plasma_membrane rate {bud} copies / min assumed
        capturing CD63
    process maturation: mature Endosome -> MVB.young at {mature} / min assumed
    process budding: bud ILV into MVB.young at {load} / min assumed
        capturing CD63 (enriched: 5 fold), miR21 (enriched: 2 fold)
    process docking: MVB.young -> MVB.docked at {dock} / min assumed
    process secretion: fuse MVB.docked with plasma_membrane at {fuse} / min assumed
    process uptake: engulf ILV@medium into Endosome at {engulf} / min assumed
}}

cell Donor {{ include traffic }}

model dish {{
    compartment medium = 1 mL assumed
    place donor: Donor, {cells} cells in medium
    place other: Donor, 2e5 cells in medium
}}
"#
    )
}

fn rates() -> impl Strategy<Value = Traffic> {
    let decades = |low: f64, high: f64| (low..high).prop_map(|x| 10f64.powf(x));
    let rates = (decades(0.0, 3.0), decades(-3.0, 1.0), decades(-2.0, 2.0), decades(-3.0, 1.0), decades(-3.0, 2.0));
    (rates, decades(-10.0, -5.0), decades(0.0, 7.0)).prop_map(|((bud, mature, load, dock, fuse), engulf, cells)| {
        Traffic { bud, mature, load, dock, fuse, engulf, cells }
    })
}

/// All copies of a molecule, wherever they are, in all cells.
fn total(model: &Model, parameters: &Parameters, state: &[f64], molecule: &str) -> f64 {
    let network = model.network();
    let has = |name: &str| name.split(['.', '@']).any(|part| part == molecule);
    let copies = network.species.iter().zip(state).filter(|(species, _)| has(&species.name));
    let in_all = |(species, amount): (&network::Species, &f64)| match species.cell {
        Some(cell) => amount * parameters.get(network.cells[cell.index()].count),
        None => *amount,
    };
    copies.map(in_all).sum()
}

fn stay_as_many(traffic: &Traffic) -> Result<(), TestCaseError> {
    let mut sources = SourceMap::new();
    let root = sources.add("traffic", &text(traffic));
    let (program, diagnostics) = hir::check(&mut sources, &MemoryLoader::default(), root).gate();
    let Some(program) = program else { panic!("{diagnostics:?}") };
    let model = Model::new(network::build(&program, 0).unwrap().network, Engine::Native);
    let parameters = Parameters::new(&model, &[]);
    let start = State::initial(&model, parameters.clone());
    let mut rows = vec![start.species.clone()];
    let protocol = Protocol::sampled(12.0 * 3600.0, 3600.0);
    let settings = Settings::default();
    let outcome = simulate::run(&model, start, &protocol, &settings, &mut |s| rows.push(s.species.to_vec()));
    prop_assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    for molecule in ["CD63", "miR21"] {
        let before = total(&model, &parameters, &rows[0], molecule);
        prop_assert!(before > 0.0);
        for row in &rows {
            let after = total(&model, &parameters, row, molecule);
            prop_assert!((after - before).abs() <= 1e-10 * before, "{}: {} of {}", molecule, after - before, before);
            prop_assert!(row.iter().all(|amount| *amount >= 0.0));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn molecules_are_carried_about_and_stay_as_many(traffic in rates()) {
        stay_as_many(&traffic)?;
    }
}

/// The endosomes die out, to numbers whose reciprocals have no place in a double.
#[test]
fn a_population_that_dies_out_does_no_harm() {
    let traffic =
        Traffic { bud: 20.975, mature: 4.804, load: 22.95, dock: 1.742, fuse: 10.27, engulf: 2.246e-6, cells: 14.63 };
    stay_as_many(&traffic).unwrap();
}
