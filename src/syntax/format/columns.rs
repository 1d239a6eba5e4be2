//! Columns: like lines that follow each other are aligned.

use super::lines::{Line, Piece};
use crate::syntax::token::{Keyword, Kind};

/// What a column is of; columns are set in this order, from left to right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Column {
    Name,
    Value,
    Amount,
    Place,
    Brace,
    Rate,
    RateValue,
    Options,
    Uncertainty,
    Evidence,
    Comment,
}

const COLUMNS: [Column; 11] = [
    Column::Name,
    Column::Value,
    Column::Amount,
    Column::Place,
    Column::Brace,
    Column::Rate,
    Column::RateValue,
    Column::Options,
    Column::Uncertainty,
    Column::Evidence,
    Column::Comment,
];

/// Which lines are alike.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Molecules,
    Definitions,
    Perturbations,
    Statement(Keyword),
    Clause(Keyword),
    /// Any clause; for what stands at its end.
    Clauses,
}

impl Column {
    /// The widest gap before the longest line.
    fn gap(self) -> usize {
        match self {
            Column::Name | Column::Amount | Column::RateValue => 1,
            Column::Comment => 100,
            _ => 3,
        }
    }

    /// Lines whose ends before the column lie further apart than this are not alike.
    fn reach(self) -> usize {
        match self {
            Column::Rate => 36,
            Column::Evidence => 30,
            Column::Comment => 60,
            _ => 20,
        }
    }

    /// Columns that are set only where the author has begun to.
    fn is_optional(self) -> bool {
        matches!(self, Column::Amount | Column::RateValue)
    }
}

/// Sets the spaces before the pieces at which lines are aligned.
pub fn align(lines: &mut [Line]) {
    let stops: Vec<Vec<(Column, usize)>> = lines.iter().map(stops).collect();
    for column in COLUMNS {
        let at = |i: usize| stops.get(i).and_then(|s| s.iter().find(|(c, _)| *c == column)).map(|(_, piece)| *piece);
        let mut from = 0;
        while from < lines.len() {
            let mut to = from + 1;
            if let Some(piece) = at(from) {
                let first = end_before(lines.get(from), piece, column);
                let (mut low, mut high) = (first, first);
                while let Some(piece) = at(to).filter(|_| together(lines, to, column)) {
                    let end = end_before(lines.get(to), piece, column);
                    (low, high) = (low.min(end), high.max(end));
                    if high - low > column.reach() {
                        break;
                    }
                    to += 1;
                }
                set(lines.get_mut(from..to).unwrap_or(&mut []), column, |i| at(from + i));
            }
            from = to;
        }
    }
}

/// Where the line ends before a piece that begins a column; amounts end together, so they count as well.
fn end_before(line: Option<&Line>, piece: usize, column: Column) -> usize {
    let Some(line) = line else { return 0 };
    let width = |p: &Piece| p.space + p.text.chars().count();
    let before = line.indent + line.pieces.iter().take(piece).map(width).sum::<usize>();
    let own = line.pieces.get(piece).map_or(0, |p| p.text.chars().count());
    if column == Column::Amount { before + own } else { before }
}

/// Whether the line at `i` goes on the run of the line before it.
fn together(lines: &[Line], i: usize, column: Column) -> bool {
    let (Some(before), Some(this)) = (i.checked_sub(1).and_then(|j| lines.get(j)), lines.get(i)) else { return false };
    if this.blank_before {
        return false;
    }
    let grid = this.within == Some(Keyword::Grid) && before.within == Some(Keyword::Grid);
    let alike = family(before, column).is_some() && family(before, column) == family(this, column);
    column == Column::Comment || grid || alike && before.indent == this.indent
}

