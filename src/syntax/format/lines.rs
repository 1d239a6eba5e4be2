//! Lines with their indentation and what each token is.

use super::spacing;
use crate::source::FileId;
use crate::syntax::lexer;
use crate::syntax::structure::{Chunk, Layout};
use crate::syntax::token::{Keyword, Kind, Start};
use crate::syntax::words;

const STEP: usize = 4;

/// One line of the text.
pub struct Line {
    /// A blank line stands before it.
    pub blank_before: bool,
    /// Spaces before the first piece.
    pub indent: usize,
    pub pieces: Vec<Piece>,
    /// The keyword of the statement, if the line begins it.
    pub begins: Option<Keyword>,
    /// The keyword of the statement the line belongs to.
    pub within: Option<Keyword>,
}

/// A token or comment as it will be printed.
pub struct Piece {
    pub kind: Kind,
    pub text: String,
    /// Spaces to print before it; 0 for the first of a line.
    pub space: usize,
    /// Spaces the author put before it.
    pub author: usize,
    /// Brackets that were opened in its statement and not yet closed.
    pub depth: usize,
}

/// What the statements tell of a lexeme.
#[derive(Clone, Copy)]
struct Fact {
    kind: Kind,
    /// Index of the statement's first lexeme.
    statement: usize,
    keyword: Option<Keyword>,
}

/// The lines of a text that has no syntax errors.
pub fn lines(text: &str, file: FileId) -> Vec<Line> {
    let tokens = lexer::tokens(text);
    let layout = Layout::new(text, file, &tokens, &mut Vec::new());
    let mut facts: Vec<Fact> = Vec::with_capacity(layout.lexemes.len());
    facts.extend((0..layout.lexemes.len()).map(|i| Fact {
        kind: layout.kind(i).unwrap_or(Kind::Unknown),
        statement: i,
        keyword: None,
    }));
    collect(&layout, Start::Item, 0, layout.lexemes.len(), &mut facts);
    let mut setter = Setter { facts: &facts, open: Vec::new(), lines: Vec::new(), next: 0, blanks: 0 };
    for raw in split(text, &tokens) {
        setter.line(&raw);
    }
    setter.finish()
}

/// Notes what the tokens of all statements from `from` to `to` are.
fn collect(layout: &Layout, start: Start, from: usize, to: usize, facts: &mut [Fact]) {
    for chunk in layout.split(start, from, to) {
        note(layout, start, &chunk, facts);
        if let Some((sort, open)) = chunk.body {
            collect(layout, sort, open + 1, layout.closed(open).0, facts);
        }
    }
}

fn note(layout: &Layout, start: Start, chunk: &Chunk, facts: &mut [Fact]) {
    let tagged = words::tag(layout, start, chunk);
    let mut tagged = tagged.iter().skip(1).filter(|t| t.kind != Kind::Body).peekable();
    for i in chunk.start..chunk.end {
        let at = layout.span(i).start as usize;
        while tagged.next_if(|t| t.start < at).is_some() {}
        let kind = tagged.peek().filter(|t| t.start == at).map(|t| t.kind);
        if let Some(fact) = facts.get_mut(i) {
            *fact = Fact { kind: kind.unwrap_or(fact.kind), statement: chunk.start, keyword: chunk.keyword };
        }
    }
}

/// Tokens of a line without spaces; with each the spaces before it and, if it is no comment, that it is a lexeme.
type RawLine<'t> = Vec<(Kind, &'t str, usize)>;

fn split<'t>(text: &'t str, tokens: &[lexer::Token]) -> Vec<RawLine<'t>> {
    let mut lines = vec![Vec::new()];
    let mut space = 0;
    for token in tokens {
        let piece = token.text(text);
        match token.kind {
            Kind::Newline => lines.push(Vec::new()),
            Kind::Space => {}
            _ => {
                if let Some(line) = lines.last_mut() {
                    line.push((token.kind, piece.trim_end(), space));
                }
            }
        }
        space = if token.kind == Kind::Space { piece.chars().count() } else { 0 };
    }
    lines
}

/// A bracket that is open: which lexeme, the indent of its line, and of what stands inside.
struct Open {
    lexeme: usize,
    outer: usize,
    inner: usize,
    line: usize,
}

