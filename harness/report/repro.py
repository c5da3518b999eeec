"""One program for both targets that shows one divergence: nothing of the harness in it.

Which target it runs under is its first argument, the target's id; how to give it an environment stands in its
first comment, one `uv run` line per target.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from harness.model import Case, Kind, TargetInfo
from harness.report.layer_program import layer_lines
from harness.report.literals import NotWritable, Writer
from harness.report.object_program import MEMBERS, Body, body_of
from harness.report.programs import PACKAGES, environment, import_line, is_graph, is_plain
from harness.report.told_program import told
from harness.report.untrusted import one_line
from harness.run.launch import SETTLED

RAISED = "raised"
"""With what a line begins that says what was raised."""
WIDTH = 110
SHOWN = 12
"""Lines of each side's output in the comment."""
FORMS = ("arrays", "without training", "seeded arrays", "tensors", "script", "seeded script")
"""The forms a program may have, in the order in which they are tried."""
SEEDED = ("random.seed({0})", "np.random.seed({0})", "tf.random.set_seed({0})")
"""What the harness does before every case; a program does it only where it shows nothing without."""


def repro(
    case: Case,
    reference: TargetInfo,
    candidate: TargetInfo,
    *,
    step: str,
    kind: Kind,
    title: str,
    path: str = "",
    form: str = "arrays",
    weights: bool = True,
    exact: bool = False,
) -> str:
    """The program, without what it prints. Raises `NotWritable` where there is none of this form.

    path: of the difference, inside the step. weights: the subject has weights, which are given the values of
    the case. exact: print every digit.
    """
    if is_graph(reference) != is_graph(candidate):
        raise NotWritable(
            "One side builds graphs and the other does not: one program cannot be told for both."
        )
    writer = Writer(case.seed)
    if form.endswith("script"):
        lines = told(case, writer, step=step, graph=is_graph(reference))
        if kind is Kind.DTYPE:
            lines = [FETCHED.sub(FETCHED_DTYPES, line) for line in lines]
    else:
        place = f"{step} {path}" if step == MEMBERS else step
        if form == "without training":
            case = untrained(case, step)
        body = parts(case, writer, place, reference, candidate, weights)
        if form == "tensors":
            body = as_tensors(body, reference, candidate)
        lines = printing(body, kind, graph=is_graph(reference))
    if form.startswith("seeded"):
        lines = [*seeding(case.seed, reference, candidate), *lines]
    if exact:
        lines = ["np.set_printoptions(precision=17)", *lines]
    functions = [line for source in writer.functions.values() for line in ["", *source.splitlines(), "", ""]]
    inside = [line for line in [*writer.imports, *lines] if line.startswith(("import ", "from "))]
    rest = [line for line in lines if line not in inside]
    both = (reference, candidate)
    text = "\n".join([*heading(case, both, title), *importing(both, inside), *functions, "", *rest])
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"


FETCHED = re.compile(r"print\(engine\.fetch\((\w+)\)\)")
FETCHED_DTYPES = (
    r"print(engine.fetch(\1), [str(getattr(v, 'dtype', type(v).__name__)) "
    r"for v in tf.nest.flatten(engine.fetch(\1))])"
)
"""What a script's own words print, and the same with the dtypes."""


def untrained(case: Case, step: str) -> Case:
    """A case whose layer is told that it is not being trained, as the case script tells those that ask.

    Raises `NotWritable` for what is no such case.
    """
    feed = case.feed if isinstance(case.feed, Mapping) else {}
    call = dict(feed.get("call") or {})
    if case.script != "layer" or step in ("training", "state") or "training" in call:
        raise NotWritable("No layer is called here without training.")
    return replace(case, feed={**feed, "call": {**call, "training": False}})


def seeding(seed: int, reference: TargetInfo, candidate: TargetInfo) -> list[str]:
    """Lines that settle what is drawn. Raises `NotWritable` off TensorFlow."""
    if {reference.backend, candidate.backend} != {"tensorflow"} or is_graph(reference):
        raise NotWritable("What is drawn is settled in another way by each backend.")
    return ["import random", "import tensorflow as tf", "", *(line.format(seed) for line in SEEDED)]


def parts(
    case: Case, writer: Writer, step: str, reference: TargetInfo, candidate: TargetInfo, weights: bool
) -> Body:
    """What the program does and shows."""
    if case.script != "layer" or step == "case":
        return body_of(case, writer, step)
    backends = {reference.backend, candidate.backend}
    lines = layer_lines(
        case,
        writer,
        step=step,
        graph=is_graph(reference),
        backend=backends.pop() if len(backends) == 1 else "several",
        weights=weights,
    )
    last = re.fullmatch(r"print\((.*)\)", lines[-1])
    return Body(lines[:-1], last[1]) if last else Body(lines, "")


def as_tensors(body: Body, reference: TargetInfo, candidate: TargetInfo) -> Body:
    """The same with every array handed over as a tensor. Raises `NotWritable` off TensorFlow."""
    if {reference.backend, candidate.backend} != {"tensorflow"}:
        raise NotWritable("Tensors of several backends have no common form.")
    pattern = re.compile(r"(x\d*|y_true\d*|y_pred\d*|values|sample_weight|mask) = (.+)")
    lines, found = [], False
    for line in body.lines:
        given = pattern.fullmatch(line)
        if given and not given[2].startswith(("tf.", "[tf.")):
            found = True
            listed = given[2].startswith("[")
            made = f"[tf.constant(a) for a in {given[2]}]" if listed else f"tf.constant({given[2]})"
            line = f"{given[1]} = {made}"
        lines.append(line)
    if not found:
        raise NotWritable("The program hands over no arrays.")
    return replace(body, lines=["import tensorflow as tf", *lines])


