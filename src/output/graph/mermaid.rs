//! The drawing for Mermaid, as Markdown viewers show it.

use super::{EnclosureKind, View};
use crate::network::Network;

/// The network as a Mermaid flowchart.
pub fn mermaid(network: &Network) -> String {
    let view = View::of(network);
    let mut text = String::from("flowchart TB\n");
    inside(&view, None, 1, &mut text);
    for (i, step) in view.steps.iter().enumerate() {
        for from in &step.from {
            let line = if step.reversible { "<-->" } else { "---" };
            text.push_str(&format!("  n{from} {line} p{i}\n"));
        }
        for to in &step.to {
            text.push_str(&format!("  p{i} --> n{to}\n"));
        }
        for modifier in &step.modifiers {
            text.push_str(&format!("  n{modifier} -.-o p{i}\n"));
        }
    }
    text.push_str("  classDef process fill:none,stroke:none\n");
    let steps: Vec<String> = (0..view.steps.len()).map(|i| format!("p{i}")).collect();
    if !steps.is_empty() {
        text.push_str(&format!("  class {} process\n", steps.join(",")));
    }
    for (i, enclosure) in view.boxes.iter().enumerate() {
        if enclosure.kind == EnclosureKind::Membrane && occupied(&view, i) {
            text.push_str(&format!("  style b{i} fill:#fdf4e0,stroke:#e69f00\n"));
        }
    }
    text
}

/// Mermaid draws a box without contents as a node of its own; such boxes are left out.
fn occupied(view: &View, at: usize) -> bool {
    view.nodes.iter().any(|n| view.chain(n.home).contains(&at))
        || view.steps.iter().any(|s| view.chain(s.home).contains(&at))
}

fn inside(view: &View, home: Option<usize>, level: usize, text: &mut String) {
    let indent = "  ".repeat(level);
    for (i, enclosure) in view.boxes.iter().enumerate().filter(|(i, b)| b.parent == home && occupied(view, *i)) {
        text.push_str(&format!("{indent}subgraph b{i}[{}]\n", quoted(&enclosure.label)));
        inside(view, Some(i), level + 1, text);
        text.push_str(&format!("{indent}end\n"));
    }
    for (i, node) in view.nodes.iter().enumerate().filter(|(_, n)| n.home == home) {
        let label = quoted(&node.label);
        let shape = if node.vesicles { format!("([{label}])") } else { format!("[{label}]") };
        text.push_str(&format!("{indent}n{i}{shape}\n"));
    }
    for (i, step) in view.steps.iter().enumerate().filter(|(_, s)| s.home == home) {
        text.push_str(&format!("{indent}p{i}[{}]\n", quoted(&step.label)));
    }
}

fn quoted(text: &str) -> String {
    let safe =
        text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', " ");
    format!("\"{safe}\"")
}
