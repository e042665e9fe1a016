//! What does a made-up shop send?

/// Lines of every type, the same in every run.
pub(crate) fn made_up() -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(42);
    let mut lines = String::new();
    for number in 0..20_000 {
        let payment = ["card", "transfer", "invoice"][random.usize(0..3)];
        // Skewed, as durations are.
        let milliseconds = 20.0 * (-random.f64().max(1e-9).ln()).powf(1.5) + 1.0;
        let line = match number % 10 {
            0..4 => format!("shop.orders:{}|c|#payment:{payment},env:prod", random.u32(1..4)),
            4 => format!("shop.clicks:1|c|@0.1|#page:{}", random.u32(0..20)),
            5 | 6 => format!("shop.charge:{milliseconds:.3}|ms|#payment:{payment}"),
            7 => format!("shop.latency:{:.6}:{:.6}|d|#route:/orders", milliseconds / 1e3, milliseconds / 2e3),
            8 => format!("shop.queue.depth:{}|g|#queue:{payment}", random.i32(-5..500)),
            _ => format!("shop.visitors:{}|s", random.u32(0..800)),
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    lines.into_bytes()
}
