//! What stands on the disk, and what differs from what would be made now?

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use metrics_core::catalogue::{Catalogue, Group};
use similar::TextDiff;

use crate::error::{Result, error};
use crate::generate::{Artefact, MARK, artefacts};
use crate::settings::{FILE_NAME, Settings};
use crate::source::read_catalogue;

/// Set in the environment of a test, it makes [`assert_up_to_date`] and [`assert_catalogue`] mend what they find.
const MEND: &str = "METRICS_KUBE_MEND";

/// How much of a file is read to see who made it.
const HEAD: usize = 1_024;

/// Everything that is generated for a folder, by path within it. Reads, and writes nothing.
///
/// # Errors
///
/// If settings or catalogues cannot be read, an option is wrong, or declarations contradict each other.
pub fn generate(folder: impl AsRef<Path>) -> Result<Vec<Artefact>> {
    let folder = folder.as_ref();
    generate_with(folder, &Settings::read(folder)?)
}

pub(crate) fn generate_with(folder: &Path, settings: &Settings) -> Result<Vec<Artefact>> {
    let (own, others) = settings.sources(folder)?;
    let mut all = Vec::new();
    for environment in settings.environments()? {
        for file in artefacts(&environment, &own, &others)? {
            all.push(Artefact { name: format!("{}/{}", environment.name, file.name), ..file });
        }
    }
    Ok(all)
}

/// Writes everything that is generated for a folder, and removes files that were generated once and no longer are.
/// Returns the paths that changed, within the folder.
///
/// # Errors
///
/// As [`generate`], before anything is written; or if a file cannot be written.
pub fn write(folder: impl AsRef<Path>) -> Result<Vec<String>> {
    let folder = folder.as_ref();
    write_all(folder, &generate(folder)?)
}

pub(crate) fn write_all(folder: &Path, files: &[Artefact]) -> Result<Vec<String>> {
    let differences = differences(folder, files)?;
    for difference in &differences {
        let path = folder.join(&difference.name);
        let result = match &difference.wanted {
            Some(content) => replace(&path, content),
            None => fs::remove_file(&path),
        };
        result.map_err(|cause| error!("{}: {cause}", path.display()))?;
    }
    Ok(differences.into_iter().map(|difference| difference.name).collect())
}

/// A reader sees the old file or the new one, never a part.
fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, content)?;
    fs::rename(&unfinished, path)
}

/// Compares what stands in a folder with what would be made now.
///
/// # Errors
///
/// As [`generate`]; and with a difference for every file if one is not as it would be.
pub fn check(folder: impl AsRef<Path>) -> Result<()> {
    let folder = folder.as_ref();
    let differences = differences(folder, &generate(folder)?)?;
    if differences.is_empty() {
        return Ok(());
    }
    let shown: Vec<_> = differences.iter().map(Difference::text).collect();
    Err(error!("{}is not what the declarations and {FILE_NAME} make:\n\n{}", shown_folder(folder), shown.join("\n")))
}

/// Fails unless the files of a folder are what its catalogues and settings make: for a user's test.
///
/// With `METRICS_KUBE_MEND=1` in the environment it writes them instead.
///
/// # Panics
///
/// If they differ, with the differences and the command that mends them; if they cannot be made, with the reason.
#[track_caller]
pub fn assert_up_to_date(folder: impl AsRef<Path>) {
    let folder = folder.as_ref();
    let result = if std::env::var_os(MEND).is_some() { write(folder).map(drop) } else { check(folder) };
    if let Err(error) = result {
        panic!("{error}\nTo mend it: metrics-kube {}, or this test with {MEND}=1", folder.display());
    }
}

