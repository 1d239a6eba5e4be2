#!/usr/bin/env python3
"""exoc beside other simulators, in one sitting: interleaved runs, delivered errors, ratios, pictures.

    python3 benches/peers/compare.py PEERS measure [--rounds N] [--only A,B,C,HIRES,ROBER,ensA,ensB,first,rhs,growth]
    python3 benches/peers/compare.py PEERS table
    python3 benches/peers/compare.py PEERS plot docs

PEERS is a copy of the folder with the peers' scripts and models (`bench_ode.py`, `models/`, `rust/`, `build/`), built
as its README says; a peer that isn't there is left out. Needs numpy, and matplotlib for the pictures.

Figures are processor time of one thread, the smallest of all repetitions after one that isn't counted in each process:
a machine that others load makes medians wander by a factor of two, and the smallest by a few per cent. An error is the largest |y - ref| / (|ref| + 1e-3) over all outputs and species; the
reference is CVODE at a relative tolerance of 1e-13 (parameter sets: 1e-11). The absolute tolerance is a thousandth of
the relative one everywhere.

A ratio compares at equal delivered error: a peer's time over the time at which exoc delivers the error of that peer,
by straight lines between exoc's measured points in logarithms of error and time. Where exoc's loosest run is already
more accurate than the peer, the time of that run stands.
"""
import argparse, json, math, os, subprocess, sys
from collections import defaultdict
from pathlib import Path

import numpy as np

TOLERANCES = [10.0**-k for k in range(3, 11)]
MODELS = ["A", "B", "C", "HIRES", "ROBER"]
ONE_THREAD = {k: "1" for k in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
SHOWN = {
    "exoc": "exoc",
    "diffsol_nalg_bdf": "diffsol, dense",
    "diffsol_faersparse_bdf": "diffsol, sparse",
    "cvode_c_klu": "CVODE + KLU",
    "roadrunner": "libRoadRunner",
    "copasi": "COPASI",
    "scipy_numba": "SciPy LSODA + Numba",
}
COLOURS = dict(zip(SHOWN, ["#c1272d", "#0b5394", "#6fa8dc", "#38761d", "#8e63b0", "#b45f06", "#7f7f7f"]))


class Sitting:
    """A folder with peers, the bench of exoc, and the lines measured so far."""

    def __init__(self, folder, bench=None):
        self.folder = Path(folder).resolve()
        self.lines = self.folder / "results" / "compare.jsonl"
        self.lines.parent.mkdir(exist_ok=True)
        (self.folder / "build").mkdir(exist_ok=True)
        python = self.folder / "venv" / "bin" / "python"
        self.python = str(python if python.exists() else sys.executable)
        self.exoc = bench

    def bench(self):
        """The path of exoc's bench, built if need be."""
        if self.exoc is None:
            command = ["cargo", "bench", "--bench", "ode", "--no-run", "--message-format=json"]
            built = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=True)
            messages = (json.loads(line) for line in built.stdout.splitlines() if line.startswith("{"))
            self.exoc = next(m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "ode")
        return self.exoc

    def run(self, command, limit=900):
        """The last line of JSON that a command prints, or None."""
        environment = dict(os.environ, **ONE_THREAD)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, cwd=self.folder, env=environment)
        except subprocess.TimeoutExpired:
            print("out of time:", *command, flush=True)
            return None
        found = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not found:
            print("nothing from", *command, done.stderr[-300:], flush=True)
            return None
        return json.loads(found[-1])

    def reference(self, model, kind):
        path = self.folder / "build" / f"reference_{model}_{kind}.bin"
        if not path.exists():
            rtol, atol = ("1e-13", "1e-16") if kind == "traj" else ("1e-11", "1e-14")
            if not self.run([f"build/cvode_{model}", model, rtol, atol, "klu", "1", kind, str(path)], 3600):
                raise SystemExit(f"no reference for {model}: build CVODE's program first")
        return np.fromfile(path)

    def measure(self, command, out=None, limit=900):
        """Runs a command, puts the error of its states to its line, and notes the line."""
        line = self.run(command, limit)
        if line is None:
            return
        states = line.get("traj") or out
        if states:
            found, exact = np.fromfile(self.folder / states), self.reference(line["model"], line["kind"])
            line["err"] = float(np.max(np.abs(found - exact) / (np.abs(exact) + 1e-3))) if len(found) == len(exact) else math.nan
        line["rtol"] = float(f"{line.get('rtol', 0):.3g}")
        with open(self.lines, "a") as file:
            file.write(json.dumps(line) + "\n")
        time = line.get("min_ms", line.get("ms", line.get("rhs_ns", line.get("compile_ms", math.nan))))
        print(f"{line['tool']:24} {line.get('model', ''):6} {line['kind']:6} {line['rtol']:7.0e} {time:12.4g} {line.get('err', math.nan):9.1e}", flush=True)