/// Aligns one column of a run; `piece` gives the piece of each line.
fn set(run: &mut [Line], column: Column, piece: impl Fn(usize) -> Option<usize>) {
    let end = |(i, line): (usize, &Line)| {
        let at = piece(i)?;
        let author = line.pieces.get(at)?.author;
        Some((end_before(Some(line), at, column), author))
    };
    let ends: Vec<(usize, usize)> = run.iter().enumerate().filter_map(end).collect();
    if column.is_optional() && ends.iter().all(|e| e.1 < 2) {
        return;
    }
    let longest = ends.iter().map(|e| e.0).max().unwrap_or(0);
    let gaps = ends.iter().filter(|e| e.0 == longest).map(|e| e.1.clamp(1, column.gap()));
    let gap = gaps.max().unwrap_or(1);
    for (i, (line, (end, _))) in run.iter_mut().zip(ends).enumerate() {
        if let Some(piece) = piece(i).and_then(|at| line.pieces.get_mut(at)) {
            piece.space = longest - end + gap;
        }
    }
}

fn family(line: &Line, column: Column) -> Option<Family> {
    use Keyword::*;
    let Some(keyword) = line.begins else {
        let Some(Kind::Kw(keyword)) = line.pieces.first().map(|p| p.kind) else { return None };
        return Some(if column >= Column::Uncertainty { Family::Clauses } else { Family::Clause(keyword) });
    };
    Some(match keyword {
        Machinery | Cargo | Species | Complex | Vesicle | Compartment => Family::Molecules,
        Let | Input | Param | UnitOf | Change => Family::Definitions,
        Knockout | Knockdown | Overexpression => Family::Perturbations,
        Claim | Use => return None,
        other => Family::Statement(other),
    })
}

/// The pieces of a line that begin a column, in the order of columns; never the first piece.
fn stops(line: &Line) -> Vec<(Column, usize)> {
    let mut found: Vec<(Column, usize)> = Vec::new();
    for (i, piece) in line.pieces.iter().enumerate().skip(1) {
        let Some(column) = column(line, i, piece) else { continue };
        if found.last().is_none_or(|(last, _)| *last < column) {
            found.push((column, i));
        }
    }
    found
}

fn column(line: &Line, i: usize, piece: &Piece) -> Option<Column> {
    use Keyword::*;
    if matches!(piece.kind, Kind::Comment | Kind::DocComment | Kind::FileDoc) {
        return Some(Column::Comment);
    }
    if piece.depth > 0 {
        return None;
    }
    let begins = line.begins.unwrap_or(And);
    let before = i.checked_sub(1).and_then(|j| line.pieces.get(j)).map(|p| p.kind);
    let process = begins == Process;
    let named = || !matches!(family(line, Column::Name), None | Some(Family::Statement(_) | Family::Clause(_)));
    match (piece.kind, before) {
        (Kind::Word, _) if i == 1 && named() => Some(Column::Name),
        (Kind::Equal, _) if line.begins.is_some() && !matches!(begins, When | Arm) => Some(Column::Value),
        (Kind::Number, Some(Kind::Equal)) if line.begins.is_some() => Some(Column::Amount),
        (_, Some(Kind::Colon)) if process => Some(Column::Value),
        (Kind::Kw(In), _) if line.within == Some(Grid) => Some(Column::Place),
        (Kind::Kw(In | Between), _) if begins == Compartment => Some(Column::Place),
        (Kind::LeftBrace, _) if line.begins.is_some() && closes_here(line, i) && begins != Use => Some(Column::Brace),
        (Kind::Kw(At | Rate), _) if process => Some(Column::Rate),
        (_, Some(Kind::Kw(At | Rate))) if process => Some(Column::RateValue),
        (Kind::LeftParen, Some(Kind::Word)) if piece.space > 0 => Some(Column::Options),
        (Kind::Kw(Within) | Kind::PlusMinus, _) => Some(Column::Uncertainty),
        (Kind::Kw(Assumed | Cites), _) => Some(Column::Evidence),
        _ => None,
    }
}

/// Whether the brace at `i` is closed on its line.
fn closes_here(line: &Line, i: usize) -> bool {
    line.pieces.iter().skip(i).any(|p| p.kind == Kind::RightBrace)
}
