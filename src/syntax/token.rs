//! Kinds of tokens.
//!
//! Invariants: the lexer gives only kinds that carry a pattern here, and covers the text with them without gaps.
//! Every word is a [`Kind::Word`] until [`super::words`] has looked at its neighbours; only then some are
//! [`Kind::Kw`], so that nearly every word stays usable as a name.

use std::sync::LazyLock;

use logos::Logos;
use rustc_hash::FxHashMap;

/// What a token is. The variants from [`Kind::Unit`] on are given by context, not by spelling.
#[derive(Logos, Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Kind {
    #[regex(r"[ \t\r\u{FEFF}\u{A0}]+")]
    Space,
    #[token("\n")]
    Newline,
    #[regex(r"//[^\n]*", priority = 2, allow_greedy = true)]
    Comment,
    #[regex(r"///([^/\n][^\n]*)?", priority = 4, allow_greedy = true)]
    DocComment,
    #[regex(r"//![^\n]*", priority = 4, allow_greedy = true)]
    FileDoc,
    #[regex(r"/\*([^*]|\*[^/])*\*/", priority = 4)]
    BlockComment,

    #[regex(r"[\p{XID_Start}_µμ]\p{XID_Continue}*", priority = 3)]
    Word,
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9][0-9_]*)?")]
    Number,
    #[regex(r#""([^"\\\n]|\\[^\n])*""#)]
    Text,
    #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#)]
    UnclosedText,

    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token(",")]
    Comma,
    #[token(";")]
    Semicolon,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("..")]
    DotDot,
    #[token("@")]
    At,
    #[token("=")]
    Equal,
    #[token("==")]
    EqualEqual,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    #[token("≤")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    #[token("≥")]
    GreaterEqual,
    #[token("+")]
    Plus,
    #[token("-")]
    #[token("−")]
    Minus,
    #[token("*")]
    #[token("·")]
    Star,
    #[token("/")]
    Slash,
    #[token("^")]
    Caret,
    #[token("->")]
    #[token("→")]
    Arrow,
    #[token("<->")]
    #[token("⇌")]
    ArrowBoth,
    #[token("±")]
    #[token("+-")]
    PlusMinus,
    #[token("~")]
    Tilde,
    #[token("%")]
    Percent,
    /// Characters that begin nothing.
    Unknown,

    /// A word or `%` after a number on its line, or after the bracket of an axis.
    Unit,
    /// The `^` of `um^2`.
    UnitCaret,
    /// A comma that another citation follows.
    CiteComma,
    /// The bracket of `review[88]` after `cites`.
    CiteBracket,
    /// The `at` of `secretion.a.docked at 24 h`.
    AtTime,
    /// Stands for a text that was no expression.
    ErrorExpr,
    /// A braced list of statements that is parsed by itself.
    Body,
    /// First token of what is parsed: says what it is to be.
    Start(Start),
    Kw(Keyword),
}

/// The sorts of statement, one for each sort of braces they stand in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Start {
    Item,
    Experiment,
    Treatment,
    Target,
    Action,
    Assignment,
}

impl Kind {
    /// Space, line ends and comments: what only the formatter looks at.
    pub fn is_trivia(self) -> bool {
        use Kind::*;
        matches!(self, Space | Newline | Comment | DocComment | FileDoc | BlockComment)
    }

    /// Whether an operand may end with it, so that what follows can't be another operand.
    pub fn ends_operand(self) -> bool {
        use Kind::*;
        match self {
            Word | Number | Text | UnclosedText | RightParen | RightBracket | RightBrace | Percent | Unit => true,
            ErrorExpr | Body => true,
            Kw(word) => matches!(word, Keyword::Assumed | Keyword::Fixed | Keyword::Required | Keyword::Settle),
            _ => false,
        }
    }
}

macro_rules! keywords {
    ($($name:ident $text:literal)*) => {
        /// Words with a meaning of their own, where they have it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Keyword { $(#[doc = $text] $name),* }

        impl Keyword {
            pub const ALL: &[Keyword] = &[$(Keyword::$name),*];

            pub fn text(self) -> &'static str {
                match self { $(Keyword::$name => $text),* }
            }

            pub fn of(text: &str) -> Option<Keyword> {
                static BY_TEXT: LazyLock<FxHashMap<&str, Keyword>> =
                    LazyLock::new(|| Keyword::ALL.iter().map(|k| (k.text(), *k)).collect());
                BY_TEXT.get(text).copied()
            }
        }
    };
}

keywords! {
    Use "use" Source "source" UnitOf "unit" Param "param" Fn "fn" Let "let" Input "input" Change "change" When "when"
    Compartment "compartment" Machinery "machinery" Cargo "cargo" Species "species" Complex "complex"
    Vesicle "vesicle" Process "process" Pathway "pathway" Hypothesis "hypothesis" Cell "cell" Model "model" For "for"
    Include "include" Set "set" Assume "assume" Place "place" Knockout "knockout" Knockdown "knockdown"
    Overexpression "overexpression" Drug "drug" Experiment "experiment" Claim "claim" Observable "observable"
    Settle "settle" Run "run" Measure "measure" Arm "arm" Grid "grid" Add "add"
    Inhibits "inhibits" Activates "activates"
    Bud "bud" Mature "mature" Fuse "fuse" Engulf "engulf" Degrade "degrade" Rupture "rupture" Load "load"
    And "and" Or "or" Not "not" In "in" Of "of" At "at" Rate "rate" By "by" Per "per" With "with" Within "within"
    Assumed "assumed" Cites "cites" Needs "needs" Promoted "promoted" Inhibited "inhibited" Through "through"
    Capturing "capturing" Turning "turning" After "after" Every "every" Over "over" From "from" To "to" Into "into" Between "between"
    That "that" Reach "reach" Like "like" Fixed "fixed" Required "required" Raises "raises" Lowers "lowers"
    Does "does" Least "least"
    Size "size" Diameter "diameter" Area "area" Volume "volume" Age "age" Min "min" Max "max" Mean "mean"
    Median "median" Sd "sd" Fano "Fano" Route "route" Share "share" Distribution "distribution" Copies "copies"
    States "states" Carrying "carrying" Doi "doi" Pmid "pmid"
}
