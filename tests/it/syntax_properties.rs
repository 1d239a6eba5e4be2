//! Lexer, parser and formatter on texts that nobody would write.

use std::time::{Duration, Instant};

use exoc::diagnostics::{Diagnostic, registry};
use exoc::source::SourceMap;
use exoc::syntax::{ast::Ast, format, parse, print};
use proptest::prelude::*;

use crate::golden;

fn parse_text(text: &str) -> (Ast, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add("", text);
    parse(&sources, file)
}

/// What must hold of any text: it parses, spans lie on characters, and what can be formatted is done after one go
/// and means the same.
fn holds(text: &str) -> Result<(), TestCaseError> {
    let (tree, diagnostics) = parse_text(text);
    for label in diagnostics.iter().flat_map(|d| &d.labels) {
        prop_assert!(text.get(label.span.range()).is_some(), "{label:?} in {text:?}");
    }
    prop_assert!(diagnostics.iter().all(|d| !d.labels.is_empty()));
    if let Ok(once) = format(text) {
        prop_assert_eq!(format(&once), Ok(once.clone()), "twice, of {:?}", text);
        prop_assert_eq!(print::ast(&parse_text(&once).0), print::ast(&tree), "meaning of {:?}", once);
    }
    Ok(())
}

fn corpus() -> Vec<String> {
    let folders = ["tests/golden/parse", "examples", "stdlib"];
    let files = folders.iter().flat_map(|folder| golden::files(folder, "exo"));
    files.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

/// Words, signs and line ends in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = "process param let fn machinery cargo vesicle compartment cell model pathway experiment arm grid run \
        measure claim knockout drug set assume for include place use in of at rate needs promoted by inhibited within \
        assumed cites per share that reach with size min distribution copies bud from into fuse every over states \
        diameter required fixed not and or 5 0.5 1e6 20_000 uM % fold x y.z A@B \"t\" { } ( ) [ ] , ; : . .. @ = == < > \
        + - * / ^ -> <-> ± ~ // /// //! # ä";
    let words: Vec<&'static str> = words.split_whitespace().collect();
    let separators = prop::sample::select(vec![" ", "\n", "", "\n    ", "  "]);
    prop::collection::vec((prop::sample::select(words), separators), 0..60)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(word, space)| [word, space]).collect())
}

/// A file of the corpus with a piece cut out, moved, or put in twice.
fn mangled() -> impl Strategy<Value = String> {
    let pieces = (prop::sample::select(corpus()), any::<(prop::sample::Index, prop::sample::Index)>(), 0..4u8);
    pieces.prop_map(|(text, (a, b), how)| {
        let characters: Vec<char> = text.chars().collect();
        let (a, b) = (a.index(characters.len()), b.index(characters.len()));
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 40));
        let (head, piece, tail) = (&characters[..from], &characters[from..to], &characters[to..]);
        let parts: Vec<&[char]> = match how {
            0 => vec![head, tail],
            1 => vec![head, piece, piece, tail],
            2 => vec![piece, head, tail],
            _ => vec![head],
        };
        parts.concat().into_iter().collect()
    })
}

/// A file of the corpus with its spaces changed at random.
fn respaced() -> impl Strategy<Value = String> {
    let spaces = prop::collection::vec(prop::sample::select(vec![" ", "  ", "   ", "\t", "        "]), 64);
    let well_formed: Vec<String> = corpus().into_iter().filter(|text| format(text).is_ok()).collect();
    (prop::sample::select(well_formed), spaces).prop_map(|(text, spaces)| {
        let mut out = String::new();
        for (line, text) in text.lines().enumerate() {
            for (i, word) in text.split(' ').filter(|w| !w.is_empty()).enumerate() {
                out.push_str(spaces[(line * 7 + i) % spaces.len()]);
                out.push_str(word);
            }
            out.push('\n');
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        holds(&text)?;
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        holds(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_words_are_read(text in soup()) {
        holds(&text)?;
    }

    #[test]
    fn mangled_files_are_read(text in mangled()) {
        holds(&text)?;
    }

    #[test]
    fn spaces_mean_nothing(text in respaced()) {
        holds(&text)?;
        prop_assert!(format(&text).is_ok());
    }
}

/// The time to parse a text, and what it says.
fn timed(text: &str) -> (Duration, Vec<Diagnostic>) {
    let start = Instant::now();
    let (_, diagnostics) = parse_text(text);
    (start.elapsed(), diagnostics)
}

#[test]
fn ten_kilobytes_take_milliseconds() {
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 300 } else { 10 });
    let sample = corpus().concat();
    let texts = [
        sample.chars().take(10_000).collect::<String>(),
        "(".repeat(10_000),
        "pathway p { ".repeat(800),
        "[{(".repeat(3_333),
        "process p: A -> B at k needs ".repeat(350),
        "#a".repeat(5_000),
        "claim \"a\" 1 < 2 < ".repeat(550),
    ];
    for text in texts {
        let best = (0..3).map(|_| timed(&text).0).min().unwrap_or_default();
        assert!(best < limit, "{best:?} for {:?}…", text.chars().take(40).collect::<String>());
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let said = |text: &str, code| assert!(timed(text).1.iter().any(|d| d.code == code), "{code} for {:.40}", text);
    let nested = format!("let x = {}1{}", "(".repeat(20_000), ")".repeat(20_000));
    said(&nested, registry::E0115);
    said(&"pathway p { ".repeat(20_000), registry::E0115);
    said(&format!("let x = {}1", "- ".repeat(50_000)), registry::E0116);
    said(&format!("let x = 1{}", " + 1".repeat(50_000)), registry::E0116);
    said(&format!("let x = {}y", "min of ".repeat(50_000)), registry::E0116);
    said(&format!("let x = {}", "9".repeat(400)), registry::E0104);
    said(&" ".repeat(exoc::source::MAX_BYTES + 1), registry::E0003);
}
