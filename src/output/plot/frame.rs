//! The frame of a panel: axes, marks, grid.

use super::super::picture::{Anchor, BLACK, PALE, Picture, Rgb, plain, width_of};

/// Between the left edge of a panel and its plotting area: room for numbers.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 48.0;
const NUMBERS: u32 = 13;

/// The plotting area and how values lie in it.
pub(super) struct Frame {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    /// The plotting area of a panel, with `above` points kept free under its heading and `beside` at its right.
    pub fn new([x, y, width, height]: [f64; 4], above: f64, beside: f64) -> Frame {
        let (left, top) = (x + LEFT, y + TOP + above);
        Frame { x: left, y: top, width: width - LEFT - RIGHT - beside, height: height - TOP - BOTTOM - above }
    }

    /// The point at shares of the width from the left and of the height from below.
    pub fn at(&self, right: f64, up: f64) -> (f64, f64) {
        (self.x + right * self.width, self.y + (1.0 - up) * self.height)
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The upright axis with its grid; marks are shares of the height with their labels.
    pub fn upright(&self, picture: &mut Picture, ticks: impl Iterator<Item = (f64, String)>) {
        for (share, label) in ticks {
            let (x, y) = self.at(0.0, share);
            if share > 0.001 {
                picture.line(&[(x, y), (x + self.width, y)], PALE, 1.0, &[]);
            }
            picture.line(&[(x - 5.0, y), (x, y)], BLACK, 1.2, &[]);
            picture.text(x - 9.0, y + 4.5, &label, plain(NUMBERS), Anchor::End);
        }
        picture.line(&[(self.x, self.y), (self.x, self.bottom())], BLACK, 1.2, &[]);
    }

    /// The level axis: marks are shares of the width; a label that would touch the one before it is left out.
    pub fn level(&self, picture: &mut Picture, ticks: impl Iterator<Item = (f64, String)>, title: &str) {
        let mut free = f64::NEG_INFINITY;
        for (share, label) in ticks {
            let (x, y) = self.at(share, 0.0);
            picture.line(&[(x, y), (x, y + 5.0)], BLACK, 1.2, &[]);
            let half = width_of(&label, plain(NUMBERS)) / 2.0;
            if x - half >= free {
                picture.text(x, y + 20.0, &label, plain(NUMBERS), Anchor::Middle);
                free = x + half + 6.0;
            }
        }
        picture.line(&[(self.x, self.bottom()), (self.x + self.width, self.bottom())], BLACK, 1.2, &[]);
        picture.text(self.x + self.width / 2.0, self.bottom() + 42.0, title, plain(14), Anchor::Middle);
    }

    /// A cross where a curve ended before its time.
    pub fn cross(&self, picture: &mut Picture, (x, y): (f64, f64), colour: Rgb) {
        let r = 5.0;
        picture.line(&[(x - r, y - r), (x + r, y + r)], colour, 2.5, &[]);
        picture.line(&[(x - r, y + r), (x + r, y - r)], colour, 2.5, &[]);
    }
}