def printing(body: Body, kind: Kind, *, graph: bool) -> list[str]:
    """The lines that print what is seen: a value, what is raised, or the warnings."""
    imports = [line for line in body.lines if line.startswith("import ")]
    lines = [line for line in body.lines if line and line not in imports]
    shown = (
        f"keras.backend.eval({body.shown})" if graph and body.shown.startswith(("x", "loss(")) else body.shown
    )
    show = f"print({shown})" if shown else 'print("no error")'
    if kind is Kind.DTYPE and shown:
        return [*imports, "", *lines, f"shown = {shown}", "print(shown)", *DTYPES]
    if kind is Kind.WARNINGS:
        return [
            *imports,
            "import warnings",
            "",
            "with warnings.catch_warnings(record=True) as seen:",
            '    warnings.simplefilter("always")',
            "    try:",
            *indented(indented([*lines, *([shown] if shown else [])])),
            "    except Exception as error:",
            f'        print(f"{RAISED} {{type(error).__name__}}: {{error}}")',
            "for warning in seen:",
            '    print(f"{warning.category.__name__}: {warning.message}")',
        ]
    if kind in (Kind.OUTCOME, Kind.ERROR):
        return [
            *imports,
            "",
            "try:",
            *indented([*lines, show]),
            "except Exception as error:",
            f'    print(f"{RAISED} {{type(error).__name__}}: {{error}}")',
        ]
    return [*imports, "", *lines, show]


DTYPES = (
    "leaves = lambda v: [w for u in v for w in leaves(u)] if isinstance(v, (list, tuple)) else [v]",
    "print([str(getattr(v, 'dtype', type(v).__name__)) for v in leaves(shown)])",
)
"""Lines that print the dtype of everything that is shown."""


def indented(lines: Sequence[str]) -> list[str]:
    """Lines one level deeper."""
    return [f"    {line}" if line else "" for line in lines]


def heading(case: Case, both: Sequence[TargetInfo], title: str) -> list[str]:
    """What it is about and how to run it."""
    lines = [f"# {one_line(title, 300)}", f"# Case: {one_line(case.address, 300)}", "#"]
    return lines + [f"# {command(target)}" for target in both]


def command(target: TargetInfo, file: str = "repro.py") -> str:
    """The line that runs the program in an environment of its own."""
    names = {name.lower(): version for name, version in target.packages.items()}
    pinned = [f"--with {n}=={names[n]}" for n in PACKAGES if n in names and is_plain(names[n])]
    minor = ".".join(target.python.split(".")[:2])
    python = f" --python {minor}" if is_plain(minor) else ""
    return f"uv run --no-project{python} {' '.join(pinned)} {file} {one_line(target.id)}"


def importing(both: Sequence[TargetInfo], inside: Sequence[str]) -> list[str]:
    """Imports, by the target that is asked for."""
    one, two = (import_lines(target) for target in both)
    lines = ["import sys", "", "import numpy as np", *dict.fromkeys(inside)]
    if one == two:
        return [line for line in lines if line not in ("import sys", "")] + one
    return [
        *(["import os"] if any("os.environ" in line for line in one + two) else []),
        *(line for line in lines if line != "import tensorflow as tf"),
        "",
        f"if {both[1].id!a} in sys.argv:",
        *indented(two),
        "else:",
        *indented(one),
        *(line for line in lines if line == "import tensorflow as tf"),
    ]


def import_lines(target: TargetInfo) -> list[str]:
    """The variables that choose an implementation, and its import."""
    chosen = {k: v for k, v in environment(target).items() if SETTLED.get(k) != v}
    return [*(f"os.environ[{k!a}] = {v!a}" for k, v in chosen.items()), import_line(target.namespace)]


def with_outputs(text: str, outputs: Mapping[str, str]) -> str:
    """The program with what it printed on each target as a comment above its code."""
    lines = text.splitlines()
    place = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    said: list[str] = []
    for target, output in outputs.items():
        said += ["#", f"# Printed on {one_line(target)}:"]
        rows = output.splitlines() or ["(nothing)"]
        said += [f"#     {one_line(row, WIDTH)}" for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            said.append(f"#     … ({len(rows) - SHOWN} more lines)")
    return "\n".join([*lines[:place], *said, *lines[place:]]) + "\n"


class Named(Protocol):
    """A target as far as an issue text names it."""

    @property
    def id(self) -> str: ...
    @property
    def python(self) -> str: ...
    @property
    def packages(self) -> Mapping[str, str]: ...


def issue(
    title: str, text: str, outputs: Mapping[str, str], both: Sequence[Named], remarks: Sequence[str]
) -> str:
    """A text for the issue tracker, in Markdown, with versions."""
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip("\n")
    fence = "`" * max(
        3, 1 + max((len(m) for m in re.findall("`+", code + "".join(outputs.values()))), default=0)
    )
    out = [f"### {one_line(title, 200)}", "", *(f"* {one_line(r, 500)}" for r in remarks), ""]
    out += [f"{fence}python", code, fence, ""]
    for target, output in outputs.items():
        out += [f"On `{one_line(target)}`:", "", fence, output.strip("\n") or "(prints nothing)", fence, ""]
    out += ["| | " + " | ".join(one_line(t.id) for t in both) + " |", "|---|---|---|"]
    out.append("| Python | " + " | ".join(one_line(t.python) for t in both) + " |")
    for name in PACKAGES:
        found = [next((v for n, v in t.packages.items() if n.lower() == name), "–") for t in both]
        if any(v != "–" for v in found):
            out.append(f"| {name} | {' | '.join(one_line(v) for v in found)} |")
    return "\n".join(out) + "\n"
