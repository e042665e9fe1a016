//! Where do catalogues and environments stand? In one file, written by hand, beside what is generated.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use metrics_core::catalogue::Catalogue;
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::options::Options;
use crate::error::{Result, error};
use crate::source::{Source, read_catalogue};

/// The name of the file with the settings, in the folder above the environments.
pub const FILE_NAME: &str = "metrics-kube.yaml";

/// Which catalogues are turned into configuration, for which environments.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Files with the catalogues of the workload, relative to the folder of the settings.
    pub catalogues: Vec<String>,
    /// Files with the catalogues of other workloads of the same cluster: the adapter's configuration is one object a
    /// cluster and holds their rules too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The environments by name; what is generated for each stands in a folder of that name.
    pub environments: BTreeMap<String, Options>,
}

impl Settings {
    /// Reads the settings of a folder.
    ///
    /// # Errors
    ///
    /// If there is no file of the name [`FILE_NAME`], or it does not say what it must.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        let text = std::fs::read_to_string(&path).map_err(|cause| {
            error!(
                "{}: {cause}; it holds the names of the catalogues and the options of each environment, and \
                 `metrics-kube FOLDER CATALOGUE --environment NAME --namespace NAMESPACE --workload WORKLOAD` writes one",
                path.display()
            )
        })?;
        let settings = Self::parse(&text).map_err(|cause| error!("{}: {cause}", path.display()))?;
        settings.check().map_err(|cause| cause.at(path.display()))?;
        Ok(settings)
    }

    /// With merge keys (`<<: *production`) environments need not repeat each other; what is read through them is told
    /// without its line, so files without them are read directly.
    fn parse(text: &str) -> std::result::Result<Self, yaml_serde::Error> {
        if !text.contains("<<:") {
            return yaml_serde::from_str(text);
        }
        let mut value: yaml_serde::Value = yaml_serde::from_str(text)?;
        value.apply_merge()?;
        yaml_serde::from_value(value)
    }

    /// The settings as the text of their file.
    pub(crate) fn yaml(&self) -> Result<String> {
        yaml_serde::to_string(self).map_err(|cause| error!("the settings cannot be written: {cause}"))
    }

    pub(crate) fn environments(&self) -> Result<Vec<Environment>> {
        self.environments.iter().map(|(name, options)| Environment::new(name, options.clone())).collect()
    }

    /// The catalogues of the workload as one source, and those of other workloads, each as its own.
    pub(crate) fn sources(&self, folder: &Path) -> Result<(Vec<Source>, Vec<Source>)> {
        let read = |names: &[String]| names.iter().map(|name| source(folder, name)).collect::<Result<Vec<_>>>();
        Ok((read(&self.catalogues)?, read(&self.also)?))
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.catalogues.is_empty() {
            return Err(error!(
                "`catalogues` is empty; name at least one file that a program wrote with `Catalogue::json()`"
            ));
        }
        if self.environments.is_empty() {
            return Err(error!("`environments` is empty; give at least one, such as `production`"));
        }
        self.environments().map(drop)
    }
}

fn source(folder: &Path, name: &str) -> Result<Source> {
    let path = without_detours(&folder.join(name));
    let text = std::fs::read_to_string(&path).map_err(|cause| error!("{}: {cause}", path.display()))?;
    let catalogue: Catalogue = read_catalogue(&text).map_err(|cause| cause.at(path.display()))?;
    Ok(Source { name: name.to_owned(), catalogue })
}

/// `deploy/../a.json` as `a.json`: the folder need not be there yet.
fn without_detours(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut all, part| {
        match (part, all.components().next_back()) {
            (Component::ParentDir, Some(Component::Normal(_))) => drop(all.pop()),
            _ => all.push(part),
        }
        all
    })
}
