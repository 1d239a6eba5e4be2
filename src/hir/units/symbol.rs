//! How units are spelt for readers: `copies/cell`, `1/(µM·s)`, `µm²`.

use smol_str::SmolStr;

/// The exponent, in sixtieths, as written after a name: `²`, `⁻¹`, `^(1/2)`; nothing for one.
pub fn superscript(sixtieths: i32) -> String {
    if sixtieths == 60 {
        return String::new();
    }
    if sixtieths % 60 != 0 {
        let common = [30, 20, 15, 12, 10, 6, 5, 4, 3, 2].into_iter().find(|c| sixtieths % c == 0).unwrap_or(1);
        return format!("^({}/{})", sixtieths / common, 60 / common);
    }
    (sixtieths / 60)
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            // ⁰ and ⁴ to ⁹ lie in a row.
            _ => char::from_u32('⁰' as u32 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
        })
        .collect()
}

/// A product of named factors, each with its exponent in sixtieths.
pub fn product<'a>(factors: impl Iterator<Item = (&'a str, i32)>) -> SmolStr {
    let (mut above, mut below): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (name, power) in factors {
        match power {
            1.. => above.push(format!("{name}{}", superscript(power))),
            0 => {}
            _ => below.push(format!("{}{}", if name == "cells" { "cell" } else { name }, superscript(-power))),
        }
    }
    let above_text = if above.is_empty() && !below.is_empty() { "1".to_owned() } else { above.join("·") };
    match below.as_slice() {
        [] => above_text.into(),
        [one] => format!("{above_text}/{one}").into(),
        several => format!("{above_text}/({})", several.join("·")).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_read_as_people_write_them() {
        let show = |factors: &[(&str, i32)]| product(factors.iter().copied());
        assert_eq!(show(&[("µM", -60), ("s", -60)]), "1/(µM·s)");
        assert_eq!(show(&[("copies", 60), ("cells", -60)]), "copies/cell");
        assert_eq!(show(&[("µm", 120)]), "µm²");
        assert_eq!(show(&[("µm", 30), ("s", -600)]), "µm^(1/2)/s¹⁰");
        assert_eq!(show(&[]), "");
    }
}
