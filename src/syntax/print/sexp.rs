//! Lists in parentheses, broken over lines where they are long.

use crate::syntax::ast::Text;

/// Lines are broken beyond this width.
const WIDTH: usize = 100;

pub enum Sexp {
    Atom(String),
    List(Vec<Sexp>),
}

/// A list that begins with a word.
pub fn list(head: &str, rest: Vec<Sexp>) -> Sexp {
    Sexp::List(std::iter::once(Sexp::atom(head)).chain(rest).collect())
}

/// A text in quotes.
pub fn text_atom(text: &Text) -> Sexp {
    Sexp::Atom(format!("{:?}", text.text.as_str()))
}

impl Sexp {
    pub fn atom(text: impl ToString) -> Sexp {
        Sexp::Atom(text.to_string())
    }

    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out.push('\n');
        out
    }

    fn flat(&self) -> String {
        match self {
            Sexp::Atom(text) => text.clone(),
            Sexp::List(parts) => format!("({})", parts.iter().map(Sexp::flat).collect::<Vec<_>>().join(" ")),
        }
    }

    /// Leading atoms stay on the first line, all else goes on lines of its own.
    fn write(&self, indent: usize, out: &mut String) {
        let flat = self.flat();
        let Sexp::List(parts) = self else { return out.push_str(&flat) };
        if indent + flat.chars().count() <= WIDTH && !self.is_block() {
            return out.push_str(&flat);
        }
        out.push('(');
        let mut head = true;
        for (i, part) in parts.iter().enumerate() {
            head &= matches!(part, Sexp::Atom(_));
            if !head {
                out.push('\n');
                out.push_str(&" ".repeat(indent + 2));
            } else if i > 0 {
                out.push(' ');
            }
            part.write(indent + 2, out);
        }
        out.push(')');
    }

    /// Files, and whatever holds several statements, never stand on one line.
    fn is_block(&self) -> bool {
        let Sexp::List(parts) = self else { return false };
        let heads = ["file", "pathway", "hypothesis", "model", "cell", "experiment", "for"];
        matches!(parts.first(), Some(Sexp::Atom(head)) if heads.contains(&head.as_str()))
    }
}
