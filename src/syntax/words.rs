//! Which words are keywords where: told by their neighbours, so that nearly every word stays usable as a name.
//!
//! Invariants: only `and`, `or`, `not` and `in` are reserved everywhere. Two operands never stand side by side, so a
//! joining word (`at`, `needs`, `per`…) is a keyword exactly where an operand has just ended; a word after a number
//! on its line is a unit; `size of`, `share of`… are keywords because of their `of`; a statement's first word is one
//! by its place.

use super::structure::{Chunk, Layout};
use super::token::{Keyword, Kind, Start};

/// A token as the grammar sees it.
#[derive(Clone, Copy, Debug)]
pub struct Tagged {
    pub kind: Kind,
    /// Byte offsets.
    pub start: usize,
    pub end: usize,
    /// A diagnostic was given about it or what stood before it.
    pub suspect: bool,
}

/// Whether a statement of sort `start` may begin with the keyword.
pub fn starts(start: Start, keyword: Keyword) -> bool {
    use Keyword::*;
    match start {
        Start::Item => matches!(
            keyword,
            Use | Source
                | UnitOf
                | Param
                | Fn
                | Let
                | Input
                | Change
                | When
                | Compartment
                | Machinery
                | Cargo
                | Species
                | Complex
                | Vesicle
                | Process
                | Pathway
                | Hypothesis
                | Cell
                | Model
                | For
                | Include
                | Set
                | Assume
                | Place
                | Knockout
                | Knockdown
                | Overexpression
                | Drug
                | Experiment
                | Claim
                | Observable
        ),
        Start::Experiment => matches!(keyword, Settle | Run | Measure | Arm | Grid | Set | Assume | Add),
        Start::Treatment => matches!(keyword, Set | Assume | Add | Knockout | Knockdown | Overexpression),
        Start::Target => keyword == Set,
        Start::Action => matches!(keyword, Inhibits | Activates),
        Start::Assignment => false,
    }
}

/// What the braces after a statement's head hold, if they hold statements.
pub fn body_of(keyword: Keyword) -> Option<Start> {
    use Keyword::*;
    match keyword {
        Pathway | Hypothesis | Cell | Model | For => Some(Start::Item),
        Experiment => Some(Start::Experiment),
        Arm | Grid => Some(Start::Treatment),
        Knockout | Knockdown | Overexpression => Some(Start::Target),
        Drug => Some(Start::Action),
        When => Some(Start::Assignment),
        _ => None,
    }
}

/// Words that join what comes before with what comes after.
pub fn joins(keyword: Keyword) -> bool {
    use Keyword::*;
    matches!(
        keyword,
        And | Or
            | Not
            | In
            | Of
            | At
            | Rate
            | By
            | Per
            | With
            | Within
            | Assumed
            | Cites
            | Needs
            | Promoted
            | Inhibited
            | Through
            | Capturing
            | Turning
            | After
            | Every
            | Over
            | From
            | To
            | Into
            | Between
            | That
            | Like
            | Fixed
            | Required
            | Raises
            | Lowers
            | Does
            | Add
    )
}

/// Words that begin a clause of a process or value; what the parser may skip to.
pub fn begins_clause(keyword: Keyword) -> bool {
    use Keyword::*;
    matches!(
        keyword,
        At | Rate
            | Within
            | Assumed
            | Cites
            | Needs
            | Promoted
            | Inhibited
            | Through
            | Capturing
            | Turning
            | After
            | Every
            | Over
            | In
            | Between
            | States
            | Diameter
    )
}

/// Signs that want an operand after them, or have had one before.
pub fn is_operator(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Dot | At
            | Plus
            | Minus
            | Star
            | Slash
            | Caret
            | Less
            | LessEqual
            | Greater
            | GreaterEqual
            | Equal
            | EqualEqual
            | NotEqual
            | RightParen
            | LeftBracket
            | PlusMinus
    )
}

/// Words before an `of` that read something.
fn reads(keyword: Keyword) -> bool {
    use Keyword::*;
    matches!(
        keyword,
        Size | Diameter
            | Area
            | Volume
            | Age
            | Route
            | Min
            | Max
            | Mean
            | Median
            | Sd
            | Fano
            | Share
            | Distribution
            | Copies
    )
}

