//! Of what, when and where is a picture?

use std::process::Command;

use serde::Serialize;

/// What all numbers of one run have in common.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The commit, with a `+` if files beside documents differ from it; `None` where there is no git.
    pub commit: Option<String>,
    /// In UTC.
    pub date: Option<String>,
    pub processor: String,
    pub processors: usize,
    /// How many threads wanted to run in the minute before, 2 being all of two processors.
    pub load: Option<f64>,
}

impl About {
    /// As it is now, before anything is measured.
    pub fn now() -> Self {
        let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let changed = told("git", &["status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)docs"]);
        let mark = if changed.is_some() { "+" } else { "" };
        Self {
            commit: told("git", &["rev-parse", "--short", "HEAD"]).map(|commit| commit + mark),
            date: told("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            processor: model.unwrap_or("a machine").to_owned(),
            processors: benches::measure::cores(),
            load: load.split(' ').next().and_then(|load| load.parse().ok()),
        }
    }

    /// In one line.
    pub fn line(&self) -> String {
        let mut told: Vec<String> = self.commit.iter().map(|commit| format!("commit {commit}")).collect();
        told.extend(self.date.clone());
        told.push(format!("{}, {} processors", self.processor, self.processors));
        told.extend(self.load.map(|load| format!("load average {load} at the beginning")));
        told.join("; ")
    }
}

/// What a program says; `None` if it is not there, fails, or says nothing.
fn told(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let about = About { commit: None, date: None, processor: "a processor".into(), processors: 2, load: None };
        assert_eq!(about.line(), "a processor, 2 processors");
        let known = About { commit: Some("12ab+".into()), date: Some("2026-01-02".into()), load: Some(0.5), ..about };
        let wanted = "commit 12ab+; 2026-01-02; a processor, 2 processors; load average 0.5 at the beginning";
        assert_eq!(known.line(), wanted);
    }

    #[test]
    fn programs_that_are_not_there_or_fail_tell_nothing() {
        assert_eq!(told("no-program-of-this-name", &[]), None);
        assert_eq!(told("false", &[]), None);
        assert_eq!(told("true", &[]), None);
    }
}
