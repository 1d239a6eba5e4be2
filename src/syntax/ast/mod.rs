//! The syntax tree: what a file says, before anything is known of what its names mean.
//!
//! Invariants: plain data, a [`Span`] on everything a diagnostic could point at, items in the order of the text.
//! Where the text was broken there is an `Error` variant or a `None`, and a diagnostic has been given for it; later
//! stages stay silent about those. Names are not resolved, units not looked up, numbers not converted.
//! Deliberately absent: white space, comments and the spelling of numbers (the formatter works on tokens), and
//! any sharing between trees.

mod experiment;
mod expr;
mod item;
mod process;

use std::fmt;

use smol_str::SmolStr;

pub use experiment::*;
pub use expr::*;
pub use item::*;
pub use process::*;

use crate::source::Span;

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// The lines of `//!` that describe the file.
    pub docs: Option<Text>,
    pub items: Vec<Item>,
    /// The whole text.
    pub span: Span,
}

/// One word that names something, as spelt.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub text: SmolStr,
    pub span: Span,
}

/// A text in quotes or a doc comment, without its marks and with escapes resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub text: SmolStr,
    pub span: Span,
}

/// `std.release.rab27`: one name or several with dots between. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub segments: Vec<Name>,
    pub span: Span,
}

impl Path {
    /// The name, when there is just one.
    pub fn single(&self) -> Option<&Name> {
        match self.segments.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// The segment after the last dot.
    pub fn last(&self) -> Option<&Name> {
        self.segments.last()
    }
}

/// `donor.Rab27a.gtp@medium`, `miR21@ILV@medium`, `ILV@everywhere`: a path and where, innermost place first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ref {
    pub path: Path,
    pub at: Vec<Path>,
    pub span: Span,
}

impl Ref {
    /// The name, when there is one segment and no place.
    pub fn single(&self) -> Option<&Name> {
        if self.at.is_empty() { self.path.single() } else { None }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments.iter().enumerate() {
            write!(f, "{}{segment}", if i > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        self.at.iter().try_for_each(|place| write!(f, "@{place}"))
    }
}
