//! Spaces between neighbours on a line.

use super::lines::{Line, Piece};
use crate::syntax::token::{Keyword, Kind};

/// Sets the spaces before each piece of the line, but for alignment.
pub fn space(line: &mut Line) {
    for i in 1..line.pieces.len() {
        let space = usize::from(spaced(line, i));
        if let Some(piece) = line.pieces.get_mut(i) {
            let loose = space == 1 && stands_off(piece.kind);
            piece.space = if loose { piece.author.clamp(1, 3) } else { space };
        }
    }
}

/// Words before which the author may leave up to three spaces.
fn stands_off(kind: Kind) -> bool {
    use Keyword::*;
    let Kind::Kw(keyword) = kind else { return false };
    matches!(keyword, Assumed | Cites | Through | Capturing | Turning | Needs | Promoted | Inhibited)
}

/// Whether a space stands before piece `i`, which is not the first.
fn spaced(line: &Line, i: usize) -> bool {
    let kind = |j: Option<usize>| j.and_then(|j| line.pieces.get(j)).map(|p| p.kind);
    let (Some(before), Some(this)) = (kind(i.checked_sub(1)), kind(Some(i))) else { return false };
    let in_use = line.within == Some(Keyword::Use);
    match (before, this) {
        (_, Kind::Comment | Kind::DocComment | Kind::FileDoc) => true,
        (_, Kind::Comma | Kind::CiteComma | Kind::Semicolon | Kind::RightParen | Kind::RightBracket) => false,
        (_, Kind::Colon | Kind::Dot | Kind::At | Kind::Caret | Kind::UnitCaret | Kind::CiteBracket) => false,
        (Kind::Dot | Kind::At | Kind::Caret | Kind::UnitCaret, _) => false,
        (Kind::LeftParen | Kind::LeftBracket | Kind::CiteBracket, _) => false,
        (Kind::LeftBrace, Kind::RightBrace) => false,
        (Kind::LeftBrace, _) | (_, Kind::RightBrace) => !in_use,
        (Kind::Kw(Keyword::Doi | Keyword::Pmid), Kind::Text) => false,
        (Kind::Word, Kind::LeftParen) => has_options(line, i),
        (Kind::Word | Kind::RightBracket, Kind::LeftBracket) => false,
        (Kind::Minus, _) => !is_sign(kind(i.checked_sub(2))),
        (Kind::Star | Kind::Slash, _) => !is_tight(line, i - 1),
        (_, Kind::Star | Kind::Slash) => !is_tight(line, i),
        _ => true,
    }
}

/// Whether the parenthesis at `i` holds options and not arguments.
fn has_options(line: &Line, i: usize) -> bool {
    let colon = line.pieces.get(i + 2).is_some_and(|p| p.kind == Kind::Colon);
    let flag = line.pieces.get(i + 1).is_some_and(|p| p.text == "irreversible");
    let number = line.pieces.get(i + 1).is_some_and(|p| p.kind == Kind::Number) && line.within.is_none();
    let broken_off = i + 1 == line.pieces.len();
    let drug = matches!(line.within, Some(Keyword::Inhibits | Keyword::Activates));
    colon || flag || number || broken_off && drug
}

/// Whether a minus after `before` is a sign and not a difference.
fn is_sign(before: Option<Kind>) -> bool {
    !before.is_some_and(Kind::ends_operand)
}

/// Whether the author put the operator at `i` close to both its neighbours: `1/time`.
fn is_tight(line: &Line, i: usize) -> bool {
    let close = |piece: Option<&Piece>| piece.is_some_and(|p| p.author == 0);
    i + 1 < line.pieces.len() && i > 0 && close(line.pieces.get(i)) && close(line.pieces.get(i + 1))
}