fn is_verb(keyword: Keyword) -> bool {
    use Keyword::*;
    matches!(keyword, Bud | Mature | Fuse | Engulf | Degrade | Rupture | Load)
}

/// The tokens of a statement as the grammar reads them, with its start first and its body as one token.
pub fn tag(layout: &Layout, start: Start, chunk: &Chunk) -> Vec<Tagged> {
    let keyword = chunk.keyword;
    let effect = keyword == Some(Keyword::Claim)
        && (chunk.start..chunk.end)
            .any(|i| matches!(layout.keyword(i), Some(Keyword::Raises | Keyword::Lowers | Keyword::Does)));
    let mut tagger = Tagger { layout, start, chunk, effect, out: Vec::new(), depth: 0, cites: None, counting: false };
    let at = layout.span(chunk.start).start as usize;
    tagger.out.push(Tagged { kind: Kind::Start(start), start: at, end: at, suspect: false });
    let mut i = chunk.start;
    while i < chunk.end {
        i = tagger.token(i);
    }
    tagger.out
}

struct Tagger<'l, 't> {
    layout: &'l Layout<'t>,
    start: Start,
    chunk: &'l Chunk,
    /// A claim in its short form, where `at` is a dose's.
    effect: bool,
    out: Vec<Tagged>,
    depth: usize,
    /// Inside a list of citations, at this depth.
    cites: Option<usize>,
    /// Numbers count molecules here and have no units.
    counting: bool,
}

impl Tagger<'_, '_> {
    /// Takes the lexeme at `i` and gives the index to go on at.
    fn token(&mut self, i: usize) -> usize {
        let Some(kind) = self.layout.kind(i) else { return i + 1 };
        let body = self.chunk.body.is_some_and(|(_, open)| open == i);
        if body || self.layout.is_too_deep(i) {
            let (end, next) = self.layout.closed(i);
            let close = self.layout.span(if next > end { end } else { end.saturating_sub(1) }).end as usize;
            self.push_to(i, if body { Kind::Body } else { Kind::ErrorExpr }, close);
            return next;
        }
        let tagged = match kind {
            Kind::Unknown => return i + 1,
            Kind::Word => self.word(i),
            Kind::Percent if self.takes_unit(i) => Kind::Unit,
            Kind::Caret if self.last() == Some(Kind::Unit) && self.integer_follows(i) => Kind::UnitCaret,
            Kind::LeftBracket if self.cites_number(i) => Kind::CiteBracket,
            Kind::Comma if self.fixed_follows(i) => return i + 1,
            Kind::Comma => self.comma(i),
            other => other,
        };
        self.follow(tagged);
        self.push_to(i, tagged, self.layout.span(i).end as usize);
        i + 1
    }

    fn push_to(&mut self, i: usize, kind: Kind, end: usize) {
        let suspect = self.layout.get(i).is_some_and(|l| l.suspect) || self.layout.is_unclosed(i);
        self.out.push(Tagged { kind, start: self.layout.span(i).start as usize, end, suspect });
    }

    fn last(&self) -> Option<Kind> {
        self.out.last().map(|t| t.kind)
    }

    fn before_last(&self) -> Option<Kind> {
        self.out.len().checked_sub(2).and_then(|i| self.out.get(i)).map(|t| t.kind)
    }

    /// Keeps the state that later words are told by.
    fn follow(&mut self, kind: Kind) {
        match kind {
            Kind::LeftParen | Kind::LeftBracket | Kind::CiteBracket | Kind::LeftBrace => self.depth += 1,
            Kind::RightParen | Kind::RightBracket | Kind::RightBrace => self.depth = self.depth.saturating_sub(1),
            Kind::Colon if self.chunk.keyword == Some(Keyword::Process) && self.depth == 0 => self.counting = true,
            Kind::Equal if self.chunk.keyword == Some(Keyword::Complex) => self.counting = true,
            Kind::Comma if self.depth == 0 => self.counting = false,
            Kind::Word if self.cites == Some(self.depth) && !self.goes_on_citing() => self.cites = None,
            Kind::Kw(Keyword::Cites) => self.cites = Some(self.depth),
            Kind::Kw(Keyword::Doi | Keyword::Pmid) => {}
            // A claim's statement begins: `cites review[88] titration.dosed[1 uM].yield < …`.
            Kind::Word if self.last().is_some_and(Kind::ends_operand) => self.cites = None,
            Kind::Kw(keyword) => (self.cites, self.counting) = (None, keyword == Keyword::Turning),
            _ => {}
        }
    }

