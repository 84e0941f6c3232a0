//! One libFuzzer program for all targets; `ARTEL_FUZZ` names which.
#![no_main]

use std::sync::LazyLock;

static TARGET: LazyLock<&artel_fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("ARTEL_FUZZ").unwrap_or_default();
    let known = || artel_fuzz::TARGETS.iter().map(|it| it.name).collect::<Vec<_>>().join(" ");
    artel_fuzz::target(&name).unwrap_or_else(|| panic!("ARTEL_FUZZ must be one of: {}", known()))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (TARGET.run)(data));
