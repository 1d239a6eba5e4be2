//! Gate two of the compiler: a file and everything it uses, as far as it can be understood, with all there is to say.

use super::declare::{Carried, declare};
use super::library::Library;
use super::load::load;
use super::program::Program;
use super::reports::modules as report;
use super::scope::{At, Context, Sink};
use super::typing::demand;
use super::units::Units;
use super::{
    Assignable, Checked, Hir, InputId, Module, Rule, assignment, cells, elaborate, experiments, matter, process,
    topology, typing,
};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Loader, SourceMap};
use crate::syntax::ast;

/// Checks the file `root` of `sources`; the modules it uses are added to `sources`.
///
/// Diagnostics are in the order of files and places; of modules other than the root only errors are given.
pub fn check(sources: &mut SourceMap, loader: &dyn Loader, root: FileId) -> Checked {
    check_all(sources, loader, &[root])
}

/// Checks several files as one program, which has the models, experiments and claims of all of them; claims about one
/// cell share its model. Experiments are told apart by their files.
pub fn check_all(sources: &mut SourceMap, loader: &dyn Loader, roots: &[FileId]) -> Checked {
    let (modules, mut diagnostics) = load(sources, loader, roots);
    let library = Library::new(loader);
    let sink = Sink { broken: diagnostics.iter().any(Diagnostic::is_error), ..Sink::default() };
    let mut carried = Carried { sources, library: &library, units: Units::new(), sink };
    let mut program = declare(&modules, roots.len(), &mut carried);
    let geometry = carried.with(&program, topology::geometry);
    program.geometry = geometry;
    let hir = carried.with(&program, lower);
    diagnostics.append(&mut carried.sink.diagnostics);
    // A name in a part that could not be understood may be a use of it.
    if !diagnostics.iter().any(Diagnostic::is_error) {
        (0..roots.len()).for_each(|root| unused_imports(&program, &modules, root, &mut carried.sink));
        diagnostics.append(&mut carried.sink.diagnostics);
    }
    Checked { hir, diagnostics: in_order(diagnostics, roots) }
}

fn lower(context: &mut Context) -> Hir {
    let program = context.program;
    let mut hir = Hir { compartments: matter::compartments(context), ..Hir::default() };
    hir.modules = modules(program);
    hir.molecules = matter::molecules(context);
    hir.vesicles = matter::vesicles(context);
    hir.params = demand::params(context);
    hir.lets = demand::lets(context);
    hir.inputs = demand::inputs(context);
    hir.observables = demand::observables(context);
    demand::unused_units(context);
    hir.processes = process::processes(context, &hir.molecules);
    for rule in &program.rules {
        let lowered = assignment::lower_change(context, At::site(rule.site), rule.ast, rule.span);
        // One that is wrong keeps its place in the table, and is about nothing.
        let nothing = Assignable::Input(InputId(u32::MAX), None);
        hir.rules.push(lowered.unwrap_or(Rule { target: nothing, rate: typing::error(rule.span), span: rule.span }));
    }
    for (at, event) in program.events.iter().enumerate() {
        let name = smol_str::format_smolstr!("event {}", at + 1);
        hir.events.push(assignment::lower_when(context, At::site(event.site), event.ast, name, event.span));
    }
    hir.groups = cells::groups(program);
    cells::sets(context, &mut hir);
    cells::references(context, &hir);
    elaborate::models(context, &mut hir);
    experiments::check_experiments(context, &mut hir);
    hir
}

fn modules(program: &Program) -> Vec<Module> {
    let modules = program.modules.iter().map(|module| Module {
        path: module.path.clone(),
        file: module.file,
        doc: module.ast.docs.as_ref().map_or(String::new(), |d| d.text.to_string()),
        group: module.group,
    });
    modules.collect()
}

/// Imports of a root file that nothing refers to.
fn unused_imports(program: &Program, modules: &[super::load::Loaded], root: usize, sink: &mut Sink) {
    let (Some(root), Some(module)) = (modules.get(root), program.modules.get(root)) else { return };
    let names = root.ast.items.iter().flat_map(|item| match &item.kind {
        ast::ItemKind::Use(u) => match &u.names {
            Some(names) => names.iter().collect(),
            None => u.path.last().into_iter().collect(),
        },
        _ => Vec::new(),
    });
    for name in names {
        if !sink.used.contains(&(module.site, name.text.clone())) {
            sink.push(report::unused_import(&name.text, name.span));
        }
    }
}

/// By file and place, each message once; of other modules than the roots only errors.
fn in_order(mut diagnostics: Vec<Diagnostic>, roots: &[FileId]) -> Vec<Diagnostic> {
    diagnostics.retain(|d| d.is_error() || d.span().is_none_or(|span| roots.contains(&span.file)));
    diagnostics.sort_by_key(|d| (d.span(), d.code));
    let mut seen = rustc_hash::FxHashSet::default();
    diagnostics.retain(|d| seen.insert((d.code, d.message.clone(), d.span())));
    diagnostics
}
