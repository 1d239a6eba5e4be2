//! What to say and do when the grammar refuses a statement.
//!
//! Invariants: every mending either changes the tokens or gives up; an error inside what was just mended, or right
//! after something that was reported before, is not reported again.

use std::convert::Infallible;

use lalrpop_util::ParseError;

use super::reports;
use super::structure::{Chunk, Layout};
use super::token::{Keyword, Kind, Start};
use super::words::{self, Tagged};
use crate::diagnostics::{Diagnostic, nearest};
use crate::source::Span;

/// A statement's tokens while they are mended.
pub struct Mending<'l, 't> {
    layout: &'l Layout<'t>,
    chunk: &'l Chunk,
    tokens: Vec<Tagged>,
    /// Errors before this offset follow from what was reported.
    quiet_until: usize,
    /// The last mending was a broken expression put at this offset.
    broken_at: Option<usize>,
}

/// What the grammar met and what it would have taken.
struct Refusal {
    /// Index of the token; the number of tokens at the end.
    at: usize,
    expected: Vec<String>,
}

/// A sign that was meant: in place of another one, or where there is none.
enum Slip {
    Instead(Kind, &'static str),
    Missing(Kind, &'static str),
}

impl<'l, 't> Mending<'l, 't> {
    pub fn new(layout: &'l Layout<'t>, chunk: &'l Chunk, tokens: Vec<Tagged>) -> Mending<'l, 't> {
        Mending { layout, chunk, tokens, quiet_until: 0, broken_at: None }
    }

    pub fn tokens(&self) -> &[Tagged] {
        &self.tokens
    }

    /// Reports the refusal and mends the tokens; false if there is nothing to be done.
    pub fn mend(&mut self, error: ParseError<usize, Kind, Infallible>, out: &mut Vec<Diagnostic>) -> bool {
        let refusal = self.refusal(error);
        let quiet = self.is_follow_up(refusal.at);
        if let Some(keyword) = self.misspelt(&refusal)
            && let Some(token) = self.tokens.get_mut(refusal.at)
        {
            let span = Span::new(self.layout.file, token.start, token.end);
            let text = self.layout.text.get(span.range()).unwrap_or("");
            out.push(reports::misspelt_keyword(span, text, keyword));
            token.kind = Kind::Kw(keyword);
            return true;
        }
        if !quiet
            && self.wants_equals(&refusal)
            && let Some(token) = self.tokens.get(refusal.at).copied()
        {
            out.push(reports::missing_equals(self.span_of(refusal.at), &self.within()));
            let equals = Tagged { kind: Kind::Equal, start: token.start, end: token.start, suspect: false };
            self.tokens.insert(refusal.at, equals);
            return true;
        }
        if !quiet && let Some(slip) = self.slip(&refusal) {
            return self.repair(refusal.at, slip, out);
        }
        if !quiet {
            out.push(self.report(&refusal));
        }
        self.cut(refusal.at)
    }

    fn refusal(&self, error: ParseError<usize, Kind, Infallible>) -> Refusal {
        match error {
            ParseError::UnrecognizedToken { token: (start, kind, _), expected } => {
                let at = self.tokens.iter().position(|t| t.start == start && t.kind == kind);
                Refusal { at: at.unwrap_or(self.tokens.len()), expected }
            }
            ParseError::UnrecognizedEof { expected, .. } => Refusal { at: self.tokens.len(), expected },
            ParseError::InvalidToken { .. } | ParseError::ExtraToken { .. } => {
                Refusal { at: self.tokens.len(), expected: Vec::new() }
            }
            ParseError::User { error } => match error {},
        }
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    fn before(&self, at: usize) -> Option<Kind> {
        at.checked_sub(1).and_then(|i| self.kind(i))
    }

    fn text_of(&self, at: usize) -> &'t str {
        self.tokens.get(at).and_then(|t| self.layout.text.get(t.start..t.end)).unwrap_or("")
    }

    /// The span of a token; past the last one, the end of the statement.
    fn span_of(&self, at: usize) -> Span {
        match self.tokens.get(at) {
            Some(t) => Span::new(self.layout.file, t.start, t.end),
            None => self
                .tokens
                .last()
                .map_or(self.layout.span(self.chunk.start), |t| Span::new(self.layout.file, t.end, t.end)),
        }
    }

    fn is_follow_up(&self, at: usize) -> bool {
        let suspect = |i: usize| self.tokens.get(i).is_some_and(|t| t.suspect);
        let offset = self.tokens.get(at).map_or(usize::MAX, |t| t.start);
        let unclosed = (self.chunk.start..self.chunk.end).any(|i| self.layout.is_unclosed(i));
        let at_end = at >= self.tokens.len() && self.quiet_until > 0 && self.broken_at.is_some();
        offset < self.quiet_until || at_end || unclosed || suspect(at) || at.checked_sub(1).is_some_and(suspect)
    }

    /// A name near a keyword that could stand there.
    fn misspelt(&self, refusal: &Refusal) -> Option<Keyword> {
        if !matches!(self.kind(refusal.at), Some(Kind::Word | Kind::Unit)) {
            return None;
        }
        let expected: Vec<&str> = refusal.expected.iter().filter_map(|e| unquoted(e)).collect();
        if expected.contains(&"word") {
            return None;
        }
        let keywords = expected.into_iter().filter(|e| Keyword::of(e).is_some());
        nearest(self.text_of(refusal.at), keywords).and_then(Keyword::of)
    }

    fn wants_equals(&self, refusal: &Refusal) -> bool {
        let wanted = refusal.expected.iter().any(|e| unquoted(e) == Some("="));
        let operand = matches!(self.kind(refusal.at), Some(Kind::Number | Kind::Word | Kind::LeftParen | Kind::Minus));
        let declares = self.chunk.keyword.is_some_and(|k| {
            use Keyword::*;
            let molecule = matches!(k, Machinery | Cargo | Species | Vesicle | Complex | Compartment);
            molecule || matches!(k, Source | Param | Let | Input | UnitOf | Observable | Measure)
        });
        let first = !self.tokens.iter().take(refusal.at).any(|t| t.kind == Kind::Equal);
        wanted && operand && declares && first && self.before(refusal.at) != Some(Kind::Number)
    }

    /// The sign that was meant where another, or none, stands.
    fn slip(&self, refusal: &Refusal) -> Option<Slip> {
        let wanted = |what: &str| refusal.expected.iter().any(|e| unquoted(e) == Some(what));
        let names = |kind: Option<Kind>| matches!(kind, Some(Kind::Word | Kind::Unit));
        match self.kind(refusal.at)? {
            Kind::Equal if wanted("by") => Some(Slip::Instead(Kind::Kw(Keyword::By), "by")),
            Kind::Equal if wanted("at") && self.chunk.keyword == Some(Keyword::Process) => {
                Some(Slip::Instead(Kind::Kw(Keyword::At), "at"))
            }
            Kind::Kw(Keyword::In)
                if matches!(self.chunk.keyword, Some(Keyword::Measure | Keyword::Let | Keyword::Observable))
                    && names(self.before(refusal.at))
                    && names(self.kind(refusal.at + 1)) =>
            {
                Some(Slip::Instead(Kind::At, "@"))
            }
            Kind::Number if wanted(",") && self.chunk.keyword == Some(Keyword::Place) => {
                Some(Slip::Missing(Kind::Comma, ","))
            }
            kind if wanted(":") && self.chunk.keyword == Some(Keyword::Process) && names(Some(kind)) => {
                Some(Slip::Missing(Kind::Colon, ":"))
            }
            _ => None,
        }
    }

    /// Reports a slip and puts in what was meant.
    fn repair(&mut self, at: usize, slip: Slip, out: &mut Vec<Diagnostic>) -> bool {
        let (span, within) = (self.span_of(at), self.within());
        let Some(token) = self.tokens.get_mut(at) else { return false };
        match slip {
            Slip::Instead(kind, sign) => {
                let found = found(Some(token.kind), self.layout.text.get(span.range()).unwrap_or(""));
                token.kind = kind;
                out.push(reports::other_sign(span, &found, sign, &within));
            }
            Slip::Missing(kind, sign) => {
                let start = token.start;
                let end = self.before_end(at);
                out.push(reports::missing_sign(span, Span { start: end, end, ..span }, sign, &within));
                self.tokens.insert(at, Tagged { kind, start, end: start, suspect: false });
            }
        }
        true
    }

    /// Where the token before `at` ends.
    fn before_end(&self, at: usize) -> u32 {
        let before = at.checked_sub(1).and_then(|i| self.tokens.get(i));
        before.map_or(0, |t| t.end as u32)
    }

    /// What the statement is called in messages.
    fn within(&self) -> String {
        match (self.chunk.keyword, self.kind(0)) {
            (Some(Keyword::UnitOf), _) => "this `unit`".to_owned(),
            (Some(keyword), _) => format!("this `{}`", keyword.text()),
            (None, Some(Kind::Start(start))) => match start {
                Start::Treatment => "this treatment".to_owned(),
                Start::Target => "this target".to_owned(),
                Start::Assignment => "this assignment".to_owned(),
                _ => "this line".to_owned(),
            },
            (None, _) => "this line".to_owned(),
        }
    }

    fn report(&self, refusal: &Refusal) -> Diagnostic {
        let at = refusal.at;
        let span = self.span_of(at);
        let expected: Vec<&str> = refusal.expected.iter().filter_map(|e| unquoted(e)).collect();
        let only_name = expected.contains(&"word") && !expected.contains(&"number") && !expected.contains(&"->");
        let words = wanted(&expected);
        let Some(kind) = self.kind(at) else {
            let whole = self.layout.span(self.chunk.start);
            return reports::ends_early(whole, span, &words, &self.within());
        };
        let text = self.text_of(at);
        match kind {
            Kind::Kw(Keyword::And | Keyword::Or | Keyword::Not | Keyword::In) if only_name => {
                reports::reserved_name(span, text)
            }
            Kind::Word | Kind::Unit if self.before(at) == Some(Kind::Unit) => reports::two_units(span, text),
            Kind::Percent => reports::unit_alone(span),
            Kind::Comma if matches!(self.kind(0), Some(Kind::Start(Start::Treatment | Start::Target))) => {
                reports::other_sign(span, "`,`", ";", &self.within())
            }
            _ if compares(kind) && self.compared_before(at) => reports::chained_comparison(span),
            _ if only_name && at == 2 => reports::missing_name(span, &found(Some(kind), text), &self.within()),
            _ => reports::expected_found(span, &found(Some(kind), text), &words, &self.within()),
        }
    }

    /// Whether the expression that ends at `at` has a comparison already.
    fn compared_before(&self, at: usize) -> bool {
        let before = self.tokens.iter().take(at).rev();
        let ends =
            |k: Kind| matches!(k, Kind::LeftParen | Kind::Comma | Kind::Kw(Keyword::And | Keyword::Or | Keyword::Not));
        before.map(|t| t.kind).take_while(|k| !ends(*k)).any(compares)
    }

    /// Cuts out the broken expression around `at`, or if that was tried, the clause it is in.
    fn cut(&mut self, at: usize) -> bool {
        let at = at.min(self.tokens.len());
        let opens = |t: &Tagged| {
            let clause = matches!(t.kind, Kind::Kw(k) if words::begins_clause(k) || k == Keyword::By);
            clause || matches!(t.kind, Kind::Equal | Kind::Colon | Kind::Tilde)
        };
        let Some(open) = self.tokens.get(..at).and_then(|before| before.iter().rposition(opens)) else { return false };
        let rest = self.tokens.get(at..).unwrap_or(&[]);
        let end = at + expression_end(rest);
        let start_offset = self.tokens.get(open).map_or(0, |t| t.end);
        let end_offset = self.tokens.get(end.wrapping_sub(1)).map_or(start_offset, |t| t.end.max(start_offset));
        self.quiet_until = self.tokens.get(end).map_or(end_offset + 1, |t| t.start + 1);
        if self.broken_at != Some(start_offset) {
            self.broken_at = Some(start_offset);
            let broken = Tagged { kind: Kind::ErrorExpr, start: start_offset, end: end_offset, suspect: true };
            self.tokens.splice(open + 1..end, [broken]);
            return true;
        }
        // The expression is not what is wrong: without the clause, then.
        let clause = matches!(self.kind(open), Some(Kind::Kw(_)));
        if clause {
            self.tokens.drain(open..end);
        }
        clause
    }
}

/// How many of the tokens may belong to an expression that has begun before them.
fn expression_end(tokens: &[Tagged]) -> usize {
    let mut depth = 0usize;
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace => depth += 1,
            Kind::RightParen | Kind::RightBracket | Kind::RightBrace if depth == 0 => return i,
            Kind::RightParen | Kind::RightBracket | Kind::RightBrace => depth -= 1,
            Kind::Comma | Kind::Semicolon | Kind::Body if depth == 0 => return i,
            Kind::Kw(k) if depth == 0 && words::begins_clause(k) && k != Keyword::In => return i,
            _ => {}
        }
    }
    tokens.len()
}

