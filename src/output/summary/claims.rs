//! Claims with their verdicts, the evidence they cite and the numbers that decided them.

use unicode_width::UnicodeWidthStr;

use super::wrap;
use crate::experiment::results::{ClaimResult, Comparison, Results, Side, Verdict};
use crate::output::paint::{Tone, paint};
use crate::output::unit::quantity;

/// All claims, and how many of them hold; nothing if there are none.
pub fn claims(results: &Results, width: usize, colour: bool) -> String {
    if results.claims.is_empty() {
        return String::new();
    }
    let mut text = paint("claims", Tone::Strong, colour) + "\n\n";
    for claim in &results.claims {
        text.push_str(&one(claim, width, colour));
    }
    text.push('\n');
    text.push_str(&tally(results, colour));
    text
}

fn one(claim: &ClaimResult, width: usize, colour: bool) -> String {
    let (mark, tone) = match claim.verdict {
        Verdict::Holds => ("✓", Tone::Good),
        Verdict::Fails => ("✗", Tone::Bad),
        Verdict::Undecided(_) => ("?", Tone::Doubtful),
    };
    let evidence = if claim.evidence.is_empty() { String::new() } else { format!("  [{}]", claim.evidence.join(", ")) };
    let head = wrap(&format!("{}{evidence}", claim.text), width.saturating_sub(3), "   ");
    let mut text = format!(" {} {head}\n", paint(mark, tone, colour));
    if let Verdict::Undecided(reason) = &claim.verdict {
        text.push_str(&format!("     {}\n", wrap(&format!("undecided: {reason}"), width.saturating_sub(5), "     ")));
    }
    for shares in &claim.shares {
        let line = wrap(&super::ensemble::held(shares), width.saturating_sub(5), "       ");
        text.push_str(&format!("     {line}\n"));
    }
    for comparison in &claim.comparisons {
        let room = width.saturating_sub(5);
        let line = wrap(&sentence(comparison, room), room, "       ").replace(KEPT, " ");
        let tone = if comparison.holds { Tone::Faint } else { Tone::Bad };
        text.push_str(&format!("     {}\n", paint(&line, tone, colour)));
    }
    text
}

/// Stands for a space at which a line is not broken.
const KEPT: &str = "\u{a0}";

/// `secretion.a.yield = 456.1 < 987.2 copies/cell = 0.8 * secretion.control.yield`; its parts are kept on one line
/// where they fit into `room`.
fn sentence(comparison: &Comparison, room: usize) -> String {
    let no = if comparison.holds { "" } else { "not " };
    let (left, right) = (&comparison.left, &comparison.right);
    let (left_value, right_value) = (quantity(left.value, &left.unit), quantity(right.value, &right.unit));
    let mut parts = if plain(left) { vec![left_value] } else { vec![left.source.clone(), format!("= {left_value}")] };
    parts.push(format!("{no}{} {right_value}", comparison.operator));
    if !plain(right) {
        parts.push(format!("= {}", right.source));
    }
    let kept = parts.iter().map(|p| if p.width() + 2 < room { p.replace(' ', KEPT) } else { p.clone() });
    kept.collect::<Vec<_>>().join(" ")
}

/// Whether a side is a number as it stands, which need not be said twice.
fn plain(side: &Side) -> bool {
    let digits = side.source.trim_start().starts_with(|c: char| c.is_ascii_digit());
    digits && !side.source.contains(['*', '+', '(']) && !side.source.contains(" - ")
}

pub(super) fn tally(results: &Results, colour: bool) -> String {
    let count = |of: fn(&Verdict) -> bool| results.claims.iter().filter(|c| of(&c.verdict)).count();
    let holds = count(|v| *v == Verdict::Holds);
    let fails = count(|v| *v == Verdict::Fails);
    let undecided = results.claims.len() - holds - fails;
    let told = |n: usize, verb: &str| if n == 1 { format!("1 {verb}s") } else { format!("{n} {verb}") };
    let mut parts = vec![paint(&told(holds, "hold"), Tone::Good, colour)];
    if fails > 0 {
        parts.push(paint(&told(fails, "fail"), Tone::Bad, colour));
    }
    if undecided > 0 {
        parts.push(paint(&format!("{undecided} undecided"), Tone::Doubtful, colour));
    }
    let of = if results.claims.len() == 1 { "1 claim".to_owned() } else { format!("{} claims", results.claims.len()) };
    format!("{of}: {}\n", parts.join(", "))
}
