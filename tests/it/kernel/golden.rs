//! Programs and intermediate code as people read them. `EXOC_BLESS=1` writes what is found.

use super::networks::{driven, rab};
use exoc::codegen::{self, Listing};
use exoc::kernel::Model;
use std::path::PathBuf;

fn check(name: &str, found: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "golden", "kernel", name].iter().collect();
    if std::env::var_os("EXOC_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{} differs; EXOC_BLESS=1 accepts what is now:\n{found}", path.display());
}

#[test]
fn programs() {
    for network in [rab(), driven()] {
        check(&format!("{}.kernel", network.name), &Model::new(&network).display(&network).to_string());
    }
}

// The calling convention is part of the text.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn intermediate_code() {
    for network in [rab(), driven()] {
        let clif = codegen::list(&Model::new(&network), Listing::Clif).unwrap();
        check(&format!("{}.clif", network.name), &clif);
    }
}

#[test]
fn headers() {
    let header = codegen::object(&driven(), "driven").unwrap().header;
    check("driven.h", &header.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn assembly_names_its_functions() {
    let assembly = codegen::list(&Model::new(&rab()), Listing::Assembly).unwrap();
    assert!(assembly.contains("; jacobian") && assembly.lines().count() > 40, "{assembly}");
}
