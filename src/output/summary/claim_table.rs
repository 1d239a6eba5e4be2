//! Many claims as a table: what is said, on whose word, in which cell, what the model does, and whether it agrees; with a
//! summary by module and, of an ensemble, the claims that hold in too few of its members.

use std::collections::BTreeMap;

use super::{Tone, paint, quantity, ratio, table};
use crate::experiment::results::{ClaimResult, Results, Shares, Verdict};
use crate::output::number::number;

/// A claim that holds in a smaller share of the members than this is fragile.
pub const ROBUST: f64 = 0.9;

/// All claims, module by module, the modules in the order of their names.
pub fn claim_table(results: &Results, width: usize, colour: bool) -> String {
    let mut modules: BTreeMap<&str, Vec<&ClaimResult>> = BTreeMap::new();
    results.claims.iter().for_each(|claim| modules.entry(&claim.module).or_default().push(claim));
    let mut text = String::new();
    for (module, claims) in &modules {
        text.push_str(&paint(module, Tone::Strong, colour));
        text.push_str("\n\n");
        text.push_str(&of_module(claims, width, colour));
    }
    if modules.len() > 1 {
        text.push_str(&paint("modules", Tone::Strong, colour));
        text.push_str("\n\n");
        text.push_str(&by_module(&modules, width, colour));
    }
    text.push_str(&fragile(results, width, colour));
    text + &super::claims::tally(results, colour)
}

fn of_module(claims: &[&ClaimResult], width: usize, colour: bool) -> String {
    let drawn = claims.iter().any(|claim| !claim.shares.is_empty());
    let mut header = ["", "claim", "cites", "cell", "prediction", "effect", "steps"].map(str::to_owned).to_vec();
    if drawn {
        header.push("holds in".to_owned());
    }
    let rows: Vec<Vec<String>> = claims.iter().map(|claim| row(claim, drawn)).collect();
    table(&header, &rows, 5, width, colour, |row, column| {
        let claim = claims.get(row).filter(|_| column == 0)?;
        Some(tone(&claim.verdict))
    })
}

fn row(claim: &ClaimResult, drawn: bool) -> Vec<String> {
    let mark = match claim.verdict {
        Verdict::Holds => "✓",
        Verdict::Fails => "✗",
        Verdict::Undecided(_) => "?",
    };
    let none = || "–".to_owned();
    let mut row = vec![
        mark.to_owned(),
        claim.text.clone(),
        claim.evidence.join(", "),
        claim.cell.clone().unwrap_or_else(none),
        claim.prediction.clone(),
        effect(claim).unwrap_or_else(none),
        claim.way.as_ref().map_or_else(none, |way| way.len().to_string()),
    ];
    if drawn {
        row.push(claim.shares.first().map_or_else(none, |shares| format!("{} %", number(100.0 * share(shares)))));
    }
    row
}

/// `× 0.62`: treated relative to control; the two themselves where there is no such number.
fn effect(claim: &ClaimResult) -> Option<String> {
    if let Verdict::Undecided(why) = &claim.verdict {
        return Some(why.clone());
    }
    let measured = claim.measured.as_ref()?;
    let by = measured.ratio();
    Some(match by.is_finite() {
        true => format!("× {}", ratio(by)),
        false => format!(
            "{} → {}",
            number(measured.control / measured.unit.factor),
            quantity(measured.treated, &measured.unit)
        ),
    })
}

fn tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::Holds => Tone::Good,
        Verdict::Fails => Tone::Bad,
        Verdict::Undecided(_) => Tone::Doubtful,
    }
}

fn share(shares: &Shares) -> f64 {
    shares.holds as f64 / shares.all().max(1) as f64
}

fn is_fragile(claim: &ClaimResult) -> bool {
    claim.shares.iter().any(|shares| share(shares) < ROBUST)
}

fn by_module(modules: &BTreeMap<&str, Vec<&ClaimResult>>, width: usize, colour: bool) -> String {
    let drawn = modules.values().flatten().any(|claim| !claim.shares.is_empty());
    let mut header = ["module", "claims", "hold", "fail", "undecided", "fewest steps"].map(str::to_owned).to_vec();
    if drawn {
        header.push("fragile".to_owned());
    }
    let rows: Vec<Vec<String>> = modules
        .iter()
        .map(|(module, claims)| {
            let count = |is: &dyn Fn(&ClaimResult) -> bool| match claims.iter().filter(|claim| is(claim)).count() {
                0 => String::new(),
                n => n.to_string(),
            };
            let fewest = claims.iter().filter_map(|claim| claim.way.as_ref()).map(Vec::len).min();
            let mut row = vec![
                (*module).to_owned(),
                claims.len().to_string(),
                count(&|claim| claim.verdict == Verdict::Holds),
                count(&|claim| claim.verdict == Verdict::Fails),
                count(&|claim| matches!(claim.verdict, Verdict::Undecided(_))),
                fewest.map_or_else(|| "–".to_owned(), |n| n.to_string()),
            ];
            if drawn {
                row.push(count(&is_fragile));
            }
            row
        })
        .collect();
    table(&header, &rows, 1, width, colour, |_, _| None)
}

/// The claims that hold in too few members; nothing without an ensemble.
fn fragile(results: &Results, width: usize, colour: bool) -> String {
    let fragile: Vec<&ClaimResult> = results.claims.iter().filter(|claim| is_fragile(claim)).collect();
    if fragile.is_empty() {
        return String::new();
    }
    let title = format!("fragile: hold in less than {} % of the members", number(100.0 * ROBUST));
    let mut text = paint(&title, Tone::Strong, colour) + "\n\n";
    for claim in fragile {
        for shares in &claim.shares {
            let line = format!("{}: {} ({})", claim.text, super::ensemble::held(shares), claim.module);
            text.push_str(&format!("  {}\n", super::wrap(&line, width.saturating_sub(2), "    ")));
        }
    }
    text + "\n"
}
