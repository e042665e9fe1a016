//! How does the cost grow? Draws a picture of each curve, with its numbers beside it as JSON; `--help` tells the options.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use compare::child;
use compare::growth::{ALL, About, Picture, come_and_go, draw, series};
use serde::Serialize;

const HELP: &str = "\
Draws how the cost grows, as SVG with the numbers beside as JSON.

Usage: growth [--rounds N] [--only CURVE] DIRECTORY

  --rounds N     how often all points of a curve take turns [31]
  --only CURVE   threads, series, labels, buckets or come-and-go
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [one, library, kind, most] = &arguments[..]
        && one == child::ONE
    {
        let is_known = match kind.as_str() {
            come_and_go::KIND => come_and_go::answer(library),
            series::KIND => series::answer(library, most),
            _ => false,
        };
        return if is_known { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match run(arguments.into_iter()) {
        Ok(told) => {
            print!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("growth: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A picture as JSON.
#[derive(Serialize)]
struct Numbers<'a> {
    measured: &'a About,
    #[serde(flatten)]
    picture: &'a Picture,
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<String, String> {
    let (mut rounds, mut only, mut directory) = (31, None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value; see --help"));
        match argument.as_str() {
            "--help" | "-h" => return Ok(HELP.to_owned()),
            "--rounds" => {
                rounds = value()?.parse().ok().filter(|rounds| *rounds > 0).ok_or("--rounds: a number above 0")?
            }
            "--only" => only = Some(value()?),
            _ => directory = Some(argument),
        }
    }
    let directory = directory.ok_or("which directory? see --help")?;
    let about = About::now();
    let mut told = about.line() + "\n";
    for (_, make) in ALL.into_iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name)) {
        for picture in make(rounds)? {
            let file = format!("{directory}/{}", picture.file);
            draw(&picture, &about, &format!("{file}.svg"))?;
            let json = serde_json::to_string_pretty(&Numbers { measured: &about, picture: &picture })
                .expect("it is plain data");
            std::fs::write(format!("{file}.json"), json + "\n").map_err(|error| format!("{file}.json: {error}"))?;
            told.push_str(&format!("{file}.svg\n"));
            picture.notes.iter().for_each(|note| told.push_str(&format!("    {note}\n")));
        }
    }
    Ok(told)
}
