//! `--individuals`, `--cells` and what exact runs of vesicles say, as their users see them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::exact::{exoc, numbers};

/// Bodies that form, are filled and set exosomes free; each of them linear in what there is, so that means are those of the mean field.
const SHED: &str = "\
compartment medium = 1 mL assumed
compartment cytosol = 2 pL in medium assumed
compartment plasma_membrane = 1e6 um^2 between cytosol and medium assumed
vesicle MVB in cytosol { states young, docked; diameter 500 nm assumed }
vesicle ILV in MVB, medium { diameter 80 nm ± 15 nm, 40 nm .. 150 nm assumed }
pathway traffic {
    cargo miR21 = 1 uM in cytosol, fixed assumed
    process formation: -> MVB.young rate 2 copies / min assumed
    process budding: bud ILV into MVB.young at 0.5 / min assumed
        capturing miR21 (enriched: 4 fold)
    process docking: MVB.young -> MVB.docked at 0.2 / min assumed
    process secretion: fuse MVB.docked with plasma_membrane at 0.5 / min assumed
}
cell Donor { include traffic }
model dish {
    compartment medium = 1 mL assumed
    place donor: Donor, CELLS cells in medium
}
experiment e of dish {
    run 20 min every 10 min
    measure out = ILV@medium
    measure docked = MVB.docked
    measure stored = ILV@MVB
    measure rna = miR21@ILV@medium
}
";

fn folder_with(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.exo"), text).unwrap();
    folder
}

fn ran(folder: &Path, how: &str) -> String {
    let (code, text) = exoc(folder, &format!("run model.exo --exact {how}"));
    assert_eq!(code, Some(0), "{text}");
    text
}

/// Values, deviations and the mean field of each measure of the first arm, by name; at the last sample.
fn ends(path: &Path) -> BTreeMap<String, [f64; 3]> {
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let series = json["experiments"][0]["arms"][0]["series"].as_array().unwrap().clone();
    let last = |value: &serde_json::Value| *numbers(value).last().unwrap();
    let named = |s: serde_json::Value| {
        (s["measure"].as_str().unwrap().to_owned(), [last(&s["values"]), last(&s["deviation"]), last(&s["mean_field"])])
    };
    series.into_iter().map(named).collect()
}

/// A table's headings and rows.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(path).unwrap();
    let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<String>>();
    let mut lines = text.lines().map(split);
    (lines.next().unwrap(), lines.collect())
}

#[test]
fn rows_are_those_that_measures_count() {
    let folder = folder_with(&SHED.replace("CELLS", "2"));
    ran(folder.path(), "--runs 5 --seed 3 -q --individuals all.csv --out means.json");
    let (headings, rows) = table(&folder.path().join("all.csv"));
    let expected = "run,experiment,arm,vesicle,carrier,population,kind,place,diameter [nm],age [min],origin,miR21,";
    assert!(headings.join(",").starts_with(expected), "{headings:?}");
    let column = |name: &str| headings.iter().position(|h| h == name).unwrap();
    let [run, vesicle, carrier, population, kind] = ["run", "vesicle", "carrier", "population", "kind"].map(column);
    let number = |row: &Vec<String>, at: usize| row[at].parse::<f64>().unwrap();
    let ends = ends(&folder.path().join("means.json"));
    let sum = |wanted: &dyn Fn(&Vec<String>) -> bool, of: &dyn Fn(&Vec<String>) -> f64| {
        rows.iter().filter(|row| wanted(row)).map(of).sum::<f64>() / 5.0
    };
    let outside = |row: &Vec<String>| row[population] == "ILV@medium";
    let docked = |row: &Vec<String>| row[kind] == "MVB.docked";
    let stored = |row: &Vec<String>| row[kind] == "ILV" && !row[carrier].is_empty();
    let close = |found: f64, name: &str| assert!((found - ends[name][0]).abs() < 1e-9, "{name}: {found} {ends:?}");
    close(sum(&outside, &|_| 1.0), "out");
    close(sum(&outside, &|row| number(row, column("miR21"))), "rna");
    // Means of what is in cells are over the two.
    close(sum(&docked, &|_| 0.5), "docked");
    close(sum(&stored, &|_| 0.5), "stored");
    // Bodies say how many they carry, and who is carried says by whom.
    let bodies = |row: &Vec<String>| row[kind].starts_with("MVB");
    close(sum(&bodies, &|row| 0.5 * number(row, column("ILV"))), "stored");
    for row in rows.iter().filter(|row| stored(row)) {
        let same = |other: &&Vec<String>| other[run] == row[run] && other[vesicle] == row[carrier];
        assert!(rows.iter().find(same).is_some_and(bodies), "{row:?}");
        let nm = number(row, column("diameter [nm]"));
        assert!((40.0..=150.0).contains(&nm), "{nm}");
        assert_eq!(row[column("origin")], "donor.budding");
        assert!((0.0..=20.0).contains(&number(row, column("age [min]"))));
    }
}

#[test]
fn a_parquet_file_has_the_values_of_the_csv() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let folder = folder_with(&SHED.replace("CELLS", "2"));
    ran(folder.path(), "--runs 3 -q --individuals all.csv");
    ran(folder.path(), "--runs 3 -q --individuals all.parquet");
    let (headings, rows) = table(&folder.path().join("all.csv"));
    let reader = SerializedFileReader::new(std::fs::File::open(folder.path().join("all.parquet")).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata();
    let names: Vec<&str> = metadata.schema().get_fields().iter().map(|field| field.name()).collect();
    assert_eq!(names, headings);
    let units = metadata.key_value_metadata().unwrap();
    assert!(units.iter().any(|pair| pair.key == "unit:age [min]" && pair.value.as_deref() == Some("min")));
    let mut seen = 0;
    for (found, row) in reader.get_row_iter(None).unwrap().zip(&rows) {
        for ((_, field), text) in found.unwrap().get_column_iter().zip(row) {
            match field {
                Field::Str(value) => assert_eq!(value, text),
                Field::Double(value) => assert!((value - text.parse::<f64>().unwrap()).abs() < 1e-9),
                Field::Null => assert_eq!(text, ""),
                other => panic!("{other:?}"),
            }
        }
        seen += 1;
    }
    assert_eq!(seen, rows.len());
}

