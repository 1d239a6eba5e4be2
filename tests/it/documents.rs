//! The examples of the manual and the README do what their text says.
//!
//! A block marked `exo` passes the checker; `exo,cell` does after the declarations that the reference begins with;
//! `exo,fragment` parses.
//!
//! A page may build on its last `exo` block: `exo,more` goes after it, `exo,instead` replaces the lines that begin alike
//! (up to their `:` or `=`), and with `,fails` the checker must refuse the result, which is then forgotten. In a block
//! marked `console` every line that isn't `…` is printed by the command above it, `$ exoc …` or another of a page's: on
//! a file of the repository or else on the page's model under that name, in a folder that is the page's own. A block
//! marked `c,NAME` is a file there.

use std::fs;
use std::path::Path;
use std::process::Command;

use exoc::diagnostics::Diagnostic;
use exoc::diagnostics::render::render;
use exoc::hir;
use exoc::source::{DiskLoader, SourceMap};
use exoc::syntax;
use exoc::syntax::token::Keyword;

use crate::golden;

/// A fenced block: what its fence says, its first line's number, its text.
pub struct Block {
    pub marks: String,
    pub line: usize,
    pub text: String,
}

pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(marks), None) => open = Some(Block { marks: marks.to_owned(), line: at + 2, text: String::new() }),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

fn diagnostics(name: &str, text: &str) -> (Vec<Diagnostic>, String) {
    let mut sources = SourceMap::new();
    let root = sources.add(name, text);
    let checked = hir::check(&mut sources, &DiskLoader::beside(Path::new(name)), root);
    let rendered = render(&checked.diagnostics, &sources, false);
    (checked.diagnostics, rendered)
}

fn parses(name: &str, text: &str) -> (Vec<Diagnostic>, String) {
    let mut sources = SourceMap::new();
    let root = sources.add(name, text);
    let (_, diagnostics) = syntax::parse(&sources, root);
    let rendered = render(&diagnostics, &sources, false);
    (diagnostics, rendered)
}

