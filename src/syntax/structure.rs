//! The shape of a file before its grammar: which bracket closes which, and where statements begin and end.
//!
//! Invariants: every lexeme lies in at most one statement of the list it belongs to; splitting always ends, whatever
//! the text; a mistake inside one statement moves no other statement's limits. Statements end where the next one
//! begins: at `;`, or at a keyword (in lists of names: at a name) that stands first on its line where nothing can go
//! on. Deliberately absent: what the statements mean.

use super::lexer::Token;
use super::reports;
use super::token::{Keyword, Kind, Start};
use super::words;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// Brackets may nest this deep.
pub const MAX_DEPTH: usize = 64;

/// A token that isn't trivia, with what surrounds it.
#[derive(Clone, Copy, Debug)]
pub struct Lexeme {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// The keyword that a word may be.
    pub keyword: Option<Keyword>,
    /// First on its line.
    pub first: bool,
    /// Bytes from the start of the line.
    pub column: u32,
    /// A diagnostic was given for what stood right before it, or for itself.
    pub suspect: bool,
    /// The `///` lines right before it, in bytes.
    pub docs: Option<(u32, u32)>,
    close: Close,
}

/// Where what a bracket opens comes to an end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Close {
    Never,
    /// Index of the closing bracket.
    At(usize),
    /// No closing bracket: ends before that lexeme.
    Before(usize),
    /// Closed there, and too deep to be read.
    TooDeep(usize),
}

/// A statement: lexemes `start..end`, of which `body` is the brace that opens its list of statements.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    pub start: usize,
    pub end: usize,
    pub keyword: Option<Keyword>,
    pub body: Option<(Start, usize)>,
}

/// The lexemes of a file with their brackets matched.
pub struct Layout<'t> {
    pub text: &'t str,
    pub file: FileId,
    pub lexemes: Vec<Lexeme>,
}

impl<'t> Layout<'t> {
    pub fn new(text: &'t str, file: FileId, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) -> Layout<'t> {
        let mut layout = Layout { text, file, lexemes: lexemes(text, tokens) };
        let mut found = Vec::new();
        let unclosed = layout.match_brackets(false, &mut found);
        if unclosed {
            // A brace is missing: where lines are indented, they tell where.
            let mut by_lines = Vec::new();
            layout.match_brackets(true, &mut by_lines);
            if by_lines.iter().any(|d| d.code == crate::diagnostics::registry::E0106) {
                found.clear();
                layout.match_brackets(false, &mut found);
            } else {
                found = by_lines;
            }
        }
        diagnostics.append(&mut found);
        layout
    }

    pub fn get(&self, i: usize) -> Option<&Lexeme> {
        self.lexemes.get(i)
    }

    pub fn kind(&self, i: usize) -> Option<Kind> {
        self.get(i).map(|l| l.kind)
    }

    /// The keyword that the word at `i` is spelt as.
    pub fn keyword(&self, i: usize) -> Option<Keyword> {
        self.get(i).and_then(|l| l.keyword)
    }

    pub fn word(&self, i: usize) -> &'t str {
        self.get(i).map_or("", |l| self.text.get(l.start as usize..l.end as usize).unwrap_or(""))
    }

    pub fn span(&self, i: usize) -> Span {
        let end = self.text.len() as u32;
        self.get(i).map_or(Span { file: self.file, start: end, end }, |l| Span {
            file: self.file,
            start: l.start,
            end: l.end,
        })
    }

    /// Where the contents of the bracket at `open` end, and where to go on behind it.
    pub fn closed(&self, open: usize) -> (usize, usize) {
        match self.get(open).map_or(Close::Never, |l| l.close) {
            Close::Never => (open + 1, open + 1),
            Close::At(i) | Close::TooDeep(i) => (i, i + 1),
            Close::Before(i) => (i, i),
        }
    }

    pub fn is_too_deep(&self, open: usize) -> bool {
        matches!(self.get(open).map(|l| l.close), Some(Close::TooDeep(_)))
    }

    /// Whether an opening bracket at `open` has no partner.
    pub fn is_unclosed(&self, open: usize) -> bool {
        let opens = matches!(self.kind(open), Some(Kind::LeftParen | Kind::LeftBracket));
        opens && self.get(open).is_some_and(|l| l.close == Close::Never)
    }