/// Fails unless the file holds this catalogue, lines of source code aside: for a user's test, before
/// [`assert_up_to_date`].
///
/// With `METRICS_KUBE_MEND=1` in the environment it writes the file instead.
///
/// # Panics
///
/// If they differ, with the difference.
#[track_caller]
pub fn assert_catalogue(file: impl AsRef<Path>, catalogue: &Catalogue) {
    let file = file.as_ref();
    let wanted = catalogue.json();
    if std::env::var_os(MEND).is_some() {
        replace(file, &wanted).unwrap_or_else(|cause| panic!("{}: {cause}", file.display()));
        return;
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    let known = read_catalogue(&found).ok().map(|known| without_lines(&known));
    if known.as_ref() != Some(&without_lines(catalogue)) {
        let difference = Difference { name: file.display().to_string(), found: Some(found), wanted: Some(wanted) };
        panic!("{}\nTo mend it: this test with {MEND}=1, or write `Catalogue::json()` there", difference.text());
    }
}

/// A line further down is no other declaration.
fn without_lines(catalogue: &Catalogue) -> Vec<Group> {
    let mut groups = catalogue.groups().to_vec();
    groups.iter_mut().flat_map(|group| &mut group.metrics).for_each(|metric| metric.line = 0);
    groups
}

struct Difference {
    name: String,
    found: Option<String>,
    wanted: Option<String>,
}

impl Difference {
    fn text(&self) -> String {
        let (found, wanted) = (self.found.as_deref().unwrap_or(""), self.wanted.as_deref().unwrap_or(""));
        let diff = TextDiff::from_lines(found, wanted);
        diff.unified_diff().context_radius(2).header(&self.name, "as it would be made now").to_string()
    }
}

fn differences(folder: &Path, files: &[Artefact]) -> Result<Vec<Difference>> {
    let mut present = present(folder, files)?;
    let mut differences = Vec::new();
    for file in files {
        let found = present.remove(&file.name);
        if found.as_deref() != Some(&*file.content) {
            differences.push(Difference { name: file.name.clone(), found, wanted: Some(file.content.clone()) });
        }
    }
    let left = present.into_iter().filter(|(_, content)| is_generated(content));
    differences.extend(left.map(|(name, content)| Difference { name, found: Some(content), wanted: None }));
    Ok(differences)
}

/// Files of our making in the folders that are written to, and whatever stands where one is to be written; and files of
/// our making in the folders beside them, since an environment that is named no more leaves one.
fn present(folder: &Path, files: &[Artefact]) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let environments: std::collections::BTreeSet<_> =
        files.iter().filter_map(|file| file.name.split('/').next()).collect();
    for environment in environments {
        for path in entries(&folder.join(environment))? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let wanted = files.iter().any(|file| file.name == format!("{environment}/{name}"));
            match fs::read_to_string(&path) {
                Ok(content) => drop(found.insert(format!("{environment}/{name}"), content)),
                Err(cause) if wanted => return Err(error!("{}: {cause}", path.display())),
                // A folder or a picture that somebody put there is nobody's business.
                Err(_) => {}
            }
        }
    }
    for other in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let Some(name) = other.file_name().and_then(|name| name.to_str()) else { continue };
        if files.iter().any(|file| file.name.split('/').next() == Some(name)) {
            continue;
        }
        // What cannot be read is not ours.
        for path in entries(&other).unwrap_or_default().into_iter().filter(|path| may_be_generated(path)) {
            let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let content = fs::read_to_string(&path).ok().filter(|content| is_generated(content));
            found.extend(content.map(|content| (format!("{name}/{file}"), content)));
        }
    }
    Ok(found)
}

/// Whether a file has an ending that a generated one can have.
fn may_be_generated(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["yaml", "json", "md"].iter().any(|known| ending == *known))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    read().map_err(|cause| error!("{}: {cause}", folder.display()))
}

fn is_generated(content: &str) -> bool {
    content.bytes().take(HEAD).collect::<Vec<_>>().windows(MARK.len()).any(|window| window == MARK.as_bytes())
}

fn shown_folder(folder: &Path) -> String {
    format!("{} ", folder.display())
}
