//! Shards put together.

use std::path::{Path, PathBuf};

use super::{EnsembleError, Shard, Store};

/// Puts shards of one ensemble together in a new store; `None` for one without a name. What it holds is what the whole
/// ensemble, computed in one place, would hold, to the last bit.
///
/// # Errors
/// Stores of different ensembles, one shard twice, and, unless `partial`, shards or members that are missing.
pub fn merge(paths: &[PathBuf], out: Option<&Path>, partial: bool) -> Result<Store, EnsembleError> {
    let mut parts: Vec<(&Path, Store)> = Vec::new();
    for path in paths {
        parts.push((path, Store::open(path, false)?));
    }
    let Some((first, rest)) = parts.split_first() else {
        return Err(EnsembleError::Missing { missing: "all shards are".to_owned() });
    };
    for (path, store) in rest {
        store.header().must_be(first.1.header(), path)?;
    }
    for (i, (path, store)) in parts.iter().enumerate() {
        let shard = store.header().shard;
        if let Some((other, _)) = parts.iter().take(i).find(|(_, s)| s.header().shard == shard) {
            let (first, second) = (other.to_path_buf(), path.to_path_buf());
            return Err(EnsembleError::SameShard { first, second, shard: shard.to_string() });
        }
    }
    if !partial {
        all_there(&parts)?;
    }
    let mut header = first.1.header().clone();
    header.shard = Shard::WHOLE;
    let mut whole = match out {
        Some(path) => Store::create(path, header)?,
        None => Store::temporary(header)?,
    };
    for (_, part) in &mut parts {
        let members: Vec<u64> = part.members().collect();
        let mut bytes = vec![0; part.header().shape().bytes()];
        for member in members {
            if part.read(member, 0, &mut bytes)? {
                whole.write(&bytes)?;
            }
        }
    }
    whole.sync()?;
    Ok(whole)
}

fn all_there(parts: &[(&Path, Store)]) -> Result<(), EnsembleError> {
    for (path, store) in parts {
        let missing = store.header().slots() - store.finished();
        if missing > 0 {
            let are = if missing == 1 { "member is" } else { "members are" };
            let missing =
                format!("`{}` was not finished (`--resume` goes on with it): {missing} {are}", path.display());
            return Err(EnsembleError::Missing { missing });
        }
    }
    let members = parts.first().map_or(0, |(_, store)| store.header().members);
    let there: u64 = parts.iter().map(|(_, store)| store.finished()).sum();
    if there == members {
        return Ok(());
    }
    let of = parts.first().map_or(1, |(_, store)| store.header().shard.of);
    let has = |index: u64| parts.iter().any(|(_, s)| s.header().shard == Shard { index, of });
    let absent: Vec<String> = (0..of).filter(|i| !has(*i)).map(|index| Shard { index, of }.to_string()).collect();
    let are = if absent.len() == 1 { "is" } else { "are" };
    let word = if absent.len() == 1 { "shard" } else { "shards" };
    Err(EnsembleError::Missing { missing: format!("{word} {} {are}", absent.join(", ")) })
}
