//! What `exoc steady` prints of each steady state: amounts, fluxes, what is conserved, stability.

use super::{paint, table, wrap};
use crate::experiment::steady::{Resting, Stability};
use crate::network::DisplayUnit;
use crate::output::number::{align_points, number};
use crate::output::paint::Tone;
use crate::output::steady::{name_of, sum};
use crate::output::unit::{quantity, symbol, time_unit};
use crate::solve::steady::LARGEST_BLOCK;

/// Steady states as text that fits a terminal of `width` columns; with `statistics`, what it took to find them.
pub fn steady(states: &[Resting], statistics: bool, width: usize, colour: bool) -> String {
    let mut text = String::new();
    for state in states {
        text.push_str(&paint(&title(state), Tone::Strong, colour));
        text.push_str("\n\n");
        text.push_str(&amounts(state, width, colour));
        text.push_str(&fluxes(state, width, colour));
        text.push_str(&conserved(state, width));
        text.push_str(&stability(state, width, colour));
        if statistics {
            text.push_str(&wrap(&spent(state), width, "  "));
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

fn title(state: &Resting) -> String {
    let Some(arm) = &state.arm else { return format!("{} · steady state", state.model) };
    let at: Vec<String> =
        arm.coordinates.iter().map(|c| format!("{} = {}", c.name, quantity(c.value, &c.unit))).collect();
    let point = if at.is_empty() { String::new() } else { format!(" ({})", at.join(", ")) };
    format!("{} of {} · steady state of arm {}{point}", arm.experiment, state.model, arm.arm)
}

fn amounts(state: &Resting, width: usize, colour: bool) -> String {
    let header = ["species", "", "amount", "unit", "density"].map(str::to_owned);
    let mut values: Vec<String> = state.species.iter().map(|s| number(s.amount / s.unit.factor)).collect();
    align_points(&mut values);
    let rows: Vec<Vec<String>> = state
        .species
        .iter()
        .zip(values)
        .map(|(s, value)| {
            let density = s.density.as_ref().map_or_else(String::new, |(value, unit)| dense(*value, unit));
            let still = if s.still { "held" } else { "" };
            vec![s.name.clone(), still.to_owned(), value, symbol(&s.unit), density]
        })
        .collect();
    table(&header, &rows, 2, width, colour, |_, column| (column == 1).then_some(Tone::Faint))
}

/// A concentration in a unit that makes its number no smaller than it must be; anything else as it is.
fn dense(value: f64, unit: &DisplayUnit) -> String {
    let shown = value / unit.factor;
    let (symbol, part) = match unit.symbol.as_str() {
        "uM" if shown < 1e-6 => ("pM", 1e-6),
        "uM" if shown < 1e-3 => ("nM", 1e-3),
        _ => return quantity(value, unit),
    };
    quantity(value, &DisplayUnit { symbol: symbol.to_owned(), factor: part * unit.factor })
}

/// Those that happen.
fn fluxes(state: &Resting, width: usize, colour: bool) -> String {
    let happening: Vec<_> = state.fluxes.iter().filter(|flux| flux.rate != 0.0).collect();
    if happening.is_empty() {
        return String::new();
    }
    let mut values: Vec<String> = happening.iter().map(|flux| number(flux.rate * 3600.0)).collect();
    align_points(&mut values);
    let rows: Vec<Vec<String>> = happening.iter().zip(values).map(|(flux, value)| vec![name_of(flux), value]).collect();
    table(&["process".to_owned(), "per hour".to_owned()], &rows, 1, width, colour, |_, _| None)
}

fn conserved(state: &Resting, width: usize) -> String {
    let mut text = String::new();
    for law in &state.conserved {
        text.push_str(&wrap(&format!("Conserved: {} = {}", sum(law), number(law.total)), width, "  "));
        text.push('\n');
    }
    text
}

fn stability(state: &Resting, width: usize, colour: bool) -> String {
    let (told, tone) = match state.stability {
        Stability::Stable { slowest, period } => {
            let turning = period.map_or_else(String::new, |period| format!(", turning once in {}", span(period)));
            (format!("Stable: disturbances decay, the slowest by e in {}{turning}.", span(slowest)), Tone::Good)
        }
        Stability::Unstable { directions, fastest } => {
            let ways = if directions == 1 { "one direction".to_owned() } else { format!("{directions} directions") };
            (format!("Unstable: disturbances grow in {ways}, by e in {}.", span(fastest)), Tone::Bad)
        }
        Stability::Indifferent => {
            let text = "Indifferent: some disturbance neither decays nor grows in any time that matters.";
            (text.to_owned(), Tone::Doubtful)
        }
        Stability::Still => ("Nothing moves.".to_owned(), Tone::Faint),
        Stability::Unknown { equations } => {
            let text = format!(
                "Stability not computed: {equations} equations depend on each other in a circle, more than \
                 {LARGEST_BLOCK}."
            );
            (text, Tone::Doubtful)
        }
    };
    paint(&wrap(&told, width, "  "), tone, colour) + "\n"
}

fn span(seconds: f64) -> String {
    let second = DisplayUnit { symbol: "s".to_owned(), factor: 1.0 };
    quantity(seconds, &time_unit(seconds, &second))
}

fn spent(state: &Resting) -> String {
    let (s, n) = (&state.statistics, &state.newton);
    let how = if state.polished { "found by Newton's method" } else { "found by integration alone" };
    format!(
        "Integrated over {}, {how}: {} steps, {} rejected, {} looks, {} corrections, {} right-hand sides, {} Jacobians, \
         {} factorisations",
        span(state.time),
        s.accepted,
        s.rejected,
        n.attempts,
        n.corrections,
        s.rhs,
        s.jacobians,
        s.factorisations
    )
}
