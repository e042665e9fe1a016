//! What does the command `metrics-kube` do with its arguments?

use std::path::{Path, PathBuf};

use yaml_serde::{Mapping, Value};

use crate::error::{Result, error};
use crate::folder::{check, generate_with, write, write_all};
use crate::settings::{FILE_NAME, Options, Settings};

const USAGE: &str = "\
Makes Kubernetes and Prometheus configuration of metric catalogues.

  metrics-kube FOLDER             writes FOLDER/ENVIRONMENT/* as FOLDER/metrics-kube.yaml says
  metrics-kube FOLDER --check     writes nothing; shows the differences and exits with 1 if there are any
  metrics-kube FOLDER CATALOGUE... --environment NAME --namespace NAME --workload NAME [--OPTION VALUE]...
                                  the first time: also writes FOLDER/metrics-kube.yaml with these options

CATALOGUE is a file of JSON that a program wrote with `Catalogue::json()`. An OPTION is any key of an environment in
metrics-kube.yaml, with `-` or `_`; one that takes a list is given several times. They are described in
docs/autoscaling.md.
";

/// Runs the command with these arguments, the program's name left out. Returns what it prints.
///
/// # Errors
///
/// If an argument is wrong or nothing can be made; nothing has been written then.
pub fn run(arguments: impl IntoIterator<Item = String>) -> Result<String> {
    let arguments = Arguments::parse(arguments)?;
    if arguments.help {
        return Ok(USAGE.to_owned());
    }
    let Some(folder) = &arguments.folder else {
        return Err(error!("no folder is given; say `metrics-kube deploy`, for example, or `metrics-kube --help`"));
    };
    if arguments.check {
        return check(folder).map(|()| format!("{} is up to date\n", folder.display()));
    }
    match arguments.is_plain() {
        true => write(folder).map(|changed| report(folder, &changed)),
        false => first_time(folder, &arguments),
    }
}

#[derive(Debug, Default)]
struct Arguments {
    help: bool,
    check: bool,
    folder: Option<PathBuf>,
    catalogues: Vec<String>,
    environment: Option<String>,
    also: Vec<String>,
    options: Mapping,
}

impl Arguments {
    fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut parsed = Self::default();
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            match &*argument {
                "--help" | "-h" => parsed.help = true,
                "--check" => parsed.check = true,
                _ => match argument.strip_prefix("--") {
                    Some(flag) => parsed.flag(flag, &mut rest)?,
                    None if parsed.folder.is_none() => parsed.folder = Some(PathBuf::from(argument)),
                    None => parsed.catalogues.push(argument),
                },
            }
        }
        Ok(parsed)
    }

    fn flag(&mut self, flag: &str, rest: &mut impl Iterator<Item = String>) -> Result<()> {
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (flag, rest.next()),
        };
        let value = value.ok_or_else(|| error!("`--{name}` has no value; write `--{name} VALUE`"))?;
        match name {
            "environment" => self.environment = Some(value),
            "also" => self.also.push(value),
            _ => self.set(&name.replace('-', "_"), value),
        }
        Ok(())
    }

    /// An option that is given again becomes a list.
    fn set(&mut self, name: &str, value: String) {
        const LISTS: [&str; 4] = ["group_labels", "signals", "exported_elsewhere", "target_files"];
        let value = scalar(name, value);
        let value = match self.options.remove(name) {
            Some(Value::Sequence(mut known)) => {
                known.push(value);
                Value::Sequence(known)
            }
            Some(known) => Value::Sequence(vec![known, value]),
            None if LISTS.contains(&name) => Value::Sequence(vec![value]),
            None => value,
        };
        self.options.insert(Value::String(name.to_owned()), value);
    }

    fn is_plain(&self) -> bool {
        self.catalogues.is_empty() && self.environment.is_none() && self.also.is_empty() && self.options.is_empty()
    }
}

/// Numbers and truth values where the option is one; `--workload 7` stays a text.
fn scalar(name: &str, value: String) -> Value {
    const PLAIN: [&str; 7] = [
        "port_number",
        "min_replicas",
        "max_replicas",
        "minimum_events",
        "kube_state_metrics",
        "alertmanager_route",
        "network_policy",
    ];
    if !PLAIN.contains(&name) {
        return Value::String(value);
    }
    yaml_serde::from_str(&value).unwrap_or(Value::String(value))
}

/// Writes the settings that the arguments describe, and everything that follows from them.
fn first_time(folder: &Path, arguments: &Arguments) -> Result<String> {
    let file = folder.join(FILE_NAME);
    if file.exists() {
        return Err(error!(
            "{} exists and holds the catalogues and options; change them there, then say `metrics-kube {}`",
            file.display(),
            folder.display()
        ));
    }
    let environment = arguments.environment.clone().ok_or_else(|| {
        error!("`--environment` is missing; give the environment a name, such as `--environment production`")
    })?;
    let options: Options = yaml_serde::from_value(Value::Mapping(arguments.options.clone()))
        .map_err(|cause| error!("environment `{environment}`: {cause}"))?;
    let settings = Settings {
        catalogues: relative(folder, &arguments.catalogues)?,
        also: relative(folder, &arguments.also)?,
        environments: [(environment, options)].into(),
    };
    settings.check()?;
    let files = generate_with(folder, &settings)?;
    std::fs::create_dir_all(folder).map_err(|cause| error!("{}: {cause}", folder.display()))?;
    std::fs::write(&file, settings.yaml()?).map_err(|cause| error!("{}: {cause}", file.display()))?;
    let mut changed = vec![FILE_NAME.to_owned()];
    changed.extend(write_all(folder, &files)?);
    Ok(report(folder, &changed))
}

/// The settings name catalogues as seen from their own folder.
fn relative(folder: &Path, files: &[String]) -> Result<Vec<String>> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|cause| error!("{}: {cause}", path.display()));
    let folder = absolute(folder)?;
    let mut names = Vec::new();
    for file in files {
        let path = absolute(Path::new(file))?;
        let shared = folder.components().zip(path.components()).take_while(|(one, other)| one == other).count();
        let up = folder.components().skip(shared).map(|_| "..".to_owned());
        let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
        names.push(up.chain(down).collect::<Vec<_>>().join("/"));
    }
    Ok(names)
}

fn report(folder: &Path, changed: &[String]) -> String {
    if changed.is_empty() {
        return format!("{}: nothing to change\n", folder.display());
    }
    changed.iter().map(|name| format!("{}\n", folder.join(name).display())).collect()
}