def commands(sitting, model, kind, rtol, slow):
    """(command, file of states, time limit) of exoc and of each peer at hand."""
    repeats = {"A": 31, "B": 9, "C": 3, "HIRES": 31, "ROBER": 31}[model] if kind == "traj" else (3 if model == "A" else 1)
    r, a, n = f"{rtol:g}", f"{1e-3 * rtol:g}", str(repeats)
    out = lambda tool: f"build/out_{tool}_{model}_{kind}.bin"
    if kind == "traj":
        yield [sitting.bench(), "run", model, r, n, out("exoc")], out("exoc"), 900
    else:
        yield [sitting.bench(), "sets", model, r, n, f"models/{model}_ens.bin", out("exoc")], out("exoc"), 900
    diffsol = sitting.folder / "rust/target/release/diffsol_bench"
    if diffsol.exists() and (model != "C" or rtol in (1e-4, 1e-6)):
        for matrix in ["faersparse"] if model == "C" else ["nalg"] if model in ("A", "HIRES", "ROBER") or kind == "ens" else ["nalg", "faersparse"]:
            yield [str(diffsol), model, r, a, matrix, "bdf", n, kind, out(matrix)], out(matrix), 900
    cvode = sitting.folder / f"build/cvode_{model}"
    if cvode.exists():
        yield [str(cvode), model, r, a, "klu", n, kind, out("cvode")], out("cvode"), 900
    script = lambda tool: [sitting.python, "bench_ode.py", tool, model, r, a, n, kind]
    if model != "C" or (slow and rtol in (1e-4, 1e-6)):
        yield script("roadrunner"), None, 900
    if model != "C" and (kind == "traj" or slow):
        yield script("copasi"), None, 900
        if kind == "traj" and slow:
            yield script("scipy_numba"), None, 900


def measure(sitting, rounds, only, slow):
    wanted = lambda what: not only or what in only
    for _ in range(rounds):
        for model in filter(wanted, MODELS):
            for rtol in TOLERANCES[: 6 if model == "C" else 8]:
                for command, out, limit in commands(sitting, model, "traj", rtol, slow):
                    sitting.measure(command, out, limit)
        for model in "AB":
            if wanted("ens" + model):
                for rtol in (1e-4, 1e-5, 1e-6, 1e-7):
                    for command, out, limit in commands(sitting, model, "ens", rtol, slow):
                        if rtol == 1e-6 or out and "exoc" in out:
                            sitting.measure(command, out, limit)
        for model in "ABC":
            if wanted("first"):
                sitting.measure([sitting.bench(), "first", model])
            if wanted("rhs"):
                sitting.measure([sitting.bench(), "rhs", model])
    if wanted("growth"):
        for species in (100, 200, 500, 1000, 2000, 5000, 10_000):
            sitting.measure([sitting.bench(), "grow", str(species)])


def gathered(sitting):
    """{(model, kind): {tool: [(rtol, ms, error)]}}, of all rounds the smallest time; and the other lines."""
    rounds, other = defaultdict(list), defaultdict(list)
    for line in map(json.loads, open(sitting.lines)):
        if line["kind"] in ("traj", "ens"):
            rounds[line["model"], line["kind"], line["tool"], line["rtol"]].append(line)
        else:
            other[line["kind"]].append(line)
    curves = defaultdict(lambda: defaultdict(list))
    for (model, kind, tool, rtol), lines in sorted(rounds.items(), key=lambda item: -item[0][3]):
        time = min(line["min_ms"] for line in lines)
        curves[model, kind][tool].append((rtol, time, lines[-1].get("err", math.nan)))
    return curves, other


def time_at(curve, error):
    """exoc's time for an error at most that large."""
    points = sorted((e, t) for _, t, e in curve if e > 0)
    times = [t for e, t in points if e <= error]
    for (e0, t0), (e1, t1) in zip(points, points[1:]):
        if e0 <= error <= e1:
            share = (math.log(error) - math.log(e0)) / (math.log(e1) - math.log(e0))
            times.append(math.exp(math.log(t0) + share * (math.log(t1) - math.log(t0))))
    return min(times, default=math.nan)


