//! How are metrics declared as types? As the README does, which runs here; `--catalogue` prints what it declares instead.

mod readme {
    include!("../readme/typed.rs");

    pub(super) fn run() -> Result<(), metrics_core::Error> {
        main()
    }

    pub(super) fn catalogue() -> metrics_core::catalogue::Catalogue {
        metrics_core::catalogue::Catalogue::new().with::<ShopMetrics>()
    }
}

fn main() -> Result<(), metrics_core::Error> {
    if examples::catalogue::printed(readme::catalogue) { Ok(()) } else { readme::run() }
}