#[test]
fn neither_threads_nor_the_engine_change_a_vesicle() {
    let folder = folder_with(&SHED.replace("CELLS", "2"));
    let files = |name: &str, how: &str| {
        ran(folder.path(), &format!("--runs 70 --seed 5 -q {how} --individuals {name}.csv --out {name}.json"));
        ["csv", "json"].map(|extension| std::fs::read(folder.path().join(format!("{name}.{extension}"))).unwrap())
    };
    let one = files("one", "--threads 1");
    assert!(one == files("two", "--threads 2"));
    assert!(one == files("slow", "--threads 2 --interpret"));
    // Where nothing is abundant.
    assert!(one == files("hybrid", "--hybrid"));
}

#[test]
fn cells_that_stand_for_others_have_their_means() {
    let folder = folder_with(&SHED.replace("CELLS", "1_000"));
    let text = ran(folder.path(), "--runs 300 --seed 2 --cells 3 --individuals all.csv --out means.json");
    assert!(text.contains("3 `donor` stand for 1,000"), "{text}");
    for (name, [mean, deviation, expected]) in ends(&folder.path().join("means.json")) {
        let bound = 4.5 * deviation / 300f64.sqrt();
        assert!(deviation > 0.0 && (mean - expected).abs() < bound, "{name}: {mean}, not {expected} ± {bound}");
    }
    // As many rows as three cells have, and a shared one stands for a thousand thirds.
    let (headings, rows) = table(&folder.path().join("all.csv"));
    let population = headings.iter().position(|h| h == "population").unwrap();
    let outside = rows.iter().filter(|row| row[population] == "ILV@medium").count() as f64;
    let out = ends(&folder.path().join("means.json"))["out"][0];
    assert!((outside / 300.0 * 1000.0 / 3.0 / out - 1.0).abs() < 1e-9, "{outside} {out}");
    assert!(rows.iter().any(|row| row[population] == "donor.MVB.young #3"));
}

#[test]
fn a_table_is_whole_or_not_there() {
    let folder = folder_with(&SHED.replace("CELLS", "2"));
    let code = |how: &str| exoc(folder.path(), &format!("run model.exo {how}")).0;
    assert_eq!(code("--exact -q --individuals all.xls"), Some(2));
    assert_eq!(code("-q --individuals all.csv"), Some(2));
    assert_ne!(code("--exact -q --individuals missing/all.csv"), Some(0));
    assert!(!folder.path().join("all.xls").exists() && !folder.path().join("all.csv").exists());
    // A run that fails ends with no vesicles; the table has its headings.
    let (code, text) = exoc(folder.path(), "run model.exo --exact --max-events 10 --individuals all.csv");
    assert!(code == Some(3) && text.contains("E0716"), "{text}");
    let (headings, rows) = table(&folder.path().join("all.csv"));
    assert!(headings.len() > 10 && rows.is_empty(), "{rows:?}");
    let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.eq(["all.csv", "model.exo"]) || std::fs::read_dir(folder.path()).unwrap().count() == 2);
}

#[test]
fn contents_too_many_to_draw_stand_at_their_mean_and_are_told() {
    let text = "compartment medium = 1 mL assumed\ncompartment cytosol = 2 pL in medium assumed\n\
        compartment plasma_membrane = 1e6 um^2 between cytosol and medium assumed\n\
        cargo X = 4e16 copies in cytosol, fixed assumed\nvesicle E in medium { diameter 110 nm assumed }\n\
        process shedding: bud E from plasma_membrane rate 2 copies / min assumed\n    capturing X\n\
        experiment e {\n    run 10 min every 10 min\n    measure number = E\n    measure load = X@E\n}\n";
    let folder = folder_with(text);
    let said = ran(folder.path(), "--individuals all.csv --out means.json");
    assert!(said.contains("taken as their means"), "{said}");
    let (headings, rows) = table(&folder.path().join("all.csv"));
    let held = headings.iter().position(|h| h == "X").unwrap();
    // 2e13 copies in each µm³.
    let expected = 2e13 * std::f64::consts::PI / 6.0 * 1e-3;
    let found: Vec<f64> = rows.iter().map(|row| row[held].parse().unwrap()).collect();
    assert!(found.iter().all(|x| (x / expected - 1.0).abs() < 1e-6), "{found:?} {expected}");
    let ends = ends(&folder.path().join("means.json"));
    assert_eq!((ends["number"][0], ends["load"][0]), (found.len() as f64, found.iter().sum()));
}

#[test]
fn leaps_that_are_asked_for_in_vain_are_told() {
    let text = "compartment c = 1 fL assumed\nspecies A in c\n\
        process making: -> A rate 10 copies / min * (time / (10 min + time)) assumed\n\
        experiment e {\n    run 20 min every 10 min\n    measure made = A\n}\n";
    let folder = folder_with(text);
    let (plain, asked) = (ran(folder.path(), "--out a.json"), ran(folder.path(), "--tau --out b.json"));
    assert!(asked.contains("no leaps") && !plain.contains("no leaps"), "{asked}");
    let [one, other] = ["a.json", "b.json"].map(|file| ends(&folder.path().join(file)));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}
