//! Ensembles and scans as their users run them: the same bits however the work is spread, what closed forms say, what is
//! kept of a run that was killed.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Decay, whose rate is log-normal: y(t) = 1000 exp(-k t), so quantiles of y are those of k, the other way round.
const DECAY: &str = "\
compartment c = 1 pL assumed
param k = 0.5 / h within 3 fold assumed
species A = 1000 copies in c assumed
process loss: A -> at k
experiment e {
    run 4 h every 1 h
    measure left = A
}
claim \"less than four tenths are left after two hours\" assumed
    e.control.left at 2 h < 400 copies
";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(model: &str) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.exo"), model).unwrap();
        Bench { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exoc"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).env("COLUMNS", "100");
        command
    }

    #[track_caller]
    fn run(&self, code: i32, arguments: &str) -> Output {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}\n{}", both(&output));
        output
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }
}

fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[test]
fn threads_lanes_shards_and_attempts_make_no_difference() {
    let bench = Bench::new(DECAY);
    bench.run(0, "run model.exo -q --ensemble 200 --seed 7 --threads 1 --lanes 1 --store one.exoens");
    let whole = bench.bytes("one.exoens");
    for (name, how) in [("two", "--threads 2 --lanes 2"), ("three", "--threads 3 --lanes 8"), ("four", "--interpret")] {
        bench.run(0, &format!("run model.exo -q --ensemble 200 --seed 7 {how} --store {name}.exoens"));
        assert!(whole == bench.bytes(&format!("{name}.exoens")), "{how}");
    }
    for shard in 1..=3 {
        let shard = format!("--shard {shard}/3 --store part{shard}.exoens");
        bench.run(0, &format!("run model.exo -q --ensemble 200 --seed 7 {shard}"));
    }
    let output = bench.run(0, "merge part3.exoens part1.exoens part2.exoens -o all.exoens --out all.json");
    assert!(both(&output).contains("200 members"), "{}", both(&output));
    assert!(whole == bench.bytes("all.exoens"));
    bench.run(0, "run model.exo -q --ensemble 200 --seed 7 --out one.json");
    assert_eq!(bench.json("one.json"), bench.json("all.json"));
    bench.run(0, "run model.exo -q --ensemble 200 --seed 8 --store other.exoens");
    assert!(whole != bench.bytes("other.exoens"));
}

#[test]
fn quantiles_and_shares_are_those_of_the_closed_form() {
    let bench = Bench::new(DECAY);
    for (sampling, tolerance) in [("sobol", 0.004), ("lhs", 0.004), ("random", 0.05)] {
        bench.run(0, &format!("run model.exo -q --rtol 1e-8 --ensemble 2000 --sampling {sampling} --out r.json"));
        let results = bench.json("r.json");
        let series = &results["experiments"][0]["arms"][0]["series"][0];
        let band = |i: usize, end: &str| numbers(&series["bands"][i][end])[2];
        let ln_sd = 3f64.ln() / 1.959_964;
        // After two hours, at quantiles of k.
        let left = |z: f64| 1000.0 * (-2.0 * 0.5 * (ln_sd * z).exp()).exp();
        let cases = [
            (numbers(&series["median"])[2], 0.0),
            (band(0, "lower"), 1.644_854),
            (band(0, "upper"), -1.644_854),
            (band(1, "lower"), 0.674_490),
            (band(1, "upper"), -0.674_490),
        ];
        for (found, z) in cases {
            let exact = left(z);
            assert!((found - exact).abs() < 1000.0 * tolerance, "{sampling}: {found} is not {exact}");
        }
        // 1000 exp(-2 k) < 400 where k > ln(1000 / 400) / 2.
        let z = ((1000f64 / 400.0).ln() / 2.0 / 0.5).ln() / ln_sd;
        let share = 1.0 - exoc::solve::random::normal_below(z);
        let holds = results["claims"][0]["shares"][0]["holds"].as_f64().unwrap() / 2000.0;
        assert!((holds - share).abs() < tolerance, "{sampling}: {holds} is not {share}");
        assert_eq!(numbers(&series["values"]).len(), 5);
    }
}

