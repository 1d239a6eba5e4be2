//! What the compiler has to say to its user.
//!
//! Invariants: a [`Diagnostic`] is plain data and owns its text; its [`Code`] is in the [`registry`], which is
//! sorted, and a code is never reused; severity is the code's. Rendering is at the edge, in [`render`], the only
//! user of the rendering crate. Report functions live with the stage that finds the mistake, one to a code.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

pub mod registry;
pub mod render;

pub use registry::{Code, Severity};

use crate::source::Span;

/// How much a label matters: the primary one is where the mistake is, the others tell why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelStyle {
    Primary,
    Secondary,
}

/// A place in a source and what is to be said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub span: Span,
    pub style: LabelStyle,
    pub message: String,
}

/// A way out: a sentence and, where it can be done by machine, the edits that do it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    pub message: String,
    pub edits: Vec<(Span, String)>,
}

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub code: Code,
    pub message: String,
    pub labels: Vec<Label>,
    pub notes: Vec<String>,
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A message with its code; where and why follow by the builders below.
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), labels: Vec::new(), notes: Vec::new(), fixes: Vec::new() }
    }

    /// Marks where the mistake is.
    pub fn at(self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.label(span, LabelStyle::Primary, message)
    }

    /// Marks a place that explains it.
    pub fn also(self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.label(span, LabelStyle::Secondary, message)
    }

    /// Adds a sentence that no place belongs to: what was expected, the rule behind it.
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Adds a way out that can only be said.
    pub fn help(self, message: impl Into<String>) -> Diagnostic {
        self.fix(message, Vec::new())
    }

    /// Adds a way out with the edits that carry it out.
    pub fn fix(mut self, message: impl Into<String>, edits: Vec<(Span, String)>) -> Diagnostic {
        self.fixes.push(Fix { message: message.into(), edits });
        self
    }

    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// The first primary place, or the first place at all.
    pub fn span(&self) -> Option<Span> {
        let primary = self.labels.iter().find(|l| l.style == LabelStyle::Primary);
        primary.or(self.labels.first()).map(|l| l.span)
    }

    fn label(mut self, span: Span, style: LabelStyle, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, style, message: message.into() });
        self
    }
}

/// The nearest of `candidates` to a misspelt `name`, if any is near enough to suggest.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let distance = |c: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &c.to_lowercase());
    candidates
        .into_iter()
        .filter(|c| *c != name)
        .map(|c| (distance(c), c))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|&(d, _)| d)
        .map(|(_, c)| c)
}
