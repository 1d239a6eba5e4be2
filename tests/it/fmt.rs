//! The formatter: what it makes of files, that it is done after one go, and that it changes no meaning.

use exoc::source::SourceMap;
use exoc::syntax::{format, parse, print};

use crate::golden;

/// The tree of a text as text, without positions.
fn tree(text: &str) -> String {
    let mut sources = SourceMap::new();
    let file = sources.add("", text);
    print::ast(&parse(&sources, file).0)
}

#[test]
fn files_are_set_as_their_goldens_say() {
    golden::check("fmt", "fmt", "exoc fmt", |name, text| format(text).unwrap_or_else(|d| panic!("{name}: {d:?}")));
}

#[test]
fn formatting_is_done_after_one_go_and_changes_no_meaning() {
    for folder in ["tests/golden/parse", "tests/golden/fmt", "examples", "stdlib"] {
        for path in golden::files(folder, "exo") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let Ok(once) = format(&text) else { continue };
            assert_eq!(format(&once).as_ref(), Ok(&once), "{}", path.display());
            assert_eq!(tree(&once), tree(&text), "{}", path.display());
        }
    }
}

#[test]
fn well_set_files_stay_as_they_are() {
    for name in ["heterogeneity", "rab27_knockdown", "gw4869_manumycin"] {
        let path = golden::root().join(format!("tests/golden/parse/{name}.exo"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(format(&text), Ok(text), "{name}");
    }
}