    fn integer_follows(&self, i: usize) -> bool {
        let next = self.layout.kind(i + 1);
        next == Some(Kind::Number) || next == Some(Kind::Minus) && self.layout.kind(i + 2) == Some(Kind::Number)
    }

    fn fixed_follows(&self, i: usize) -> bool {
        let molecule = matches!(self.chunk.keyword, Some(Keyword::Machinery | Keyword::Cargo | Keyword::Species));
        molecule
            && self.layout.keyword(i + 1) == Some(Keyword::Fixed)
            && !matches!(self.layout.kind(i + 2), Some(Kind::Equal | Kind::Comma))
    }

    /// Whether a word here is part of a citation: else what is cited has been said, and an expression begins.
    fn goes_on_citing(&self) -> bool {
        matches!(self.last(), Some(Kind::Kw(_) | Kind::CiteComma | Kind::Dot))
    }

    fn cites_number(&self, i: usize) -> bool {
        let after_source = self.cites == Some(self.depth) && self.last() == Some(Kind::Word);
        after_source && self.layout.kind(i + 1) == Some(Kind::Number)
    }

    /// A comma goes on with citations if what follows can only be one.
    fn comma(&self, i: usize) -> Kind {
        if self.cites != Some(self.depth) {
            return Kind::Comma;
        }
        let mut j = i + 1;
        let word = self.layout.kind(j) == Some(Kind::Word);
        while self.layout.kind(j + 1) == Some(Kind::Dot) && self.layout.kind(j + 2) == Some(Kind::Word) {
            j += 2;
        }
        let marked = matches!(self.layout.kind(j + 1), Some(Kind::LeftBracket | Kind::Text));
        let strict = self.depth > 0 || self.start == Start::Target || self.chunk.keyword == Some(Keyword::Process);
        if word && (marked || !strict) { Kind::CiteComma } else { Kind::Comma }
    }

    /// Whether what stands at `i` is the unit of the number before it.
    fn takes_unit(&self, i: usize) -> bool {
        let same_line = self.layout.get(i).is_some_and(|l| !l.first);
        let of_axis =
            self.last() == Some(Kind::RightBracket) && matches!(self.chunk.keyword, Some(Keyword::Arm | Keyword::Grid));
        same_line && !self.counting && (self.last() == Some(Kind::Number) || of_axis)
    }

    fn word(&mut self, i: usize) -> Kind {
        // A misspelt first word is read as the keyword that was meant.
        if let (true, Some(keyword)) = (i == self.chunk.start, self.chunk.keyword) {
            return Kind::Kw(keyword);
        }
        let Some(keyword) = self.layout.keyword(i) else {
            return if self.takes_unit(i) { Kind::Unit } else { Kind::Word };
        };
        let tagged = Kind::Kw(keyword);
        if i == self.chunk.start {
            let adds = keyword == Keyword::At && self.start != Start::Item && self.layout.adds(i, self.chunk.end);
            return if adds { tagged } else { Kind::Word };
        }
        let last = self.last().unwrap_or(Kind::Colon);
        if matches!(keyword, Keyword::And | Keyword::Or | Keyword::Not | Keyword::In) {
            return tagged;
        }
        if matches!(last, Kind::Dot | Kind::At) || self.is_name_place(i) {
            return Kind::Word;
        }
        if self.reads_here(keyword, i) || self.in_sequence(keyword, last) || self.in_braces(keyword, last, i) {
            return tagged;
        }
        if joins(keyword) && self.joins_here(keyword, last) {
            let timed = keyword == Keyword::At && self.chunk.keyword == Some(Keyword::Claim) && !self.effect;
            return if timed { Kind::AtTime } else { tagged };
        }
        let verb = is_verb(keyword) && self.chunk.keyword == Some(Keyword::Process) && last == Kind::Colon;
        let citation = matches!(keyword, Keyword::Doi | Keyword::Pmid) && self.text_adjoins(i);
        let perturbs = body_of(keyword) == Some(Start::Target) && self.chunk.keyword == Some(Keyword::Claim);
        if self.begins_treatment(keyword, last, i) {
            return tagged;
        }
        if citation || (verb || perturbs && self.effect) && self.layout.kind(i + 1) == Some(Kind::Word) {
            return tagged;
        }
        if self.takes_unit(i) { Kind::Unit } else { Kind::Word }
    }

