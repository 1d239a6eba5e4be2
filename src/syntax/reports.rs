//! The messages of lexer and parser, one function to a code or to a case of it.

use super::ast::Name;
use super::token::Keyword;
use crate::diagnostics::{Diagnostic, nearest, registry::*};
use crate::source::Span;

pub fn unknown_character(span: Span, text: &str) -> Diagnostic {
    let many = text.chars().count() > 1;
    let shown: String = text.chars().take(12).flat_map(char::escape_debug).collect();
    let message = format!("`{shown}` {} no word of Exo", if many { "begin" } else { "begins" });
    let diagnostic = Diagnostic::new(E0101, message).at(span, "not understood");
    let instead = match text {
        "&" | "&&" => "and",
        "|" | "||" => "or",
        "!" => "not",
        "#" => return diagnostic.fix("a comment begins with `//`", vec![(span, "//".to_owned())]),
        "°" => return diagnostic.help("degrees Celsius are written `degC`"),
        "'" | "‘" | "’" | "“" | "”" | "`" => {
            return diagnostic.help("texts stand in straight double quotes: \"…\"");
        }
        "×" => return diagnostic.fix("multiplication is written `*`", vec![(span, "*".to_owned())]),
        "$" | "?" | "\\" => return diagnostic,
        _ => {
            return diagnostic
                .help("names are made of letters, digits and `_`; the real spelling can be an alias in quotes");
        }
    };
    diagnostic.fix(format!("write `{instead}`"), vec![(span, instead.to_owned())])
}

pub fn unclosed_text(span: Span) -> Diagnostic {
    Diagnostic::new(E0102, "this text is not closed on its line")
        .at(span, "begins here")
        .fix("close it with a quote", vec![(span.after(), "\"".to_owned())])
}

pub fn malformed_number(span: Span, text: &str) -> Diagnostic {
    let mut digits = text.replace("_.", ".").trim_end_matches('_').to_owned();
    while digits.contains("__") {
        digits = digits.replace("__", "_");
    }
    Diagnostic::new(E0103, "this number is not written as numbers are")
        .at(span, "digits stand on both sides of a point, and a single `_` only between digits")
        .fix(format!("write `{digits}`"), vec![(span, digits)])
}

pub fn number_too_large(span: Span) -> Diagnostic {
    Diagnostic::new(E0104, "this number is too large").at(span, "more than 1.8e308").help("choose a larger unit")
}

pub fn unclosed_brace(open: Span, before: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::new(E0105, "this brace is never closed").at(open, "opened here");
    match before {
        Some(next) => diagnostic
            .also(next, "a `}` seems to be missing before this")
            .fix("close it before the next declaration", vec![(Span { end: next.start, ..next }, "}\n\n".to_owned())]),
        None => diagnostic.help("add a `}` where its contents end"),
    }
}

pub fn stray_closer(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(E0106, format!("this `{text}` closes nothing"))
        .at(span, "nothing is open here that it could close")
        .fix("remove it, or add what opens it", vec![(span, String::new())])
}

pub fn unclosed_bracket(span: Span, open: &str) -> Diagnostic {
    let close = if open == "[" { "]" } else { ")" };
    Diagnostic::new(E0107, format!("this `{open}` is never closed"))
        .at(span, "opened here")
        .help(format!("add the `{close}` that belongs to it"))
}

pub fn misspelt_keyword(span: Span, found: &str, meant: Keyword) -> Diagnostic {
    let meant = meant.text();
    Diagnostic::new(E0108, format!("`{found}` is not a keyword"))
        .at(span, format!("did you mean `{meant}`?"))
        .fix(format!("write `{meant}`"), vec![(span, meant.to_owned())])
}

pub fn stray_text(span: Span, found: &str, place: &str, examples: &str) -> Diagnostic {
    Diagnostic::new(E0109, format!("{found} begins no {place}"))
        .at(span, format!("a {place} begins with a word such as {examples}"))
}

/// `found` and `expected` are in words; the fix, if any, is made by the caller.
pub fn expected_found(span: Span, found: &str, expected: &str, within: &str) -> Diagnostic {
    Diagnostic::new(E0110, format!("expected {expected}, found {found}"))
        .at(span, format!("not expected here in {within}"))
}

/// One sign stands where another is meant.
pub fn other_sign(span: Span, found: &str, meant: &str, within: &str) -> Diagnostic {
    Diagnostic::new(E0110, format!("expected `{meant}`, found {found}"))
        .at(span, format!("in {within}"))
        .fix(format!("write `{meant}`"), vec![(span, meant.to_owned())])
}

/// Between `before` and what stands at `span` a sign is missing.
pub fn missing_sign(span: Span, before: Span, sign: &str, within: &str) -> Diagnostic {
    Diagnostic::new(E0110, format!("a `{sign}` is missing in {within}"))
        .at(span, "before this")
        .fix(format!("put a `{sign}` between them"), vec![(before, sign.to_owned())])
}

pub fn ends_early(whole: Span, end: Span, expected: &str, within: &str) -> Diagnostic {
    Diagnostic::new(E0111, format!("{within} ends too early"))
        .at(end, format!("expected {expected} here"))
        .also(whole, "begins here")
}

pub fn missing_equals(span: Span, within: &str) -> Diagnostic {
    let before = Span { end: span.start, ..span };
    Diagnostic::new(E0112, format!("an `=` is missing in {within}"))
        .at(span, "the value begins here")
        .fix("put `=` before the value", vec![(before, "= ".to_owned())])
}

