//! Sees to it that the page is there to be put into the binary, and says what to run where it is not.

use std::path::Path;

fn main() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboard/dist");
    println!("cargo::rerun-if-changed={}", page.display());
    assert!(
        page.join("index.html").is_file(),
        "the dashboard is not built yet: run `make dashboard` first (it needs Node 20.19 or newer)"
    );
}
