//! The program as its users meet it: exit codes, streams, files.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const HELLO: &str = "examples/hello.exo";

fn exoc(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exoc"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("NO_COLOR").env("COLUMNS", "80");
    command
}

fn run(arguments: &[&str]) -> Output {
    exoc(arguments).output().unwrap()
}

fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child =
        exoc(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // What refuses its arguments ends without reading.
    if let Err(error) = child.stdin.take().unwrap().write_all(input) {
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn ends(output: &Output, code: i32, said: &str) {
    assert_eq!(output.status.code(), Some(code), "{}{}", out(output), err(output));
    assert!(err(output).contains(said), "{}", err(output));
}

#[test]
fn a_model_runs_from_a_file_and_from_standard_input() {
    let output = run(&["run", HELLO]);
    ends(&output, 0, "");
    assert!(out(&output).contains("overnight of hello"), "{}", out(&output));
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(HELLO)).unwrap();
    let output = with_input(&["run", "-", "--quiet"], &text);
    ends(&output, 0, "");
    assert_eq!(out(&output), "");
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    ends(&with_input(&["check", "-"], b"process p: X ->  at 1 / s\n"), 1, "error[");
    ends(&run(&["run", "examples/helo.exo"]), 2, "did you mean `examples/hello.exo`?");
    ends(&run(&["run", "examples"]), 2, "it is a folder");
    ends(&with_input(&["check", "-"], b"cell \xff"), 2, "not UTF-8");
    ends(&run(&["run", HELLO, "overnigt"]), 2, "did you mean `overnight`?");
    ends(&run(&["run", HELLO, "--out", "results.xls"]), 2, ".csv or .parquet or .json");
    ends(&run(&["run", HELLO, "--rtol", "1e-20"]), 2, "finer than double precision");
    ends(&run(&["frobnicate"]), 2, "unrecognized subcommand");
    ends(&run(&["explain", "E9999"]), 2, "no code of exoc");
}

#[test]
fn numerics_that_fail_and_claims_that_do_not_hold_have_codes_of_their_own() {
    let model = |law: &str, claim: &str| {
        format!(
            "compartment c = 1 pL assumed\nspecies A = 10 copies in c assumed\nprocess change: {law} assumed\n\
             experiment e {{\nrun 1 h every 1 min\nmeasure a = A\n}}\nclaim \"so\" assumed\n    {claim}\n"
        )
    };
    let loss = "A -> at 0.1 / min";
    let test = |text: String| with_input(&["test", "-"], text.as_bytes());
    ends(&test(model(loss, "e.control.a < 1 copies")), 0, "");
    ends(&test(model(loss, "e.control.a > 1 copies")), 4, "");
    let output = test(model("-> A rate 1 / copies / h * A * A", "e.control.a > 1 copies"));
    ends(&output, 3, "E0703");
    assert!(err(&output).contains("`A`") && err(&output).contains("`change`"), "{}", err(&output));
    assert!(out(&output).contains("undecided"), "{}", out(&output));
}

#[test]
fn nothing_is_coloured_that_is_no_terminal_unless_asked() {
    let coloured = |output: Output| output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b);
    assert!(!coloured(run(&["run", HELLO])));
    assert!(coloured(run(&["run", HELLO, "--color", "always"])));
    assert!(!coloured(exoc(&["run", HELLO]).env("NO_COLOR", "1").output().unwrap()));
    assert!(!coloured(run(&["run", HELLO, "--color", "never"])));
}

