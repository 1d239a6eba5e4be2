//! Files and modules that can't be had.

use crate::diagnostics::{Diagnostic, nearest, registry as codes};
use crate::source::{LoadError, Span};

/// E0001, E0002 or E0003: the file is there, but can't be used.
pub fn unloadable(path: &str, span: Span, error: &LoadError) -> Diagnostic {
    match error {
        LoadError::NotFound => unknown_module(path, span, &[]),
        LoadError::Unreadable(reason) => Diagnostic::new(codes::E0001, format!("the file of `{path}` can't be read"))
            .at(span, reason.clone())
            .help("look at the file's permissions, or whether it is a folder"),
        LoadError::NotUtf8(at) => Diagnostic::new(codes::E0002, format!("the file of `{path}` is not UTF-8 text"))
            .at(span, format!("not UTF-8 from byte {at} on"))
            .help("save it as UTF-8 in the editor that made it"),
        LoadError::TooLarge { size, limit } => {
            Diagnostic::new(codes::E0003, format!("the file of `{path}` is too large"))
                .at(span, format!("{size} bytes, and {limit} is the limit"))
                .help("split it into modules, if it is a model at all")
        }
    }
}

/// E0004
pub fn unknown_module(path: &str, span: Span, known: &[String]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0004, format!("there is no module `{path}`"))
        .at(span, "no file and no library module of that name");
    let prefixes = known.iter().map(String::as_str);
    if let Some(near) = nearest(path, prefixes.clone()) {
        return report.fix(format!("did you mean `{near}`?"), vec![(span, near.to_owned())]);
    }
    let head = path.rsplit_once('.').map_or(path, |(head, _)| head);
    if let Some(near) = nearest(head, prefixes.clone()) {
        return report.help(format!("there is a module `{near}`"));
    }
    let below = format!("{head}.");
    let beside: Vec<String> = prefixes.filter(|m| m.starts_with(&below)).take(8).map(|m| format!("`{m}`")).collect();
    match beside.is_empty() {
        true => report.help("library modules begin with `std.`; others are files next to this one"),
        false => report.help(format!("there are {}", beside.join(", "))),
    }
}

/// E0005
pub fn circle(chain: &[(String, Span)], span: Span) -> Diagnostic {
    let mut names: Vec<&str> = chain.iter().map(|(path, _)| path.as_str()).collect();
    names.extend(chain.first().map(|(path, _)| path.as_str()));
    let mut report =
        Diagnostic::new(codes::E0005, format!("modules use each other in a circle: {}", names.join(" → ")))
            .at(span, "closes the circle");
    for (path, asked) in chain.iter().skip(1) {
        report = report.also(*asked, format!("asks for `{path}`"));
    }
    report.help("move what both need into a module of its own that both use")
}

/// E0006
pub fn not_in_module(module: &str, name: &str, span: Span, parts: &[&str]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0006, format!("module `{module}` declares no `{name}`"))
        .at(span, "nothing of that name in it");
    match nearest(name, parts.iter().copied()) {
        Some(near) => report.fix(format!("did you mean `{near}`?"), vec![(span, near.to_owned())]),
        None if parts.is_empty() => report.help("the module declares nothing"),
        None if parts.len() <= 12 => {
            report.help(format!("it declares {}", super::names::join(parts.iter().copied(), "and")))
        }
        None => report.help("look at what the module declares; a module doesn't pass on what it imports itself"),
    }
}

/// W0201
pub fn unused_import(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::W0201, format!("`{name}` is imported and not used"))
        .at(span, "nothing here refers to it")
        .help("take it out of the `use`")
}
