//! Generates the parser from `grammar/exo.lalrpop`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=grammar/exo.lalrpop");
    let mut configuration = lalrpop::Configuration::new();
    configuration.use_cargo_dir_conventions().emit_rerun_directives(false).set_in_dir("grammar");
    configuration.process()
}
