//! The differential equations of a network, as a person would write them.
//!
//! Invariants: each state variable has its equation, each term its sign and the process it comes of; equations are
//! in internal units (seconds, copies, µm, and what follows from them), which the first lines say; parameters are
//! listed in their author's unit and, where that differs, in the equations'.

use super::expression::{Binding, Notation, Writer, escaped};
use super::number::{exact, significant};
use super::unit::{quantity, symbol};
use crate::network::{
    BinaryOp, Event, Evidence, Expr, Network, Parameter, SpeciesId, SpeciesKind, Target, Uncertainty, Values,
};

/// The equations with initial values, definitions, events and parameters: plain text, or a LaTeX document.
pub fn equations(network: &Network, notation: Notation) -> String {
    let page = Page { network, writer: Writer { network, notation }, values: network.initial_values() };
    match notation {
        Notation::Text => page.text(),
        Notation::Latex => page.latex(),
    }
}

/// One summand of an equation.
struct Term {
    positive: bool,
    /// Without its sign.
    text: String,
    /// The process, or what else it comes of.
    origin: String,
}

struct Page<'a> {
    network: &'a Network,
    writer: Writer<'a>,
    values: Values,
}

impl Page<'_> {
    fn terms(&self, species: SpeciesId) -> Vec<Term> {
        let mut terms = Vec::new();
        for reaction in &self.network.reactions {
            let Some((_, change)) = reaction.stoichiometry.iter().find(|(s, _)| *s == species) else { continue };
            let name = self.network.processes.get(reaction.process.index()).map_or("", |p| &p.name);
            let part = reaction.part.as_ref().map_or_else(String::new, |part| format!(" ({part})"));
            let limit = if self.limited(&reaction.rate) { ", as far as the membrane there is suffices" } else { "" };
            terms.push(self.term(*change, &reaction.rate, format!("{name}{part}{limit}")));
        }
        for rule in self.network.rate_rules.iter().filter(|rule| rule.species == species) {
            terms.push(self.term(1.0, &rule.rate, "change".to_owned()));
        }
        terms
    }

    /// Whether a rate is held down by a membrane that may run out: `min(vesicles, area / area of a bud)`.
    fn limited(&self, rate: &Expr) -> bool {
        match rate {
            Expr::Binary(BinaryOp::Min, a, b) => self.of_membrane(a) || self.of_membrane(b),
            Expr::Binary(_, a, b) => self.limited(a) || self.limited(b),
            Expr::Unary(_, a) => self.limited(a),
            _ => false,
        }
    }

    fn of_membrane(&self, expr: &Expr) -> bool {
        let area = |id: &SpeciesId| self.network.species.get(id.index()).is_some_and(|s| s.kind == SpeciesKind::Area);
        match expr {
            Expr::Species(id) => area(id),
            Expr::Binary(BinaryOp::Div, a, _) => self.of_membrane(a),
            _ => false,
        }
    }

    fn term(&self, change: f64, rate: &Expr, origin: String) -> Term {
        if let Expr::Constant(rate) = rate
            && *rate < 0.0
        {
            return self.term(-change, &Expr::Constant(-rate), origin);
        }
        let factor = change.abs();
        let text = if factor == 1.0 {
            self.writer.with(rate, Binding::Quotient)
        } else {
            let dot = if self.writer.notation == Notation::Text { "·" } else { " \\cdot " };
            format!("{}{dot}{}", self.writer.constant(factor).0, self.writer.with(rate, Binding::Product))
        };
        // A minus in front of a product is the product's.
        match text.strip_prefix(['-', '−']) {
            Some(rest) => Term { positive: change < 0.0, text: rest.to_owned(), origin },
            None => Term { positive: change > 0.0, text, origin },
        }
    }

    fn changing(&self) -> impl Iterator<Item = (SpeciesId, Vec<Term>)> {
        let ids = (0..self.network.species.len() as u32).map(SpeciesId);
        ids.map(|id| (id, self.terms(id))).filter(|(_, terms)| !terms.is_empty())
    }

    fn text(&self) -> String {
        let mut text = format!("# {}: {} state variables\n", self.network.name, self.network.species.len());
        text.push_str("# Numbers in equations are in seconds, copies, micrometres, kilograms, kelvin and cells.\n");
        if self.network.species.iter().any(|s| s.kind == SpeciesKind::Area) {
            text.push_str(
                "# `area of V` is the membrane of all V together, in µm²; a number beside it that of one vesicle.\n",
            );
        }
        self.text_equations(&mut text);
        section(
            &mut text,
            "definitions",
            self.network
                .definitions
                .iter()
                .map(|d| (d.name.clone(), format!("= {}", self.writer.expression(&d.value)))),
        );
        section(&mut text, "events", self.events().into_iter());
        section(
            &mut text,
            "at the start",
            self.network.species.iter().zip(&self.values.species).map(|(s, value)| {
                let fixed = if s.fixed { "   fixed" } else { "" };
                (s.name.clone(), format!("= {}{fixed}", quantity(*value, &s.unit)))
            }),
        );
        section(
            &mut text,
            "parameters",
            self.network
                .parameters
                .iter()
                .zip(&self.values.parameters)
                .map(|(p, value)| (p.name.clone(), format!("= {}", valued(p, *value)))),
        );
        text
    }

    /// Each event's name, and what it does when.
    fn events(&self) -> Vec<(String, String)> {
        let math = |text: String| if self.writer.notation == Notation::Latex { format!("${text}$") } else { text };
        let event = |event: &Event| {
            let when = math(self.writer.expression(&event.trigger));
            let delay = self.network.evaluate_at(&event.delay, &self.values);
            let after = if delay == 0.0 { String::new() } else { format!(", after {} s", exact(delay)) };
            let assignments = event.assignments.iter().map(|(target, value)| {
                let name = match target {
                    Target::Species(id) => self.writer.species(*id),
                    Target::Parameter(id) => self.writer.parameter(*id),
                };
                math(format!("{name} := {}", self.writer.expression(value)))
            });
            let sets: Vec<String> = assignments.collect();
            (event.name.clone(), format!("when {when} rises above 0{after}: {}", sets.join(", ")))
        };
        self.network.events.iter().map(event).collect()
    }

    fn text_equations(&self, text: &mut String) {
        const WIDEST: usize = 80;
        for (id, terms) in self.changing() {
            let head = format!("d({})/dt =", self.writer.species(id));
            let indent = head.chars().count();
            let widest = terms.iter().map(|t| t.text.chars().count()).filter(|w| *w <= WIDEST).max().unwrap_or(0);
            text.push('\n');
            for (i, term) in terms.iter().enumerate() {
                let sign = if term.positive { '+' } else { '−' };
                let start = if i == 0 { head.clone() } else { " ".repeat(indent) };
                text.push_str(&format!("{start} {sign} {:widest$}   # {}\n", term.text, term.origin));
            }
        }
    }

    fn latex(&self) -> String {
        let name = escaped(&self.network.name);
        let mut text = String::from(
            "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{amsmath}\n\\usepackage{textcomp}\n",
        );
        text.push_str("\\usepackage{longtable}\n\\allowdisplaybreaks\n\\begin{document}\n");
        text.push_str(&format!(
            "\\section*{{{name}}}\n\nNumbers in the equations are in seconds, copies and micrometres.\n\n"
        ));
        self.aligned(
            &mut text,
            "Equations",
            self.changing().map(|(id, terms)| {
                let sum: Vec<String> = terms
                    .iter()
                    .enumerate()
                    .map(|(i, t)| {
                        let sign = match (t.positive, i) {
                            (true, 0) => "",
                            (true, _) => "+ ",
                            (false, _) => "- ",
                        };
                        format!("{sign}{}", t.text)
                    })
                    .collect();
                let left = format!("\\frac{{\\mathrm{{d}}\\,{}}}{{\\mathrm{{d}}t}}", self.writer.species(id));
                (left, sum.join(" \\\\\n    &\\quad "))
            }),
        );
        let definitions = self.network.definitions.iter();
        self.aligned(
            &mut text,
            "Definitions",
            definitions.map(|d| (self.writer.name(&d.name), self.writer.expression(&d.value))),
        );
        let events = self.events();
        if !events.is_empty() {
            let items: Vec<String> =
                events.iter().map(|(name, what)| format!("  \\item[{{{}}}] {what}\n", escaped(name))).collect();
            text.push_str(&format!(
                "\\subsection*{{Events}}\n\\begin{{description}}\n{}\\end{{description}}\n\n",
                items.concat()
            ));
        }
        self.listed(
            &mut text,
            "At the start",
            self.network
                .species
                .iter()
                .zip(&self.values.species)
                .map(|(s, v)| (s.name.as_str(), quantity(*v, &s.unit))),
        );
        self.listed(
            &mut text,
            "Parameters",
            self.network.parameters.iter().zip(&self.values.parameters).map(|(p, v)| (p.name.as_str(), valued(p, *v))),
        );
        text.push_str("\\end{document}\n");
        text
    }

    fn aligned(&self, text: &mut String, title: &str, rows: impl Iterator<Item = (String, String)>) {
        let rows: Vec<String> = rows.map(|(left, right)| format!("  {left} &= {right}")).collect();
        if !rows.is_empty() {
            text.push_str(&format!(
                "\\subsection*{{{title}}}\n\\begin{{align*}}\n{}\n\\end{{align*}}\n\n",
                rows.join(" \\\\\n")
            ));
        }
    }

    fn listed<'s>(&self, text: &mut String, title: &str, rows: impl Iterator<Item = (&'s str, String)>) {
        let rows: Vec<String> = rows
            .map(|(name, value)| {
                let (value, why) = value.split_once("   ").unwrap_or((&value, ""));
                // A bracket would be read as an argument of the line break before it.
                let name = if name.starts_with('[') { format!("{{}}{}", escaped(name)) } else { escaped(name) };
                format!("  {} & {} & {} \\\\\n", name, latex_text(value), latex_text(why))
            })
            .collect();
        if !rows.is_empty() {
            text.push_str(&format!(
                "\\subsection*{{{title}}}\n\\begin{{longtable}}{{lll}}\n{}\\end{{longtable}}\n\n",
                rows.concat()
            ));
        }
    }
}

