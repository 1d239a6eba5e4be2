//! Drugs, experiments with their arms, claims.

use super::expressions::binary_sign;
use super::{Page, Printer, evidence, number, quantity};
use crate::hir::experiment::{
    Addition, Amount, Arm, Claim, Comparison, Condition, Drug, DrugAction, DrugTarget, Effect, Experiment, Reading,
    ReadingKind, Summary, Sweep, Swept, Treatment,
};
use crate::hir::{Decl, ExperimentId, UnaryOp, Value};

impl<'a> Printer<'a> {
    pub(super) fn drug(self, drug: &Drug, page: &mut Page) {
        page.doc(&drug.doc);
        page.nest(format!("drug {}", drug.name), |page| {
            drug.actions.iter().for_each(|action| page.line(self.action(action)));
        });
    }

    fn action(self, action: &DrugAction) -> String {
        let target = match action.target {
            DrugTarget::Molecule(id) => self.name(Decl::Molecule(id)),
            DrugTarget::Process(id) => format!("the process {}", self.name(Decl::Process(id))),
        };
        let effect = match &action.effect {
            Effect::Inhibits { potency, hill, irreversible } => {
                let lasting = if *irreversible { ", irreversibly" } else { "" };
                format!("inhibits {target}: half at {}, hill {}{lasting}", self.bare(potency), number(*hill))
            }
            Effect::Activates { potency, hill, max } => {
                let (half, max) = (self.bare(potency), number(*max));
                format!("activates {target}: half at {half}, hill {}, at most {max} fold", number(*hill))
            }
        };
        let context = action.context.map_or_else(String::new, |cell| format!(", only in {}", self.group_name(cell)));
        format!("{effect}{context}{}", evidence(&action.evidence))
    }

    pub(super) fn experiment(self, experiment: &Experiment, page: &mut Page) {
        let model = self.hir.models.get(experiment.model);
        let printer = Printer { model, ..self };
        let made = if experiment.synthetic { "   (made for a claim)" } else { "" };
        let of = model.map_or("?", |m| m.name.as_str());
        page.gap();
        page.nest(format!("experiment {} of {of}{made}", experiment.name), |page| {
            if experiment.settle {
                page.line("settle the control to steady state first");
            }
            let (duration, interval) = (self.bare(&experiment.duration), self.bare(&experiment.interval));
            page.line(format!("run {duration} every {interval}"));
            experiment.additions.iter().for_each(|a| page.line(printer.addition(a, &[])));
            for measure in &experiment.measures {
                let (value, dimension) = (printer.expr(&measure.value), measure.value.dimension.words());
                let label = measure.label.as_ref().map_or_else(String::new, |label| format!(" \"{label}\""));
                let unit = if measure.unit.symbol.is_empty() {
                    String::new()
                } else {
                    format!(", in {}", measure.unit.symbol)
                };
                page.line(format!("measure {}{label} = {value}   ({dimension}{unit})", measure.name));
            }
            experiment.arms.iter().for_each(|arm| printer.arm(arm, page));
        });
    }

    fn arm(self, arm: &Arm, page: &mut Page) {
        let model = arm.model.and_then(|at| self.hir.models.get(at));
        let printer = Printer { model: model.or(self.model), ..self };
        let with = if model.is_some() { " (with hypotheses assumed: a model of its own)" } else { "" };
        page.nest(format!("arm {}{with}", arm.name), |page| {
            arm.sweep.iter().for_each(|sweep| page.line(printer.sweep(sweep)));
            arm.treatments.iter().for_each(|treatment| page.line(printer.treatment(treatment, &arm.sweep)));
        });
    }

    fn sweep(self, sweep: &Sweep) -> String {
        let over = match sweep.over {
            Swept::Drug(_) => format!("the drug {}", sweep.name),
            Swept::Param(id, scope) => self.in_scope(scope, self.name(Decl::Param(id))),
            Swept::Input(id, scope) => self.in_scope(scope, self.name(Decl::Input(id))),
            Swept::Variable => sweep.name.to_string(),
        };
        let values: Vec<String> = sweep.values.iter().map(|value| quantity(*value, &sweep.unit)).collect();
        format!("for each {over} in [{}]", values.join(", "))
    }

