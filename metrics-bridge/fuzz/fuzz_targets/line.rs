//! Does any datagram break the parser or what records its lines?
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use metrics_bridge::map::Mapper;
use metrics_bridge::record::{Bridge, BridgeOptions, Worker};
use metrics_core::Registry;

thread_local! {
    static WORKER: RefCell<Worker> = RefCell::new({
        let options = BridgeOptions { max_metrics: 100, max_series: 100, ..BridgeOptions::default() };
        Bridge::new(&Registry::new(), Mapper::default(), options).unwrap().worker()
    });
}

fuzz_target!(|datagram: &[u8]| WORKER.with_borrow_mut(|worker| worker.datagram(datagram)));
