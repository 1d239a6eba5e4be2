//! From text to tree: gate one of the compiler.
//!
//! Invariants: there is always a tree, and every statement that is well-formed is in it, whatever stands around it;
//! every mistake is reported once. A statement that the grammar refuses is mended (a missing `=` put in, a misspelt
//! word read as meant, a broken expression or clause cut out) and read again, so that it keeps its name and its other
//! clauses if it can. Deliberately absent: what names mean.

use super::ast::*;
use super::build::{Builder, Parsed};
use super::lexer::{self, Token};
use super::mend::Mending;
use super::reports;
use super::structure::{Chunk, Layout};
use super::token::{Keyword, Kind, Start};
use super::words::{self, Tagged};
use crate::diagnostics::{Diagnostic, nearest, registry};
use crate::source::{FileId, MAX_BYTES, SourceMap, Span};

#[allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    unused,
    missing_docs
)]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/exo.rs"));
}

/// No more mistakes than this are told of at once.
const MAX_REPORTS: usize = 1000;
/// Expressions may have this many operators.
const MAX_OPERATORS: usize = 500;
/// A statement is mended this often before it is given up.
const MAX_ROUNDS: usize = 12;

/// The tree of a file and what is wrong with its words and sentences, in the order of the text.
pub fn parse(sources: &SourceMap, file: FileId) -> (Ast, Vec<Diagnostic>) {
    let text = sources.file(file).text();
    let span = Span::new(file, 0, text.len());
    if text.len() > MAX_BYTES {
        let report = reports::file_too_large(Span::new(file, 0, 0), text.len(), MAX_BYTES);
        return (Ast { docs: None, items: Vec::new(), span }, vec![report]);
    }
    let tokens = lexer::tokens(text);
    let mut diagnostics = lexer::check(text, file, &tokens);
    let layout = Layout::new(text, file, &tokens, &mut diagnostics);
    let builder = Builder::new(text, file, &layout.lexemes);
    let mut parser = Parser { layout: &layout, builder, grammar: grammar::StatementParser::new(), diagnostics };
    let items = parser.items(0, layout.lexemes.len(), Home::File);
    let mut diagnostics = parser.diagnostics;
    diagnostics.sort_by_key(Diagnostic::span);
    diagnostics.truncate(MAX_REPORTS);
    (Ast { docs: file_docs(text, file, &tokens), items, span }, diagnostics)
}

/// What an item stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    File,
    Pathway,
    Hypothesis,
    Cell,
    Model,
}

struct Parser<'l, 't> {
    layout: &'l Layout<'t>,
    builder: Builder<'l>,
    grammar: grammar::StatementParser,
    diagnostics: Vec<Diagnostic>,
}

