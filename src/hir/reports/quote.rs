//! How messages speak of what is written.

use crate::hir::scope::Context;
use crate::hir::typing::Quantity;
use crate::hir::units::Dimension;
use crate::source::Span;

/// The text under a span, in backticks; shortened, and on one line.
pub fn quote(context: &Context, span: Span) -> String {
    const LONGEST: usize = 60;
    let words: Vec<&str> = context.sources.slice(span).split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("`{start}…`")
}

/// `a concentration per time, µM/s`.
pub fn kind(context: &Context, quantity: &Quantity) -> String {
    let words = quantity.dimension.words();
    let unit = &context.units.get(quantity.unit).symbol;
    if quantity.truth {
        "true or false".to_owned()
    } else if unit.is_empty() {
        words
    } else {
        format!("{words} ({unit})")
    }
}

/// `an amount per time, such as copies/s`.
pub fn wanted(context: &mut Context, dimension: Dimension) -> String {
    let usual = context.units.usual(dimension);
    let unit = &context.units.get(usual).symbol;
    if unit.is_empty() { dimension.words() } else { format!("{}, such as {unit}", dimension.words()) }
}
