//! `--scan k=0.01..1/min:log:50` and `--scan k=1,2,5/min`: several values for a parameter, checked as `--set` does.
//!
//! A unit written once, at the end, is that of all values.

use super::CliError;
use super::set::{self, Given, Setting, Understood};
use crate::experiment::{Axis, AxisValue, Bench, Scan};
use crate::hir::CheckedModel;
use crate::source::SourceMap;

/// More points than this are asked for by mistake.
const MOST_POINTS: usize = 1_000_000;
const FORM: &str = "write NAME=FROM..TO:log:COUNT, NAME=FROM..TO:lin:COUNT or NAME=A,B,C";

/// One `--scan`, understood: the same parameter with each value.
#[derive(Clone, Debug)]
pub(super) struct Scanned(Vec<Setting>);

impl Scanned {
    pub fn first(&self) -> Option<&Setting> {
        self.0.first()
    }
}

/// How values lie between two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Linear,
    Logarithmic,
}

/// Understands `NAME=RANGE` or `NAME=LIST`.
pub(super) fn understand(argument: &str, program: &CheckedModel, sources: &mut SourceMap) -> Understood<Scanned> {
    let wrong = |why: &str| CliError::Usage(format!("`--scan {argument}`: {why}"));
    let (name, values) = argument.split_once('=').ok_or_else(|| wrong(FORM))?;
    let (name, values) = (name.trim(), values.trim());
    let (ends, spacing) = match values.split_once("..") {
        None => (values.split(',').collect::<Vec<_>>(), None),
        Some((from, rest)) => {
            let parts: Vec<&str> = rest.split(':').map(str::trim).collect();
            let [to, how, count] = parts.as_slice() else { return Err(wrong(FORM)) };
            let how = match *how {
                "lin" => Spacing::Linear,
                "log" => Spacing::Logarithmic,
                _ => return Err(wrong("between values are `lin` or `log`")),
            };
            let count = count.parse::<usize>().ok().filter(|n| (2..=MOST_POINTS).contains(n));
            (vec![from, to], Some((how, count.ok_or_else(|| wrong("the number of values is a whole one from 2 on"))?)))
        }
    };
    let ends: Vec<&str> = ends.into_iter().map(str::trim).collect();
    if ends.iter().any(|value| value.is_empty()) {
        return Err(wrong(FORM));
    }
    let unit = ends.last().map_or("", |last| unit_of(last));
    let mut settings = Vec::new();
    for value in &ends {
        let bare = unit_of(value).is_empty();
        let value = if bare { format!("{value}{unit}") } else { (*value).to_owned() };
        match set::given("--scan", name, &value, program, sources)? {
            Ok(setting) => settings.push(setting),
            Err(diagnostics) => return Ok(Err(diagnostics)),
        }
    }
    match (spacing, settings.as_slice()) {
        (Some((how, count)), [from, to]) => Ok(Ok(Scanned(between(from, to, how, count).map_err(wrong)?))),
        _ => Ok(Ok(Scanned(settings))),
    }
}

/// What follows the number that a value begins with: ` uM`, `/min`.
fn unit_of(value: &str) -> &str {
    let ends = value.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
    let is_number = |text: &str| text.replace('_', "").trim_start().parse::<f64>().is_ok_and(f64::is_finite);
    let number = ends.filter_map(|end| value.split_at_checked(end)).find(|(number, _)| is_number(number));
    number.map_or("", |(_, unit)| unit)
}

