//! Stores and quantiles on records made by hand. Whole ensembles are run by `tests/it/ensemble.rs`.

use std::io::{Seek, SeekFrom, Write};

use super::record::Record;
use super::*;

fn header(members: u64, shard: Shard) -> Header {
    let identity = Identity { version: "1".into(), model: "m".into(), options: vec![("--seed".into(), "0".into())] };
    Header {
        identity,
        members,
        shard,
        block: 8,
        uncertain: 1,
        sampling: "Sobol".into(),
        seed: 0,
        verdicts: 1,
        values: 3,
        nominal: Results::default(),
    }
}

/// Values that depend on the member alone, some of them no numbers.
fn record(member: u64) -> Record {
    let x = (member as f64 * 0.618_034).fract() - 0.3;
    let values = vec![x, if member.is_multiple_of(7) { f64::NAN } else { x.powi(3) * 1e9 }, (member % 3) as f64];
    Record { member, failure: None, verdicts: vec![Some(member.is_multiple_of(2))], values }
}

fn fill(store: &mut Store) {
    let shape = store.header().shape();
    for member in store.header().blocks().flatten().collect::<Vec<u64>>() {
        store.write(&record(member).encode(shape)).unwrap();
    }
}

#[test]
fn quantiles_that_are_sorted_and_that_are_selected_are_the_same() {
    let mut store = Store::temporary(header(1000, Shard::WHOLE)).unwrap();
    fill(&mut store);
    let at = [0.0, 0.05, 0.25, 0.5, 0.95, 1.0];
    let sorted = quantiles::within(&mut store, &at, 1 << 20).unwrap();
    assert_eq!(sorted, quantiles::within(&mut store, &at, 8000).unwrap());
    assert_eq!(sorted, quantiles::within(&mut store, &at, 100).unwrap());
    assert_eq!(sorted[2], [0.0, 0.0, 0.0, 1.0, 2.0, 2.0]);
    let mut first: Vec<f64> = (0..1000).map(|m| record(m).values[0]).collect();
    first.sort_by(f64::total_cmp);
    assert_eq!((sorted[0][0], sorted[0][5]), (first[0], first[999]));
    assert_eq!(sorted[0][3], first[499] + 0.5 * (first[500] - first[499]));
}

#[test]
fn an_empty_store_has_no_quantiles() {
    let mut store = Store::temporary(header(10, Shard::WHOLE)).unwrap();
    assert!(quantiles::quantiles(&mut store, &[0.5]).unwrap().iter().flatten().all(|q| q.is_nan()));
}

#[test]
fn a_store_is_read_as_it_was_written_but_for_what_was_torn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exoens");
    let mut store = Store::create(&path, header(20, Shard::WHOLE)).unwrap();
    fill(&mut store);
    assert!(matches!(Store::open(&path, true), Err(EnsembleError::Busy { .. })));
    drop(store);
    let mut whole = Store::open(&path, false).unwrap();
    assert_eq!(whole.finished(), 20);
    assert_eq!(whole.record(7).unwrap().unwrap().verdicts, record(7).verdicts);
    drop(whole);
    let length = std::fs::metadata(&path).unwrap().len();
    let slot = header(20, Shard::WHOLE).shape().bytes() as u64;
    // Half of the last record is lost, and a byte of the third.
    let mut file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(length - slot / 2).unwrap();
    file.seek(SeekFrom::Start(length - 18 * slot + 30)).unwrap();
    file.write_all(&[0xAA]).unwrap();
    drop(file);
    let mut torn = Store::resume(&path, &header(20, Shard::WHOLE)).unwrap();
    assert_eq!(torn.finished(), 18);
    assert!(!torn.has(2) && !torn.has(19));
    fill(&mut torn);
    assert_eq!(torn.finished(), 20);
}

#[test]
fn what_is_no_store_or_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exoens");
    std::fs::write(&path, b"time,value\n0,1\n").unwrap();
    assert!(matches!(Store::open(&path, false), Err(EnsembleError::NotAStore { .. })));
    std::fs::remove_file(&path).unwrap();
    drop(Store::create(&path, header(20, Shard::WHOLE)).unwrap());
    assert!(matches!(Store::create(&path, header(20, Shard::WHOLE)), Err(EnsembleError::Exists { .. })));
    let refused = |change: &dyn Fn(&mut Header)| {
        let mut other = header(20, Shard::WHOLE);
        change(&mut other);
        Store::resume(&path, &other).unwrap_err().to_string()
    };
    assert!(refused(&|h| h.identity.model = "n".into()).contains("another model"));
    assert!(refused(&|h| h.identity.options[0].1 = "1".into()).contains("--seed differs: 0 there, 1 here"));
    assert!(refused(&|h| h.shard = Shard { index: 1, of: 2 }).contains("another shard: 1/1 there, 2/2 here"));
    assert!(refused(&|h| h.identity.version = "2".into()).contains("another version"));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[30] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(Store::open(&path, false), Err(EnsembleError::Damaged { .. })));
}

#[test]
fn shards_make_the_whole_and_say_what_they_lack() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut whole = Store::create(&path("whole"), header(100, Shard::WHOLE)).unwrap();
    fill(&mut whole);
    drop(whole);
    let shards: Vec<_> = (0..3).map(|index| path(&format!("part{index}"))).collect();
    for (index, shard) in shards.iter().enumerate() {
        let mut store = Store::create(shard, header(100, Shard { index: index as u64, of: 3 })).unwrap();
        fill(&mut store);
    }
    drop(merge(&shards, Some(&path("all")), false).unwrap());
    assert_eq!(std::fs::read(path("whole")).unwrap(), std::fs::read(path("all")).unwrap());
    let failed = |paths: &[usize]| {
        let paths: Vec<_> = paths.iter().map(|i| shards[*i].clone()).collect();
        merge(&paths, None, false).unwrap_err().to_string()
    };
    assert!(failed(&[0, 2]).starts_with("shard 2/3 is missing"), "{}", failed(&[0, 2]));
    assert!(failed(&[0, 1, 0]).contains("are both shard 1/3"), "{}", failed(&[0, 1, 0]));
    assert_eq!(merge(&shards[..2], None, true).unwrap().finished(), 68);
    let unfinished = path("unfinished");
    drop(Store::create(&unfinished, header(100, Shard { index: 2, of: 3 })).unwrap());
    let paths = [shards[0].clone(), shards[1].clone(), unfinished];
    assert!(merge(&paths, None, false).unwrap_err().to_string().contains("was not finished"));
}