    /// `set`, `assume` and `add` where a short claim says what is done.
    fn begins_treatment(&self, keyword: Keyword, last: Kind, i: usize) -> bool {
        let place = matches!(last, Kind::Colon | Kind::Kw(Keyword::With | Keyword::And));
        let follows = match keyword {
            Keyword::Set | Keyword::Assume => self.layout.kind(i + 1) == Some(Kind::Word),
            Keyword::Add => matches!(self.layout.kind(i + 1), Some(Kind::Number | Kind::Word | Kind::LeftParen)),
            _ => false,
        };
        self.effect && place && follows
    }

    /// Right after the keyword of a declaration stands its name.
    fn is_name_place(&self, i: usize) -> bool {
        use Keyword::*;
        i == self.chunk.start + 1 && self.chunk.keyword.is_some_and(|k| !matches!(k, When | Run | Settle | Add | Claim))
    }

    fn reads_here(&self, keyword: Keyword, i: usize) -> bool {
        let of = self.layout.keyword(i + 1) == Some(Keyword::Of);
        let unit = self.last() == Some(Kind::Number) && self.takes_unit(i);
        reads(keyword) && of && !unit
    }

    /// Words that follow a certain other word.
    fn in_sequence(&self, keyword: Keyword, last: Kind) -> bool {
        let before = self.before_last();
        match (last, keyword) {
            (Kind::Kw(Keyword::Promoted | Keyword::Inhibited), Keyword::By) => true,
            (Kind::Kw(word), Keyword::Of) => reads(word),
            (Kind::Kw(Keyword::That), Keyword::Reach) => true,
            (Kind::Kw(Keyword::Does), Keyword::Not) => true,
            (Kind::Kw(Keyword::Not), Keyword::Change) => before == Some(Kind::Kw(Keyword::Does)),
            (Kind::Kw(Keyword::By), Keyword::At) => self.effect,
            (Kind::Kw(Keyword::At), Keyword::Least) => before == Some(Kind::Kw(Keyword::By)),
            _ => false,
        }
    }

    /// Words that begin a line in the braces of a vesicle, or of what is added.
    fn in_braces(&self, keyword: Keyword, last: Kind, i: usize) -> bool {
        let begins = matches!(last, Kind::LeftBrace | Kind::Semicolon) || last.ends_operand();
        let vesicle = self.chunk.keyword == Some(Keyword::Vesicle) && self.depth > 0 && begins;
        match keyword {
            Keyword::States => vesicle && self.layout.kind(i + 1) == Some(Kind::Word),
            Keyword::Diameter => {
                vesicle && matches!(self.layout.kind(i + 1), Some(Kind::Number | Kind::LeftParen | Kind::Word))
            }
            Keyword::Carrying => last == Kind::LeftBrace,
            _ => false,
        }
    }

    fn joins_here(&self, keyword: Keyword, last: Kind) -> bool {
        use Keyword::*;
        let kind = self.chunk.keyword;
        let fits = match keyword {
            Rate | Needs | Promoted | Inhibited | Capturing | Turning => kind == Some(Process),
            Raises | Lowers | Does => self.effect,
            Like => kind == Some(Cell),
            Add => matches!(self.start, Start::Experiment | Start::Treatment),
            _ => true,
        };
        let empty_side = matches!(last, Kind::Arrow | Kind::ArrowBoth) && (begins_clause(keyword));
        fits && (last.ends_operand() || empty_side)
    }

    fn text_adjoins(&self, i: usize) -> bool {
        let (Some(word), Some(next)) = (self.layout.get(i), self.layout.get(i + 1)) else { return false };
        next.kind == Kind::Text && next.start == word.end
    }
}