/// Slow enough to be killed in the middle: many members of a long run.
fn slow() -> String {
    DECAY.replace("run 4 h every 1 h", "run 4 h every 10 s")
}

/// Until the first member is in the store, or the run has ended.
fn wait_for_members(path: &Path, child: &mut std::process::Child) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(120) {
        if child.try_wait().unwrap().is_some() {
            return;
        }
        let mut written = Vec::new();
        if let Ok(file) = std::fs::File::open(path) {
            file.take(1 << 16).read_to_end(&mut written).unwrap();
        }
        let header = written.get(8..16).map_or(0, |length| u64::from_le_bytes(length.try_into().unwrap()));
        // The first member's record comes after the header.
        if written.iter().skip(24 + header as usize).take(1000).any(|b| *b != 0) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no member was written");
}

#[test]
fn what_was_finished_before_a_kill_is_kept_and_the_rest_resumed() {
    let bench = Bench::new(&slow());
    let run = "run model.exo -q --ensemble 200 --threads 2";
    let mut child = bench.command(&format!("{run} --store a.exoens")).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !bench.path("a.exoens").exists() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(150));
    // SIGKILL; a run that was quicker is as good.
    let _ = child.kill();
    child.wait().unwrap();
    let refused = bench.run(2, &format!("{run} --store a.exoens"));
    assert!(both(&refused).contains("--resume"), "{}", both(&refused));
    let other = bench.run(2, &format!("{run} --seed 3 --store a.exoens --resume"));
    assert!(both(&other).contains("--seed differs"), "{}", both(&other));
    bench.run(0, &format!("{run} --store a.exoens --resume"));
    bench.run(0, &format!("{run} --store b.exoens"));
    assert!(bench.bytes("a.exoens") == bench.bytes("b.exoens"));
    std::fs::write(bench.path("model.exo"), slow() + "\n\n").unwrap();
    let other = bench.run(2, &format!("{run} --store a.exoens --resume"));
    assert!(both(&other).contains("another model"), "{}", both(&other));
}

#[cfg(unix)]
#[test]
fn an_interrupt_finishes_what_is_in_work_and_tells_what_there_is() {
    // What runs in the background of a shell is begun with interrupts ignored, and rightly stays so.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    if ignored & (1 << 1) != 0 {
        return;
    }
    // On a busy machine a run may end before the signal reaches it: then once more.
    let told = (0..10).find_map(|_| {
        let bench = Bench::new(&slow());
        let run = "run model.exo --ensemble 3000 --threads 1 --store a.exoens";
        let mut child = bench.command(run).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for_members(&bench.path("a.exoens"), &mut child);
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let told = both(&output);
        (output.status.code() != Some(0)).then(|| {
            assert_eq!(output.status.code(), Some(130), "{told}");
            told
        })
    });
    let told = told.expect("a run that was interrupted");
    assert!(told.contains("of 3000 members were computed") && told.contains("--resume"), "{told}");
    assert!(told.contains("of 3,000 members ·"), "{told}");
}

#[test]
fn what_can_not_be_drawn_is_said() {
    let certain = Bench::new(&DECAY.replace(" within 3 fold", ""));
    let output = certain.run(2, "run model.exo --ensemble 10");
    assert!(both(&output).contains("nothing to draw") && both(&output).contains("within 3 fold"), "{}", both(&output));
    let set = Bench::new(DECAY);
    let output = set.run(2, "run model.exo --ensemble 10 --set k=0.1/h");
    assert!(both(&output).contains("nothing to draw"), "{}", both(&output));
    let output = set.run(2, "run model.exo --ensemble 10 --shard 3/2 --store a");
    assert!(both(&output).contains("I/N"), "{}", both(&output));
    let output = set.run(2, "merge model.exo");
    assert!(both(&output).contains("no store"), "{}", both(&output));
}

