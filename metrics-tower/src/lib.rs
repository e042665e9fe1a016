//! HTTP metrics for tower.
