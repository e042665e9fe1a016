//! The same work on this library and on its peers, in one run; `--help` tells the options. Prints one table in Markdown, and
//! writes every number as JSON.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use benches::measure::{Plan, usual_threads};
use compare::lines::Run;
use compare::many::Asking;
use compare::{child, many, recording, scraped, single};

const HELP: &str = "\
The same work on this library and on its peers, in one run, as a table in Markdown and as JSON.

Usage: compare [--quick] [--only PART] [--json FILE] [--add FILE] [--write FILE]

  --quick        a tenth of the rounds, and no million series
  --only PART    recording, series, scraped or single
  --json FILE    where the numbers go [compare.json]
  --add FILE     takes in what `benches/layers` wrote; may come again
  --write FILE   puts the table into this file, between the lines <!-- table --> and <!-- end of table -->
";

struct Options {
    quick: bool,
    only: Option<String>,
    json: String,
    add: Vec<String>,
    write: Option<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [one, library, kind, most] = &arguments[..]
        && one == child::ONE
    {
        return if child::answer(library, kind, most) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let told = options(arguments).and_then(|options| match options {
        None => Ok(HELP.to_owned()),
        Some(options) => run(&options),
    });
    match told {
        Ok(told) => {
            print!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("compare: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(arguments: Vec<String>) -> Result<Option<Options>, String> {
    let mut options =
        Options { quick: false, only: None, json: "compare.json".to_owned(), add: Vec::new(), write: None };
    let mut arguments = arguments.into_iter();
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{option}` needs a value; see --help"));
        match option.as_str() {
            "--help" | "-h" => return Ok(None),
            "--quick" => options.quick = true,
            "--only" => options.only = Some(value()?),
            "--json" => options.json = value()?,
            "--add" => options.add.push(value()?),
            "--write" => options.write = Some(value()?),
            _ => return Err(format!("unknown option `{option}`; see --help")),
        }
    }
    Ok(Some(options))
}

fn run(options: &Options) -> Result<String, String> {
    let started = Instant::now();
    let threads = usual_threads();
    let mut run = Run { machine: machine(), threads: threads.clone(), ..Run::default() };
    let wanted = |part: &str| options.only.as_deref().is_none_or(|only| only == part);
    let rounds = |rounds: usize| if options.quick { rounds.div_ceil(10) } else { rounds };
    let asking = |most: usize, seconds: u64| Asking { rounds: rounds(most), patience: Duration::from_secs(seconds) };
    let say = |what: &str| eprintln!("{:4} s  {what}", started.elapsed().as_secs());
    if wanted("recording") {
        say("recording");
        recording::measure_into(
            &mut run,
            &Plan { rounds: rounds(31).max(7), slice: Duration::from_micros(500), threads },
        )?;
    }
    if wanted("series") {
        say("a thousand series");
        many::counters(&mut run, 1_000, asking(101, 2))?;
        say("a hundred thousand series");
        many::counters(&mut run, 100_000, asking(7, 2))?;
        say("ten thousand histograms");
        many::histograms(&mut run, 10_000, asking(21, 1))?;
        if !options.quick {
            say("a million series");
            many::counters(&mut run, 1_000_000, asking(3, 3))?;
        }
    }
    if wanted("scraped") {
        say("during scrapes");
        scraped::measure_into(&mut run, rounds(11))?;
    }
    if wanted("single") {
        say("startup and size");
        single::startup(&mut run, rounds(51));
        single::size(&mut run);
    }
    for file in &options.add {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file} could not be read: {error}"))?;
        run.add(&text).map_err(|error| format!("{file}: {error}"))?;
    }
    run.notes.push(format!("The whole run took {} s.", started.elapsed().as_secs()));
    say("done");
    std::fs::write(&options.json, run.json())
        .map_err(|error| format!("{} could not be written: {error}", options.json))?;
    let told = run.markdown();
    if let Some(file) = &options.write {
        benches::report::replace(file, "table", &told)?;
    }
    Ok(told)
}

fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        told.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1)).unwrap_or("a machine");
    format!("{model}, {} processors.", benches::measure::cores())
}
