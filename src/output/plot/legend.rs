//! Which line is which arm: samples with names in rows below the title.

use super::super::picture::{Anchor, Picture, plain, width_of};
use super::super::unit::quantity;
use super::{colour_of, dashes_of};
use crate::experiment::results::ExperimentResult;

const SAMPLE: f64 = 38.0;
const ROW: f64 = 24.0;
const SIZE: u32 = 14;

/// Names with their places; rows are filled from the left.
#[derive(Default)]
pub(super) struct Legend {
    /// Arm, name, offset from the left, row.
    entries: Vec<(usize, String, f64, usize)>,
}

impl Legend {
    /// The plain arms of an experiment; none if there is only one and nothing to tell of it.
    pub fn of(result: &ExperimentResult, width: f64) -> Legend {
        let arms: Vec<_> = result.arms.iter().filter(|arm| arm.coordinates.is_empty()).collect();
        let mut legend = Legend::default();
        if arms.len() < 2 && arms.iter().all(|arm| arm.failure.is_none()) {
            return legend;
        }
        let (mut x, mut row) = (0.0, 0);
        for (i, arm) in arms.iter().enumerate() {
            let name = match &arm.failure {
                Some(failure) => format!("{} (stopped at {})", arm.name, quantity(failure.time, &result.time_unit)),
                None => arm.name.clone(),
            };
            let wide = SAMPLE + 8.0 + width_of(&name, plain(SIZE)) + 26.0;
            if x > 0.0 && x + wide > width {
                (x, row) = (0.0, row + 1);
            }
            legend.entries.push((i, name, x, row));
            x += wide;
        }
        legend
    }

    pub fn height(&self) -> f64 {
        self.entries.last().map_or(0.0, |(.., row)| (*row + 1) as f64 * ROW + 8.0)
    }

    pub fn draw(&self, picture: &mut Picture, left: f64, top: f64) {
        for (arm, name, offset, row) in &self.entries {
            let (x, y) = (left + offset, top + *row as f64 * ROW + ROW / 2.0);
            picture.line(&[(x, y), (x + SAMPLE, y)], colour_of(*arm), 2.8, dashes_of(*arm));
            picture.text(x + SAMPLE + 8.0, y + 5.0, name, plain(SIZE), Anchor::Start);
        }
    }
}
