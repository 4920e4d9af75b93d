//! `make sbom`: what a goldstream is made of, as CycloneDX.

use crate::harness::home::Home;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Writes it anew and gives its text.
fn written(home: &Home, name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = home.path(name);
    let mut command = Command::new("node");
    let done = command
        .current_dir(home.path(""))
        .arg(root.join("scripts/sbom.mjs"))
        .arg(&out)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::read_to_string(out).unwrap()
}

#[test]
fn it_names_every_crate_and_package_with_its_licence_and_no_place_of_this_machine() {
    let home = Home::new();
    let text = written(&home, "bom.json");
    assert!(text == written(&home, "again/bom.json"), "the same sources give the same bytes");
    for place in [env!("CARGO_MANIFEST_DIR"), &std::env::var("HOME").unwrap(), "file:", "/tmp"] {
        assert!(!text.contains(place), "{place} stands in it");
    }
    let bom: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    let components = bom["components"].as_array().unwrap();
    let mut known: BTreeSet<&str> =
        components.iter().map(|it| it["bom-ref"].as_str().unwrap()).collect();
    assert_eq!(known.len(), components.len(), "each stands in it once");
    for name in ["pkg:cargo/redb@", "pkg:cargo/rdkafka-sys@", "pkg:npm/echarts@", "pkg:npm/svelte@"]
    {
        assert!(known.iter().any(|purl| purl.starts_with(name)), "{name}");
    }
    // What only tests use is not built into it.
    assert!(!known.iter().any(|purl| purl.starts_with("pkg:cargo/proptest@")));
    for component in
        components.iter().filter(|it| !it["name"].as_str().unwrap().starts_with("goldstream"))
    {
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
        assert!(component["hashes"][0]["content"].is_string(), "{component}");
    }
    known.insert(bom["metadata"]["component"]["bom-ref"].as_str().unwrap());
    for entry in bom["dependencies"].as_array().unwrap() {
        for used in entry["dependsOn"].as_array().unwrap() {
            assert!(known.contains(used.as_str().unwrap()), "{used} is used and not named");
        }
    }
}
