//! What do Grafana's dashboards consist of, as far as they are used here?

use serde::Serialize;
use serde_json::{Value, json};

/// The width of the grid, and of a panel: two stand side by side.
const GRID: u32 = 24;
const WIDTH: u32 = 12;
const HEIGHT: u32 = 8;

/// A dashboard.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dashboard {
    pub(super) uid: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) schema_version: u32,
    pub(super) editable: bool,
    pub(super) refresh: &'static str,
    pub(super) time: Value,
    pub(super) templating: Value,
    pub(super) panels: Vec<Value>,
}

/// A panel with time on its horizontal axis.
#[derive(Debug, Default)]
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) unit: &'static str,
    pub(super) queries: Vec<Query>,
}

/// A query and how its series are called.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) expr: String,
    pub(super) legend: String,
}

impl Query {
    pub(super) fn new(expr: impl Into<String>, legend: impl Into<String>) -> Self {
        Self { expr: expr.into(), legend: legend.into() }
    }
}

/// Rows of panels, laid out from the top down.
pub(super) fn layout(rows: Vec<(String, Vec<Panel>)>) -> Vec<Value> {
    let (mut placed, mut top) = (Vec::new(), 0);
    for (title, panels) in rows.into_iter().filter(|(_, panels)| !panels.is_empty()) {
        let id = placed.len() + 1;
        let place = json!({"x": 0, "y": top, "w": GRID, "h": 1});
        placed
            .push(json!({"id": id, "type": "row", "title": title, "collapsed": false, "gridPos": place, "panels": []}));
        top += 1;
        for (place, panel) in panels.iter().enumerate() {
            let column = place as u32 % (GRID / WIDTH);
            placed.push(time_series(panel, placed.len() + 1, column * WIDTH, top));
            if column + 1 == GRID / WIDTH || place + 1 == panels.len() {
                top += HEIGHT;
            }
        }
    }
    placed
}

fn time_series(panel: &Panel, id: usize, x: u32, y: u32) -> Value {
    let targets: Vec<_> = panel.queries.iter().zip('A'..).map(|(query, letter)| target(query, letter)).collect();
    json!({
        "id": id,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": datasource(),
        "gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": targets,
    })
}

fn target(query: &Query, letter: char) -> Value {
    json!({"refId": letter.to_string(), "datasource": datasource(), "expr": query.expr, "legendFormat": query.legend})
}

fn datasource() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

/// The choice of a Prometheus.
pub(super) fn datasource_variable() -> Value {
    json!({"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"})
}

/// A choice among the values of a label; `several` if more than one may be chosen, or all.
pub(super) fn label_variable(name: &str, query: &str, value: Option<&str>) -> Value {
    let several = value.is_none();
    let current = match value {
        Some(value) => json!({"text": value, "value": value}),
        None => json!({"text": "All", "value": "$__all"}),
    };
    json!({
        "name": name,
        "type": "query",
        "datasource": datasource(),
        "query": query,
        "refresh": 2,
        "sort": 1,
        "multi": several,
        "includeAll": several,
        "current": current,
    })
}