/// Characters of units that a plain LaTeX font may lack.
fn latex_text(text: &str) -> String {
    let safe = escaped(text);
    let pairs = [
        ("µ", "\\textmu{}"),
        ("²", "$^2$"),
        ("³", "$^3$"),
        ("⁻", "$^-$"),
        ("·", "$\\cdot$"),
        ("±", "$\\pm$"),
        ("°", "\\textdegree{}"),
        ("−", "--"),
    ];
    pairs.iter().fold(safe, |text, (from, to)| text.replace(from, to))
}

/// A block of `name = …` lines with the signs below each other, if there are any.
fn section(text: &mut String, title: &str, rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<(String, String)> = rows.collect();
    let widest = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(48);
    if !rows.is_empty() {
        text.push_str(&format!("\n# {title}\n"));
    }
    // What stands after a wider gap stands in a column of its own.
    let parts = |rest: &str| rest.split_once("   ").map(|(value, why)| (value.to_owned(), why.to_owned()));
    let wide = rows.iter().filter_map(|(_, rest)| Some(parts(rest)?.0.chars().count())).max().unwrap_or(0).min(64);
    for (name, rest) in rows {
        let rest = parts(&rest).map_or(rest, |(value, why)| format!("{value:wide$}   {why}"));
        text.push_str(&format!("{name:widest$} {rest}\n"));
    }
}