fn between(from: &Setting, to: &Setting, how: Spacing, count: usize) -> Result<Vec<Setting>, &'static str> {
    let (low, high, wrap): (f64, f64, fn(f64) -> Given) = match (from.value, to.value) {
        (Given::Value(low), Given::Value(high)) => (low, high, Given::Value),
        (Given::Fold(low), Given::Fold(high)) => (low, high, Given::Fold),
        _ => return Err("both ends are in `fold`, or neither"),
    };
    if how == Spacing::Logarithmic && !(low > 0.0 && high > 0.0) {
        return Err("a logarithmic scan is between numbers above zero; use `lin`");
    }
    let value = |i: usize| {
        let share = i as f64 / (count - 1) as f64;
        match how {
            // The ends are as given, to the last bit.
            _ if i == 0 => low,
            _ if i + 1 == count => high,
            Spacing::Linear => low + (high - low) * share,
            Spacing::Logarithmic => libm::exp(libm::log(low) + (libm::log(high) - libm::log(low)) * share),
        }
    };
    Ok((0..count).map(|i| Setting { value: wrap(value(i)), ..to.clone() }).collect())
}

/// The grid of all scans.
pub(super) fn grid(scans: &[Scanned], set: &[Setting], benches: &[Bench]) -> Result<Scan, CliError> {
    let name_of = |scan: &Scanned| scan.first().map_or("", |s| s.name.as_str()).to_owned();
    for (i, scan) in scans.iter().enumerate() {
        let name = name_of(scan);
        if set.iter().any(|setting| setting.name == name) {
            return Err(CliError::Usage(format!("`{name}` is both set and scanned: leave one of them out")));
        }
        if scans.iter().take(i).any(|other| name_of(other) == name) {
            return Err(CliError::Usage(format!("`{name}` is scanned twice: give all its values in one `--scan`")));
        }
    }
    let size = scans.iter().try_fold(1usize, |size, scan| size.checked_mul(scan.0.len()));
    if size.is_none_or(|size| size > MOST_POINTS) {
        return Err(CliError::Usage(format!("the scan has more than {MOST_POINTS} points: take fewer values")));
    }
    let axis = |scan: &Scanned| {
        let first = scan.first();
        let value = |setting: &Setting| AxisValue {
            value: match setting.value {
                Given::Value(value) | Given::Fold(value) => value,
            },
            settings: benches.iter().map(|bench| setting.parameters(&bench.model)).collect(),
        };
        let unit = scan.0.last().or(first).map(|s| s.unit.clone());
        Axis {
            name: name_of(scan),
            unit: unit.unwrap_or(crate::network::DisplayUnit { symbol: String::new(), factor: 1.0 }),
            values: scan.0.iter().map(value).collect(),
        }
    };
    Ok(Scan { axes: scans.iter().map(axis).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_what_follows_the_number() {
        for (value, unit) in [
            ("1/min", "/min"),
            ("10 uM", " uM"),
            ("1e3", ""),
            ("-2.5e-3/s", "/s"),
            ("1_000 copies", " copies"),
            ("k", ""),
        ] {
            assert_eq!(unit_of(value), unit, "{value}");
        }
    }

    #[test]
    fn values_lie_as_asked() {
        let unit = crate::network::DisplayUnit { symbol: String::new(), factor: 1.0 };
        let end = |value| Setting { name: "k".into(), value, unit: unit.clone() };
        let values = |low, high, how, count| {
            let all = between(&end(Given::Value(low)), &end(Given::Value(high)), how, count).unwrap();
            let of = |s: &Setting| if let Given::Value(v) = s.value { v } else { f64::NAN };
            all.iter().map(of).collect::<Vec<f64>>()
        };
        assert_eq!(values(0.0, 4.0, Spacing::Linear, 5), [0.0, 1.0, 2.0, 3.0, 4.0]);
        let log = values(0.01, 1.0, Spacing::Logarithmic, 3);
        assert_eq!((log[0], log[2]), (0.01, 1.0));
        assert!((log[1] - 0.1).abs() < 1e-15);
        assert!(between(&end(Given::Value(0.0)), &end(Given::Value(1.0)), Spacing::Logarithmic, 3).is_err());
        assert!(between(&end(Given::Fold(0.5)), &end(Given::Value(1.0)), Spacing::Linear, 3).is_err());
    }
}
