use metrics_core::LabelSet;

#[derive(LabelSet)]
struct Labels<'a> {
    job: &'a str,
    instance: &'a str,
    namespace: &'a str,
    pod: &'a str,
    container: &'a str,
    service: &'a str,
    endpoint: &'a str,
    node: &'a str,
    le: f32,
    #[label(rename = "quantile")]
    share: &'a str,
    __name__: String,
    #[label(rename = "http.route")]
    route: String,
    #[label(rename = "")]
    nothing: String,
}

fn main() {}