#[test]
fn files_are_written_whole_and_refusals_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (flag, name) in
        [("--out", "r.csv"), ("--out", "r.json"), ("--out", "r.parquet"), ("--plot", "p.svg"), ("--plot", "p.png")]
    {
        ends(&run(&["run", HELLO, "--quiet", flag, &path(name)]), 0, "");
        assert!(std::fs::metadata(path(name)).unwrap().len() > 100, "{name}");
    }
    ends(&run(&["run", HELLO, "--quiet", "--out", &path("no/r.csv")]), 2, "create it, or choose another place");
    if Path::new("/dev/full").exists() {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = exoc(&["run", HELLO]).stdout(full).output().unwrap();
        ends(&output, 2, "free some space");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = exoc(&["run", HELLO]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    ends(&output, 0, "");
    assert_eq!(err(&output), "");
}

#[test]
fn a_new_file_runs_and_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("mine").display().to_string();
    ends(&run(&["new", &name]), 0, "");
    let file = format!("{name}.exo");
    ends(&run(&["run", &file, "--quiet"]), 0, "");
    ends(&run(&["new", &name]), 2, "is there already");
}

#[test]
fn values_on_the_command_line_are_checked_like_those_of_files() {
    let model = b"compartment c = 1 pL\nspecies A = 100 copies in c assumed\nparam k = 0.1 / min assumed\n\
        process loss: A -> at k\nexperiment e {\nrun 10 min every 10 min\nmeasure a = A\n}\n";
    let value = |arguments: &[&str]| {
        let output = with_input(&[&["run", "-"][..], arguments].concat(), model);
        ends(&output, 0, "");
        let text = out(&output);
        let line = text.lines().find(|line| line.contains("control")).unwrap().to_owned();
        line.split_whitespace().last().unwrap().parse::<f64>().unwrap()
    };
    assert!((value(&[]) - 36.79).abs() < 0.01);
    assert!((value(&["--set", "k = 12 / h"]) - 13.53).abs() < 0.01);
    assert!((value(&["--set", "k = 2 fold"]) - 13.53).abs() < 0.01);
    assert!((value(&["--set", "k=1 / h", "--set", "k=12/h"]) - 13.53).abs() < 0.01);
    ends(&with_input(&["run", "-", "--set", "k=5 um"], model), 1, "error[");
    ends(&with_input(&["run", "-", "--set", "k=5 umm"], model), 1, "umm");
    ends(&with_input(&["run", "-", "--set", "kk=5 / s"], model), 2, "did you mean `k`?");
    ends(&with_input(&["run", "-", "--set", "k"], model), 2, "write NAME=VALUE");
    // Amounts and sizes have values of their own as well.
    assert!((value(&["--set", "A = 200 copies"]) - 73.58).abs() < 0.01);
    assert!((value(&["--set", "initial A = 2 fold"]) - 73.58).abs() < 0.01);
    assert!((value(&["--set", "size of c = 2 pL"]) - 36.79).abs() < 0.01);
    ends(&with_input(&["run", "-", "--set", "A=5 uM"], model), 1, "`A` is an amount");
    ends(&with_input(&["run", "-", "--set", "a=5 copies"], model), 2, "there is no parameter, initial amount or place");
}

#[test]
fn amounts_and_sizes_are_scanned_like_parameters() {
    let model = b"compartment c = 1 pL assumed\nspecies A = 1 uM in c assumed\nspecies B in c\n\
        process there: A -> B at 0.1 / min assumed\nexperiment e {\nrun 10 min every 10 min\nmeasure a = A\n}\n";
    for (scan, name) in [("A=1,2uM", "A"), ("c=1,2pL", "c"), ("initial A=1,2 fold", "A")] {
        let output = with_input(&["run", "-", "--scan", scan], model);
        ends(&output, 0, "");
        let text = out(&output);
        // 1 µM in 1 pL are 602,214 copies.
        assert!(
            text.contains(&format!("\n {name} [")) && text.contains("221,542") && text.contains("443,084"),
            "{text}"
        );
    }
    let cells = b"compartment medium = 1 mL assumed\ncompartment cytosol = 2 pL in medium assumed\n\
        pathway decay {\nspecies A = 1 uM in cytosol assumed\nprocess loss: A -> at 0.1 / min assumed\n}\n\
        cell Cell { include decay }\ncell Poor { include decay; set A = 100 copies assumed }\n\
        model dish {\ncompartment medium = 1 mL assumed\nplace one: Cell, 10 cells in medium\nplace two: Poor, 10 cells in medium\n}\n\
        experiment e of dish {\nrun 10 min every 10 min\nmeasure a = A@one\nmeasure b = A@two\n}\n";
    ends(&with_input(&["run", "-", "--set", "A=200 copies"], cells), 2, "give a multiple of both");
    let output = with_input(&["run", "-", "--set", "A=2 fold"], cells);
    ends(&output, 0, "");
    assert!(out(&output).contains("73.58") && out(&output).contains("886,"), "{}", out(&output));
}

