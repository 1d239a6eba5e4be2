//! Every number of a model by how well it is supported: what `exoc check --evidence` lists.

use serde_json::{Value, json};

use crate::hir::Hir;
use crate::network::{Built, Evidence, Uncertainty};
use crate::output::number::number;
use crate::output::unit::quantity;

/// A number and what is known of it, as text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Number {
    support: Support,
    name: String,
    value: String,
    uncertainty: String,
    citations: Vec<String>,
}

/// From the least to the best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Support {
    Unsupported,
    Assumed,
    Cited,
}

impl Support {
    fn word(self) -> &'static str {
        match self {
            Support::Unsupported => "unsupported",
            Support::Assumed => "assumed",
            Support::Cited => "cited",
        }
    }
}

/// The numbers of all models, the least supported first; of a file without models, its parameters.
pub(super) fn numbers(hir: &Hir, built: &[Built]) -> Vec<Number> {
    let mut numbers: Vec<Number> =
        if built.is_empty() { of_params(hir) } else { built.iter().flat_map(of_network).collect() };
    numbers.sort_by(|a, b| (a.support, &a.name).cmp(&(b.support, &b.name)));
    numbers.dedup();
    numbers
}

fn of_network(built: &Built) -> Vec<Number> {
    let network = &built.network;
    let values = network.initial_values();
    let ours = network.parameters.iter().zip(&values.parameters).filter(|(p, _)| p.role.is_users());
    let row = |(parameter, value): (&crate::network::Parameter, &f64)| {
        let (support, citations) = match &parameter.evidence {
            Evidence::Unsupported => (Support::Unsupported, Vec::new()),
            Evidence::Assumed => (Support::Assumed, Vec::new()),
            Evidence::Cited(sources) => (Support::Cited, sources.clone()),
            Evidence::Derived => return None,
        };
        let uncertainty = parameter.uncertainty.map_or_else(String::new, |u| match u {
            Uncertainty::LogNormal { ln_sd, .. } => format!("within {} fold", number((1.959_964 * ln_sd).exp())),
            Uncertainty::Normal { sd, .. } => format!("± {}", quantity(sd, &parameter.unit)),
            Uncertainty::Uniform { low, high } => {
                format!("{} to {}", quantity(low, &parameter.unit), quantity(high, &parameter.unit))
            }
        });
        let value = quantity(*value, &parameter.unit);
        Some(Number { support, name: parameter.name.clone(), value, uncertainty, citations })
    };
    ours.filter_map(row).collect()
}

fn of_params(hir: &Hir) -> Vec<Number> {
    let number = |param: &crate::hir::Param| {
        let evidence = param.value.as_ref().map(|v| &v.evidence);
        let citations = evidence.map(|e| e.citations.clone()).unwrap_or_default();
        let support = match evidence {
            Some(_) if !citations.is_empty() => Support::Cited,
            Some(e) if e.assumed => Support::Assumed,
            _ => Support::Unsupported,
        };
        let value = if param.value.is_none() { "required" } else { "" };
        Number { support, name: param.name.to_string(), value: value.to_owned(), uncertainty: String::new(), citations }
    };
    hir.params.iter().filter(|p| p.module.index() == 0).map(number).collect()
}

/// A table in columns, and how many there are of each kind.
pub(super) fn table(numbers: &[Number]) -> String {
    let width = |cell: fn(&Number) -> &str| numbers.iter().map(|n| cell(n).chars().count()).max().unwrap_or(0);
    let (name, value, uncertainty) = (width(|n| &n.name), width(|n| &n.value), width(|n| &n.uncertainty));
    let mut text = String::new();
    for n in numbers {
        let line = format!(
            "{:11}  {:name$}  {:value$}  {:uncertainty$}  {}",
            n.support.word(),
            n.name,
            n.value,
            n.uncertainty,
            n.citations.join(", ")
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let count = |support| numbers.iter().filter(|n| n.support == support).count();
    let (u, a, c) = (count(Support::Unsupported), count(Support::Assumed), count(Support::Cited));
    text.push_str(&format!("{} numbers: {u} unsupported, {a} assumed, {c} cited\n", numbers.len()));
    text
}

/// An array with `name`, `value`, `uncertainty`, `support`, `citations` of each number.
pub(super) fn json(numbers: &[Number]) -> String {
    let object = |n: &Number| {
        json!({
            "name": n.name, "value": n.value, "uncertainty": n.uncertainty,
            "support": n.support.word(), "citations": n.citations,
        })
    };
    format!("{:#}\n", Value::Array(numbers.iter().map(object).collect()))
}
