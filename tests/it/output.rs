//! What is shown of results and networks, against golden files; fixtures are made by hand.

mod fixtures;
mod networks;

use std::path::{Path, PathBuf};

use exoc::output::{self, summary};

use crate::golden;

/// Holds `actual` against `tests/golden/output/NAME`.
#[track_caller]
fn golden(name: &str, actual: &str) {
    let path = golden::root().join("tests/golden/output").join(name);
    let text = format!("# cargo test output (EXOC_BLESS=1 re-makes this file)\n{actual}");
    assert!(golden::matches(&path, &text), "{name} differs from its golden");
}

#[test]
fn summaries_fit_the_terminal() {
    let results = fixtures::knockdown();
    for width in [60, 80, 130] {
        let text = summary::summary(&results, width, false);
        let longest = text.lines().map(unicode_width::UnicodeWidthStr::width).max();
        assert!(longest <= Some(width), "{width}: {text}");
        golden(&format!("knockdown_{width}.txt"), &text);
    }
}

#[test]
fn sweeps_and_failures_are_told() {
    golden("sweeps_80.txt", &summary::summary(&fixtures::sweeps(), 80, false));
    golden("sweeps_50.txt", &summary::summary(&fixtures::sweeps(), 50, false));
}

#[test]
fn colour_changes_nothing_but_colour() {
    for results in [fixtures::knockdown(), fixtures::sweeps()] {
        let text = summary::claims(&results, 80, true);
        let stripped: String = text
            .split('\x1b')
            .enumerate()
            .map(|(i, p)| if i == 0 { p } else { p.split_once('m').unwrap().1 })
            .collect();
        assert_eq!(stripped, summary::claims(&results, 80, false));
    }
    golden("knockdown_colour.txt", &summary::summary(&fixtures::knockdown(), 80, true));
}

#[test]
fn tables_are_tidy_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let results = fixtures::sweeps();
    for name in ["a.csv", "a.json", "a.parquet"] {
        output::save(&path(name), &results).unwrap();
    }
    golden("sweeps.csv", &std::fs::read_to_string(path("a.csv")).unwrap());
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path("a.json")).unwrap()).unwrap();
    golden("sweeps.json", &format!("{json:#}\n"));
    let refused = output::save(&path("a.xlsx"), &results).unwrap_err();
    assert!(refused.to_string().ends_with("end its name in .csv, .parquet or .json"), "{refused}");
}

#[test]
fn parquet_reads_back_as_it_was() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    output::save(&path, &fixtures::sweeps()).unwrap();
    let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
    let table = output::table::columns(&fixtures::sweeps());
    let headings = reader.metadata().file_metadata().schema().get_fields().iter().map(|f| f.name().to_owned());
    assert!(headings.eq(table.iter().map(|c| c.heading.clone())));
    let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(pairs.iter().any(|p| p.key == "unit:GW4869 [µM]" && p.value.as_deref() == Some("µM")));
    for (r, row) in reader.get_row_iter(None).unwrap().enumerate() {
        for ((_, field), column) in row.unwrap().get_column_iter().zip(&table) {
            match (field, &column.data) {
                (Field::Str(text), output::table::Data::Text(values)) => assert_eq!(*text, values[r]),
                (Field::Double(x), output::table::Data::Number(values)) => assert_eq!(Some(*x), values[r]),
                (Field::Null, output::table::Data::Number(values)) => assert_eq!(None, values[r]),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn nothing_at_all_makes_files_and_a_summary() {
    let empty = exoc::experiment::results::Results::default();
    assert_eq!(summary::summary(&empty, 80, false), "");
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.json", "a.parquet"] {
        output::save(&folder.path().join(name), &empty).unwrap();
    }
}

#[test]
fn pictures_are_drawn_of_everything() {
    let folder = std::env::var_os("EXOC_PICTURES").map(PathBuf::from);
    let temporary = tempfile::tempdir().unwrap();
    let folder = folder.as_deref().unwrap_or(temporary.path());
    for (name, results) in [("knockdown", fixtures::knockdown()), ("sweeps", fixtures::sweeps())] {
        for extension in ["svg", "png"] {
            output::save_plot(&folder.join(format!("{name}.{extension}")), &results).unwrap();
        }
        let svg = std::fs::read_to_string(folder.join(format!("{name}.svg"))).unwrap();
        assert!(svg.starts_with("<svg viewBox=") && !svg.contains("NaN") && !svg.contains("inf"), "{name}");
    }
    let empty = output::plot::draw(&exoc::experiment::results::Results::default());
    assert!(matches!(empty, Err(output::OutputError::NothingToDraw(_))));
}

#[test]
fn networks_are_listed_and_their_equations_written() {
    use exoc::output::{equations::equations, expression::Notation, listing::listing};
    let network = networks::cell();
    golden("cell_network.txt", &listing(&network));
    golden("cell_odes.txt", &equations(&network, Notation::Text));
    golden("cell_odes.tex", &equations(&network, Notation::Latex));
}

#[test]
fn networks_are_drawn() {
    use exoc::output::graph;
    let network = networks::cell();
    golden("cell.dot", &graph::dot(&network));
    golden("cell.mmd", &graph::mermaid(&network));
    let picture = graph::picture(&network).unwrap();
    assert!(!picture.svg().contains("NaN"));
    let refused = graph::save(Path::new("cell.pdf"), &network).unwrap_err();
    assert!(refused.to_string().ends_with("in .dot, .mmd, .svg or .png"), "{refused}");
    if let Some(folder) = std::env::var_os("EXOC_PICTURES").map(PathBuf::from) {
        picture.save(&folder.join("cell.png")).unwrap();
        graph::picture(&networks::large(40)).unwrap().save(&folder.join("large.png")).unwrap();
    }
    assert!(!graph::picture(&networks::large(300)).unwrap().svg().contains("NaN"));
    assert!(graph::picture(&exoc::network::Network::default()).is_err());
}