#[test]
fn a_value_on_the_command_line_may_be_of_one_cell_and_in_the_files_own_units() {
    let model = b"compartment medium = 1 mL assumed\ncompartment cytosol = 2 pL in medium assumed\nunit turn = 0.1 / min\n\
        pathway decay {\nspecies A = 100 copies in cytosol assumed\nparam k = 1 turn assumed\nprocess loss: A -> at k\n}\n\
        cell Cell { include decay }\ncell Slow { include decay; set k = 0.5 turn assumed }\n\
        model dish {\ncompartment medium = 1 mL assumed\nplace one: Cell, 10 cells in medium\n\
        place two: Slow, 10 cells in medium\n}\n\
        experiment e of dish {\nrun 10 min every 10 min\nmeasure a = A@one\nmeasure b = A@two\n}\n";
    let values = |arguments: &[&str]| {
        let output = with_input(&[&["run", "-"][..], arguments].concat(), model);
        ends(&output, 0, "");
        assert_eq!(err(&output), "");
        let text = out(&output);
        let ends = text.lines().filter(|line| line.contains(" control ")).map(str::to_owned);
        ends.filter_map(|line| line.split_whitespace().last()?.parse::<f64>().ok()).collect::<Vec<_>>()
    };
    assert_eq!(values(&[]), [36.79, 60.65]);
    assert_eq!(values(&["--set", "k=2 turn"]), [13.53, 13.53]);
    assert_eq!(values(&["--set", "one.k=2 turn"]), [13.53, 60.65]);
    assert_eq!(values(&["--set", "k=2 fold"]), [13.53, 36.79]);
    assert_eq!(values(&["--set", "two.k=2 fold", "--set", "one.k=0.5 fold"]), [60.65, 36.79]);
    ends(&with_input(&["run", "-", "--set", "tow.k=2 fold"], model), 2, "did you mean `two.k`?");
}

#[test]
fn a_drained_pool_and_a_failed_settling_are_told_once_and_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("r.csv");
    let model = |law: &str, settle: &str| {
        format!(
            "compartment c = 1 pL assumed\nspecies A, B = 10 copies in c assumed\nprocess drain: {law} assumed\n\
             process other: A -> B at 1e-9 / h assumed\n\
             experiment e {{\n{settle}\nrun 1 h every 1 min\nmeasure a = A\narm control\narm same\n}}\n"
        )
    };
    let run = |text: String| with_input(&["run", "-", "--out", &table.display().to_string()], text.as_bytes());
    let output = run(model("A -> B rate 1 copies / min", ""));
    ends(&output, 3, "E0710");
    assert!(err(&output).contains("at 0.1667 h `A` has run out, and `drain` still takes from it"), "{}", err(&output));
    assert_eq!(std::fs::read_to_string(&table).unwrap().lines().count(), 1 + 2 * 11);
    let output = run(model("-> A rate 1 copies / min", "settle"));
    ends(&output, 3, "E0708");
    assert_eq!(err(&output).matches("no steady state").count(), 1, "{}", err(&output));
    assert_eq!(out(&output).matches("no steady state").count(), 0, "{}", out(&output));
    assert_eq!(out(&output).matches("not run").count(), 2, "{}", out(&output));
}

