//! The bar that shows how far a run is, on standard error, once it has taken a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::experiment::Progress;

const PATIENCE: Duration = Duration::from_secs(1);

/// A progress bar that appears late and leaves nothing behind.
pub(super) struct Bar {
    wanted: bool,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// `wanted`: whether there is anyone to see it.
    pub fn new(wanted: bool) -> Bar {
        Bar { wanted, started: Instant::now(), bar: None }
    }

    pub fn update(&mut self, progress: &Progress<'_>) {
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}");
            let bar = ProgressBar::new(1000);
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        bar.set_message(format!("{} {}", progress.experiment, progress.arm));
        bar.set_position((1000.0 * progress.share) as u64);
    }

    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