def table(sitting):
    curves, other = gathered(sitting)
    for (model, kind), tools in sorted(curves.items(), key=lambda item: (item[0][1] == "ens", item[0])):
        print(f"\n### {model}, {'one run' if kind == 'traj' else '1,000 parameter sets'}\n")
        print("| | " + " | ".join(f"{r:.0e}" for r in TOLERANCES) + " |")
        print("| --- |" + " --- |" * len(TOLERANCES))
        for tool in [t for t in SHOWN if t in tools] + [t for t in tools if t not in SHOWN]:
            cells = {r: (t, e) for r, t, e in tools[tool]}
            texts = [f"{cells[r][0]:.3g} ({cells[r][1]:.0e})" if r in cells else "" for r in TOLERANCES]
            print(f"| {SHOWN.get(tool, tool)} | " + " | ".join(texts) + " |")
        for tool in [t for t in SHOWN if t in tools and t != "exoc" and "exoc" in tools]:
            cells = {r: t / time_at(tools["exoc"], e) for r, t, e in tools[tool]}
            texts = [f"×{cells[r]:.1f}" if r in cells and math.isfinite(cells[r]) else "" for r in TOLERANCES]
            print(f"| {SHOWN[tool]} / exoc | " + " | ".join(texts) + " |")
    for kind, lines in other.items():
        print(f"\n### {kind}\n")
        groups = defaultdict(list)
        for line in lines:
            groups[line.get("model", line.get("species"))].append(line)
        for group, lines in groups.items():
            keys = [k for k, v in lines[0].items() if isinstance(v, (int, float)) and k != "rtol"]
            print(group, {k: float(f"{min(line[k] for line in lines):.4g}") for k in keys})


def plot(sitting, folder):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "exoc", "font.size": 9, "font.family": "sans-serif", "svg.fonttype": "none"})
    import matplotlib.pyplot as pyplot

    curves, other = gathered(sitting)
    models = [m for m in MODELS if (m, "traj") in curves]
    figure, axes = pyplot.subplots(2, 3, figsize=(10.5, 7), layout="constrained")
    handles = {}
    for axis, model in zip(axes.flat, models):
        for tool, points in curves[model, "traj"].items():
            points = [(e, t) for _, t, e in points if e > 0 and math.isfinite(e)]
            width = 2.2 if tool == "exoc" else 1.2
            handles[tool] = axis.loglog(*zip(*points), marker="o", ms=3.5, lw=width, color=COLOURS[tool])[0]
        axis.invert_xaxis()
        axis.set(title=model, xlabel="delivered error", ylabel="processor time, ms")
        axis.grid(True, which="major", lw=0.4, color="#dddddd")
    for axis in list(axes.flat)[len(models) :]:
        axis.axis("off")
    order = [tool for tool in SHOWN if tool in handles]
    axes.flat[-1].legend([handles[t] for t in order], [SHOWN[t] for t in order], loc="center", frameon=False, fontsize=10)
    figure.savefig(Path(folder) / "work_precision.svg", metadata={"Date": None})

    growth = {line["species"]: line for line in other["growth"]}
    if not growth:
        return
    sizes = sorted(growth)
    figure, axes = pyplot.subplots(1, 3, figsize=(10.5, 3.4), layout="constrained")
    panels = [
        ("time, ms", {"text to network": "front_ms", "network to programs": "compile_ms"}),
        ("time of a step, µs", {"rtol 1e-4": "step_us"}),
        ("most memory, MB", {"front end": "front_mb", "all": "peak_mb"}),
    ]
    for axis, (label, columns) in zip(axes, panels):
        for colour, (name, key) in zip(["#c1272d", "#0b5394"], columns.items()):
            axis.loglog(sizes, [growth[n][key] for n in sizes], marker="o", ms=3.5, color=colour, label=name)
        first = next(iter(columns.values()))
        line = [growth[sizes[-1]][first] * n / sizes[-1] for n in sizes]
        axis.loglog(sizes, line, ls=":", lw=1, color="#888888", label="proportional")
        axis.set(xlabel="species", ylabel=label)
        axis.grid(True, which="major", lw=0.4, color="#dddddd")
        axis.legend(frameon=False)
    figure.savefig(Path(folder) / "growth.svg", metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peers")
    parser.add_argument("what", choices=["measure", "table", "plot"])
    parser.add_argument("folder", nargs="?", default="docs")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--slow", action="store_true", help="peers that need minutes as well")
    parser.add_argument("--bench", help="exoc's bench `ode`, if it is not to be built")
    arguments = parser.parse_args()
    sitting = Sitting(arguments.peers, arguments.bench)
    if arguments.what == "measure":
        measure(sitting, arguments.rounds, set(filter(None, arguments.only.split(","))), arguments.slow)
    elif arguments.what == "table":
        table(sitting)
    else:
        plot(sitting, arguments.folder)


if __name__ == "__main__":
    main()
