//! Reading a page of 2,300 goods, against a bare JSON tree of the same bytes: reading must be no slower.
//!
//! `cargo bench -p giftishow --bench parse` measures, says the ratio, and fails if it is over 1.
#![expect(clippy::expect_used, reason = "a benchmark")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group};
use giftishow::{GoodsListOutcome, Heard};
use serde_json::Value;

const GOODS: usize = 2_300;
/// A page's text per goods is about 2 KB live, most of it the description.
const CONTENT: &str = "사용 가능한 매장과 교환 조건을 확인해 주세요. ";

fn page() -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/spec/0101-goods.json");
    let sample = std::fs::read_to_string(folder).expect("the fixture is there");
    let mut page: Value = serde_json::from_str(&sample).expect("the fixture is JSON");
    let goods = page["result"]["goodsList"][0].clone();
    let goods = (0..GOODS).map(|number| {
        let mut goods = goods.clone();
        goods["goodsCode"] = format!("G{number:011}").into();
        goods["goodsNo"] = number.into();
        goods["salePrice"] = (number * 100).into();
        goods["content"] = CONTENT.repeat(number % 12).into();
        goods
    });
    page["result"]["goodsList"] = goods.collect::<Vec<_>>().into();
    page.to_string().into_bytes()
}

fn read(page: &[u8]) -> usize {
    match GoodsListOutcome::read(Heard::Body(page)).outcome {
        GoodsListOutcome::Page(listing) => listing.items.len(),
        _ => 0,
    }
}

fn tree(page: &[u8]) -> Value {
    serde_json::from_slice(page).expect("the page is JSON")
}

fn parsing(criterion: &mut Criterion) {
    let page = page();
    assert_eq!(read(&page), GOODS);
    let mut group = criterion.benchmark_group("2300 goods");
    group.throughput(Throughput::Bytes(page.len() as u64)).sample_size(20);
    group.bench_function("classified and typed", |bencher| bencher.iter(|| black_box(read(&page))));
    group.bench_function("serde_json::Value", |bencher| bencher.iter(|| black_box(tree(&page))));
    group.finish();
}

/// Both in turn, so that whatever else the machine does meets both; the fastest run of each counts.
fn ratio() -> f64 {
    let page = page();
    let mut best = [Duration::MAX; 2];
    for _ in 0..30 {
        let start = Instant::now();
        black_box(read(&page));
        best[0] = best[0].min(start.elapsed());
        let start = Instant::now();
        black_box(tree(&page));
        best[1] = best[1].min(start.elapsed());
    }
    println!("a page of {GOODS} goods, {} bytes: typed {:?}, tree {:?}", page.len(), best[0], best[1]);
    best[0].as_secs_f64() / best[1].as_secs_f64()
}

criterion_group!(benches, parsing);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    if std::env::args().any(|argument| argument == "--bench") {
        let ratio = ratio();
        println!("ratio typed / tree: {ratio:.2} (must not exceed 1)");
        assert!(ratio <= 1.0, "reading a page is slower than a bare tree");
    }
}