    /// Matches brackets; true if a brace stays open. With `by_lines` a keyword that stands no further right than
    /// the line that opened a brace closes it.
    fn match_brackets(&mut self, by_lines: bool, out: &mut Vec<Diagnostic>) -> bool {
        let mut stack: Vec<usize> = Vec::new();
        let mut unclosed = false;
        let mut reported_depth = false;
        self.lexemes.iter_mut().for_each(|l| l.close = Close::Never);
        for i in 0..self.lexemes.len() {
            if by_lines && self.outdented_keyword(i, stack.last().copied()) {
                unclosed |= self.close_outdented(i, &mut stack, out);
            }
            let Some(kind) = self.kind(i) else { break };
            if kind == Kind::Word && self.begins_line(i) {
                // Two words never stand side by side inside parentheses: a declaration has begun.
                while let Some(open) = stack.pop_if(|open| self.kind(*open) != Some(Kind::LeftBrace)) {
                    self.report_unclosed(open, out);
                }
            }
            match kind {
                Kind::LeftBrace | Kind::LeftParen | Kind::LeftBracket => {
                    if stack.len() == MAX_DEPTH && !reported_depth {
                        reported_depth = true;
                        out.push(reports::nested_too_deeply(self.span(i), MAX_DEPTH));
                    }
                    stack.push(i);
                }
                Kind::RightBrace | Kind::RightParen | Kind::RightBracket => self.close(i, kind, &mut stack, out),
                _ => {}
            }
        }
        let end = self.lexemes.len();
        for (depth, open) in stack.into_iter().enumerate() {
            if self.kind(open) == Some(Kind::LeftBrace) {
                unclosed = true;
                if depth < MAX_DEPTH {
                    out.push(reports::unclosed_brace(self.span(open), None));
                }
                self.set_close(open, if depth < MAX_DEPTH { Close::Before(end) } else { Close::TooDeep(end) });
            } else {
                self.report_unclosed(open, out);
            }
        }
        unclosed
    }

    fn set_close(&mut self, open: usize, close: Close) {
        if let Some(lexeme) = self.lexemes.get_mut(open) {
            lexeme.close = close;
        }
    }

    fn report_unclosed(&mut self, open: usize, out: &mut Vec<Diagnostic>) {
        out.push(reports::unclosed_bracket(self.span(open), self.word(open)));
    }

    fn close(&mut self, i: usize, kind: Kind, stack: &mut Vec<usize>, out: &mut Vec<Diagnostic>) {
        let opener = match kind {
            Kind::RightBrace => Kind::LeftBrace,
            Kind::RightParen => Kind::LeftParen,
            _ => Kind::LeftBracket,
        };
        // A parenthesis never reaches over a brace.
        let reachable = |&&open: &&usize| kind == Kind::RightBrace || self.kind(open) != Some(Kind::LeftBrace);
        let found = stack.iter().rev().take_while(reachable).position(|&open| self.kind(open) == Some(opener));
        let Some(above) = found else {
            out.push(reports::stray_closer(self.span(i), self.word(i)));
            if let Some(lexeme) = self.lexemes.get_mut(i) {
                lexeme.kind = Kind::Unknown;
            }
            return;
        };
        for _ in 0..above {
            stack.pop().into_iter().for_each(|open| self.report_unclosed(open, out));
        }
        if let Some(open) = stack.pop() {
            self.set_close(open, if stack.len() >= MAX_DEPTH { Close::TooDeep(i) } else { Close::At(i) });
        }
    }

    /// Whether a line begins at `i` with a declaration's keyword and a name.
    fn begins_line(&self, i: usize) -> bool {
        let starts = |k: Keyword| words::starts(Start::Item, k) || words::starts(Start::Experiment, k);
        self.get(i).is_some_and(|l| l.first && l.keyword.is_some_and(starts)) && self.word_follows(i)
    }

    /// Whether a declaration's keyword stands at `i`, no further right than the line of the brace `open`.
    fn outdented_keyword(&self, i: usize, open: Option<usize>) -> bool {
        let (Some(lexeme), Some(open)) = (self.get(i), open) else { return false };
        self.begins_line(i) && lexeme.column <= self.indent(open)
    }

