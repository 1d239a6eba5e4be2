//! `--set k=0.1/min`: a value of the command line's own for a parameter, an initial amount or the size of a place, checked like
//! one in a file.
//!
//! As in a file, a value in `fold` is relative to the declared one, and the units that the file declares may be used. No
//! evidence is asked for.

use super::CliError;
use crate::diagnostics::registry::E0310;
use crate::diagnostics::{Diagnostic, nearest};
use crate::hir::units::Dimension;
use crate::hir::{self, Assignable, CheckedModel, Entity, ExprKind, Hir, MoleculeId, VesicleId};
use crate::network::{Built, DisplayUnit, Network, ParameterId, binary, unary};
use crate::simulate::{Model, Parameters};
use crate::source::{MemoryLoader, SourceMap};
use crate::syntax::{self, ast::ItemKind};

/// One `--set`, understood.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Setting {
    /// As written: `k_dock` for every cell's, `donor.k_dock` for one; `initial Rab27a` or `size of cytosol` without what is before
    /// the name.
    pub name: String,
    pub value: Given,
    /// In which it was written.
    pub unit: DisplayUnit,
}

/// What was given for a parameter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Given {
    /// In internal units.
    Value(f64),
    /// Times its declared value, after the cell's own `set`.
    Fold(f64),
}

/// What is understood, or mistakes in the value as diagnostics about a text of its own.
pub(super) type Understood<T> = Result<Result<T, Vec<Diagnostic>>, CliError>;

/// Understands `NAME=VALUE`.
pub(super) fn understand(argument: &str, program: &CheckedModel, sources: &mut SourceMap) -> Understood<Setting> {
    let Some((name, value)) = argument.split_once('=') else {
        return Err(CliError::Usage(format!("`--set {argument}`: write NAME=VALUE, such as `--set k=0.1/min`")));
    };
    given("--set", name.trim(), value.trim(), program, sources)
}

/// Understands one value of a named parameter, given with an option.
pub(super) fn given(
    option: &str,
    name: &str,
    value: &str,
    program: &CheckedModel,
    sources: &mut SourceMap,
) -> Understood<Setting> {
    let name = bare(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    let kinds = kinds(program, last);
    let Some(wanted) = kinds.first().copied() else { return Err(unknown(option, name, names(program))) };
    let text = format!("param {last} = {value} assumed\n{}", units(sources));
    let root = sources.add(option, &text);
    let (checked, diagnostics) = hir::check(sources, &MemoryLoader::default(), root).gate();
    let found = checked.as_ref().and_then(|checked| checked.params.first()?.value.as_ref());
    let Some(found) = found else { return Ok(Err(diagnostics.into_iter().filter(Diagnostic::is_error).collect())) };
    let relative = found.unit.symbol == "fold";
    if !relative && kinds.iter().any(|kind| *kind != wanted) {
        let why =
            "it is an amount in one cell and a concentration in another; give a multiple of both, such as `2 fold`";
        return Err(CliError::Usage(format!("`{option} {name}={value}`: {why}")));
    }
    if !relative && found.expr.dimension != wanted {
        let report = Diagnostic::new(E0310, format!("`{name}` is {}", wanted.words()))
            .at(found.span, format!("this is {}", found.expr.dimension.words()))
            .help("give the value with a unit of that kind");
        return Ok(Err(vec![report]));
    }
    let not_a_number = || CliError::Usage(format!("`{option} {name}={value}`: the value must be a number with a unit"));
    let number = number(&found.expr).ok_or_else(not_a_number)?;
    let unit = DisplayUnit { symbol: found.unit.symbol.to_string(), factor: found.unit.factor };
    let value = if relative { Given::Fold(number) } else { Given::Value(number) };
    Ok(Ok(Setting { name: name.to_owned(), value, unit }))
}

/// A value of the command line's own, in internal units; none if it is no number. Mistakes are diagnostics about a text
/// of its own.
pub(super) fn value(
    option: &str,
    text: &str,
    wanted: Dimension,
    sources: &mut SourceMap,
) -> Result<Option<f64>, Vec<Diagnostic>> {
    let units = units(sources);
    let root = sources.add(option, &format!("param value = {text} assumed\n{units}"));
    let (checked, diagnostics) = hir::check(sources, &MemoryLoader::default(), root).gate();
    let found = checked.as_ref().and_then(|checked| checked.params.first()?.value.as_ref());
    let Some(found) = found else { return Err(diagnostics.into_iter().filter(Diagnostic::is_error).collect()) };
    if found.expr.dimension != wanted {
        let report = Diagnostic::new(E0310, format!("`{option}` is {}", wanted.words()))
            .at(found.span, format!("this is {}", found.expr.dimension.words()))
            .help("give the value with a unit of that kind");
        return Err(vec![report]);
    }
    Ok(number(&found.expr))
}

/// The units that the root file declares, as it does.
fn units(sources: &SourceMap) -> String {
    let Some((root, _)) = sources.files().next() else { return String::new() };
    let (ast, _) = syntax::parse(sources, root);
    let declared = ast.items.iter().filter(|item| matches!(item.kind, ItemKind::Unit(_)));
    declared.map(|item| format!("{}\n", sources.slice(item.span))).collect()
}

/// Refuses settings that no network has a parameter for.
pub(super) fn all_known<'s>(
    option: &str,
    settings: impl IntoIterator<Item = &'s Setting>,
    built: &[Built],
) -> Result<(), CliError> {
    for setting in settings {
        if built.iter().all(|built| setting.targets(&built.network).next().is_none()) {
            return Err(unknown(
                option,
                &setting.name,
                built.iter().flat_map(|built| settable(&built.network).map(|(_, name)| name)),
            ));
        }
    }
    Ok(())
}

