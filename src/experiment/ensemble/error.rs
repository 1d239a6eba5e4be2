//! Why an ensemble can't be run, kept or put together, with a way out.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::solve::random::TooManyDimensions;

#[derive(Debug, Error)]
pub enum EnsembleError {
    #[error(
        "nothing to draw: no number that is used has an uncertainty; give one, as in `param k = 0.1 / min within 3 fold` or \
         `± 0.02 / min` (`exoc check --evidence` lists the numbers), or use `--scan` for values of your own"
    )]
    NothingUncertain,
    #[error("{0}; use `--sampling lhs`")]
    Dimensions(#[from] TooManyDimensions),
    #[error("`{}` exists already: `--resume` goes on with it; or choose another name", path.display())]
    Exists { path: PathBuf },
    #[error("`{}` is no store of an ensemble: give a file that `--store` wrote", path.display())]
    NotAStore { path: PathBuf },
    #[error("`{}` is damaged at its beginning and can't be used: remove it, and run the ensemble again", path.display())]
    Damaged { path: PathBuf },
    #[error("`{}` is being written by another exoc: wait until it has ended", path.display())]
    Busy { path: PathBuf },
    #[error("`{}` is of {what}: {theirs} there, {ours} here; use what it was made with, or another file", path.display())]
    Other { path: PathBuf, what: String, theirs: String, ours: String },
    #[error("`{}` and `{}` are both shard {shard}: give each once", first.display(), second.display())]
    SameShard { first: PathBuf, second: PathBuf, shard: String },
    #[error("{missing} missing: give all, or take what there is with `--partial`")]
    Missing { missing: String },
    #[error("can't {doing} `{}`: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: std::io::Error },
}

impl EnsembleError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> EnsembleError {
        move |source| EnsembleError::Io { doing, path: path.to_owned(), source }
    }
}