impl Parser<'_, '_> {
    fn items(&mut self, from: usize, to: usize, home: Home) -> Vec<Item> {
        let chunks = self.layout.split(Start::Item, from, to);
        let mut items = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let chunk = self.with_keyword(Start::Item, chunk, "declaration", "`machinery`, `process` or `param`");
            let parsed = chunk.keyword.and_then(|_| self.statement(Start::Item, &chunk));
            let mut kind = match parsed {
                Some(Parsed::Item(kind)) => *kind,
                _ => ItemKind::Error,
            };
            self.check_home(&chunk, home);
            self.fill(&mut kind, &chunk, home);
            items.push(Item { docs: self.docs(chunk.start), kind, span: self.chunk_span(&chunk) });
        }
        items
    }

    /// Parses the body of an item into it; the body of a broken one only for its mistakes.
    fn fill(&mut self, kind: &mut ItemKind, chunk: &Chunk, home: Home) {
        let Some((sort, open)) = chunk.body else { return };
        let (from, to) = (open + 1, self.layout.closed(open).0);
        if self.layout.is_too_deep(open) {
            return;
        }
        match (sort, kind) {
            (Start::Item, kind) => {
                let items = self.items(from, to, home_of(chunk.keyword, home));
                match kind {
                    ItemKind::Pathway(block) | ItemKind::Hypothesis(block) | ItemKind::Model(block) => {
                        block.items = items;
                    }
                    ItemKind::Cell(cell) => cell.items = items,
                    ItemKind::For(repeat) => repeat.items = items,
                    _ => {}
                }
            }
            (Start::Experiment, kind) => {
                let items = self.experiment(from, to);
                if let ItemKind::Experiment(experiment) = kind {
                    experiment.items = items;
                }
            }
            (Start::Target, kind) => {
                let (targets, sets) = self.targets(from, to);
                if let ItemKind::Perturbation(perturbation) = kind {
                    (perturbation.targets, perturbation.sets) = (targets, sets);
                }
            }
            (Start::Action, kind) => {
                let actions = self.actions(from, to);
                if let ItemKind::Drug(drug) = kind {
                    drug.actions = actions;
                }
            }
            (Start::Assignment, kind) => {
                let assignments = self.assignments(from, to);
                if let ItemKind::When(when) = kind {
                    when.assignments = assignments;
                }
            }
            (Start::Treatment, _) => {}
        }
    }

    fn experiment(&mut self, from: usize, to: usize) -> Vec<ExperimentItem> {
        let mut items = Vec::new();
        for chunk in self.layout.split(Start::Experiment, from, to) {
            let addition =
                self.layout.keyword(chunk.start) == Some(Keyword::At) && self.layout.adds(chunk.start, chunk.end);
            let chunk = match addition {
                true => chunk,
                false => {
                    self.with_keyword(Start::Experiment, chunk, "line of an experiment", "`run`, `measure` or `arm`")
                }
            };
            let readable = addition || chunk.keyword.is_some();
            let parsed = if readable { self.statement(Start::Experiment, &chunk) } else { None };
            let mut kind = match parsed {
                Some(Parsed::Experiment(kind)) => *kind,
                _ => ExperimentItemKind::Error,
            };
            if let Some((Start::Treatment, open)) = chunk.body.filter(|(_, open)| !self.layout.is_too_deep(*open)) {
                let treatments = self.treatments(open + 1, self.layout.closed(open).0);
                match &mut kind {
                    ExperimentItemKind::Arm(arm) => arm.treatments = treatments,
                    ExperimentItemKind::Grid(grid) => grid.treatments = treatments,
                    _ => {}
                }
            }
            items.push(ExperimentItem { docs: self.docs(chunk.start), kind, span: self.chunk_span(&chunk) });
        }
        items
    }

    fn treatments(&mut self, from: usize, to: usize) -> Vec<Treatment> {
        let mut treatments = Vec::new();
        for chunk in self.layout.split(Start::Treatment, from, to) {
            let kind = match self.statement(Start::Treatment, &chunk) {
                Some(Parsed::Treatment(kind)) => *kind,
                _ => TreatmentKind::Error,
            };
            treatments.push(Treatment { kind, span: self.chunk_span(&chunk) });
        }
        treatments
    }

    fn targets(&mut self, from: usize, to: usize) -> (Vec<Target>, Vec<Set>) {
        let (mut targets, mut sets) = (Vec::new(), Vec::new());
        for chunk in self.layout.split(Start::Target, from, to) {
            match self.statement(Start::Target, &chunk) {
                Some(Parsed::Targets(more)) => targets.extend(more),
                Some(Parsed::Compensation(set)) => sets.push(*set),
                _ => {}
            }
        }
        (targets, sets)
    }

    fn actions(&mut self, from: usize, to: usize) -> Vec<Action> {
        let mut actions = Vec::new();
        for chunk in self.layout.split(Start::Action, from, to) {
            let chunk = self.with_keyword(Start::Action, chunk, "action of a drug", "`inhibits` or `activates`");
            let parsed = chunk.keyword.and_then(|_| self.statement(Start::Action, &chunk));
            if let Some(Parsed::Action(action)) = parsed {
                actions.push(*action);
            }
        }
        actions
    }

    fn assignments(&mut self, from: usize, to: usize) -> Vec<Assignment> {
        let mut assignments = Vec::new();
        for chunk in self.layout.split(Start::Assignment, from, to) {
            if let Some(Parsed::Assignment(assignment)) = self.statement(Start::Assignment, &chunk) {
                assignments.push(assignment);
            }
        }
        assignments
    }

    /// Reports a chunk that begins with no keyword; a misspelt keyword is read as the one meant.
    fn with_keyword(&mut self, start: Start, mut chunk: Chunk, place: &str, examples: &str) -> Chunk {
        if chunk.keyword.is_some() {
            return chunk;
        }
        let (word, span) = (self.layout.word(chunk.start), self.layout.span(chunk.start));
        let known = Keyword::ALL.iter().filter(|k| words::starts(start, **k));
        let is_word = self.layout.kind(chunk.start) == Some(Kind::Word);
        let misplaced = self.layout.keyword(chunk.start);
        let meant = nearest(word, known.map(|k| k.text())).filter(|_| is_word && misplaced.is_none());
        if let Some(meant) = meant.and_then(Keyword::of) {
            self.diagnostics.push(reports::misspelt_keyword(span, word, meant));
            chunk.keyword = Some(meant);
            if let (Some(sort), None) = (words::body_of(meant), chunk.body) {
                let open = (chunk.start..chunk.end).find(|&i| self.layout.kind(i) == Some(Kind::LeftBrace));
                chunk.body = open.map(|open| (sort, open));
            }
            return chunk;
        }
        let clause = Keyword::ALL.iter().filter(|k| words::begins_clause(**k)).map(|k| k.text());
        let report = match nearest(word, clause).and_then(Keyword::of).filter(|_| is_word && misplaced.is_none()) {
            Some(meant) => reports::misspelt_keyword(span, word, meant),
            None => {
                reports::stray_text(span, &super::mend::found(self.layout.kind(chunk.start), word), place, examples)
            }
        };
        self.diagnostics.push(report);
        chunk
    }

    /// One statement by the grammar, mended until it is read or given up.
    fn statement(&mut self, start: Start, chunk: &Chunk) -> Option<Parsed> {
        let tokens = words::tag(self.layout, start, chunk);
        if self.too_long(&tokens) {
            return None;
        }
        self.builder.attend(chunk.start..chunk.end);
        let mut mending = Mending::new(self.layout, chunk, tokens);
        for round in 0..MAX_ROUNDS {
            let tokens = mending.tokens().iter().map(|t| Ok((t.start, t.kind, t.end)));
            match self.grammar.parse(&self.builder, tokens) {
                Ok(parsed) => {
                    let mut reports = self.builder.take_diagnostics();
                    // What is missing may be what was cut out.
                    reports.retain(|d| round == 0 || !matches!(d.code, registry::E0114 | registry::E0126));
                    self.diagnostics.append(&mut reports);
                    return Some(parsed);
                }
                Err(error) => {
                    self.builder.take_diagnostics();
                    let mended = mending.mend(error, &mut self.diagnostics);
                    if !mended {
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Left-leaning trees are as deep as their expressions are long: later stages recurse over them.
    fn too_long(&mut self, tokens: &[Tagged]) -> bool {
        let mut run: Option<(usize, usize)> = None;
        for token in tokens {
            let operator = words::is_operator(token.kind) && token.kind != Kind::RightParen
                || matches!(
                    token.kind,
                    Kind::Kw(Keyword::And | Keyword::Or | Keyword::Not | Keyword::Of | Keyword::With)
                );
            match token.kind {
                Kind::Comma | Kind::Semicolon => run = None,
                Kind::Kw(k) if words::begins_clause(k) => run = None,
                _ if operator => {
                    let (begin, count) = run.unwrap_or((token.start, 0));
                    if count == MAX_OPERATORS {
                        let span = Span::new(self.layout.file, begin, token.end);
                        self.diagnostics.push(reports::expression_too_long(span, MAX_OPERATORS));
                        return true;
                    }
                    run = Some((begin, count + 1));
                }
                _ => {}
            }
        }
        false
    }

    fn check_home(&mut self, chunk: &Chunk, home: Home) {
        use Keyword::*;
        let Some(keyword) = chunk.keyword else { return };
        let allowed = match keyword {
            Use | Source | Pathway | Cell | Model | Knockout | Knockdown | Overexpression | Drug | Experiment
            | Claim
                if home != Home::File =>
            {
                "at the top of a file"
            }
            Place if !matches!(home, Home::File | Home::Model) => "in a model",
            Assume if home == Home::Pathway || home == Home::Hypothesis => "in a cell, a model or an arm",
            Hypothesis if home == Home::Hypothesis => "in a file, pathway, cell or model",
            _ => return,
        };
        let found = match home {
            Home::File => "a file",
            Home::Pathway => "a pathway",
            Home::Hypothesis => "a hypothesis",
            Home::Cell => "a cell",
            Home::Model => "a model",
        };
        self.diagnostics.push(reports::out_of_place(self.layout.span(chunk.start), keyword.text(), found, allowed));
    }

    fn chunk_span(&self, chunk: &Chunk) -> Span {
        self.layout.span(chunk.start).to(self.layout.span(chunk.end.saturating_sub(1).max(chunk.start)))
    }

    fn docs(&self, i: usize) -> Option<Text> {
        let (start, end) = self.layout.get(i)?.docs?;
        let span = Span::new(self.layout.file, start as usize, end as usize);
        let text = self.layout.text.get(span.range())?;
        Some(Text { text: doc_text(text.lines(), "///").into(), span })
    }
}

fn home_of(keyword: Option<Keyword>, outer: Home) -> Home {
    match keyword {
        Some(Keyword::Pathway) => Home::Pathway,
        Some(Keyword::Hypothesis) => Home::Hypothesis,
        Some(Keyword::Cell) => Home::Cell,
        Some(Keyword::Model) => Home::Model,
        _ => outer,
    }
}

/// The lines of a doc comment without their marks and at most one space behind each.
fn doc_text<'t>(lines: impl Iterator<Item = &'t str>, mark: &str) -> String {
    let stripped = lines.filter_map(|line| line.trim().strip_prefix(mark));
    stripped.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn file_docs(text: &str, file: FileId, tokens: &[Token]) -> Option<Text> {
    let lines: Vec<&Token> = tokens.iter().filter(|t| t.kind == Kind::FileDoc).collect();
    let (first, last) = (lines.first()?, lines.last()?);
    let joined = doc_text(lines.iter().map(|t| t.text(text)), "//!");
    Some(Text { text: joined.into(), span: first.span(file).to(last.span(file)) })
}