#[test]
fn the_interpreter_gives_the_same_numbers() {
    assert_eq!(out(&run(&["run", HELLO])), out(&run(&["run", HELLO, "--interpret"])));
}

#[test]
fn stages_pages_and_manuals_print() {
    for stage in ["tokens", "ast", "hir", "network", "odes", "kernel", "clif", "asm"] {
        let output = run(&["compile", HELLO, "--emit", stage]);
        ends(&output, 0, "");
        assert!(out(&output).len() > 200, "{stage}");
    }
    for arguments in
        [&["graph", HELLO][..], &["graph", HELLO, "--format", "mermaid"], &["graph", HELLO, "--format", "svg"]]
    {
        ends(&run(arguments), 0, "");
    }
    assert!(out(&run(&["man"])).contains("exoc"));
    assert!(out(&run(&["completions", "bash"])).contains("exoc"));
    assert!(out(&run(&["explain", "e0001"])).starts_with("# E0001"));
    assert!(out(&run(&["--help"])).contains("Exit codes"));
    assert!(out(&run(&["check", HELLO, "--evidence"])).contains("assumed"));
}

/// A model that is right but for what is put into it.
fn decay(amount: &str, rate: &str, run: &str) -> Vec<u8> {
    format!(
        "compartment box = 1 pL\nspecies A = {amount} in box assumed\nparam k = {rate} assumed\n\
         process loss: A -> at k\nexperiment e {{ {run}  measure a = A }}\n"
    )
    .into_bytes()
}

#[test]
fn an_experiment_may_stand_on_one_line() {
    ends(&with_input(&["run", "-", "-q"], &decay("10 copies", "0.1 / min", "settle run 1 h every 1 min")), 0, "");
}

#[test]
fn numbers_that_make_no_sense_are_refused_before_anything_runs() {
    let check = |model: &[u8], code: &str| ends(&with_input(&["run", "-"], model), 1, code);
    check(&decay("-1 copies", "0.1 / min", "run 1 h"), "E0340");
    check(&decay("10 copies", "-0.1 / min", "run 1 h"), "E0340");
    check(&decay("10 copies", "0.1 / min", "run 0 h"), "E0341");
    check(&decay("10 copies", "0.1 / min", "run 1 h every 0 min"), "E0341");
    check(&decay("10 copies", "0.1 / min", "run 1e6 h every 1 us"), "E0605");
    let values: Vec<String> = (0..200).map(|i| i.to_string()).collect();
    let values = values.join(", ");
    let grid = format!("run 1 h  grid g over x in [{values}], y in [{values}] {{ add x copies of A to box }}");
    check(&decay("10 copies", "0.1 / min", &grid), "`g` would take 40000 runs");
    let model = decay("10 copies", "0.1 / min", "run 1 h");
    let refused = |option: &str, value: &str, said: &str| {
        ends(&with_input(&["run", "-", option, value], &model), 2, said);
    };
    refused("--rtol", "0", "");
    refused("--rtol", "-1", "not a number from 0 to 1");
    refused("--atol", "nan", "the absolute tolerance NaN is not");
}

#[test]
fn growth_without_limit_and_endless_events_end_with_what_was_computed() {
    let model = "compartment box = 1 pL\nspecies X = 100 copies in box assumed\n\
                 process growth: -> X rate X^2 / (1 copies * min) assumed\n\
                 experiment e { run 1 h every 10 ms  measure x = X }\n";
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results.csv");
    let output = with_input(&["run", "-", "--out", results.to_str().unwrap()], model.as_bytes());
    ends(&output, 3, "`growth`");
    assert!(err(&output).contains("`X`") && err(&output).contains(" h "), "{}", err(&output));
    assert!(std::fs::read_to_string(results).unwrap().lines().count() > 50);
    let model = String::from_utf8(decay("100 copies", "0.1 / min", "run 1000 h")).unwrap();
    let model = format!("{model}when A < 50 copies {{ A = 50 copies }}\n");
    ends(&with_input(&["run", "-"], model.as_bytes()), 3, "the last was event 1");
}