impl Setting {
    /// The parameters of a model that it means, with the values they are to have.
    pub fn parameters(&self, model: &Model) -> Vec<(ParameterId, f64)> {
        let declared = Parameters::new(model, &[]);
        let value = |id| match self.value {
            Given::Value(value) => value,
            Given::Fold(fold) => fold * declared.get(id),
        };
        self.targets(model.network()).map(|id| (id, value(id))).collect()
    }

    fn targets(&self, network: &Network) -> impl Iterator<Item = ParameterId> {
        let named = settable(network).filter(|(_, name)| {
            *name == self.name || name.strip_suffix(&self.name).is_some_and(|cell| cell.ends_with('.'))
        });
        named.map(|(id, _)| id)
    }
}

/// A name without what evidence tables and sensitivities put before those of amounts and sizes.
fn bare(name: &str) -> &str {
    name.strip_prefix("initial ").or_else(|| name.strip_prefix("size of ")).unwrap_or(name)
}

fn settable(network: &Network) -> impl Iterator<Item = (ParameterId, &str)> {
    let parameters = network.parameters.iter().enumerate();
    let ours = parameters.filter(|(_, p)| p.role.is_users());
    ours.map(|(i, p)| (ParameterId(i as u32), bare(&p.name)))
}

/// What something can be given in: the kind of its declared value, then those of what cells give it instead. None if there is
/// nothing of that name.
fn kinds(hir: &Hir, name: &str) -> Vec<Dimension> {
    if let Some(param) = hir.params.iter().find(|p| p.name == name) {
        return vec![param.dimension];
    }
    let input = hir.inputs.iter().find(|i| i.name == name).map(|i| &i.value);
    let place = || hir.compartments.iter().find(|c| c.name == name).map(|c| &c.size);
    if let Some(value) = input.or_else(place) {
        return vec![value.expr.dimension];
    }
    let molecule = (0..).zip(&hir.molecules).find(|(_, m)| m.name == name);
    let vesicle = (0..).zip(&hir.vesicles).find(|(_, v)| v.name == name);
    let (what, amount) = match (molecule, vesicle) {
        (Some((id, molecule)), _) => (Entity::Molecule(MoleculeId(id)), &molecule.amount),
        (None, Some((id, vesicle))) => (Entity::Vesicle(VesicleId(id)), &vesicle.amount),
        (None, None) => return Vec::new(),
    };
    let sets = hir.models.iter().flat_map(|model| &model.scopes).flat_map(|scope| &scope.sets);
    let ours = sets.filter(|set| !set.relative && matches!(&set.target, Assignable::Amount(pool) if pool.what == what));
    amount.iter().map(|value| value.expr.dimension).chain(ours.map(|set| set.value.dimension)).collect()
}

fn names(hir: &Hir) -> impl Iterator<Item = &str> {
    let numbers = hir.params.iter().map(|p| p.name.as_str()).chain(hir.inputs.iter().map(|i| i.name.as_str()));
    let amounts = hir.molecules.iter().map(|m| m.name.as_str()).chain(hir.vesicles.iter().map(|v| v.name.as_str()));
    numbers.chain(amounts).chain(hir.compartments.iter().map(|c| c.name.as_str()))
}

fn unknown<'a>(option: &str, name: &str, names: impl Iterator<Item = &'a str>) -> CliError {
    let hint = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`exoc check --evidence` lists them".to_owned(),
    };
    CliError::Usage(format!("`{option} {name}`: there is no parameter, initial amount or place of that name; {hint}"))
}

pub(super) fn number(expr: &hir::Expr) -> Option<f64> {
    Some(match &expr.kind {
        ExprKind::Number(value) => *value,
        ExprKind::Unary(op, a) => unary(*op, number(a)?),
        ExprKind::Binary(op, a, b) => binary(*op, number(a)?, number(b)?),
        _ => return None,
    })
}
