//! What the grammar's actions call: tree nodes from tokens.
//!
//! Invariants: a [`Builder`] knows the text and collects diagnostics; building never fails, and what was said twice
//! or can't be is reported and left out. Bodies of statements come empty from the grammar; the parser fills them.

mod claim;
mod clauses;
mod expr;
mod item;

use std::cell::{Cell, RefCell};
use std::ops::Range;

pub use claim::ClaimNote;
pub use clauses::{Choice, Clause, ClauseKind, StateLine, Tail, TailKind};
pub use expr::Note;
use smol_str::SmolStr;

use super::ast::*;
use super::reports;
use super::structure::Lexeme;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// What the grammar makes of a statement.
pub enum Parsed {
    Item(Box<ItemKind>),
    Experiment(Box<ExperimentItemKind>),
    Treatment(Box<TreatmentKind>),
    Targets(Vec<Target>),
    Compensation(Box<Set>),
    Action(Box<Action>),
    Assignment(Assignment),
}

/// Makes nodes of one file's tokens. Offsets are bytes.
pub struct Builder<'t> {
    text: &'t str,
    file: FileId,
    lexemes: &'t [Lexeme],
    /// The lexemes of the statement that is being built, from the first to behind the last.
    statement: Cell<(usize, usize)>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'t> Builder<'t> {
    pub fn new(text: &'t str, file: FileId, lexemes: &'t [Lexeme]) -> Builder<'t> {
        Builder { text, file, lexemes, statement: Cell::new((0, lexemes.len())), diagnostics: RefCell::new(Vec::new()) }
    }

    /// What is built from now on lies within these lexemes.
    pub fn attend(&self, statement: Range<usize>) {
        self.statement.set((statement.start, statement.end));
    }

    /// What was reported since the last call.
    pub fn take_diagnostics(&self) -> Vec<Diagnostic> {
        self.diagnostics.take()
    }

    pub fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// The grammar lets what ends with something optional reach to the next token: spans end with a token.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let (from, to) = self.statement.get();
        let lexemes = self.lexemes.get(from..to).unwrap_or(&[]);
        let ended = lexemes.partition_point(|l| l.end as usize <= end);
        let last = ended.checked_sub(1).and_then(|i| lexemes.get(i)).map_or(end, |l| l.end as usize);
        Span::new(self.file, start, last.max(start))
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    pub fn push<T>(&self, mut list: Vec<T>, next: T) -> Vec<T> {
        list.push(next);
        list
    }

    pub fn name(&self, start: usize, end: usize) -> Name {
        Name { text: self.slice(start, end).into(), span: self.span(start, end) }
    }

    /// A text in quotes; an unclosed one ends with its line.
    pub fn text(&self, start: usize, end: usize) -> Text {
        let raw = self.slice(start, end);
        let inner = raw.strip_prefix('"').unwrap_or(raw);
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        Text { text: unescape(inner), span: self.span(start, end) }
    }

    pub fn path(&self, name: Name) -> Path {
        let span = name.span;
        Path { segments: vec![name], span }
    }

    pub fn longer_path(&self, mut path: Path, name: Name) -> Path {
        path.span = path.span.to(name.span);
        path.segments.push(name);
        path
    }

    pub fn reference(&self, path: Path) -> Ref {
        let span = path.span;
        Ref { path, at: Vec::new(), span }
    }

    pub fn located(&self, mut what: Ref, place: Path) -> Ref {
        what.span = what.span.to(place.span);
        what.at.push(place);
        what
    }

    /// The first of several pieces of evidence; the others are reported.
    fn one_evidence(&self, notes: Vec<Evidence>) -> Option<Evidence> {
        let mut kept = None;
        notes.into_iter().for_each(|evidence| self.keep(&mut kept, evidence.span, evidence, |e: &Evidence| e.span));
        kept
    }

    /// Fills a slot once; a second filling is reported.
    fn keep<T>(&self, slot: &mut Option<T>, span: Span, value: T, span_of: impl Fn(&T) -> Span) {
        match slot {
            None => *slot = Some(value),
            Some(first) => self.report(reports::said_twice(span_of(first), span)),
        }
    }
}

fn unescape(text: &str) -> SmolStr {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    out.into()
}
