//! How does the cost grow? Draws a picture of each curve, with its numbers beside it as JSON; `--help` tells the options.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use compare::growth::{ALL, draw};

const HELP: &str = "\
Draws how the cost grows, as SVG with the numbers beside as JSON.

Usage: growth [--rounds N] [--only CURVE] DIRECTORY

  --rounds N     how often all points of a curve take turns [31]
  --only CURVE   threads, series, labels, buckets or come-and-go
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
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
    let mut told = String::new();
    for (_, make) in ALL.into_iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name)) {
        for picture in make(rounds)? {
            let file = format!("{directory}/{}", picture.file);
            draw(&picture, &format!("{file}.svg"))?;
            let json = serde_json::to_string_pretty(&picture).expect("it is plain data");
            std::fs::write(format!("{file}.json"), json + "\n").map_err(|error| format!("{file}.json: {error}"))?;
            told.push_str(&format!("{file}.svg\n"));
        }
    }
    Ok(told)
}
