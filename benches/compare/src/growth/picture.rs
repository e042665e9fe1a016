//! How is growth drawn? As SVG, by `plotters`.

use std::error::Error;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::{Curve, Picture};

const SIZE: (u32, u32) = (860, 480);
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
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    let drawn = area.fill(&WHITE).map_err(Into::into).and_then(|()| {
        if picture.logarithmic {
            let (low, high) = ends(picture);
            chart(&area, picture, (low..high).log_scale(), (bottom(picture)..top(picture) * 1.3).log_scale())
        } else {
            let (low, high) = ends(picture);
            chart(&area, picture, low..high, 0.0..top(picture) * 1.1)
        }
    });
    drawn.and_then(|()| area.present().map_err(Into::into)).map_err(|error: Box<dyn Error>| format!("{file}: {error}"))
}

fn points(picture: &Picture) -> impl Iterator<Item = &super::Point> {
    picture.curves.iter().flat_map(|curve| &curve.points)
}

fn ends(picture: &Picture) -> (f64, f64) {
    let xs = || points(picture).map(|point| point.x);
    (xs().fold(f64::INFINITY, f64::min), xs().fold(0.0, f64::max))
}

fn top(picture: &Picture) -> f64 {
    points(picture).map(|point| point.median).fold(0.0, f64::max)
}

/// A logarithm has no zero.
fn bottom(picture: &Picture) -> f64 {
    points(picture).map(|point| point.median).filter(|median| *median > 0.0).fold(f64::INFINITY, f64::min) * 0.7
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
        .caption(&picture.title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(48)
        .y_label_area_size(72)
        .build_cartesian_2d(x, y)
        .map_err(|error| error.to_string())?;
    let number = |number: &f64| label(*number);
    chart
        .configure_mesh()
        .x_desc(picture.x)
        .y_desc(picture.y)
        .x_label_formatter(&number)
        .y_label_formatter(&number)
        .light_line_style(WHITE)
        .label_style(("sans-serif", 14))
        .axis_desc_style(("sans-serif", 15))
        .draw()
        .map_err(|error| error.to_string())?;
    for (at, curve) in picture.curves.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let width = if curve.name == crate::peers::OURS { 3 } else { 2 };
        let line = || line(curve, picture.logarithmic);
        chart
            .draw_series(LineSeries::new(line(), colour.stroke_width(width)))
            .map_err(|error| error.to_string())?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(width)));
        chart
            .draw_series(line().map(|point| Circle::new(point, 3, colour.filled())))
            .map_err(|error| error.to_string())?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 14))
        .draw()
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// The medians; what a logarithm cannot show lies on the lower edge.
fn line(curve: &Curve, logarithmic: bool) -> impl Iterator<Item = (f64, f64)> {
    curve
        .points
        .iter()
        .map(move |point| (point.x, if logarithmic { point.median.max(f64::MIN_POSITIVE) } else { point.median }))
}

/// As short as it can be told.
fn label(number: f64) -> String {
    const UNITS: [(f64, &str); 2] = [(1e6, "M"), (1e3, "k")];
    let (divisor, unit) = UNITS.into_iter().find(|(from, _)| number.abs() >= *from).unwrap_or((1.0, ""));
    let short = number / divisor;
    if (short - short.round()).abs() < 1e-6 { format!("{short:.0}{unit}") } else { format!("{short:.1}{unit}") }
}
