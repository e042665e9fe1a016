//! How is growth drawn? As SVG, by `plotters`.

use std::error::Error;

use benches::measure::FEWEST;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::{About, Curve, Picture, Point};
use crate::peers::{self, OURS};

const SIZE: (u32, u32) = (900, 460);
/// The width of the names, beside the curves.
const NAMES: u32 = 260;
/// The height of a line below the curves, and how many letters it takes.
const NOTE: (u32, usize) = (15, 145);
/// This library's.
const OWN: RGBColor = RGBColor(200, 40, 40);
/// Those of peers; there are more peers than colours, the others have triangles.
const COLOURS: [RGBColor; 5] = [
    RGBColor(30, 90, 180),
    RGBColor(30, 130, 60),
    RGBColor(150, 80, 170),
    RGBColor(220, 140, 20),
    RGBColor(20, 160, 170),
];
/// That of what is no library.
const FLOOR: RGBColor = RGBColor(70, 70, 70);

/// Writes the picture into this file.
pub fn draw(picture: &Picture, about: &About, file: &str) -> Result<(), String> {
    let notes = notes(picture, about);
    let height = NOTE.0 * notes.len() as u32 + 12;
    let whole = SVGBackend::new(file, (SIZE.0, SIZE.1 + height)).into_drawing_area();
    let (upper, lower) = whole.split_vertically(SIZE.1);
    let (area, names) = upper.split_horizontally(SIZE.0 - NAMES);
    let (low, high) = ends(picture);
    let (right, up) = picture.by_ten;
    let linear = 0.0..top(picture) * 1.1;
    let by_ten = bottom(picture).filter(|_| up).map(|bottom| bottom * 0.7..top(picture) * 1.6);
    let drawn = whole.fill(&WHITE).map_err(Into::into).and_then(|()| match (right, by_ten) {
        (false, None) => chart(&area, picture, low..high, linear),
        (false, Some(by_ten)) => chart(&area, picture, low..high, by_ten.log_scale()),
        // A logarithm has no zero.
        (true, None) => chart(&area, picture, (low..high).log_scale(), linear),
        (true, Some(by_ten)) => chart(&area, picture, (low..high).log_scale(), by_ten.log_scale()),
    });
    let drawn = drawn.and_then(|()| name(&names, picture)).and_then(|()| note(&lower, &notes));
    let drawn = drawn.and_then(|()| whole.present().map_err(Into::into));
    drawn.map_err(|error: Box<dyn Error>| format!("{file}: {error}"))
}

/// What stands below the curves, in lines.
fn notes(picture: &Picture, about: &About) -> Vec<String> {
    let hollow = points(picture).any(|point| point.doubtful);
    let hollow = hollow.then(|| format!("Hollow: fewer than {FEWEST} rounds were undisturbed, so that all count."));
    let all = std::iter::once(about.line()).chain(picture.notes.iter().cloned()).chain(hollow);
    all.flat_map(|note| wrapped(&note)).collect()
}

fn wrapped(note: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in note.split(' ') {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + word.len() < NOTE.1 {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn note(area: &Area<'_>, notes: &[String]) -> Result<(), Box<dyn Error>> {
    let style = TextStyle::from(("sans-serif", 11).into_font()).color(&RGBColor(90, 90, 90));
    for (at, note) in notes.iter().enumerate() {
        area.draw(&Text::new(note.as_str(), (14, (NOTE.0 * at as u32) as i32), style.clone()))?;
    }
    Ok(())
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
        let (colour, has_circles) = look(at, curve);
        chart
            .draw_series(LineSeries::new(curve.points.iter().map(place), colour.stroke_width(width(curve))))
            .map_err(|error| error.to_string())?;
        // A hollow one is a full one with a white one on it.
        let full = curve.points.iter().map(|point| (place(point), 4, colour.filled()));
        let doubtful = curve.points.iter().filter(|point| point.doubtful);
        let marks = full.chain(doubtful.map(|point| (place(point), 2, WHITE.filled())));
        if has_circles {
            chart.draw_series(marks.map(|(place, size, style)| Circle::new(place, size, style)))
        } else {
            chart.draw_series(marks.map(|(place, size, style)| TriangleMarker::new(place, size + 1, style)))
        }
        .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The colour of a curve, and whether its points are circles: each library looks the same in all pictures.
fn look(at: usize, curve: &Curve) -> (RGBColor, bool) {
    match peers::all().iter().position(|library| library.name == curve.name) {
        Some(_) if curve.name == OURS => (OWN, true),
        Some(peer) => (COLOURS[peer % COLOURS.len()], peer <= COLOURS.len()),
        None => (FLOOR, at % 2 == 0),
    }
}

/// The names of the curves, one under the other, as the curves end.
fn name(area: &Area<'_>, picture: &Picture) -> Result<(), Box<dyn Error>> {
    let end = |curve: &Curve| curve.points.last().map_or(0.0, |point| point.median);
    let mut curves: Vec<(usize, &Curve)> = picture.curves.iter().enumerate().collect();
    curves.sort_by(|(_, one), (_, other)| end(other).total_cmp(&end(one)));
    for (place, (at, curve)) in curves.into_iter().enumerate() {
        let ((colour, has_circles), y) = (look(at, curve), 60 + 24 * place as i32);
        area.draw(&PathElement::new([(4, y + 7), (26, y + 7)], colour.stroke_width(width(curve))))?;
        if has_circles {
            area.draw(&Circle::new((15, y + 7), 4, colour.filled()))?;
        } else {
            area.draw(&TriangleMarker::new((15, y + 7), 5, colour.filled()))?;
        }
        area.draw(&Text::new(curve.name.as_str(), (34, y), ("sans-serif", 14)))?;
    }
    Ok(())
}

/// This library's is the widest.
fn width(curve: &Curve) -> u32 {
    if curve.name == OURS { 4 } else { 2 }
}

fn place(point: &Point) -> (f64, f64) {
    (point.x, point.median)
}

/// As short as it can be told.
fn label(number: f64) -> String {
    const UNITS: [(f64, &str); 2] = [(1e6, "M"), (1e3, "k")];
    let (divisor, unit) = UNITS.into_iter().find(|(from, _)| number.abs() >= *from).unwrap_or((1.0, ""));
    let short = number / divisor;
    if (short - short.round()).abs() < 1e-6 { format!("{short:.0}{unit}") } else { format!("{short:.1}{unit}") }
}