    fn treatment(self, treatment: &Treatment, sweep: &[Sweep]) -> String {
        match treatment {
            Treatment::Scale { target, factor, .. } => {
                format!("initial amount and synthesis of {} × {}", self.pool(target), self.amount(factor, sweep))
            }
            Treatment::Set(assignment) => format!("set {}", self.assignment(assignment)),
            Treatment::Dose { drug, concentration, from, to, .. } => {
                let name = self.hir.drugs.get(drug.index()).map_or("?", |d| d.name.as_str());
                let when = |word: &str, time: &Option<Value>| {
                    time.as_ref().map_or_else(String::new, |time| format!(" {word} {}", self.bare(time)))
                };
                format!("{name} at {}{}{}", self.amount(concentration, sweep), when("from", from), when("to", to))
            }
            Treatment::Add(addition) => self.addition(addition, sweep),
        }
    }

    fn addition(self, addition: &Addition, sweep: &[Sweep]) -> String {
        let carrying: Vec<String> =
            addition.carrying.iter().map(|(pool, count)| format!("{} = {}", self.pool(pool), number(*count))).collect();
        let carrying =
            if carrying.is_empty() { String::new() } else { format!(", each carrying {}", carrying.join(", ")) };
        let (time, amount) = (self.bare(&addition.time), self.amount(&addition.amount, sweep));
        let to = if addition.target.at.is_empty() { " where it is declared" } else { "" };
        format!("at {time} add {amount} to {}{to}{carrying}", self.pool(&addition.target))
    }

    fn amount(self, amount: &Amount, sweep: &[Sweep]) -> String {
        let variable = |at: usize| sweep.get(at).map_or("?", |s| s.name.as_str()).to_owned();
        match amount {
            Amount::Given(value) => self.bare(value),
            Amount::Swept(at) => variable(*at),
            Amount::Remaining(at) => format!("(1 - {})", variable(*at)),
        }
    }

    pub(super) fn claim(self, claim: &Claim, page: &mut Page) {
        page.gap();
        page.nest(format!("claim \"{}\"{}", claim.text, evidence(&claim.evidence)), |page| {
            page.line(self.condition(&claim.condition));
            if claim.tolerance > 0.0 {
                page.line(format!("sides within {} % of each other count as tied", number(claim.tolerance * 100.0)));
            }
        });
    }

    fn condition(self, condition: &Condition) -> String {
        match condition {
            Condition::And(a, b) => format!("({}) and ({})", self.condition(a), self.condition(b)),
            Condition::Or(a, b) => format!("({}) or ({})", self.condition(a), self.condition(b)),
            Condition::Not(a) => format!("not ({})", self.condition(a)),
            Condition::Compare { operator, left, right } => {
                let sign = match operator {
                    Comparison::Less => "<",
                    Comparison::LessEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterEqual => ">=",
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "!=",
                };
                format!("{} {sign} {}", self.reading(left), self.reading(right))
            }
        }
    }

    fn reading(self, reading: &Reading) -> String {
        match &reading.kind {
            ReadingKind::Number(value) => match &reading.unit {
                Some(unit) => quantity(*value, unit),
                None => self.usual(*value, reading.dimension),
            },
            ReadingKind::Measure { experiment, arm, point, measure, time } => {
                let at = time.map_or_else(|| " at the end".to_owned(), |t| format!(" at {} h", number(t / 3600.0)));
                format!("{}{at}", self.measured(*experiment, *arm, *point, *measure))
            }
            ReadingKind::Summary { how, experiment, arm, point, measure } => {
                let how = match how {
                    Summary::Min => "min",
                    Summary::Max => "max",
                    Summary::Mean => "mean",
                    Summary::Median => "median",
                    Summary::Sd => "sd",
                    Summary::Fano => "Fano",
                };
                format!("{how} over time of {}", self.measured(*experiment, *arm, *point, *measure))
            }
            ReadingKind::Unary(UnaryOp::Neg, a) => format!("-({})", self.reading(a)),
            ReadingKind::Unary(op, a) => format!("{op:?}({})", self.reading(a)).to_lowercase(),
            ReadingKind::Binary(op, a, b) => match binary_sign(*op) {
                (name, 9) => format!("{name}({}, {})", self.reading(a), self.reading(b)),
                (sign, _) => format!("({}{sign}{})", self.reading(a), self.reading(b)),
            },
        }
    }

    fn measured(self, experiment: ExperimentId, arm: usize, point: Option<usize>, measure: usize) -> String {
        let Some(experiment) = self.hir.experiments.get(experiment.index()) else { return "?".to_owned() };
        let arm = experiment.arms.get(arm).map_or("?", |arm| arm.name.as_str());
        let measure = experiment.measures.get(measure).map_or("?", |m| m.name.as_str());
        let point = point.map_or_else(String::new, |at| format!(" (point {})", at + 1));
        format!("{}.{arm}.{measure}{point}", experiment.name)
    }
}
