//! How far are the quantiles of a native histogram from the exact ones?
//!
//! Observes the same values in native histograms of several growth factors, and prints for several distributions by how
//! much the quantiles that Prometheus would read off differ from the exact ones, beside the bound that holds for the
//! resolution. Fails if one is beyond its bound.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use metrics_core::descriptor::NativeDeclaration;
use metrics_core::{Declaration, Error, Histogram, MetricType, NativeSnapshot, Registry};

const OBSERVATIONS: usize = 100_000;
const QUANTILES: [f64; 5] = [0.01, 0.5, 0.9, 0.99, 0.999];
/// From the finest resolution there is to the coarsest.
const FACTORS: [f64; 6] = [1.003, 1.01, 1.1, 1.5, 4.0, 65_536.0];

/// A name, and one value after the other.
type Distribution = (&'static str, fn(&mut fastrand::Rng) -> f64);

const DISTRIBUTIONS: [Distribution; 8] = [
    ("uniform", |random| 0.01 + random.f64()),
    ("exponential", |random| -0.1 * positive(random).ln()),
    ("lognormal", |random| (-3.0 + 1.5 * normal(random)).exp()),
    ("pareto", |random| 0.01 * positive(random).powf(-1.0 / 1.2)),
    ("bimodal", |random| if random.u8(..10) < 9 { 0.005 * (1.0 + random.f64()) } else { 2.0 + 0.1 * normal(random) }),
    ("constant", |_| 0.25),
    ("both signs", |random| 10.0 * normal(random)),
    ("60 magnitudes", |random| 10_f64.powf(60.0 * random.f64() - 30.0)),
];

fn main() -> ExitCode {
    println!("Relative error of quantiles, in percent, of {OBSERVATIONS} observations each\n");
    print!("| distribution | factor | schema | buckets |");
    QUANTILES.iter().for_each(|quantile| print!(" {quantile} |"));
    println!(" worst | bound | |");
    println!("|---|---:|---:|---:|{}---:|---:|---|", "---:|".repeat(QUANTILES.len()));
    let mut beyond = 0;
    for distribution in DISTRIBUTIONS {
        for factor in FACTORS {
            match measured(distribution, factor, OBSERVATIONS) {
                Ok(row) => {
                    row.print();
                    beyond += usize::from(!row.holds());
                }
                Err(error) => {
                    eprintln!("quantiles: {error}");
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    println!("\n{} rows, {beyond} beyond their bound", DISTRIBUTIONS.len() * FACTORS.len());
    if beyond == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A number in (0, 1].
fn positive(random: &mut fastrand::Rng) -> f64 {
    1.0 - random.f64()
}

/// A normally distributed number, by Box and Muller.
fn normal(random: &mut fastrand::Rng) -> f64 {
    (-2.0 * positive(random).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

struct Row {
    distribution: &'static str,
    factor: f64,
    snapshot: NativeSnapshot,
    /// As shares, one a quantile.
    errors: Vec<f64>,
}

/// The same values every time.
fn measured((distribution, draw): Distribution, factor: f64, observations: usize) -> Result<Row, Error> {
    let mut random = fastrand::Rng::with_seed(4);
    let mut values: Vec<f64> = (0..observations).map(|_| draw(&mut random)).collect();
    let native = NativeDeclaration { factor, ..NativeDeclaration::DEFAULT };
    let declaration = Declaration::new(MetricType::Histogram, "observed", "What is observed.");
    let histogram: Histogram = Registry::new().register(declaration.with_native(native, false))?;
    values.iter().for_each(|value| histogram.observe(*value));
    values.sort_by(f64::total_cmp);
    let Some(snapshot) = histogram.snapshot().native else { unreachable!("it was declared as a native histogram") };
    let error = |quantile: &f64| {
        let exact = exact(&values, *quantile);
        snapshot.quantile(*quantile).map_or(f64::INFINITY, |found| ((found - exact) / exact).abs())
    };
    Ok(Row { distribution, factor, errors: QUANTILES.iter().map(error).collect(), snapshot })
}

/// The least value such that at least this share of all is not above it.
fn exact(sorted: &[f64], quantile: f64) -> f64 {
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

impl Row {
    fn worst(&self) -> f64 {
        self.errors.iter().copied().fold(0.0, f64::max)
    }

    /// Whether the documented bound holds; a last digit is the arithmetic's.
    fn holds(&self) -> bool {
        self.worst() <= self.snapshot.max_relative_error() * (1.0 + 1e-9)
    }

    fn print(&self) {
        let Self { distribution, factor, snapshot, errors } = self;
        let buckets = snapshot.positive.len() + snapshot.negative.len();
        print!("| {distribution} | {factor} | {} | {buckets} |", snapshot.schema);
        errors.iter().for_each(|error| print!(" {:.3} |", 100.0 * error));
        let bound = 100.0 * snapshot.max_relative_error();
        println!(" {:.3} | {bound:.3} | {} |", 100.0 * self.worst(), if self.holds() { "" } else { "**beyond**" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantile_is_within_the_documented_bound() {
        for distribution in DISTRIBUTIONS {
            for factor in FACTORS {
                let row = measured(distribution, factor, 20_000).unwrap();
                assert!(row.holds(), "{} with {factor}: {:?}", row.distribution, row.errors);
                // The declared factor is the greatest there may be, unless the limit of buckets took its toll, or that of a
                // thread's window, which only a finer resolution than the default one meets.
                let growth = 1.0 + row.snapshot.max_relative_error();
                let buckets = row.snapshot.positive.len() + row.snapshot.negative.len();
                let kept = growth <= factor * (1.0 + 1e-9);
                assert!(kept || buckets > 80 || factor < 1.1, "{} with {factor}", row.distribution);
                assert!(buckets <= 160, "{} has {buckets} buckets", row.distribution);
            }
        }
    }

    #[test]
    fn a_coarser_histogram_is_worse() {
        let worst = |factor| measured(DISTRIBUTIONS[2], factor, 20_000).unwrap().worst();
        assert!(worst(1.1) > 0.0 && worst(1.1) < worst(65_536.0));
    }

    #[test]
    fn exact_quantiles_are_observations() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        for (quantile, expected) in [(0.0, 1.0), (0.25, 1.0), (0.26, 2.0), (0.5, 2.0), (1.0, 4.0)] {
            assert_eq!(exact(&sorted, quantile), expected);
        }
    }
}
