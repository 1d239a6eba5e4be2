//! A drawing surface for SVG and PNG, over kuva's scenes and back ends.
//!
//! Invariants: coordinates are in points from the upper left; text is DejaVu Sans, whose widths are known, so that
//! nothing is drawn over anything else by surprise; lines are broken into dashes here, because the raster back end
//! starts a dash pattern anew at every vertex. Deliberately absent: axes, arms, networks.

use std::path::Path;

use kuva::RasterBackend;
use kuva::backend::svg::SvgBackend;
use kuva::render::color::Color;
use kuva::render::render::{PathData, Primitive, Scene, TextAnchor, TextSpan};

use super::{OutputError, extension, write_file};

/// An RGB colour.
pub(super) type Rgb = (u8, u8, u8);

pub(super) const BLACK: Rgb = (0x22, 0x22, 0x22);
pub(super) const GREY: Rgb = (0x77, 0x77, 0x77);
pub(super) const PALE: Rgb = (0xe4, 0xe4, 0xe4);

/// Pixels to a point in PNG files: sharp on a projector.
const PNG_SCALE: f32 = 2.0;

/// How a text lies about its point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Size, weight and colour of a text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Type {
    pub size: u32,
    pub bold: bool,
    pub colour: Rgb,
}

pub(super) const fn plain(size: u32) -> Type {
    Type { size, bold: false, colour: BLACK }
}

pub(super) const fn bold(size: u32) -> Type {
    Type { size, bold: true, colour: BLACK }
}

/// A picture that can be written as SVG or PNG.
pub struct Picture {
    scene: Scene,
}

impl Picture {
    pub(super) fn new(width: f64, height: f64) -> Picture {
        let mut scene = Scene::new(width.ceil(), height.ceil());
        scene.font_family = Some("DejaVu Sans, Verdana, sans-serif".to_owned());
        Picture { scene }
    }

    /// The picture as SVG text, which scales to any size.
    pub fn svg(&self) -> String {
        let text = SvgBackend::new().render_scene(&self.scene);
        let size = format!("<svg viewBox=\"0 0 {} {}\" ", self.scene.width, self.scene.height);
        text.replacen("<svg ", &size, 1)
    }

    /// The picture as a PNG file's bytes, at two pixels to a point.
    pub fn png(&self) -> Result<Vec<u8>, OutputError> {
        let encoded = RasterBackend::new().with_scale(PNG_SCALE).render_scene(&self.scene);
        encoded.map_err(|reason| OutputError::Encoding { format: "PNG", reason })
    }

    /// Writes the picture in the format of the path's extension: `.svg` or `.png`.
    pub fn save(&self, path: &Path) -> Result<(), OutputError> {
        match extension(path).as_deref() {
            Some("svg") => write_file(path, self.svg().as_bytes()),
            Some("png") => write_file(path, &self.png()?),
            _ => Err(OutputError::unknown_format(path, &["svg", "png"])),
        }
    }