pub fn missing_name(span: Span, found: &str, within: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(E0113, format!("a name is missing in {within}")).at(span, format!("found {found}"));
    diagnostic.help("names begin with a letter or `_`; letters, digits and `_` follow")
}

pub fn reserved_name(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(E0113, format!("`{word}` can't be a name"))
        .at(span, "this word joins parts of a sentence")
        .fix("choose another name", vec![(span, format!("{word}_"))])
}

pub fn missing_rate(process: &Name) -> Diagnostic {
    Diagnostic::new(E0114, format!("the process `{process}` has no rate"))
        .at(process.span, "how fast?")
        .help("give a coefficient, `at 0.1 / min`, or a whole rate law, `rate 2 copies / min`")
}

pub fn nested_too_deeply(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(E0115, "brackets are nested too deeply")
        .at(span, format!("more than {limit} are open here"))
        .help("give parts of it names of their own with `let`")
}

pub fn expression_too_long(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(E0116, "this expression is too long")
        .at(span, format!("more than {limit} operators"))
        .help("give parts of it names of their own with `let`")
}

pub fn out_of_place(span: Span, keyword: &str, found: &str, allowed: &str) -> Diagnostic {
    Diagnostic::new(E0117, format!("`{keyword}` can't stand in {found}")).at(span, format!("this belongs {allowed}"))
}

pub fn unknown_option(name: &Name, of: &str, known: &[&str]) -> Diagnostic {
    let known_list = known.iter().map(|k| format!("`{k}:`")).collect::<Vec<_>>().join(", ");
    let diagnostic = Diagnostic::new(E0118, format!("there is no option `{name}` of {of}"))
        .at(name.span, "not known here")
        .note(format!("known are {known_list}"));
    match nearest(&name.text, known.iter().copied()) {
        Some(meant) => diagnostic.fix(format!("write `{meant}`"), vec![(name.span, meant.to_owned())]),
        None => diagnostic,
    }
}

pub fn option_without_value(name: &Name) -> Diagnostic {
    Diagnostic::new(E0118, format!("the option `{name}` has no value"))
        .at(name.span, "its value is missing")
        .help(format!("write `{name}: …`"))
}

pub fn said_twice(first: Span, second: Span) -> Diagnostic {
    Diagnostic::new(E0119, "this is said twice").at(second, "said again here").also(first, "said here first")
}

pub fn unknown_distribution(span: Span, name: &Name) -> Diagnostic {
    let known = ["lognormal", "normal", "uniform"];
    let diagnostic = match known.iter().find(|k| **k == name.text) {
        Some(known) => Diagnostic::new(E0120, format!("`{known}` takes two arguments")).at(span, "not two here"),
        None => Diagnostic::new(E0120, format!("there is no distribution `{name}`")).at(name.span, "not known"),
    };
    let diagnostic =
        diagnostic.note("known are `lognormal(median, fold)`, `normal(mean, deviation)` and `uniform(low, high)`");
    match nearest(&name.text, known) {
        Some(meant) => diagnostic.fix(format!("write `{meant}`"), vec![(name.span, meant.to_owned())]),
        None => diagnostic,
    }
}

pub fn block_comment(span: Span, text: &str) -> Diagnostic {
    let inner = text.trim_start_matches("/*").trim_end_matches("*/");
    let lines: Vec<String> = inner.lines().map(|line| format!("// {}", line.trim())).collect();
    Diagnostic::new(E0121, "comments in Exo go from `//` to the end of the line")
        .at(span, "this style isn't known")
        .fix("begin each line with `//`", vec![(span, format!("{}\n", lines.join("\n")))])
}

pub fn file_too_large(span: Span, size: usize, limit: usize) -> Diagnostic {
    Diagnostic::new(E0003, format!("this file has {size} bytes, more than the {limit} a file may have"))
        .at(span, "not read any further")
        .help("split it into modules and `use` them")
}

pub fn chained_comparison(second: Span) -> Diagnostic {
    Diagnostic::new(E0123, "comparisons can't be chained")
        .at(second, "a second comparison")
        .help("write `a < b and b < c`")
}

pub fn bad_exponent(span: Span, unit: &str) -> Diagnostic {
    Diagnostic::new(E0124, format!("the exponent of `{unit}` must be a whole number from -9 to 9, and not 0"))
        .at(span, "not such a number")
        .help(format!("put the quantity in parentheses to raise all of it: `(2 {unit})^0.5`"))
}

pub fn bad_reference(span: Span) -> Diagnostic {
    Diagnostic::new(E0124, "the number of a reference must be a whole number").at(span, "not a whole number")
}

pub fn clause_out_of_place(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(E0125, format!("this clause has no meaning here: {why}")).at(span, "has no meaning here")
}

pub fn claim_without_statement(span: Span) -> Diagnostic {
    Diagnostic::new(E0126, "this claim states nothing that could be tested")
        .at(span, "only words")
        .help("add a comparison of results, or `in CELL: knockdown X by 80 % lowers secretion`")
}

pub fn two_units(span: Span, second: &str) -> Diagnostic {
    Diagnostic::new(E0127, "a number has one unit")
        .at(span, format!("`{second}` is a second one"))
        .help("units are multiplied and divided like numbers: `5 pmol / L`, `0.1 / (uM * s)`")
}

pub fn unit_alone(span: Span) -> Diagnostic {
    Diagnostic::new(E0127, "a `%` needs a number before it").at(span, "no number before it")
}
