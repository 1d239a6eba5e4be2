//! Models as elaborated: what is shared, which cells there are, what belongs to each.

use super::{Page, Printer};
use crate::hir::Decl;
use crate::hir::model::{Model, Scope};

impl<'a> Printer<'a> {
    pub(super) fn elaborated(self, model: &'a Model, page: &mut Page) {
        let printer = Printer { model: Some(model), ..self };
        page.gap();
        page.nest(format!("elaborated model {}", model.name), |page| {
            model.scopes.iter().for_each(|scope| printer.scope_of(scope, page));
        });
    }

    fn scope_of(self, scope: &Scope, page: &mut Page) {
        let head = match &scope.cell {
            None => "shared".to_owned(),
            Some(cell) => format!("place {}: {}, {}", scope.name, self.group_name(cell.kind), self.value(&cell.count)),
        };
        page.nest(head, |page| {
            for (own, outer) in scope.cell.iter().flat_map(|cell| &cell.exterior) {
                let name = |id| self.name(Decl::Compartment(id));
                page.line(format!("its {} is the shared {}", name(*own), name(*outer)));
            }
            for kind in KINDS {
                let members = scope.members.iter().filter(|decl| kind_of(**decl) == kind);
                let names: Vec<String> = members.map(|decl| self.name(*decl)).collect();
                if !names.is_empty() {
                    page.nest(format!("{kind} ({})", names.len()), |page| wrapped(&names, page));
                }
            }
            scope.sets.iter().for_each(|set| page.line(format!("set {}", self.assignment(set))));
        });
    }
}

const KINDS: [&str; 9] = [
    "compartments",
    "molecules",
    "vesicles",
    "parameters",
    "definitions",
    "inputs",
    "processes",
    "rules and events",
    "observables",
];

fn kind_of(decl: Decl) -> &'static str {
    match decl {
        Decl::Compartment(_) => "compartments",
        Decl::Molecule(_) => "molecules",
        Decl::Vesicle(_) => "vesicles",
        Decl::Param(_) => "parameters",
        Decl::Let(_) => "definitions",
        Decl::Input(_) => "inputs",
        Decl::Process(_) => "processes",
        Decl::Rule(_) | Decl::Event(_) => "rules and events",
        Decl::Observable(_) => "observables",
    }
}

/// Names with commas, in lines of a readable length.
fn wrapped(names: &[String], page: &mut Page) {
    const WIDEST: usize = 96;
    let mut line = String::new();
    for (i, name) in names.iter().enumerate() {
        if !line.is_empty() && line.len() + name.len() > WIDEST {
            page.line(std::mem::take(&mut line));
        }
        let comma = if i + 1 < names.len() { ", " } else { "" };
        line.push_str(&format!("{name}{comma}"));
    }
    page.line(line);
}
