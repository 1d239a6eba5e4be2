//! Processes: what happens, how fast, and who matters to it.

use super::{Evidence, Name, Ref, Value};
use crate::source::Span;

/// `process docking of X: … at k needs Y capturing Z`.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    pub name: Name,
    /// The X of `process activation of X`.
    pub of: Option<Name>,
    pub kind: ProcessKind,
    /// `None` for `load`, and when missing; then a diagnostic has been given.
    pub rate: Option<Rate>,
    /// `through X`: the channel, pump or leak.
    pub through: Option<Ref>,
    pub captures: Vec<Capture>,
    pub turning: Option<Turning>,
    /// In the order written; one for each `needs`, `promoted by`, `inhibited by`.
    pub modifiers: Vec<Modifier>,
    /// Evidence of the process itself: what stands before any clause, or after `through`, `capturing` or `turning`. Evidence
    /// after `at` and `rate` is the value's, evidence after a modifier the modifier's.
    pub evidence: Option<Evidence>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ProcessKind {
    /// Text that was no process; a diagnostic has been given.
    Error,
    /// `2 A + B -> C`, `-> A`, `A ->`, `A <-> B`; of molecules, or of vesicles that change state or place.
    Reaction { left: Vec<Term>, arrow: Arrow, right: Vec<Term> },
    /// `bud V from M`.
    BudFrom { vesicle: Ref, membrane: Ref },
    /// `bud V into W`.
    BudInto { vesicle: Ref, host: Ref },
    /// `mature A -> B`.
    Mature { from: Ref, to: Ref },
    /// `fuse V with M`.
    Fuse { vesicle: Ref, with: Ref },
    /// `engulf V into W`.
    Engulf { vesicle: Ref, host: Ref },
    /// `degrade V`: contents are lost.
    Degrade { vesicle: Ref },
    /// `rupture V`: contents go to the place.
    Rupture { vesicle: Ref },
    /// `load X into V, W (enriched: 5 fold)`: buds of these take X along, whatever makes them.
    Load { what: Capture, into: Vec<Ref> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrow {
    /// `->`
    Forward,
    /// `<->`
    Both,
}

/// `2 A.gtp@cytosol`: one term of a side, or of a complex's composition.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The number in front; 1 when none is written.
    pub count: f64,
    pub count_span: Option<Span>,
    pub of: Ref,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// `at k`, `at k, k_reverse`: mass-action coefficients, or per vesicle.
    At { forward: Value, reverse: Option<Value> },
    /// `rate r`: the whole law, an amount per time.
    Whole(Value),
}

/// `CD63 (enriched: 5 fold)` after `capturing`.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    pub what: Ref,
    pub enriched: Option<Value>,
    pub span: Span,
}

/// `turning A -> 2 B`: what turns over with each vesicle.
#[derive(Clone, Debug, PartialEq)]
pub struct Turning {
    pub left: Vec<Term>,
    pub right: Vec<Term>,
    pub span: Span,
}

/// `promoted by Slp4 (without: 40 %), Munc13_4 (without: 50 %) cites review[89]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Modifier {
    pub kind: ModifierKind,
    /// Never empty.
    pub factors: Vec<Factor>,
    /// Holds for all factors.
    pub evidence: Option<Evidence>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifierKind {
    Needs,
    PromotedBy,
    InhibitedBy,
}

impl ModifierKind {
    pub fn words(self) -> &'static str {
        match self {
            ModifierKind::Needs => "needs",
            ModifierKind::PromotedBy => "promoted by",
            ModifierKind::InhibitedBy => "inhibited by",
        }
    }
}

/// One molecule of a modifier with its options.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    pub who: Ref,
    /// `without: 40 %`.
    pub without: Option<Value>,
    /// `half: 0.5`.
    pub half: Option<Value>,
    pub span: Span,
}