fn compares(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Less | LessEqual | Greater | GreaterEqual | Equal | EqualEqual | NotEqual)
}

/// The spelling inside LALRPOP's quotes.
fn unquoted(expected: &str) -> Option<&str> {
    expected.strip_prefix('"')?.strip_suffix('"')
}

/// A token in words.
pub fn found(kind: Option<Kind>, text: &str) -> String {
    let short: String = text.chars().take(24).collect();
    match kind {
        None => "the end".to_owned(),
        Some(Kind::Body) => "`{`".to_owned(),
        Some(Kind::ErrorExpr) => "this".to_owned(),
        Some(Kind::Number) => format!("the number `{short}`"),
        Some(Kind::Text) => "a text in quotes".to_owned(),
        Some(_) => format!("`{short}`"),
    }
}

/// What would have been right, in words: things first, then words, then signs; a few of many.
fn wanted(expected: &[&str]) -> String {
    let has = |what: &str| expected.contains(&what);
    let mut out: Vec<String> = Vec::new();
    match (has("number"), has("word")) {
        (true, _) if has("(") => out.push("an expression".to_owned()),
        (true, _) if has("->") => out.push("molecules or `->`".to_owned()),
        (true, true) => out.push("a molecule".to_owned()),
        (true, false) => out.push("a number".to_owned()),
        (false, true) => out.push("a name".to_owned()),
        _ => {}
    }
    if has("text") && !has("=") {
        out.push("a text in quotes".to_owned());
    }
    if has("body") {
        out.push("`{`".to_owned());
    }
    let is_word = |e: &&&str| Keyword::of(e).is_some() && **e != "per";
    if out.is_empty() {
        out.extend(expected.iter().filter(is_word).map(|e| format!("`{e}`")));
    }
    let signs = ["=", ":", ")", "]", "}", "->", "<->", ",", "[", "{", "~", ".."];
    if out.len() < 4 && !has("number") {
        out.extend(signs.iter().filter(|s| has(s)).map(|s| format!("`{s}`")));
    }
    if out.is_empty() {
        return if has("+") { "an operator".to_owned() } else { "the end of the line".to_owned() };
    }
    let more = out.len() > 5;
    out.truncate(5);
    out.dedup();
    let last = if more { "another clause".to_owned() } else { out.pop().unwrap_or_default() };
    if out.is_empty() { last } else { format!("{} or {last}", out.join(", ")) }
}