    /// The column at which the line of lexeme `i` begins.
    fn indent(&self, i: usize) -> u32 {
        let line = self.lexemes.get(..=i).unwrap_or(&[]).iter().rev();
        line.clone().find(|l| l.first).map_or(0, |l| l.column)
    }

    fn close_outdented(&mut self, i: usize, stack: &mut Vec<usize>, out: &mut Vec<Diagnostic>) -> bool {
        let mut any = false;
        while self.outdented_keyword(i, stack.last().copied()) {
            let Some(open) = stack.pop() else { break };
            if self.kind(open) == Some(Kind::LeftBrace) {
                out.push(reports::unclosed_brace(self.span(open), Some(self.span(i))));
                self.set_close(open, if stack.len() < MAX_DEPTH { Close::Before(i) } else { Close::TooDeep(i) });
                any = true;
            } else {
                self.report_unclosed(open, out);
            }
        }
        any
    }

    /// The statements of lexemes `from..to`, which are of the sort `start`.
    pub fn split(&self, start: Start, from: usize, to: usize) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        let mut i = from;
        while i < to {
            if matches!(self.kind(i), Some(Kind::Semicolon | Kind::Unknown)) {
                i += 1;
                continue;
            }
            let chunk = self.chunk(start, i, to);
            i = chunk.end;
            chunks.push(chunk);
        }
        chunks
    }

    fn chunk(&self, start: Start, from: usize, to: usize) -> Chunk {
        let keyword = self.keyword(from).filter(|k| words::starts(start, *k));
        let body_sort = keyword.and_then(words::body_of);
        let mut body = None;
        let mut i = from;
        loop {
            match self.kind(i) {
                Some(Kind::LeftBrace) => {
                    if let (Some(sort), None) = (body_sort, body) {
                        body = Some((sort, i));
                    }
                    i = self.closed(i).1;
                }
                Some(Kind::LeftParen | Kind::LeftBracket) => i = self.closed(i).1,
                _ => i += 1,
            }
            if i >= to || self.kind(i) == Some(Kind::Semicolon) || self.begins(start, keyword, from, i, to) {
                return Chunk { start: from, end: i.min(to), keyword, body };
            }
        }
    }

    /// Whether a new statement begins at `i`, within one that began at `from` with `keyword`.
    fn begins(&self, start: Start, keyword: Option<Keyword>, from: usize, i: usize, to: usize) -> bool {
        let Some(lexeme) = self.get(i) else { return false };
        let behind_body = self.kind(i - 1) == Some(Kind::RightBrace);
        if lexeme.kind != Kind::Word {
            return false;
        }
        if !(lexeme.first || behind_body) {
            return start == Start::Experiment && self.begins_in_line(keyword, from, i);
        }
        if lexeme.docs.is_some() {
            return true;
        }
        let complete = self.complete_before(from, i, keyword);
        if keyword == Some(Keyword::Claim) && self.continues_claim(i) {
            return false;
        }
        if lexeme.keyword == Some(Keyword::At) && !matches!(start, Start::Item | Start::Action) {
            return complete && self.adds(i, to);
        }
        match lexeme.keyword {
            Some(k) if words::starts(start, k) => self.begins_keyword(keyword, i, complete),
            Some(Keyword::And | Keyword::Or | Keyword::Not | Keyword::In) => false,
            Some(k) if words::joins(k) => {
                complete && start == Start::Assignment && self.kind(i + 1) == Some(Kind::Equal)
            }
            // A claim's statement may begin with any name.
            _ if keyword == Some(Keyword::Claim) => complete && self.word_follows(i),
            _ => complete,
        }
    }

    /// Whether a short claim goes on at `i` with something that is done, on a line of its own.
    fn continues_claim(&self, i: usize) -> bool {
        let before =
            self.kind(i - 1) == Some(Kind::Colon) || matches!(self.keyword(i - 1), Some(Keyword::With | Keyword::And));
        before && self.keyword(i).is_some_and(|k| words::starts(Start::Treatment, k))
    }

    /// `run 1 h  measure x = X`: where a statement of an experiment is complete, the next may stand on its line.
    fn begins_in_line(&self, keyword: Option<Keyword>, from: usize, i: usize) -> bool {
        let goes_on = match Keyword::of(self.word(i)) {
            Some(Keyword::Measure | Keyword::Arm | Keyword::Grid) => self.word_follows(i),
            Some(Keyword::Run) => keyword == Some(Keyword::Settle),
            _ => false,
        };
        goes_on && self.complete_before(from, i, keyword)
    }

    fn begins_keyword(&self, keyword: Option<Keyword>, i: usize, complete: bool) -> bool {
        let in_claim = keyword == Some(Keyword::Claim);
        if !complete {
            return self.word_follows(i);
        }
        let operator = self.kind(i + 1).is_none_or(words::is_operator);
        !in_claim || self.word_follows(i) || !(operator || self.kind(i + 1) == Some(Kind::Word))
    }

    /// Whether after the word at `i` there follows a name or a text.
    fn word_follows(&self, i: usize) -> bool {
        match self.kind(i + 1) {
            Some(Kind::Text) => true,
            Some(Kind::Word) => !self.keyword(i + 1).is_some_and(words::joins),
            _ => false,
        }
    }

    /// Whether the statement from `from` could end before `i`: no operator or joining word waits for more.
    fn complete_before(&self, from: usize, i: usize, keyword: Option<Keyword>) -> bool {
        let before = i - 1;
        let word = self.keyword(before);
        if before == from && keyword.is_some() {
            return keyword == Some(Keyword::Settle);
        }
        let kind = self.kind(before);
        let waits = word.is_some_and(|k| words::joins(k) && !Kind::Kw(k).ends_operand());
        let arrow = matches!(kind, Some(Kind::Arrow | Kind::ArrowBoth));
        kind.is_some_and(Kind::ends_operand) && !waits || arrow
    }

    /// Whether the line that begins with `at` at `i` goes on to `add`.
    pub fn adds(&self, i: usize, to: usize) -> bool {
        let line = (i + 1..to).take_while(|&j| {
            self.get(j).is_some_and(|l| !l.first && !matches!(l.kind, Kind::Semicolon | Kind::LeftBrace))
        });
        line.into_iter().any(|j| self.keyword(j) == Some(Keyword::Add))
    }
}

