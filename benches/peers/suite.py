#!/usr/bin/env python3
"""exoc on published stiff problems: an SBML file of a scoring suite, as Exo, run, as the table that the suite expects.

    python3 benches/peers/suite.py EXOC MODEL.xml SETTINGS.txt OUT.csv [more arguments of `exoc run`]

For a scoring program that calls a command for each case, such as

    run.py semantic --cases CASES/ivp_cases --cmd 'python3 benches/peers/suite.py EXOC {model} {settings} {csv}'

Only what those problems use of SBML is understood: one compartment of size 1, species in amounts, reactions with plain
kinetic laws, rate rules, sums, products, quotients. Anything else ends with the code 3, unsupported. A species becomes so many copies;
in a model with rate rules, or with a law that is a difference, an input without dimension, for amounts of Exo are never negative. Nothing
of a result is touched: the numbers of `exoc run --out` are copied. Needs nothing but Python.
"""
import csv, subprocess, sys, tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

OPERATORS = {"times": " * ", "plus": " + ", "minus": " - ", "divide": " / "}
KNOWN = {"compartment", "species", "reaction", "rateRule", "listOfCompartments", "listOfSpecies", "listOfReactions", "listOfRules"}


class Unsupported(Exception):
    pass


def kind(element):
    return element.tag.split("}")[-1]


def children(element, *path):
    """All elements along a path of names, whatever the namespace."""
    found = [element]
    for name in path:
        found = [child for parent in found for child in parent if kind(child) == name]
    return found


def formula(element, named):
    """A formula of MathML, `named` saying how a species is written."""
    what = kind(element)
    if what == "cn":
        parts = [element.text.strip()] + [sep.tail.strip() for sep in element]
        number = {1: "{0}", 2: "{0}e{1}"}[len(parts)].format(*parts)
        return f"({number})" if number.startswith("-") else number
    if what == "ci" and element.text.strip() in named:
        return named[element.text.strip()]
    if what == "apply" and kind(element[0]) in OPERATORS:
        operator, terms = OPERATORS[kind(element[0])], [formula(term, named) for term in element[1:]]
        if len(terms) == 1 and operator == " - ":
            return f"(-{terms[0]})"
        return f"({operator.join(terms)})"
    raise Unsupported(f"`{what}` in a formula")


def side(reaction, name):
    """One side of a reaction; of each species, so many."""
    terms = []
    for reference in children(reaction, name, "speciesReference"):
        count, species = float(reference.get("stoichiometry", "1")), reference.get("species")
        if count != int(count):
            raise Unsupported("a stoichiometry that is no whole number")
        terms.append(species if count == 1 else f"{int(count)} {species}")
    return " + ".join(terms)


def changes(model, species):
    """The formula of each species' change by rules and reactions, and whether some may become negative."""
    named = {name: name for name in species}
    found = {rule.get("variable"): [formula(children(rule, "math")[0][0], named)] for rule in children(model, "listOfRules", "rateRule")}
    for reaction in children(model, "listOfReactions", "reaction"):
        law = formula(children(reaction, "kineticLaw", "math")[0][0], named)
        for name, sign in (("listOfReactants", "-"), ("listOfProducts", "")):
            for r in children(reaction, name, "speciesReference"):
                found.setdefault(r.get("species"), []).append(f"{sign}{r.get('stoichiometry', '1')} * {law}")
    return found, any(kind(element) in ("rateRule", "minus") for element in model.iter())


def exo(model, times):
    """The model as Exo, with an experiment that measures its species."""
    unknown = {kind(child) for child in model.iter()} & {"listOfParameters", "event", "assignmentRule", "functionDefinition", "initialAssignment"}
    if unknown or {kind(child) for child in model} - KNOWN:
        raise Unsupported(", ".join(sorted(unknown)) or "a list of something else")
    species = {s.get("id"): float(s.get("initialAmount", "nan")) for s in children(model, "listOfSpecies", "species")}
    changed, signed = changes(model, species)
    lines = []
    if signed:
        lines += [f"input {name} = {amount!r}   assumed" for name, amount in species.items()]
        lines += [f"change {name} by ({' + '.join(terms)}) * (1 / s)" for name, terms in changed.items()]
    else:
        lines += ["compartment cell = 1 pL   assumed"]
        lines += [f"species {name} = {amount!r} copies in cell   assumed" for name, amount in species.items()]
        named = {name: f"({name} / (1 copies))" for name in species}
        for reaction in children(model, "listOfReactions", "reaction"):
            arrow = f"{side(reaction, 'listOfReactants')} -> {side(reaction, 'listOfProducts')}"
            law = formula(children(reaction, "kineticLaw", "math")[0][0], named)
            lines.append(f"process {reaction.get('id')}: {arrow}   rate {law} * (1 copies / s)   assumed")
    start, end, steps = times
    lines.append(f"experiment course {{\n    run {end:.17g} s every {(end - start) / steps:.17g} s")
    lines += [f"    measure of_{name} = {name}" for name in species] + ["}"]
    return "\n".join(lines) + "\n"


def main(exoc, model, settings, out, more):
    said = dict(line.split(":", 1) for line in Path(settings).read_text().splitlines() if ":" in line)
    end, wanted = float(said["duration"]), [name.strip() for name in said["variables"].split(",")]
    if float(said["start"]) != 0:
        raise Unsupported("a start that is not 0")
    text = exo(children(xml.parse(model).getroot(), "model")[0], (0.0, end, int(said["steps"])))
    # A thousandth of the error that is scored as none.
    accuracy = ["--rtol", "1e-7", "--atol", f"{1e-3 * float(said['absolute']):g}"]
    with tempfile.TemporaryDirectory() as folder:
        source, table = Path(folder) / "case.exo", Path(folder) / "table.csv"
        source.write_text(text)
        done = subprocess.run([exoc, "run", "--quiet", *accuracy, *more, "--out", table, source], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{text}\n{done.stderr}")
        with open(table) as file:
            rows = list(csv.reader(file))
    columns = [next(i for i, head in enumerate(rows[0]) if head.split(" [")[0] == f"of_{name}") for name in wanted]
    time = next(i for i, head in enumerate(rows[0]) if head.startswith("time"))
    with open(out, "w", newline="") as file:
        csv.writer(file).writerows([["time", *wanted]] + [[row[i] for i in [time, *columns]] for row in rows[1:]])


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:5], sys.argv[5:])
    except Unsupported as what:
        print(f"unsupported: {what}", file=sys.stderr)
        sys.exit(3)
