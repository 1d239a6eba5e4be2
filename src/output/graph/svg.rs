//! The drawing as a picture.

use super::super::OutputError;
use super::super::picture::{Anchor, GREY, Picture, Rgb, Type, bold, plain, width_of};
use super::layout::{Area, BOX_TYPE, Connection, Layout, Meaning, NODE_TYPE, STEP_TYPE, layout};
use super::{EnclosureKind, View};
use crate::network::Network;

const MARGIN: f64 = 24.0;
const TITLE: f64 = 40.0;
/// Nodes and processes beyond which a picture is nobody's help.
const MOST: usize = 2000;

const LINE: Rgb = (0x55, 0x55, 0x55);
const CELL: Rgb = (0x00, 0x72, 0xb2);
const MEMBRANE: Rgb = (0xe6, 0x9f, 0x00);
const MODIFIER: Rgb = (0xb0, 0x5a, 0x8a);
const PALE: Rgb = (0xf6, 0xf8, 0xfa);
const PALE_MEMBRANE: Rgb = (0xfd, 0xf4, 0xe0);
const WHITE: Rgb = (0xff, 0xff, 0xff);

/// The network as a picture, for SVG and PNG.
pub fn picture(network: &Network) -> Result<Picture, OutputError> {
    let view = View::of(network);
    if view.nodes.is_empty() {
        return Err(OutputError::NothingToDraw("the network has no molecules and no vesicles"));
    }
    if view.nodes.len() + view.steps.len() > MOST {
        return Err(OutputError::NothingToDraw(
            "the network is too large for a picture; write it as .dot and use Graphviz",
        ));
    }
    let layout = layout(&view);
    let mut picture = Picture::new(layout.size.0 + 2.0 * MARGIN, layout.size.1 + 2.0 * MARGIN + TITLE);
    picture.text(MARGIN, MARGIN + 16.0, &network.name, bold(19), Anchor::Start);
    let mut pen = Pen { picture: &mut picture, view: &view, layout: &layout };
    pen.boxes();
    for connection in &layout.connections {
        pen.connection(connection);
    }
    pen.labels();
    pen.elements();
    Ok(picture)
}

struct Pen<'a> {
    picture: &'a mut Picture,
    view: &'a View,
    layout: &'a Layout,
}

fn moved([x, y, width, height]: Area) -> Area {
    [x + MARGIN, y + MARGIN + TITLE, width, height]
}

