//! The bar that shows how far a run is, on standard error, once it has taken a second.

use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::Progress;

const PATIENCE: Duration = Duration::from_secs(1);

/// A progress bar that appears late and leaves nothing behind.
pub(super) struct Bar {
    wanted: bool,
    started: Instant,
    /// When what is counted was first told of, and how much of it there was.
    first: Option<(Instant, u64)>,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// `wanted`: whether there is anyone to see it.
    pub fn new(wanted: bool) -> Bar {
        Bar { wanted, started: Instant::now(), first: None, bar: None }
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
        let (since, before) = *self.first.get_or_insert_with(|| (Instant::now(), done));
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| counting(total, what));
        bar.set_message(left(since.elapsed(), done.saturating_sub(before), total.saturating_sub(done)));
        bar.set_position(done);
    }

    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// The time that `rest` will take if as much as was `done` took so long; nothing before there is anything to go by.
fn left(elapsed: Duration, done: u64, rest: u64) -> String {
    if done == 0 {
        return String::new();
    }
    format!(", {} left", HumanDuration(elapsed.mul_f64(rest as f64 / done as f64)))
}

/// A bar that counts.
fn counting(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::hidden();
    bar.set_length(total);
    let style = ProgressStyle::with_template(&format!("{{bar:30}} {{human_pos}} of {{human_len}} {what}{{msg}}"));
    let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
    bar.set_draw_target(ProgressDrawTarget::stderr());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_goes_by_what_was_done_since_it_was_first_counted() {
        assert_eq!(left(Duration::from_secs(10), 0, 90), "");
        assert_eq!(left(Duration::from_secs(60), 100, 400), ", 4 minutes left");
        assert_eq!(left(Duration::from_secs(60), 100, 0), ", 0 seconds left");
    }
}
