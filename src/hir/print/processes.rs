//! Processes: what they do, by which law, and what their rates depend on.

use super::declarations::counted;
use super::{Page, Printer, evidence, number};
use crate::hir::{
    Basis, Capture, Channel, Decl, Entity, Law, Location, Membrane, Modifier, ModifierKind, Partner, Pool, Process,
    ProcessKind, Value,
};

impl Printer<'_> {
    pub(super) fn process(self, process: &Process, page: &mut Page) {
        let through = match &process.through {
            None => String::new(),
            Some(Channel::Molecule(pool)) => format!(" through {}", self.pool(pool)),
            Some(Channel::Named(name)) => format!(" through {name} (a leak)"),
        };
        page.doc(&process.doc);
        page.nest(format!("process {}: {}{through}", process.name, self.event_of(&process.kind)), |page| {
            if let ProcessKind::Bud { capturing, .. } = &process.kind {
                capturing.iter().for_each(|capture| page.line(self.capture(capture)));
            }
            if let Some(turning) = &process.turning {
                page.line(format!("turning {}", self.change(&turning.left, &turning.right)));
            }
            if let ProcessKind::Load { what, .. } = &process.kind {
                page.line(self.capture(what));
            }
            self.law(&process.law, page);
            process.modifiers.iter().for_each(|modifier| page.line(self.modifier(modifier)));
        });
    }

    fn event_of(self, kind: &ProcessKind) -> String {
        match kind {
            ProcessKind::Reaction { left, right } => self.change(left, right),
            ProcessKind::Create { what } => format!("-> {} (appears empty)", self.one(what)),
            ProcessKind::Convert { from, to } if from.what == to.what => {
                format!("{} -> {} (contents go along)", self.one(from), self.one(to))
            }
            ProcessKind::Convert { from, to } => {
                format!("mature {} -> {} (contents go along)", self.one(from), self.one(to))
            }
            ProcessKind::Bud { what, from, .. } => format!("bud {} {}", self.one(what), self.membrane(from)),
            ProcessKind::Fuse { what, with } => format!("fuse {} with {}", self.one(what), self.partner(with)),
            ProcessKind::Engulf { what, into } => format!("engulf {} into {}", self.one(what), self.one(into)),
            ProcessKind::Degrade { what } => format!("degrade {} (contents lost)", self.one(what)),
            ProcessKind::Rupture { what } => format!("rupture {} (contents to the place)", self.one(what)),
            ProcessKind::Load { into, .. } => {
                let into: Vec<String> = into.iter().map(|pool| self.one(pool)).collect();
                format!("load buds of {}", into.join(", "))
            }
        }
    }

    fn change(self, left: &[(Pool, u32)], right: &[(Pool, u32)]) -> String {
        let side = |pools: &[(Pool, u32)]| {
            let terms = pools.iter().map(|(pool, count)| counted(*count, self.one(pool)));
            terms.collect::<Vec<_>>().join(" + ")
        };
        format!("{} -> {}", side(left), side(right)).trim().to_owned()
    }

    fn membrane(self, membrane: &Membrane) -> String {
        match membrane {
            Membrane::Compartment(id) => format!("from the membrane {}", self.name(Decl::Compartment(*id))),
            Membrane::OffVesicle(pool) => format!("off the vesicle {}", self.one(pool)),
            Membrane::IntoVesicle(pool) => format!("into the vesicle {}", self.one(pool)),
        }
    }

    fn partner(self, partner: &Partner) -> String {
        match partner {
            Partner::Membrane(id) => {
                format!("the membrane {} (lumen to its far side)", self.name(Decl::Compartment(*id)))
            }
            Partner::Volume(id) => format!("the volume {} (lumen to lumen)", self.name(Decl::Compartment(*id))),
            Partner::Vesicle(pool) => format!("the vesicle {} (lumen to lumen)", self.one(pool)),
        }
    }

    /// A pool of a process, with the place that is meant where none was written.
    fn one(self, pool: &Pool) -> String {
        let home = match pool.what {
            Entity::Molecule(id) => self.hir.molecules.get(id.index()).and_then(|m| m.places.first()),
            Entity::Vesicle(_) => None,
        };
        match home {
            Some(place) if pool.at.is_empty() => {
                self.pool(&Pool { at: vec![Location::Compartment(*place)], ..pool.clone() })
            }
            _ => self.pool(pool),
        }
    }

    fn capture(self, capture: &Capture) -> String {
        let enriched =
            capture.enrichment.as_ref().map_or_else(String::new, |e| format!(" (enriched: {})", self.value(e)));
        format!("capturing {}{enriched}", self.pool(&capture.what))
    }

    fn law(self, law: &Law, page: &mut Page) {
        let mut say = |how: &str, value: &Value| {
            page.line(format!("{how} {}   ({})", self.value(value), value.expr.dimension.words()));
        };
        let (forward, reverse, how) = match law {
            Law::Rate(rate) => return say("rate", rate),
            Law::Along => return,
            Law::PerVesicle { forward, reverse } => (forward, reverse, "per vesicle"),
            Law::MassAction { forward, reverse, basis: Basis::Amounts } => (forward, reverse, "mass action in amounts"),
            Law::MassAction { forward, reverse, basis: Basis::Concentrations } => {
                (forward, reverse, "mass action in concentrations")
            }
        };
        say(&format!("{how}, at"), forward);
        reverse.iter().for_each(|reverse| say("and back at", reverse));
    }

    fn modifier(self, modifier: &Modifier) -> String {
        let by = self.pool(&modifier.by);
        let says = match modifier.kind {
            ModifierKind::Needs => format!("needs {by}"),
            ModifierKind::Promoted { without } => format!("promoted by {by} (without: {} %)", number(without * 100.0)),
            ModifierKind::Inhibited { without } => format!("inhibited by {by} (without: {} fold)", number(without)),
        };
        let half = modifier.half.map_or_else(String::new, |half| format!(" (half: {})", number(half)));
        format!("{says}{half}{}", evidence(&modifier.evidence))
    }
}
