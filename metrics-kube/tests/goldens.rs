//! Is everything that is generated as it was when it was last read and approved?
//!
//! `METRICS_KUBE_MEND=1 cargo test -p metrics-kube --test goldens` writes the files anew.

mod common;

use metrics_kube::{assert_catalogue, assert_up_to_date, generate};

#[test]
fn the_shop_is_as_approved() {
    let folder = common::fixture("shop");
    assert_catalogue(folder.join("catalogue.json"), &common::shop());
    assert_up_to_date(&folder);
}

#[test]
fn every_way_to_scale_and_to_scrape_is_as_approved() {
    let folder = common::fixture("ways");
    assert_catalogue(folder.join("catalogue.json"), &common::ways());
    assert_catalogue(common::fixture("small").join("catalogue.json"), &common::small());
    assert_up_to_date(&folder);
}

#[test]
fn one_gauge_is_as_approved() {
    let folder = common::fixture("small");
    assert_catalogue(folder.join("catalogue.json"), &common::small());
    assert_up_to_date(&folder);
}

#[test]
fn native_histograms_are_as_approved() {
    let folder = common::fixture("native");
    assert_catalogue(folder.join("catalogue.json"), &common::native());
    assert_up_to_date(&folder);
}

#[test]
fn the_same_bytes_come_every_time() {
    let folder = common::fixture("shop");
    let first = generate(&folder).unwrap();
    assert!(first.len() > 20, "{} files", first.len());
    assert!((0..5).all(|_| generate(&folder).unwrap() == first));
}

#[test]
fn the_same_bytes_come_a_thousand_times() {
    let folder = common::fixture("small");
    let first = generate(&folder).unwrap();
    for round in 1..1_000 {
        assert!(generate(&folder).unwrap() == first, "round {round} differs");
    }
}

#[test]
fn a_catalogue_is_read_as_it_was_written() {
    for catalogue in [common::shop(), common::native()] {
        let read = metrics_kube::read_catalogue(&catalogue.json()).unwrap();
        assert_eq!(read.groups(), catalogue.groups());
        assert_eq!(read.json(), catalogue.json());
    }
}
