//! Networks and plans of programs, against their listings.

use exoc::diagnostics::Diagnostic;
use exoc::hir::check;
use exoc::network::{Built, build};
use exoc::source::{MemoryLoader, SourceMap};

use super::golden;

fn built(name: &str, text: &str) -> Result<(Vec<Built>, Vec<Diagnostic>), String> {
    let mut sources = SourceMap::default();
    let root = sources.add(name, text);
    let (checked, diagnostics) = check(&mut sources, &MemoryLoader::default(), root).gate();
    let Some(checked) = checked else {
        let messages: Vec<String> = diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
        return Err(messages.join("\n"));
    };
    let models = (0..checked.models.len()).map(|model| build(&checked, model).map_err(|error| error.to_string()));
    Ok((models.collect::<Result<_, _>>()?, diagnostics))
}

#[test]
fn networks_are_as_listed() {
    golden::check("network", "txt", "exoc compile --emit network", |name, text| match built(name, text) {
        Ok((models, _)) => {
            models.iter().map(|built| exoc::output::listing::listing(&built.network)).collect::<Vec<_>>().join("\n")
        }
        Err(why) => panic!("{name}: {why}"),
    });
}