    /// Text with its baseline at `y`.
    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, kind: Type, anchor: Anchor) {
        let anchor = match anchor {
            Anchor::Start => TextAnchor::Start,
            Anchor::Middle => TextAnchor::Middle,
            Anchor::End => TextAnchor::End,
        };
        let color = Some(colour(kind.colour));
        // The raster back end knows bold type only in rich text.
        self.scene.add(if kind.bold {
            let spans = vec![TextSpan { bold: true, ..TextSpan::plain(text) }];
            Primitive::RichText { x, y, spans, size: kind.size, anchor, color }
        } else {
            // Two dollars would be read as a formula.
            let content = text.replace('$', "\\$");
            Primitive::Text { x, y, content, size: kind.size, anchor, rotate: None, bold: false, color }
        });
    }

    /// A polyline. `dashes` are lengths of strokes and gaps in turn; none for a whole line.
    pub(super) fn line(&mut self, points: &[(f64, f64)], stroke: Rgb, width: f64, dashes: &[f64]) {
        let pieces = if dashes.is_empty() { vec![points.to_vec()] } else { dashed(points, dashes) };
        for points in pieces.into_iter().filter(|p| p.len() > 1) {
            self.scene.add(Primitive::PolyLine {
                points,
                stroke: colour(stroke),
                stroke_width: width,
                stroke_dasharray: None,
            });
        }
    }

    /// A filled polygon without outline; `opacity` from 0 to 1.
    pub(super) fn area(&mut self, points: &[(f64, f64)], fill: Rgb, opacity: f64) {
        let mut d = String::new();
        for (i, (x, y)) in points.iter().enumerate() {
            d.push_str(&format!("{}{x:.2} {y:.2} ", if i == 0 { 'M' } else { 'L' }));
        }
        d.push('Z');
        self.scene.add(Primitive::Path(Box::new(PathData {
            d,
            fill: Some(colour(fill)),
            stroke: Color::None,
            stroke_width: 0.0,
            opacity: Some(opacity),
            stroke_dasharray: None,
        })));
    }

    pub(super) fn rectangle(&mut self, [x, y, width, height]: [f64; 4], fill: Option<Rgb>, stroke: Option<(Rgb, f64)>) {
        self.scene.add(Primitive::Rect {
            x,
            y,
            width,
            height,
            fill: fill.map_or(Color::None, colour),
            stroke: stroke.map(|(rgb, _)| colour(rgb)),
            stroke_width: stroke.map(|(_, width)| width),
            opacity: None,
        });
    }

    pub(super) fn disc(&mut self, x: f64, y: f64, radius: f64, fill: Rgb, stroke: Rgb) {
        self.scene.add(Primitive::Circle {
            cx: x,
            cy: y,
            r: radius,
            fill: colour(fill),
            fill_opacity: None,
            stroke: Some(colour(stroke)),
            stroke_width: Some(1.5),
        });
    }
}

fn colour((red, green, blue): Rgb) -> Color {
    Color::Rgb(red, green, blue)
}

/// The strokes of a dashed polyline, counted along its length.
fn dashed(points: &[(f64, f64)], dashes: &[f64]) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = Vec::new();
    let mut lengths = dashes.iter().copied().cycle();
    let mut left = lengths.next().unwrap_or(1.0).max(0.1);
    let mut drawing = true;
    let mut piece: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let [(mut x, mut y), (x1, y1)] = *pair else { continue };
        loop {
            let rest = (x1 - x).hypot(y1 - y);
            if rest <= left {
                left -= rest;
                if drawing {
                    piece.push((x1, y1));
                }
                break;
            }
            (x, y) = (x + (x1 - x) * left / rest, y + (y1 - y) * left / rest);
            if drawing {
                piece.push((x, y));
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![(x, y)];
            }
            drawing = !drawing;
            left = lengths.next().unwrap_or(1.0).max(0.1);
        }
    }
    pieces.push(piece);
    pieces
}

/// The width of a text in points. DejaVu Sans, measured; other characters count as a wide letter.
pub(super) fn width_of(text: &str, kind: Type) -> f64 {
    /// Advances from the space on, in thousandths of the size.
    const ASCII: [u16; 95] = [
        318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636,
        636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656,
        557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613,
        635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818,
        592, 592, 525, 636, 337, 636, 838,
    ];
    let advance = |c: char| match c {
        '⁰'..='⁹' | '⁻' | '²' | '³' | '¹' => 401,
        '·' => 318,
        'µ' => 636,
        _ => (c as usize).checked_sub(32).and_then(|i| ASCII.get(i)).copied().unwrap_or(900),
    };
    let thousandths: f64 = text.chars().map(|c| f64::from(advance(c))).sum();
    let weight = if kind.bold { 1.13 } else { 1.0 };
    thousandths * f64::from(kind.size) / 1000.0 * weight
}

/// A text cut to a width, with an ellipsis if anything is lost.
pub(super) fn fitted(text: &str, kind: Type, width: f64) -> String {
    if width_of(text, kind) <= width {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while !short.is_empty() && width_of(&short, kind) + width_of("…", kind) > width {
        short.pop();
    }
    short.push('…');
    short
}