/// Tokens without trivia; what was reported by the lexer is left out and its neighbour marked.
fn lexemes(text: &str, tokens: &[Token]) -> Vec<Lexeme> {
    let mut out: Vec<Lexeme> = Vec::with_capacity(tokens.len() / 2);
    let (mut line_start, mut first, mut suspect, mut docs) = (0u32, true, false, None);
    for (i, &Token { kind, start, end }) in tokens.iter().enumerate() {
        match kind {
            Kind::Newline => (line_start, first) = (end, true),
            Kind::DocComment => docs = Some((docs.map_or(start, |d: (u32, u32)| d.0), end)),
            Kind::Unknown => suspect = true,
            Kind::Dot if is_loose_dot(tokens, i) => suspect = true,
            _ if kind.is_trivia() => {
                if let Some(newline) = text.get(start as usize..end as usize).and_then(|t| t.rfind('\n')) {
                    (line_start, first) = (start + newline as u32 + 1, true);
                }
            }
            _ => {
                let unclosed = kind == Kind::UnclosedText;
                let kind = if unclosed { Kind::Text } else { kind };
                let column = start - line_start;
                let close = Close::Never;
                let word = text.get(start as usize..end as usize).filter(|_| kind == Kind::Word);
                out.push(Lexeme {
                    kind,
                    start,
                    end,
                    keyword: word.and_then(Keyword::of),
                    first,
                    column,
                    suspect: suspect || unclosed,
                    docs: docs.take(),
                    close,
                });
                (first, suspect) = (false, unclosed);
            }
        }
    }
    out
}

/// The dots of `5.` and `.5`, which the lexer reports.
fn is_loose_dot(tokens: &[Token], i: usize) -> bool {
    let kind = |j: Option<usize>| j.and_then(|j| tokens.get(j)).map(|t| t.kind);
    let before = kind(i.checked_sub(1));
    before == Some(Kind::Number) || kind(Some(i + 1)) == Some(Kind::Number) && super::lexer::begins_number(before)
}
