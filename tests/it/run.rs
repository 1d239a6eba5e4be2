//! What the examples give, against golden files: final values to what the tolerance promises.

use std::process::Command;

use crate::golden;

/// Runs an example and holds the end of each series, to four digits, against `tests/golden/run/NAME.txt`.
#[track_caller]
fn example(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("results.json");
    let file = format!("examples/{name}.exo");
    let output = Command::new(env!("CARGO_BIN_EXE_exoc"))
        .args(["run", &file, "--quiet", "--rtol", "1e-7", "--out"])
        .arg(&json)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let results: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let mut text = format!("# exoc run {file} --rtol 1e-7 (EXOC_BLESS=1 re-makes this file)\n");
    ends(&results, "", &mut text);
    let path = golden::root().join("tests/golden/run").join(format!("{name}.txt"));
    assert!(golden::matches(&path, &text), "{name} gives something else than its golden");
}

/// Names and verdicts as they are, and of every series of numbers its length and its last value.
fn ends(value: &serde_json::Value, path: &str, text: &mut String) {
    use serde_json::Value::*;
    match value {
        Object(fields) => {
            for (key, inner) in fields.iter().filter(|(key, _)| !["statistics", "version"].contains(&key.as_str())) {
                ends(inner, &format!("{path}.{key}"), text);
            }
        }
        Array(items) if items.iter().all(|i| i.is_number()) && !items.is_empty() => {
            let last = items.last().and_then(|l| l.as_f64()).unwrap_or(f64::NAN);
            text.push_str(&format!("{path}: {} numbers, the last {}\n", items.len(), rounded(last)));
        }
        Array(items) => items.iter().enumerate().for_each(|(i, item)| ends(item, &format!("{path}[{i}]"), text)),
        Number(n) => text.push_str(&format!("{path}: {}\n", rounded(n.as_f64().unwrap_or(f64::NAN)))),
        other => text.push_str(&format!("{path}: {other}\n")),
    }
}

/// Four digits; what is far below any amount is nothing.
fn rounded(value: f64) -> String {
    if value.abs() < 1e-6 { "0".to_owned() } else { format!("{value:.3e}") }
}

macro_rules! examples {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            example(stringify!($name));
        })*
    };
}

examples! {
    hello dose_response endocytic_chain endocytic_chain_nine gw4869_manumycin liposome_organs rab27_knockdown
    rab5_rab7_switch vesicle_chain organotropism heparin_dynasore three_cells engineered_exosome rerelease_layers acidic_tumour
    mirna_loading escrt_against_ceramide tspn6_in_two_cells endosome_conversion schloegl single_vesicles
}
