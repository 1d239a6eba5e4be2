//! The drawing for Graphviz.

use super::{EnclosureKind, View};
use crate::network::Network;

/// The network in the DOT language; `dot -Tsvg` draws it.
pub fn dot(network: &Network) -> String {
    let view = View::of(network);
    let mut text = format!("digraph {} {{\n", quoted(&network.name));
    text.push_str("  rankdir=TB; compound=true; nodesep=0.3; ranksep=0.4; fontname=\"Helvetica\";\n");
    text.push_str("  node [fontname=\"Helvetica\", fontsize=11, margin=\"0.12,0.05\", height=0.3];\n");
    text.push_str("  edge [color=\"#444444\", arrowsize=0.7];\n");
    inside(&view, None, 1, &mut text);
    for (i, step) in view.steps.iter().enumerate() {
        for from in &step.from {
            let back = if step.reversible { " [dir=back]" } else { " [arrowhead=none]" };
            text.push_str(&format!("  n{from} -> p{i}{back};\n"));
        }
        for to in &step.to {
            text.push_str(&format!("  p{i} -> n{to};\n"));
        }
        for modifier in &step.modifiers {
            text.push_str(&format!("  n{modifier} -> p{i} [style=dotted, arrowhead=odot];\n"));
        }
    }
    text + "}\n"
}

/// The boxes, nodes and processes that lie directly in a box, or in none.
fn inside(view: &View, home: Option<usize>, level: usize, text: &mut String) {
    let indent = "  ".repeat(level);
    for (i, enclosure) in view.boxes.iter().enumerate().filter(|(_, b)| b.parent == home) {
        let style = match enclosure.kind {
            EnclosureKind::Cell => "style=\"rounded,bold\"; color=\"#0072b2\"",
            EnclosureKind::Volume => "style=rounded; color=\"#888888\"",
            EnclosureKind::Membrane => "style=\"rounded,filled\"; color=\"#e69f00\"; fillcolor=\"#fdf4e0\"",
        };
        text.push_str(&format!("{indent}subgraph cluster_{i} {{ label={}; {style};\n", quoted(&enclosure.label)));
        inside(view, Some(i), level + 1, text);
        text.push_str(&format!("{indent}}}\n"));
    }
    for (i, node) in view.nodes.iter().enumerate().filter(|(_, n)| n.home == home) {
        let shape = if node.vesicles { "ellipse, style=filled, fillcolor=\"#dcecf7\"" } else { "box, style=rounded" };
        text.push_str(&format!("{indent}n{i} [label={}, shape={shape}];\n", quoted(&node.label)));
    }
    for (i, step) in view.steps.iter().enumerate().filter(|(_, s)| s.home == home) {
        text.push_str(&format!("{indent}p{i} [label={}, shape=plaintext, fontsize=10];\n", quoted(&step.label)));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}
