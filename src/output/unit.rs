//! Units as readers know them: `µm²`, `copies/cell`, `1/(µM·s)`.

use super::number::{number, superscript_of};
use crate::network::DisplayUnit;

/// The unit's symbol in print. Symbols that are already in print stay as they are.
pub fn symbol(unit: &DisplayUnit) -> String {
    let mut text = String::new();
    let mut word = String::new();
    let mut raised = false;
    for c in unit.symbol.chars().filter(|c| !c.is_whitespace()).chain(['\0']) {
        if c.is_alphabetic() && !raised {
            word.push(c);
            continue;
        }
        text.push_str(&printed(&std::mem::take(&mut word)));
        match (c, raised.then(|| superscript_of(c)).flatten()) {
            (_, Some(up)) => text.push(up),
            ('\0', _) => {}
            ('^', _) => raised = true,
            _ => {
                raised = false;
                if c.is_alphabetic() {
                    word.push(c);
                } else {
                    text.push(if c == '*' { '·' } else { c });
                }
            }
        }
    }
    text
}

/// A unit's name in print: `uM` is `µM`, `degC` is `°C`.
fn printed(name: &str) -> String {
    match name {
        "um" | "uM" | "us" | "uL" | "ul" | "ug" | "umol" => name.replacen('u', "µ", 1),
        "degC" => "°C".to_owned(),
        _ => name.to_owned(),
    }
}

/// `name [unit]`, or the name alone for a pure number.
pub fn heading(name: &str, unit: &DisplayUnit) -> String {
    if unit.symbol.is_empty() { name.to_owned() } else { format!("{name} [{}]", symbol(unit)) }
}

/// A value given in internal units, in words: `12.3 copies/cell`, `85 %`, `0.2/min`.
pub fn quantity(internal: f64, unit: &DisplayUnit) -> String {
    let shown = number(internal / unit.factor);
    let symbol = symbol(unit);
    match symbol.strip_prefix('1') {
        Some(per) if per.starts_with('/') => format!("{shown}{per}"),
        _ if symbol.is_empty() => shown,
        _ => format!("{shown} {symbol}"),
    }
}

/// The unit in which a span of so many seconds is best read: the author's, unless it makes large or tiny numbers.
pub fn time_unit(seconds: f64, author: &DisplayUnit) -> DisplayUnit {
    let shown = seconds / author.factor;
    if (1.0..=400.0).contains(&shown) || seconds <= 0.0 || !seconds.is_finite() {
        return author.clone();
    }
    let (symbol, factor) = match seconds {
        s if s <= 180.0 => ("s", 1.0),
        s if s <= 10_800.0 => ("min", 60.0),
        s if s <= 5.0 * 86_400.0 => ("h", 3600.0),
        _ => ("day", 86_400.0),
    };
    DisplayUnit { symbol: symbol.to_owned(), factor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(symbol: &str, factor: f64) -> DisplayUnit {
        DisplayUnit { symbol: symbol.to_owned(), factor }
    }

    #[test]
    fn symbols_are_set_as_in_print() {
        let cases = [
            ("um^2", "µm²"),
            ("1/(uM*s)", "1/(µM·s)"),
            ("copies / cell", "copies/cell"),
            ("um^-2", "µm⁻²"),
            ("µm²", "µm²"),
            ("degC", "°C"),
            ("m^2/s", "m²/s"),
            ("%", "%"),
            ("", ""),
        ];
        for (written, printed) in cases {
            assert_eq!(symbol(&unit(written, 1.0)), printed);
        }
    }

    #[test]
    fn quantities_read_well() {
        assert_eq!(quantity(0.2 / 60.0, &unit("1/min", 1.0 / 60.0)), "0.2/min");
        assert_eq!(quantity(0.85, &unit("%", 0.01)), "85 %");
        assert_eq!(quantity(2.0, &unit("", 1.0)), "2");
    }

    #[test]
    fn long_times_are_not_told_in_seconds() {
        assert_eq!(time_unit(86_400.0, &unit("s", 1.0)).symbol, "h");
        assert_eq!(time_unit(86_400.0, &unit("h", 3600.0)).symbol, "h");
        assert_eq!(time_unit(90.0, &unit("h", 3600.0)).symbol, "s");
    }
}
