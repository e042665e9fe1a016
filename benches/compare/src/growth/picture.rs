//! How is growth drawn? As SVG, by `plotters`.

use std::error::Error;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::{Curve, Picture};

const SIZE: (u32, u32) = (900, 460);
/// The width of the names, beside the curves.
const NAMES: u32 = 260;
const COLOURS: [RGBColor; 6] = [
    RGBColor(200, 40, 40),
    RGBColor(30, 90, 180),
    RGBColor(30, 130, 60),
    RGBColor(150, 80, 170),
    RGBColor(200, 120, 20),
    RGBColor(90, 90, 90),
];

/// Writes the picture into this file.
pub fn draw(picture: &Picture, file: &str) -> Result<(), String> {
    let whole = SVGBackend::new(file, SIZE).into_drawing_area();
    let (area, names) = whole.split_horizontally(SIZE.0 - NAMES);
    let (low, high) = ends(picture);
    let drawn = whole.fill(&WHITE).map_err(Into::into).and_then(|()| match (picture.logarithmic, bottom(picture)) {
        (false, _) => chart(&area, picture, low..high, 0.0..top(picture) * 1.1),
        // A logarithm has no zero.
        (true, None) => chart(&area, picture, (low..high).log_scale(), 0.0..top(picture) * 1.1),
        (true, Some(bottom)) => {
            chart(&area, picture, (low..high).log_scale(), (bottom * 0.7..top(picture) * 1.6).log_scale())
        }
    });
    let drawn = drawn.and_then(|()| name(&names, picture)).and_then(|()| whole.present().map_err(Into::into));
    drawn.map_err(|error: Box<dyn Error>| format!("{file}: {error}"))
}

fn points(picture: &Picture) -> impl Iterator<Item = &super::Point> {
    picture.curves.iter().flat_map(|curve| &curve.points)
}

fn ends(picture: &Picture) -> (f64, f64) {
    let xs = || points(picture).map(|point| point.x);
    (xs().fold(f64::INFINITY, f64::min), xs().fold(0.0, f64::max))
}

/// Never 0, so that there is something to draw.
fn top(picture: &Picture) -> f64 {
    points(picture).map(|point| point.median).fold(1.0, f64::max)
}

/// The lowest of all values; `None` if one is 0.
fn bottom(picture: &Picture) -> Option<f64> {
    let lowest = points(picture).map(|point| point.median).fold(f64::INFINITY, f64::min);
    (lowest > 0.0).then_some(lowest)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn chart<X, Y>(area: &Area<'_>, picture: &Picture, x: X, y: Y) -> Result<(), Box<dyn Error>>
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let mut chart = ChartBuilder::on(area)
        .caption(&picture.title, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(48)
        .y_label_area_size(72)
        .build_cartesian_2d(x, y)
        .map_err(|error| error.to_string())?;
    // Half a thread is nothing.
    let whole = |number: &f64| if number.fract() == 0.0 { label(*number) } else { String::new() };
    let number = |number: &f64| label(*number);
    chart
        .configure_mesh()
        .x_desc(picture.x)
        .y_desc(picture.y)
        .x_label_formatter(&whole)
        .y_label_formatter(&number)
        .light_line_style(WHITE)
        .label_style(("sans-serif", 14))
        .axis_desc_style(("sans-serif", 15))
        .draw()
        .map_err(|error| error.to_string())?;
    for (at, curve) in picture.curves.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let line = || line(curve);
        chart
            .draw_series(LineSeries::new(line(), colour.stroke_width(width(curve))))
            .map_err(|error| error.to_string())?;
        chart
            .draw_series(line().map(|point| Circle::new(point, 3, colour.filled())))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The names of the curves, one under the other.
fn name(area: &Area<'_>, picture: &Picture) -> Result<(), Box<dyn Error>> {
    for (at, curve) in picture.curves.iter().enumerate() {
        let (colour, y) = (COLOURS[at % COLOURS.len()], 60 + 24 * at as i32);
        area.draw(&PathElement::new([(4, y + 7), (26, y + 7)], colour.stroke_width(width(curve))))?;
        area.draw(&Text::new(curve.name.as_str(), (34, y), ("sans-serif", 14)))?;
    }
    Ok(())
}

/// This library's is the widest.
fn width(curve: &Curve) -> u32 {
    if curve.name == crate::peers::OURS { 4 } else { 2 }
}

fn line(curve: &Curve) -> impl Iterator<Item = (f64, f64)> {
    curve.points.iter().map(|point| (point.x, point.median))
}

/// As short as it can be told.
fn label(number: f64) -> String {
    const UNITS: [(f64, &str); 2] = [(1e6, "M"), (1e3, "k")];
    let (divisor, unit) = UNITS.into_iter().find(|(from, _)| number.abs() >= *from).unwrap_or((1.0, ""));
    let short = number / divisor;
    if (short - short.round()).abs() < 1e-6 { format!("{short:.0}{unit}") } else { format!("{short:.1}{unit}") }
}
