use metrics_core::{Counter, Metrics};

#[derive(Metrics)]
#[metrics(namespace = "shop")]
struct Shop {
    /// Misspelled.
    #[metric(hlep = "Orders.", units = "bytes")]
    orders_total: Counter,
    /// Another shape.
    #[metric(help, unit = seconds, zero_init = "no", max_series = many, autoscale = 10, objective, nested = true)]
    sent_total: Counter,
    /// Twice.
    #[metric(name = "a_total", name = "b_total")]
    #[metric(name = "c_total")]
    twice_total: Counter,
    /// No nested struct.
    #[metric(prefix = "a")]
    lone_total: Counter,
    /// No list.
    #[metric = "x"]
    list_total: Counter,
    /// No comma.
    #[metric(name = "x_total" unit = "bytes")]
    comma_total: Counter,
}

fn main() {}
