//! The bar that shows how far a run is, on standard error, once it has taken a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
        let position = (1000.0 * progress.share) as u64;
        let message = format!("{} {}", progress.experiment, progress.arm);
        match &self.bar {
            Some(bar) => {
                bar.set_position(position);
                bar.set_message(message);
            }
            None => self.bar = Some(begun(position, message)),
        }
    }

    /// How many members of an ensemble there are; with the time that is left.
    pub fn members(&mut self, done: u64, total: u64) {
        self.count(done, total, "members");
    }

    /// How many exact runs there are.
    pub fn runs(&mut self, done: u64, total: u64) {
        self.count(done, total, "runs");
    }

    fn count(&mut self, done: u64, total: u64, what: &str) {
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None => self.bar = Some(counting(done, total, what)),
        }
    }

    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// A bar that counts, from where it is.
fn counting(done: u64, total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::hidden();
    bar.set_length(total);
    let style = ProgressStyle::with_template(&format!("{{bar:30}} {{pos}}/{{len}} {what}, {{eta}} left"));
    let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
    bar.set_position(done);
    bar.reset_eta();
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.tick();
    bar
}

/// A bar that shows where it is at once, on one line however narrow the terminal.
fn begun(position: u64, message: String) -> ProgressBar {
    let bar = ProgressBar::hidden().with_position(position).with_message(message);
    bar.set_length(1000);
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {wide_msg}");
    let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.tick();
    bar
}