#[test]
fn the_manuals_examples_do_what_they_say() {
    let index = fs::read_to_string(golden::root().join("docs/src/reference/index.md")).expect("the reference");
    let prelude = blocks(&index).into_iter().find(|b| b.marks == "exo,prelude").expect("a prelude").text;
    let mut pages = golden::files("docs/src", "md");
    pages.push(golden::root().join("README.md"));
    let mut wrong = String::new();
    for path in pages {
        let text = fs::read_to_string(&path).expect("a page");
        let folder = tempfile::tempdir().expect("a folder");
        let mut page = Page { prelude: &prelude, model: String::new(), mistaken: None, folder: folder.path() };
        for block in blocks(&text) {
            if let Some(complaint) = page.complaint(&block) {
                wrong.push_str(&format!("{}:{}\n{complaint}\n", path.display(), block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a page has built up so far.
struct Page<'p> {
    prelude: &'p str,
    model: String,
    /// The model with the mistake of the last block, if it had one.
    mistaken: Option<String>,
    /// Where its commands run.
    folder: &'p Path,
}

impl Page<'_> {
    /// What is wrong with the next block, if anything.
    fn complaint(&mut self, block: &Block) -> Option<String> {
        let marks: Vec<&str> = block.marks.split(',').collect();
        let is = |mark| marks.contains(&mark);
        if marks[0] == "console" {
            return commands(&block.text).into_iter().find_map(|(command, shown)| self.misprint(command, &shown));
        }
        if let ["c", name] = marks.as_slice() {
            fs::write(self.folder.join(name), &block.text).expect("a file");
        }
        if marks[0] != "exo" {
            return None;
        }
        let (found, rendered) = match () {
            () if is("fragment") => parses("example.exo", &block.text),
            () if is("cell") => diagnostics("example.exo", &format!("{}\n{}", self.prelude, block.text)),
            () => {
                let model = match () {
                    () if is("more") => format!("{}\n{}", self.model, block.text),
                    () if is("instead") => replaced(&self.model, &block.text),
                    () => block.text.clone(),
                };
                let outcome = diagnostics("example.exo", &model);
                if is("fails") {
                    self.mistaken = Some(model);
                } else {
                    (self.model, self.mistaken) = (model, None);
                }
                outcome
            }
        };
        let failed = found.iter().any(Diagnostic::is_error);
        (failed != is("fails")).then(|| format!("should {}\n{rendered}", if failed { "pass" } else { "fail" }))
    }

    /// What a command doesn't print though the page shows it.
    fn misprint(&self, command: &str, shown: &[&str]) -> Option<String> {
        let mut run = match command.strip_prefix("exoc ").or(command.strip_prefix("cargo run --release -- ")) {
            Some(arguments) => self.exoc(arguments),
            None if ["cc ", "./", "head "].iter().any(|known| command.starts_with(known)) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", command]);
                shell
            }
            None => return None,
        };
        let output = run.current_dir(self.folder).output().expect("a command");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let [first, second] = [[&out, &err], [&err, &out]].map(|[a, b]| missing(&format!("{a}{b}"), shown));
        let line = first.and(second)?;
        Some(format!("`{command}` doesn't print\n{line}\nbut\n{out}{err}"))
    }

    /// exoc, with the file that it is to read in place.
    fn exoc(&self, arguments: &str) -> Command {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        if let Some(file) = arguments.iter().find(|a| a.ends_with(".exo")) {
            let ours = fs::read_to_string(golden::root().join(file)).ok();
            let text = ours.as_ref().or(self.mistaken.as_ref()).unwrap_or(&self.model);
            let path = self.folder.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let mut exoc = Command::new(env!("CARGO_BIN_EXE_exoc"));
        exoc.args(&arguments).env("COLUMNS", "80").env("NO_COLOR", "1");
        exoc
    }
}

/// The commands of a console, each with the lines below it.
fn commands(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push((command, Vec::new())),
            (None, Some((_, shown))) => shown.push(line),
            (None, None) => {}
        }
    }
    all
}

/// The first of the shown lines that a text doesn't have, in this order.
fn missing<'s>(text: &str, shown: &[&'s str]) -> Option<&'s str> {
    let mut lines = text.lines().map(str::trim_end);
    shown.iter().copied().filter(|line| *line != "…").find(|line| !lines.any(|l| l == line.trim_end()))
}

/// The model with a line, and what is indented below it, replaced by one that begins alike.
fn replaced(model: &str, by: &str) -> String {
    let head = |line: &str| line.split([':', '=']).next().unwrap_or("").trim().to_owned();
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let wanted = head(by);
    let mut lines = model.lines().peekable();
    let mut result = String::new();
    while let Some(line) = lines.next() {
        if head(line) == wanted {
            while lines.next_if(|l| !l.trim().is_empty() && indentation(l) > indentation(line)).is_some() {}
            result.push_str(by);
        } else {
            result.push_str(line);
            result.push('\n');
        }
    }
    result
}

#[test]
fn the_reference_has_every_keyword() {
    let list = fs::read_to_string(golden::root().join("docs/src/reference/keywords.md")).expect("the keywords");
    let table: String = list.lines().filter(|line| line.starts_with('|')).collect();
    let mut examples = String::new();
    for page in golden::files("docs/src/reference", "md") {
        let text = fs::read_to_string(&page).expect("a page");
        examples.extend(blocks(&text).into_iter().filter(|b| b.marks.starts_with("exo")).map(|b| b.text));
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let (listed, shown) = (words(&table), words(&examples));
    for keyword in Keyword::ALL.iter().map(|k| k.text()) {
        assert!(listed.iter().any(|w| w == keyword), "`{keyword}` is not in keywords.md");
        assert!(shown.iter().any(|w| w == keyword), "no example of the reference has `{keyword}`");
    }
}
