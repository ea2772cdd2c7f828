//! The pictures of the trial badges, drawn from a few shapes: a disc in one colour, a ring, a figure.

use std::{io::Cursor, sync::OnceLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{ImageFormat, Rgba, RgbaImage};

/// Width and height in pixels.
const SIZE: u32 = 192;
/// Steps per pixel and axis for smooth edges.
const STEPS: u32 = 3;
/// The ground of ring and figure: warm paper.
const PAPER: [u8; 3] = [0xfb, 0xf8, 0xf1];

/// How many motifs there are.
const MOTIFS: usize = Motif::Leaf as usize + 1;

/// What a badge shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motif {
    /// Three waves.
    Waves,
    /// Bars of a chart.
    Bars,
    /// A ring that runs round.
    Loop,
    /// A heart.
    Heart,
    /// An open book.
    Book,
    /// A sun with rays.
    Sun,
    /// Dots that are joined.
    Nodes,
    /// A leaf.
    Leaf,
}

impl Motif {
    /// Deep enough that paper on it reads at 7:1.
    fn ground(self) -> [u8; 3] {
        match self {
            Self::Waves => [0x10, 0x4a, 0x6b],
            Self::Bars => [0x4a, 0x2f, 0x6e],
            Self::Loop => [0x1b, 0x55, 0x3f],
            Self::Heart => [0x84, 0x1f, 0x3c],
            Self::Book => [0x2b, 0x3c, 0x7a],
            Self::Sun => [0x7a, 0x3b, 0x10],
            Self::Nodes => [0x24, 0x44, 0x4c],
            Self::Leaf => [0x3c, 0x52, 0x1a],
        }
    }

    /// Whether the point, in units of the radius around the middle, lies on the figure.
    fn covers(self, x: f32, y: f32) -> bool {
        match self {
            Self::Waves => {
                x.abs() < 0.5 && (-1..=1).any(|row| (y - 0.27 * row as f32 - 0.07 * (x * 9.0).sin()).abs() < 0.055)
            }
            Self::Bars => [(-0.36, 0.2), (-0.12, -0.02), (0.12, -0.16), (0.36, -0.38)]
                .iter()
                .any(|(middle, top)| (x - middle).abs() < 0.08 && y > *top && y < 0.4),
            Self::Loop => {
                let (radius, angle) = (x.hypot(y), y.atan2(x));
                let arrow = |turn: f32| {
                    let (sin, cos) = turn.sin_cos();
                    let (along, across) = (x * cos + y * sin - 0.36, -x * sin + y * cos);
                    across.abs() < 0.2 && across > -0.02 && along.abs() < 0.16 * (1.0 - across / 0.2)
                };
                let gap = |turn: f32| (angle - turn).rem_euclid(std::f32::consts::TAU) < 0.5;
                let starts = [0.3_f32, 2.394, 4.489];
                ((radius - 0.36).abs() < 0.055 && !starts.iter().any(|turn| gap(*turn)))
                    || starts.iter().any(|turn| arrow(*turn))
            }
            Self::Heart => {
                let (u, v) = (x / 0.42, -(y - 0.02) / 0.42);
                (u * u + v * v - 1.0).powi(3) - u * u * v.powi(3) < 0.0
            }
            Self::Book => {
                let fold = 0.1 * (1.0 - (x.abs() / 0.5 - 0.4).powi(2) * 2.2);
                let page = x.abs() > 0.03 && x.abs() < 0.5 && y > -0.26 - fold && y < 0.36 - fold;
                let line = x.abs() > 0.12
                    && x.abs() < 0.41
                    && (0..3).any(|row| (y + fold + 0.08 - 0.15 * row as f32).abs() < 0.022);
                page && !line
            }
            Self::Sun => {
                let (radius, angle) = (x.hypot(y), y.atan2(x));
                let ray = (angle / std::f32::consts::TAU * 8.0).rem_euclid(1.0) - 0.5;
                radius < 0.22 || (radius > 0.31 && radius < 0.5 && (ray * radius).abs() < 0.052)
            }
            Self::Nodes => {
                let dots = [(-0.36, 0.22), (0.0, -0.34), (0.36, 0.22), (0.0, 0.06)];
                dots.iter().any(|(dx, dy)| (x - dx).hypot(y - dy) < 0.11)
                    || [(0, 3), (1, 3), (2, 3)].iter().any(|(a, b)| segment(dots[*a], dots[*b], x, y) < 0.032)
            }
            Self::Leaf => {
                let (u, v) = ((x + y) * 0.707, (y - x) * 0.707);
                let blade = (u.hypot(v - 0.42) < 0.62) && (u.hypot(v + 0.42) < 0.62);
                let vein = v.abs() < 0.025 && u < 0.28;
                (blade && !vein) || (v.abs() < 0.03 && u < -0.4 && u > -0.62)
            }
        }
    }
}