struct Setter<'f> {
    facts: &'f [Fact],
    open: Vec<Open>,
    lines: Vec<Line>,
    /// Index of the next lexeme.
    next: usize,
    blanks: usize,
}

impl Setter<'_> {
    fn line(&mut self, raw: &RawLine) {
        if raw.is_empty() {
            self.blanks += 1;
            return;
        }
        let first = self.facts.get(self.next).copied();
        let indent = self.indent(raw, first);
        let blank_before = self.blanks > 0 && !self.lines.is_empty();
        self.blanks = 0;
        let fact = first.filter(|_| !is_comment(raw));
        let begins = fact.filter(|f| f.statement == self.next).and_then(|f| f.keyword);
        let within = fact.and_then(|f| f.keyword);
        let mut line = Line { blank_before, indent, pieces: Vec::new(), begins, within };
        for &(raw_kind, text, author) in raw {
            let fact = self.facts.get(self.next).copied().filter(|_| !raw_kind.is_trivia());
            let kind = fact.map_or(raw_kind, |f| f.kind);
            let statement = fact.map_or(self.next, |f| f.statement);
            if matches!(raw_kind, Kind::RightBrace | Kind::RightParen | Kind::RightBracket) {
                self.open.pop();
            }
            let depth = self.open.iter().filter(|o| o.lexeme >= statement).count();
            let piece = Piece { kind, text: text.to_owned(), space: 0, author, depth };
            line.pieces.push(piece);
            if matches!(raw_kind, Kind::LeftBrace | Kind::LeftParen | Kind::LeftBracket) {
                let number = self.lines.len();
                let shared = self.open.last().filter(|o| o.line == number).map(|o| o.inner);
                let inner = shared.unwrap_or(indent + STEP);
                self.open.push(Open { lexeme: self.next, outer: indent, inner, line: number });
            }
            self.next += usize::from(!raw_kind.is_trivia());
        }
        spacing::space(&mut line);
        self.lines.push(line);
    }

    fn indent(&self, raw: &RawLine, first: Option<Fact>) -> usize {
        let inner = self.open.last().map_or(0, |o| o.inner);
        let comment = is_comment(raw);
        let closes = |kind: Kind| matches!(kind, Kind::RightBrace | Kind::RightParen | Kind::RightBracket);
        let Some(fact) = first else { return inner };
        if closes(fact.kind) {
            return if comment { inner } else { self.open.last().map_or(0, |o| o.outer) };
        }
        let continues = fact.statement != self.next;
        let behind_body = self.open.last().is_none_or(|o| o.lexeme < fact.statement);
        match (continues, continues && behind_body) {
            (true, hangs) => self.list_column(fact.kind).unwrap_or(if hangs { inner + STEP } else { inner }),
            (false, _) => inner,
        }
    }

    /// The axes of a grid and the states of a vesicle stand below the first of them.
    fn list_column(&self, kind: Kind) -> Option<usize> {
        let line = self.lines.last()?;
        let goes_on = line.pieces.iter().rfind(|p| !p.kind.is_trivia()).is_some_and(|p| p.kind == Kind::Comma);
        let listed = matches!(line.within, Some(Keyword::Grid | Keyword::Vesicle));
        if !goes_on || !listed || kind != Kind::Word {
            return None;
        }
        let opens = |p: &Piece| matches!(p.kind, Kind::Kw(Keyword::Over | Keyword::States));
        match line.pieces.iter().position(opens) {
            Some(word) => {
                let before = line.pieces.iter().take(word + 1);
                Some(line.indent + before.map(|p| p.space + p.text.chars().count()).sum::<usize>() + 1)
            }
            None if line.begins.is_none() => Some(line.indent),
            None => None,
        }
    }

    /// No blank lines right inside braces.
    fn finish(mut self) -> Vec<Line> {
        for i in 1..self.lines.len() {
            let after_open =
                self.lines.get(i - 1).and_then(|l| l.pieces.last()).is_some_and(|p| p.kind == Kind::LeftBrace);
            if let Some(line) = self.lines.get_mut(i) {
                let closes = line.pieces.first().is_some_and(|p| p.kind == Kind::RightBrace);
                line.blank_before &= !after_open && !closes;
            }
        }
        self.lines
    }
}

fn is_comment(raw: &RawLine) -> bool {
    raw.first().is_some_and(|(kind, ..)| kind.is_trivia())
}