#[test]
fn many_mistakes_are_not_all_shown_and_input_without_end_is_refused() {
    let model: String = (0..500).map(|i| format!("process p{i}: Foo{i} -> Bar{i} at 0.1 / min assumed\n")).collect();
    let output = with_input(&["check", "-"], model.as_bytes());
    ends(&output, 1, "more, not shown");
    assert!(err(&output).len() < 60_000 && out(&output).contains("500 errors"), "{}", out(&output));
    if Path::new("/dev/zero").exists() {
        ends(&run(&["check", "/dev/zero"]), 2, "bytes, more than");
    }
}

#[test]
fn slips_are_named_once_and_mended() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rab27_knockdown.exo"));
    let text = text.unwrap();
    let slips = [
        ("Rab27a by 85 %", "Rab27a = 85 %", "expected `by`, found `=`"),
        ("HeLa, 1e6", "HeLa 1e6", "a `,` is missing in this `place`"),
        ("{ siRab27a; siRab27b }", "{ siRab27a, siRab27b }", "expected `;`, found `,`"),
        ("yield    = ILV@medium", "yield    = ILV in medium", "expected `@`, found `in`"),
        ("MVB.docked@donor", "MVB.docked@medium", "`MVB` is never in `medium`"),
        ("    place donor: HeLa", "    plaice donor: HeLa", "`plaice` is not a keyword"),
        ("1e6 cells in medium", "1e6 in medium", "E0310"),
    ];
    for (right, wrong, said) in slips {
        let output = with_input(&["check", "-"], text.replacen(right, wrong, 1).as_bytes());
        ends(&output, 1, said);
        assert!(out(&output).contains(": 1 error\n"), "{}{}", out(&output), err(&output));
    }
}

#[test]
fn claims_of_a_copy_of_a_library_module_are_about_the_librarys_cell() {
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/release/rab27.exo")).unwrap();
    let output = with_input(&["test", "-"], &text);
    ends(&output, 0, "");
}

#[test]
fn sensitivities_are_ranked_written_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let files = ["s.csv", "s.json", "s.parquet", "s.svg", "s.png"].map(path);
    let [csv, json, parquet, svg, png] = files.each_ref();
    let written = ["--out", csv, "--out", json, "--out", parquet, "--plot", svg, "--plot", png];
    let ranked = ["sensitivity", HELLO, "overnight", "--of", "stored", "--top", "2"];
    let output = run(&[&ranked[..], &written].concat());
    ends(&output, 0, "");
    let text = out(&output);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains('▇')).collect();
    assert!(lines.len() == 2 && lines[0].contains("degradation.k") && lines[0].contains("-1.5"), "{text}");
    for file in &files {
        assert!(std::fs::metadata(file).unwrap().len() > 100, "{file}");
    }
    let rows = std::fs::read_to_string(csv).unwrap();
    assert_eq!(rows.lines().count(), 1 + 10, "{rows}");
    let rows = |more: &[&str]| {
        ends(&run(&[&["sensitivity", HELLO, "-q", "--out", csv][..], more].concat()), 0, "");
        std::fs::read_to_string(csv).unwrap().lines().count() - 1
    };
    assert_eq!(rows(&["--with-respect-to", "budding.k,MVB", "--over-time"]), 2 * 2 * 145);
    assert_eq!(rows(&["--with-respect-to", "size of cytosol", "--at", "2h"]), 2);
}