/// The picture as a PNG.
pub fn png(motif: Motif) -> Vec<u8> {
    let ground = motif.ground();
    let picture = RgbaImage::from_fn(SIZE, SIZE, |px, py| {
        let (mut red, mut green, mut blue, mut seen) = (0_u32, 0_u32, 0_u32, 0_u32);
        for step in 0..STEPS * STEPS {
            let offset = |pixel: u32, part: u32| {
                let half = SIZE as f32 / 2.0;
                (pixel as f32 + (part as f32 + 0.5) / STEPS as f32 - half) / half
            };
            let (x, y) = (offset(px, step % STEPS), offset(py, step / STEPS));
            let radius = x.hypot(y);
            if radius > 0.98 {
                continue;
            }
            let light = (0.84..0.89).contains(&radius) || motif.covers(x, y);
            let colour = if light { PAPER } else { ground };
            red += u32::from(colour[0]);
            green += u32::from(colour[1]);
            blue += u32::from(colour[2]);
            seen += 1;
        }
        let mean = |sum: u32| u8::try_from(sum / seen.max(1)).unwrap_or(u8::MAX);
        let alpha = u8::try_from(seen * 255 / (STEPS * STEPS)).unwrap_or(u8::MAX);
        Rgba([mean(red), mean(green), mean(blue), alpha])
    });
    let mut bytes = Cursor::new(Vec::new());
    // Writing to memory fails only for sizes that PNG does not know; an empty picture is then none.
    match picture.write_to(&mut bytes, ImageFormat::Png) {
        Ok(()) => bytes.into_inner(),
        Err(_) => Vec::new(),
    }
}

/// The picture as a `data:` URL. Drawn once: that takes longer than signing the credential that it goes into.
pub fn data_url(motif: Motif) -> &'static str {
    static DRAWN: [OnceLock<String>; MOTIFS] = [const { OnceLock::new() }; MOTIFS];
    DRAWN[motif as usize].get_or_init(|| format!("data:image/png;base64,{}", STANDARD.encode(png(motif))))
}

/// Distance of a point to a line segment.
fn segment(from: (f32, f32), to: (f32, f32), x: f32, y: f32) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = (((x - from.0) * dx + (y - from.1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - from.0 - along * dx).hypot(y - from.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::COURSES;

    #[test]
    fn every_picture_is_a_small_png_that_decodes() {
        for course in COURSES {
            let bytes = png(course.motif);
            assert!(bytes.len() < 16 * 1024, "{}: {}", course.id, bytes.len());
            let decoded = image::load_from_memory(&bytes).unwrap();
            assert_eq!((decoded.width(), decoded.height()), (SIZE, SIZE));
        }
    }

    /// Writes the pictures where a person can look at them, on request.
    #[test]
    fn pictures_can_be_looked_at() {
        if let Ok(folder) = std::env::var("LEERPAS_ARTWORK") {
            for course in COURSES {
                std::fs::write(format!("{folder}/{}.png", course.id), png(course.motif)).unwrap();
            }
        }
    }
}
