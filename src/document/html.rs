//! Pieces of HTML: escaped text, doc comments as CommonMark, the frame around every page and its one stylesheet.

use pulldown_cmark::{Event, Parser};

/// The sheet of all pages.
pub const STYLE: &str = include_str!("style.css");

/// Text as it stands, for contents and attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A doc comment, which is CommonMark; HTML in it is text like any other.
pub fn prose(docs: &str) -> String {
    let events = Parser::new(docs).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events);
    out
}

/// The first sentence of a doc comment.
pub fn first_sentence(docs: &str) -> String {
    let paragraph = docs.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    escape(paragraph.get(..end).unwrap_or_default())
}

/// The name of what a citation of one number is called in the bibliography: `review-88`, `doi-10.1000/xyz`.
pub fn reference(source: &str, number: &str) -> String {
    format!("{}-{}", source.trim(), number.trim())
}

/// `review[77, 88]` with each number linked; `doi:…` and `pmid:…` as a whole.
pub fn citation(citation: &str) -> String {
    let link = |anchor: &str, text: &str| {
        format!("<a class=\"cite\" href=\"bibliography.html#{}\">{}</a>", escape(anchor), escape(text))
    };
    match citation.split_once('[').and_then(|(source, rest)| Some((source, rest.strip_suffix(']')?))) {
        Some((source, numbers)) => {
            let numbers = numbers.split(',').map(|number| link(&reference(source, number), number.trim()));
            format!("{}[{}]", escape(source), numbers.collect::<Vec<_>>().join(", "))
        }
        None => link(citation, citation),
    }
}

/// A table; its cells are HTML. Nothing if it has no rows.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heads: String = heads.iter().map(|head| format!("<th>{}</th>", escape(head))).collect();
    let cells = |row: &Vec<String>| row.iter().map(|cell| format!("<td>{cell}</td>")).collect::<String>();
    let rows: String = rows.iter().map(|row| format!("<tr>{}</tr>\n", cells(row))).collect();
    format!("<div class=\"wide\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n")
}

/// A whole page.
pub fn frame(title: &str, manual: &str, body: &str) -> String {
    let (title, manual) = (escape(title), escape(manual));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · {manual}</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n\
         <nav><a href=\"index.html\">{manual}</a> <a href=\"drugs.html\">drugs</a> <a href=\"names.html\">names</a> \
         <a href=\"bibliography.html\">bibliography</a></nav>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}
