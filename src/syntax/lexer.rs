//! From text to tokens.
//!
//! Invariants: the tokens follow each other without gaps and cover the text; any text gives tokens, and what is no
//! word of Exo is a token of kind [`Kind::Unknown`] with a diagnostic aside.

use logos::Logos;

use super::reports;
use super::token::Kind;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// A piece of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    pub kind: Kind,
    /// Byte offsets.
    pub start: u32,
    pub end: u32,
}

impl Token {
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    pub fn span(self, file: FileId) -> Span {
        Span { file, start: self.start, end: self.end }
    }
}

/// All tokens of a text with comments and spaces.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(source.len() / 3);
    for (kind, range) in Kind::lexer(source).spanned() {
        let (start, end) = (range.start as u32, range.end as u32);
        let kind = kind.unwrap_or(Kind::Unknown);
        match out.last_mut() {
            Some(last) if kind == Kind::Unknown && last.kind == Kind::Unknown => last.end = end,
            _ => out.push(Token { kind, start, end }),
        }
    }
    out
}

/// What is wrong with single tokens: unknown characters, texts without their closing quote, malformed numbers,
/// comments of other languages.
pub fn check(source: &str, file: FileId, tokens: &[Token]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (i, &token) in tokens.iter().enumerate() {
        let text = token.text(source);
        let span = token.span(file);
        let neighbour = |step: isize| i.checked_add_signed(step).and_then(|j| tokens.get(j)).map(|t| t.kind);
        match token.kind {
            Kind::Unknown => out.push(reports::unknown_character(span, text)),
            Kind::UnclosedText => out.push(reports::unclosed_text(span)),
            Kind::BlockComment => out.push(reports::block_comment(span, text)),
            Kind::Number if text.contains("__") || text.ends_with('_') || text.contains("_.") => {
                out.push(reports::malformed_number(span, text));
            }
            Kind::Number if number(text).is_infinite() => out.push(reports::number_too_large(span)),
            // `5.` and `.5`
            Kind::Dot if neighbour(-1) == Some(Kind::Number) => {
                let digits = tokens.get(i.wrapping_sub(1)).copied().unwrap_or(token);
                out.push(reports::malformed_number(digits.span(file).to(span), digits.text(source)));
            }
            Kind::Dot if neighbour(1) == Some(Kind::Number) && begins_number(neighbour(-1)) => {
                let digits = tokens.get(i + 1).copied().unwrap_or(token);
                let fixed = format!("0.{}", digits.text(source));
                out.push(reports::malformed_number(span.to(digits.span(file)), &fixed));
            }
            _ => {}
        }
    }
    out
}

/// Whether a dot after this begins a number (`= .5`) and doesn't divide a path.
pub(super) fn begins_number(before: Option<Kind>) -> bool {
    !matches!(before, Some(Kind::Word | Kind::RightBracket | Kind::RightBrace | Kind::Dot | Kind::DotDot))
}

/// The value of a number's text; infinite when too large.
pub fn number(text: &str) -> f64 {
    if text.contains('_') { text.replace('_', "").parse().unwrap_or(0.0) } else { text.parse().unwrap_or(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        tokens(text).into_iter().map(|t| t.kind).filter(|k| *k != Kind::Space).collect()
    }

    #[test]
    fn numbers_ranges_and_signs() {
        use Kind::*;
        assert_eq!(kinds("20_000 1e6 0.5 1e-3"), [Number; 4]);
        assert_eq!(kinds("30..150"), [Number, DotDot, Number]);
        assert_eq!(kinds("a<->b->c<-d"), [Word, ArrowBoth, Word, Arrow, Word, Less, Minus, Word]);
        assert_eq!(kinds("4 ± 2 +- 3 %"), [Number, PlusMinus, Number, PlusMinus, Number, Percent]);
    }

    #[test]
    fn comments_and_texts() {
        use Kind::*;
        assert_eq!(kinds("// a\n/// b\n//! c"), [Comment, Newline, DocComment, Newline, FileDoc]);
        assert_eq!(kinds("\"a\\\"b\" \"open\n"), [Text, UnclosedText, Newline]);
        assert_eq!(kinds("/* a * b */ x /"), [BlockComment, Word, Slash]);
    }

    #[test]
    fn tokens_cover_any_text() {
        let text = "µm ä Å ° # €€ \u{0} \"\\";
        let all = tokens(text);
        assert!(all.windows(2).all(|w| w[0].end == w[1].start));
        assert_eq!(all.last().map(|t| t.end as usize), Some(text.len()));
    }
}
