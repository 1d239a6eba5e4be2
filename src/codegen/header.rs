//! The C header of an object file: declarations, units, and how to use them.

use super::object::target_code;
use crate::kernel::Model;
use crate::network::{DisplayUnit, Network};
use std::fmt::Write;

/// A C identifier as near to `name` as one can be.
pub fn identifier(name: &str) -> String {
    let legal: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    match legal.chars().next() {
        Some(first) if !first.is_ascii_digit() => legal,
        Some(_) => format!("m_{legal}"),
        None => "model".into(),
    }
}

/// The sizes of everything, by the names that symbols have.
pub fn counts(network: &Network, model: &Model) -> [(&'static str, usize); 6] {
    let assignments = network.events.iter().map(|e| e.assignments.len()).sum();
    [
        ("state_count", network.species.len()),
        ("parameter_count", network.parameters.len()),
        ("observable_count", network.observables.len()),
        ("jacobian_count", model.sparsity().entries()),
        ("event_count", network.events.len()),
        ("assignment_count", assignments),
    ]
}

/// The whole header.
pub fn text(network: &Network, model: &Model, prefix: &str) -> String {
    let upper = prefix.to_uppercase();
    let mut text = introduction(network, prefix, &upper);
    text.push_str(&format!(
        "#ifndef EXOC_{upper}_H\n#define EXOC_{upper}_H\n\n#include <stdint.h>\n\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n"
    ));
    text.push_str("/* Sizes: as constants, and as data for those who load the object at run time. */\n");
    for (name, count) in counts(network, model) {
        let _ = writeln!(text, "#define {upper}_{} {count}", name.to_uppercase());
        let _ = writeln!(text, "extern const int64_t {prefix}_{name};");
    }
    text.push_str(&functions(network, prefix, &upper));
    text.push_str(&tables(network, prefix, &upper));
    text.push_str("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    text
}

fn introduction(network: &Network, prefix: &str, upper: &str) -> String {
    let title = if network.name.is_empty() { prefix } else { &network.name };
    let loss = if network.events.is_empty() { "" } else { EVENTS };
    format!(
        "/* {title}: a model compiled by exoc {version}.

   All numbers are doubles in internal units: seconds, micrometres, copies (of molecules or vesicles), kilograms,
   kelvin, cells. To show one in the author's unit, divide by its factor ({prefix}_state_factors[i] and so on).

   Every function has the same shape, (t, y, p, out):
     t    time in seconds
     y    {upper}_STATE_COUNT states
     p    {upper}_PARAMETER_COUNT parameters; {prefix}_parameters holds their values. A parameter that the model computes
          from others is a number here like any other: changing one does not change those computed from it.
     out  where results go; must not overlap y or p.
   Functions keep no state and may run in several threads at once. Link with the mathematical library (-lm); its
   exp, log and pow decide the last bits.
{loss}
   Example: one explicit Euler step of a second.

     #include <stdio.h>
     #include <string.h>
     #include \"{prefix}.h\"

     int main(void) {{
         double p[{upper}_PARAMETER_COUNT + 1], y[{upper}_STATE_COUNT], dy[{upper}_STATE_COUNT];
         memcpy(p, {prefix}_parameters, sizeof(double) * {upper}_PARAMETER_COUNT);
         {prefix}_initial(0.0, NULL, p, y);
         {prefix}_rhs(0.0, y, p, dy);
         for (int i = 0; i < {upper}_STATE_COUNT; i++)
             printf(\"%s %g\\n\", {prefix}_state_names[i], y[i] + 1.0 * dy[i]);
     }}
*/
",
        title = comment(title),
        version = env!("CARGO_PKG_VERSION"),
    )
}

const EVENTS: &str = "
   Events: where a trigger rises through zero, the event fires; after its delay, the values of its assignments (all
   computed before any is assigned) replace their targets. Watching for that is the caller's.
";

fn functions(network: &Network, prefix: &str, upper: &str) -> String {
    let mut text = String::new();
    let mut declare = |name: &str, note: String| {
        let _ = writeln!(text, "\n/* {note} */");
        let _ = writeln!(text, "void {prefix}_{name}(double t, const double *y, const double *p, double *out);");
    };
    declare("initial", format!("The states at the start: {upper}_STATE_COUNT numbers. Reads p only; y may be NULL."));
    declare("rhs", format!("dy/dt: {upper}_STATE_COUNT numbers, per second."));
    declare(
        "jacobian",
        format!(
            "d(dy/dt)/dy: {upper}_JACOBIAN_COUNT numbers, in compressed sparse columns: those of column j are\n   \
             out[{prefix}_jacobian_column_starts[j]] up to, not including, out[{prefix}_jacobian_column_starts[j + 1]];\n   \
             their rows are in {prefix}_jacobian_rows at the same places, increasing. The diagonal is always there."
        ),
    );
    declare("time_derivative", format!("d(dy/dt)/dt at constant y: {upper}_STATE_COUNT numbers."));
    declare("observables", format!("{upper}_OBSERVABLE_COUNT numbers."));
    if !network.events.is_empty() {
        declare("triggers", format!("{upper}_EVENT_COUNT numbers, positive while a condition holds."));
        declare("delays", format!("{upper}_EVENT_COUNT numbers, seconds. Reads p only; y may be NULL."));
        declare("assignments", format!("The values of all events' assignments: {upper}_ASSIGNMENT_COUNT numbers."));
    }
    text
}

fn tables(network: &Network, prefix: &str, upper: &str) -> String {
    let mut text = String::from("\n/* Where the entries of the Jacobian lie. */\n");
    let _ = writeln!(text, "extern const int64_t {prefix}_jacobian_column_starts[{upper}_STATE_COUNT + 1];");
    let _ = writeln!(text, "extern const int64_t {prefix}_jacobian_rows[];");
    let _ = writeln!(text, "\n/* The parameters' values. */\nextern const double {prefix}_parameters[];");
    let states: Vec<_> = network.species.iter().map(|s| (&s.name, &s.unit)).collect();
    let parameters: Vec<_> = network.parameters.iter().map(|p| (&p.name, &p.unit)).collect();
    let observables: Vec<_> = network.observables.iter().map(|o| (&o.name, &o.unit)).collect();
    for (kind, rows) in [("state", states), ("parameter", parameters), ("observable", observables)] {
        let _ = writeln!(text, "\n/* Names of each {kind}, the author's units, and internal units in one of these.");
        for (index, (name, DisplayUnit { symbol, factor })) in rows.iter().enumerate() {
            let unit = if symbol.is_empty() { "dimensionless" } else { symbol };
            let _ = writeln!(text, "   {index:>4}  {}  ({}, {factor:?})", comment(name), comment(unit));
        }
        let _ = writeln!(text, "*/\nextern const char *const {prefix}_{kind}_names[];");
        let _ = writeln!(text, "extern const char *const {prefix}_{kind}_units[];");
        let _ = writeln!(text, "extern const double {prefix}_{kind}_factors[];");
    }
    if !network.events.is_empty() {
        text.push_str(&event_tables(network, prefix));
    }
    text
}

fn event_tables(network: &Network, prefix: &str) -> String {
    let mut text = String::from(
        "\n/* Of each assignment: its event, and its target, a state's index or, below zero, a parameter's: -1 is\n   \
         parameter 0, -2 parameter 1.\n",
    );
    for (index, event) in network.events.iter().enumerate() {
        let targets: Vec<String> = event.assignments.iter().map(|a| target_code(a.0).to_string()).collect();
        let _ = writeln!(text, "   {index:>4}  {}  targets {}", comment(&event.name), targets.join(", "));
    }
    let _ = writeln!(text, "*/\nextern const int64_t {prefix}_assignment_events[];");
    let _ = writeln!(text, "extern const int64_t {prefix}_assignment_targets[];");
    text
}

/// Text that can't end a comment.
fn comment(text: &str) -> String {
    text.replace("*/", "* /").replace("/*", "/ *").replace(['\n', '\r'], " ")
}
