//! Steady states as files: CSV, a tidy table with a row for every number, and JSON that explains itself. As text they are in
//! [`summary`](super::summary::steady).
//!
//! Numbers are in the unit beside them; what is not finite is `null` in JSON and empty in CSV.

use std::path::Path;

use serde::Serialize;

use super::number::exact;
use super::unit::symbol;
use super::{OutputError, extension, write_file};
use crate::experiment::steady::{Conserved, Flux, Resting, Stability};

/// Writes steady states to `path` in the format of its extension: `.csv` or `.json`. The file is complete or, on an
/// error, as it was before.
pub fn save(path: &Path, states: &[Resting]) -> Result<(), OutputError> {
    let bytes = match extension(path).as_deref() {
        Some("csv") => csv(states),
        Some("json") => json(states),
        _ => return Err(OutputError::unknown_format(path, &["csv", "json"])),
    };
    write_file(path, &bytes)
}

/// A flux with its part in brackets: `donor.docking (forward)`.
pub(super) fn name_of(flux: &Flux) -> String {
    match &flux.part {
        Some(part) => format!("{} ({part})", flux.process),
        None => flux.process.clone(),
    }
}

/// `A + 2·B`.
pub(super) fn sum(conserved: &Conserved) -> String {
    let mut text = String::new();
    for (i, (factor, name)) in conserved.terms.iter().enumerate() {
        let sign = match (*factor < 0.0, i) {
            (true, 0) => "−",
            (true, _) => " − ",
            (false, 0) => "",
            (false, _) => " + ",
        };
        let times =
            if factor.abs() == 1.0 { String::new() } else { format!("{}·", super::number::number(factor.abs())) };
        text.push_str(&format!("{sign}{times}{name}"));
    }
    text
}

/// The file's contents as CSV.
pub fn csv(states: &[Resting]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory can't fail, and all rows have the same length.
    let _ = writer.write_record([
        "model",
        "experiment",
        "arm",
        "point",
        "kind",
        "name",
        "value",
        "unit",
        "density",
        "density unit",
    ]);
    let shown = |value: f64| if value.is_finite() { exact(value) } else { String::new() };
    for state in states {
        let arm = state.arm.as_ref();
        let point = arm.map_or_else(String::new, |arm| {
            let one = |c: &crate::experiment::results::Coordinate| {
                format!("{}={} {}", c.name, exact(c.value / c.unit.factor), symbol(&c.unit))
            };
            arm.coordinates.iter().map(one).collect::<Vec<_>>().join(" ")
        });
        let (experiment, name) = arm.map_or(("", ""), |arm| (&arm.experiment, &arm.arm));
        let mut row = |kind: &str, what: &str, value: f64, unit: &str, density: Option<(f64, String)>| {
            let (density, of) = density.map_or_else(Default::default, |(d, unit)| (shown(d), unit));
            let fields = [&state.model, experiment, name, &point, kind, what, &shown(value), unit, &density, &of];
            let _ = writer.write_record(fields);
        };
        for s in &state.species {
            let kind = if s.still { "held" } else { "species" };
            let density = s.density.as_ref().map(|(value, unit)| (value / unit.factor, symbol(unit)));
            row(kind, &s.name, s.amount / s.unit.factor, &symbol(&s.unit), density);
        }
        state.fluxes.iter().for_each(|flux| row("flux", &name_of(flux), flux.rate, "1/s", None));
        state.conserved.iter().for_each(|c| row("conserved", &sum(c), c.total, "", None));
        for e in &state.eigenvalues {
            row("eigenvalue, real", "", e.real, "1/s", None);
            row("eigenvalue, imaginary", "", e.imaginary, "1/s", None);
        }
    }
    writer.into_inner().unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: &'static str,
    states: Vec<State<'a>>,
}

#[derive(Serialize)]
struct State<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    experiment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arm: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    coordinates: Vec<Value<'a>>,
    species: Vec<Species<'a>>,
    fluxes: Vec<FluxObject<'a>>,
    conserved: Vec<ConservedObject<'a>>,
    stability: StabilityObject,
    /// In 1/s: real and imaginary part.
    eigenvalues: Vec<(f64, f64)>,
    integrated_seconds: f64,
    newton: bool,
}

#[derive(Serialize)]
struct Value<'a> {
    name: &'a str,
    value: f64,
    unit: String,
}

#[derive(Serialize)]
struct Species<'a> {
    name: &'a str,
    value: f64,
    unit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    density: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    density_unit: Option<String>,
    held: bool,
}

#[derive(Serialize)]
struct FluxObject<'a> {
    process: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'a str>,
    per_second: f64,
}

#[derive(Serialize)]
struct ConservedObject<'a> {
    terms: Vec<(f64, &'a str)>,
    total: f64,
}

#[derive(Serialize)]
struct StabilityObject {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    slowest_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    growing_directions: Option<usize>,
}

/// The file's contents as JSON.
pub fn json(states: &[Resting]) -> Vec<u8> {
    let states = states.iter().map(state).collect();
    let document = Document { format: "exoc steady states", version: env!("CARGO_PKG_VERSION"), states };
    // Plain data with string keys can't be refused.
    let mut bytes = serde_json::to_vec(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn state(state: &Resting) -> State<'_> {
    let arm = state.arm.as_ref();
    let coordinates = arm.into_iter().flat_map(|arm| &arm.coordinates);
    let species = state.species.iter().map(|s| Species {
        name: &s.name,
        value: s.amount / s.unit.factor,
        unit: symbol(&s.unit),
        density: s.density.as_ref().map(|(value, unit)| value / unit.factor),
        density_unit: s.density.as_ref().map(|(_, unit)| symbol(unit)),
        held: s.still,
    });
    let fluxes = state.fluxes.iter();
    let conserved = state.conserved.iter().map(|c| ConservedObject {
        terms: c.terms.iter().map(|(factor, name)| (*factor, name.as_str())).collect(),
        total: c.total,
    });
    State {
        model: &state.model,
        experiment: arm.map(|arm| arm.experiment.as_str()),
        arm: arm.map(|arm| arm.arm.as_str()),
        coordinates: coordinates
            .map(|c| Value { name: &c.name, value: c.value / c.unit.factor, unit: symbol(&c.unit) })
            .collect(),
        species: species.collect(),
        fluxes: fluxes
            .map(|f| FluxObject { process: &f.process, part: f.part.as_deref(), per_second: f.rate })
            .collect(),
        conserved: conserved.collect(),
        stability: stability(state.stability),
        eigenvalues: state.eigenvalues.iter().map(|e| (e.real, e.imaginary)).collect(),
        integrated_seconds: state.time,
        newton: state.polished,
    }
}

fn stability(stability: Stability) -> StabilityObject {
    let mut object =
        StabilityObject { verdict: "stable", slowest_seconds: None, period_seconds: None, growing_directions: None };
    match stability {
        Stability::Stable { slowest, period } => {
            object.slowest_seconds = Some(slowest);
            object.period_seconds = period;
        }
        Stability::Unstable { directions, .. } => {
            object.verdict = "unstable";
            object.growing_directions = Some(directions);
        }
        Stability::Indifferent => object.verdict = "indifferent",
        Stability::Still => object.verdict = "still",
        Stability::Unknown { .. } => object.verdict = "not computed",
    }
    object
}