impl Pen<'_> {
    /// Outer boxes first, so that inner ones lie on them.
    fn boxes(&mut self) {
        let mut order: Vec<(usize, usize)> =
            (0..self.view.boxes.len()).map(|i| (self.view.chain(Some(i)).len(), i)).collect();
        order.sort_unstable();
        for (depth, i) in order {
            let (Some(enclosure), Some(Some(area))) = (self.view.boxes.get(i), self.layout.boxes.get(i)) else {
                continue;
            };
            let (fill, stroke, width): (Rgb, Rgb, f64) = match enclosure.kind {
                EnclosureKind::Cell => (PALE, CELL, 2.0),
                EnclosureKind::Membrane => (PALE_MEMBRANE, MEMBRANE, 2.5),
                EnclosureKind::Volume if depth % 2 == 1 => (PALE, (0xa8, 0xa8, 0xa8), 1.2),
                EnclosureKind::Volume => (WHITE, (0xa8, 0xa8, 0xa8), 1.2),
            };
            self.rounded(moved(*area), 10.0, fill, stroke, width);
        }
    }

    /// Over the connections, on a ground that hides them.
    fn labels(&mut self) {
        for (enclosure, area) in self.view.boxes.iter().zip(&self.layout.boxes) {
            let Some([x, y, ..]) = area.map(moved) else { continue };
            let colour = if enclosure.kind == EnclosureKind::Cell { CELL } else { GREY };
            let ground = if enclosure.kind == EnclosureKind::Membrane { PALE_MEMBRANE } else { PALE };
            let kind = Type { colour, ..bold(BOX_TYPE) };
            let wide = width_of(&enclosure.label, kind);
            self.rounded([x + 8.0, y + 6.0, wide + 8.0, 19.0], 4.0, ground, ground, 0.1);
            self.picture.text(x + 12.0, y + 20.0, &enclosure.label, kind, Anchor::Start);
        }
    }

    fn elements(&mut self) {
        for (node, area) in self.view.nodes.iter().zip(&self.layout.elements) {
            let area = moved(*area);
            let (radius, fill, stroke) = if node.vesicles {
                (area[3] / 2.0, (0xdc, 0xec, 0xf7), CELL)
            } else {
                (4.0, WHITE, (0x44, 0x44, 0x44))
            };
            self.rounded(area, radius, fill, stroke, 1.3);
            let baseline = area[1] + area[3] / 2.0 + 4.7;
            self.picture.text(area[0] + area[2] / 2.0, baseline, &node.label, plain(NODE_TYPE), Anchor::Middle);
        }
        for (step, area) in self.view.steps.iter().zip(self.layout.elements.iter().skip(self.view.nodes.len())) {
            let area = moved(*area);
            self.rounded(area, 9.0, (0xec, 0xec, 0xec), (0xec, 0xec, 0xec), 1.0);
            let baseline = area[1] + area[3] / 2.0 + 4.3;
            self.picture.text(area[0] + area[2] / 2.0, baseline, &step.label, plain(STEP_TYPE), Anchor::Middle);
        }
    }

    fn connection(&mut self, connection: &Connection) {
        let points: Vec<(f64, f64)> = connection.points.iter().map(|p| (p.0 + MARGIN, p.1 + MARGIN + TITLE)).collect();
        let curve = curve(&points);
        let (Some(&start), Some(&end)) = (curve.first(), curve.last()) else { return };
        match connection.meaning {
            Meaning::Modifies => {
                self.picture.line(&curve, MODIFIER, 1.3, &[2.5, 3.5]);
                self.picture.disc(end.0, end.1, 3.0, WHITE, MODIFIER);
            }
            Meaning::Takes => self.picture.line(&curve, LINE, 1.5, &[]),
            Meaning::TakesBack => {
                self.picture.line(&curve, LINE, 1.5, &[]);
                self.arrow(curve.get(2).copied().unwrap_or(end), start);
            }
            Meaning::Gives => {
                self.picture.line(&curve, LINE, 1.5, &[]);
                self.arrow(curve.iter().rev().nth(2).copied().unwrap_or(start), end);
            }
        }
    }

    fn arrow(&mut self, from: (f64, f64), to: (f64, f64)) {
        let length = (to.0 - from.0).hypot(to.1 - from.1).max(1e-9);
        let (ux, uy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
        let at = |back: f64, side: f64| (to.0 - ux * back - uy * side, to.1 - uy * back + ux * side);
        self.picture.area(&[to, at(9.0, 4.0), at(9.0, -4.0)], LINE, 1.0);
    }

    fn rounded(&mut self, [x, y, width, height]: Area, radius: f64, fill: Rgb, stroke: Rgb, line: f64) {
        let r = radius.min(width / 2.0).min(height / 2.0);
        let corners = [
            (x + width - r, y + r, -90.0),
            (x + width - r, y + height - r, 0.0),
            (x + r, y + height - r, 90.0),
            (x + r, y + r, 180.0),
        ];
        let mut outline: Vec<(f64, f64)> = Vec::new();
        for (cx, cy, from) in corners {
            for i in 0..=8 {
                let angle = (from + f64::from(i) * 11.25_f64).to_radians();
                outline.push((cx + r * angle.cos(), cy + r * angle.sin()));
            }
        }
        outline.extend(outline.first().copied());
        self.picture.area(&outline, fill, 1.0);
        self.picture.line(&outline, stroke, line, &[]);
    }
}

/// A smooth line through the points, upright at each of them.
fn curve(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const STEPS: u32 = 16;
    let mut curve: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let [(x0, y0), (x1, y1)] = *pair else { continue };
        let middle = (y0 + y1) / 2.0;
        for i in 1..=STEPS {
            let t = f64::from(i) / f64::from(STEPS);
            let u = 1.0 - t;
            let (a, b, c, d) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
            curve.push((x0 * (a + b) + x1 * (c + d), y0 * a + middle * (b + c) + y1 * d));
        }
    }
    curve
}
