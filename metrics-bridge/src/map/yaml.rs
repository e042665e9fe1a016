//! What stands at a place of a mapping file? Nodes with their lines, and errors that name them.

use saphyr::{MarkedYaml, YamlData, YamlLoader};
use saphyr_parser::Parser;

use super::file::MappingError;

/// A node of the file.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    file: &'a str,
    yaml: &'a MarkedYaml<'a>,
    /// A key's line stands for its value, which may begin on the next.
    line: usize,
}

/// The documents of a file; scalars are kept as text.
pub(super) fn load<'a>(file: &str, text: &'a str) -> Result<Vec<MarkedYaml<'a>>, MappingError> {
    let mut loader = YamlLoader::<MarkedYaml<'a>>::default();
    loader.early_parse(false);
    let mut parser = Parser::new_from_str(text);
    parser.load(&mut loader, true).map_err(|error| scan_error(file, &error))?;
    match loader.error() {
        Some(error) => Err(scan_error(file, error)),
        None => Ok(loader.into_documents()),
    }
}

fn scan_error(file: &str, error: &saphyr::ScanError) -> MappingError {
    MappingError::new(file, error.marker().line(), format!("this is not YAML: {}", error.info()))
}

impl<'a> Node<'a> {
    pub(super) fn root(file: &'a str, yaml: &'a MarkedYaml<'a>) -> Self {
        Self { file, yaml, line: yaml.span.start.line() }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> MappingError {
        MappingError::new(self.file, self.line, reason)
    }

    /// Key and value of every entry.
    pub(super) fn entries(&self, what: &str) -> Result<Vec<(&'a str, Node<'a>)>, MappingError> {
        let YamlData::Mapping(mapping) = &self.yaml.data else {
            return Err(self.error(format!("{what} is not a mapping; write `key: value` lines")));
        };
        let entry = |(key, value): (&'a MarkedYaml<'a>, &'a MarkedYaml<'a>)| {
            let key_node = Node { file: self.file, yaml: key, line: key.span.start.line() };
            let key = key_node.text("a key")?;
            Ok((key, Node { file: self.file, yaml: value, line: key_node.line }))
        };
        mapping.iter().map(entry).collect()
    }

    pub(super) fn items(&self, what: &str) -> Result<Vec<Node<'a>>, MappingError> {
        let YamlData::Sequence(items) = &self.yaml.data else {
            return Err(self.error(format!("{what} is not a list; write `- item` lines or `[a, b]`")));
        };
        Ok(items.iter().map(|yaml| Node { file: self.file, yaml, line: yaml.span.start.line() }).collect())
    }

    /// The text of a scalar, whatever it looks like.
    pub(super) fn text(&self, what: &str) -> Result<&'a str, MappingError> {
        match &self.yaml.data {
            YamlData::Representation(text, ..) => Ok(text),
            _ => Err(self.error(format!("{what} is not plain text"))),
        }
    }

    pub(super) fn number(&self, what: &str) -> Result<f64, MappingError> {
        let text = self.text(what)?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.error(format!("{what} is {text:?}; it must be a number")))
    }

    pub(super) fn truth(&self, what: &str) -> Result<bool, MappingError> {
        match self.text(what)? {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(self.error(format!("{what} is {other:?}; it must be true or false"))),
        }
    }
}

/// Whether the document is empty.
pub(super) fn is_null(yaml: &MarkedYaml<'_>) -> bool {
    matches!(&yaml.data, YamlData::Representation(text, ..) if text.is_empty() || text == "~" || text == "null")
}