/// A parameter's value in its author's unit, in the equations' where that differs, with uncertainty and evidence.
pub(super) fn valued(parameter: &Parameter, value: f64) -> String {
    let mut text = quantity(value, &parameter.unit);
    if parameter.unit.factor != 1.0 && value != 0.0 {
        text.push_str(&format!(" ({} in equations)", plain(value)));
    }
    if let Some(uncertainty) = parameter.uncertainty {
        text.push_str(&format!(", {}", spread(uncertainty, parameter)));
    }
    let evidence = evidence(&parameter.evidence);
    if evidence.is_empty() { text } else { format!("{text}   {evidence}") }
}

/// Six digits, and a power of ten beyond them.
fn plain(value: f64) -> String {
    let rounded = significant(value, 6);
    if rounded.abs() >= 1e6 { format!("{rounded:e}") } else { exact(rounded) }
}

pub(super) fn evidence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Assumed => "assumed".to_owned(),
        Evidence::Cited(sources) => format!("cites {}", sources.join(", ")),
        Evidence::Unsupported => "no source given".to_owned(),
        Evidence::Derived => String::new(),
    }
}

/// An uncertainty in the words of the language.
fn spread(uncertainty: Uncertainty, parameter: &Parameter) -> String {
    let shown = |value: f64| super::number::number(value / parameter.unit.factor);
    match uncertainty {
        Uncertainty::LogNormal { ln_sd, .. } => {
            format!("within {} fold", super::number::ratio((1.959_964 * ln_sd).exp()))
        }
        Uncertainty::Normal { sd, .. } => format!("± {} {}", shown(sd), symbol(&parameter.unit)).trim_end().to_owned(),
        Uncertainty::Uniform { low, high } => {
            format!("from {} to {} {}", shown(low), shown(high), symbol(&parameter.unit)).trim_end().to_owned()
        }
    }
}