#[test]
fn members_that_fail_are_counted_and_left_out() {
    // Growth without limit where the drawn gain is above the loss: the nominal run decays.
    let model = "\
compartment c = 1 pL assumed
param gain = 1 / copies / h within 20 fold assumed
species A = 1 copies in c assumed
process loss: A -> at 2 / h assumed
process gained: -> A rate gain * A * A
experiment e {
    run 10 h every 1 h
    measure left = A
}
claim \"it decays\" assumed
    e.control.left < 1 copies
";
    let bench = Bench::new(model);
    let told = both(&bench.run(0, "run model.exo --ensemble 100 --out r.json"));
    assert!(told.contains("failed, and count in no median"), "{told}");
    assert!(told.contains("E0703") && told.contains("e.control"), "{told}");
    let results = bench.json("r.json");
    let failed = results["ensemble"]["failed"].as_u64().unwrap();
    let shares = &results["claims"][0]["shares"][0];
    assert!(failed > 10 && failed < 60, "{failed}");
    assert_eq!(shares["undecided"].as_u64().unwrap(), failed);
    let median = numbers(&results["experiments"][0]["arms"][0]["series"][0]["median"]);
    assert!(median.len() == 11 && median[10] < 1e-6, "{median:?}");
}

#[test]
fn a_number_is_drawn_once_for_all_that_use_it() {
    let model = "\
compartment c = 1 pL assumed
param k = 0.5 / h within 3 fold assumed
species A = 1000 copies in c assumed
species B = 1000 copies in c assumed
process first: A -> at k
process second: B -> at k
experiment e {
    run 4 h every 1 h
    measure difference = A - B
}
";
    let bench = Bench::new(model);
    bench.run(0, "run model.exo -q --ensemble 50 --out r.json");
    let results = bench.json("r.json");
    let bands = &results["experiments"][0]["arms"][0]["series"][0]["bands"][0];
    assert!(numbers(&bands["lower"]).iter().chain(&numbers(&bands["upper"])).all(|d| d.abs() < 1e-6));
}

#[test]
fn scans_are_grids_checked_as_set_is() {
    let bench = Bench::new(DECAY);
    let told = both(&bench.run(0, "run model.exo --scan k=0.25..1/h:log:3 --out r.json --plot p.svg"));
    assert!(told.contains("k [1/h]"), "{told}");
    let results = bench.json("r.json");
    let arms = results["experiments"][0]["arms"].as_array().unwrap();
    assert_eq!(arms.len(), 4);
    for (arm, k) in arms[1..].iter().zip([0.25, 0.5, 1.0]) {
        assert!((arm["coordinates"][0]["value"].as_f64().unwrap() - k).abs() < 1e-12);
        let last = *numbers(&arm["series"][0]["values"]).last().unwrap();
        assert!((last - 1000.0 * (-4.0 * k).exp()).abs() < 1e-3, "{k}: {last}");
    }
    assert_eq!(results["claims"][0]["shares"][0]["of"], "points of the scan");
    assert_eq!(results["claims"][0]["shares"][0]["holds"], 2);
    for (wrong, why) in [
        ("k=1..2", "write NAME=FROM..TO:log:COUNT"),
        ("k=0..2/h:log:3", "above zero"),
        ("k=1,2", "E0310"),
        ("q=1,2/h", "no parameter, initial amount or place"),
        ("k=1..2/h:log:1", "whole one from 2"),
    ] {
        let output = bench.command(&format!("run model.exo --scan {wrong}")).output().unwrap();
        assert!(!output.status.success() && both(&output).contains(why), "{wrong}: {}", both(&output));
    }
    bench.run(2, "run model.exo --scan k=1,2/h --set k=1/h");
    bench.run(2, "run model.exo --scan k=1,2/h --scan k=3,4/h");
    let one = bench.run(0, "run model.exo --scan k=0.1..1/h:lin:40 --threads 1");
    let two = bench.run(0, "run model.exo --scan k=0.1..1/h:lin:40 --threads 2 --lanes 8");
    assert_eq!(both(&one), both(&two));
}

#[test]
fn claims_are_tested_over_an_ensemble() {
    let bench = Bench::new(DECAY);
    let told = both(&bench.run(0, "test model.exo --ensemble 100"));
    assert!(told.contains("% of 100 members"), "{told}");
}