#[test]
fn names_that_sensitivities_do_not_know_have_neighbours() {
    let refused = |arguments: &[&str], said: &str| {
        ends(&run(&[&["sensitivity", "examples/rab27_knockdown.exo", "-q"][..], arguments].concat()), 2, said);
    };
    refused(&["--of", "yeld"], "did you mean `yield`?");
    refused(&["--with-respect-to", "k_dok"], "did you mean `k_dock`?");
    refused(&["--arm", "bth"], "did you mean `both`?");
    refused(&["--at", "30h"], "`secretion` ends before that");
    refused(&["--at", "soon"], "write `final`, `mean`, or a time");
    refused(&["--plot", "s.pdf"], ".svg or .png");
    ends(&run(&["sensitivity", HELLO, "--at", "3um"]), 1, "this is a length");
}

const RUNAWAY: &[u8] = b"compartment cytosol = 2 pL\nspecies X = 100 copies in cytosol\n\
    process growth: -> X rate 0.001 / copies / min * X^2 assumed\n\
    experiment burst { run 1 h every 1 min measure made = X arm control arm slow { set X = 50 copies } }\n";

#[test]
fn what_was_computed_before_a_failure_is_written_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let [table, picture] = ["r.csv", "p.svg"].map(|name| folder.path().join(name));
    let files = [table.to_str().unwrap(), picture.to_str().unwrap()];
    let output = with_input(&["run", "-", "--out", files[0], "--plot", files[1]], RUNAWAY);
    ends(&output, 3, "E0703");
    let rows = std::fs::read_to_string(&table).unwrap();
    // From the start, every minute until it grows without limit, at 10 min and at 20 min.
    let of = |arm: &str| rows.lines().filter(|row| row.contains(arm)).count();
    assert!(of("control") >= 10 && of("slow") >= 20, "{rows}");
    assert!(std::fs::read_to_string(&picture).unwrap().contains("</svg>"));
}

#[test]
fn values_that_nothing_can_run_with_are_refused_before_the_run() {
    let model = b"param k = 1 / min assumed\nparam v = 2 pL assumed\ncompartment cytosol = v assumed\n\
        species X = 100 copies in cytosol\nprocess loss: X -> at k assumed\n\
        experiment decay { run 1 h measure left = X }\n";
    ends(&with_input(&["run", "-", "--set", "k=-1/min"], model), 2, "`loss` would go backwards: `k` is -1 1/min");
    ends(&with_input(&["run", "-", "--set", "v=0 pL"], model), 2, "`cytosol` has no room");
    ends(&with_input(&["run", "-", "--rtol", "1e-17"], model), 2, "finer than double precision");
    ends(&with_input(&["run", "-", "--rtol", "0", "--atol", "0"], model), 2, "both zero");
}

/// In a process that may not make pages executable: Linux's `PR_SET_MDWE`, set by way of Perl, stays over `exec`.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn where_pages_cannot_be_made_executable_the_interpreter_runs_the_model_and_says_so() {
    let forbid = "exit 77 if syscall(157, 65, 1, 0, 0, 0) != 0; exec @ARGV";
    let locked = |arguments: &[&str]| {
        let exoc = env!("CARGO_BIN_EXE_exoc");
        Command::new("perl")
            .args(["-e", forbid, exoc])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("COLUMNS", "80")
            .output()
    };
    let commands: [&[&str]; 5] = [
        &["run", HELLO],
        &["run", HELLO, "--exact", "--runs", "2"],
        &["run", "examples/rab27_knockdown.exo", "--ensemble", "9"],
        &["sensitivity", HELLO],
        &["steady", "examples/endocytic_chain.exo"],
    ];
    for command in commands {
        let Ok(output) = locked(command) else { return };
        // A kernel before 6.3 can't forbid it.
        if output.status.code() == Some(77) {
            return;
        }
        assert_eq!(output.status.code(), Some(0), "{command:?}\n{}", err(&output));
        assert!(err(&output).contains("note: no machine code here"), "{command:?}\n{}", err(&output));
        assert_eq!(out(&output), out(&run(command)), "{command:?}");
    }
}
