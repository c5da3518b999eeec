"""Where two models part: each node of a graph alone, fed what the reference computed (teacher forcing).

In a model the difference of one layer runs through all that follow. Fed alike, every node shows only what
it contributes itself; the first that still differs introduced the difference, and the ratio of the two sizes
says how much the layers behind it amplify it.

Models that compute alike may part in their gradients or where they are trained: see `harness/departures.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness import departures, recipes
from harness.model import Case, Difference, Divergence, Judged, Kind, Observation

SCRIPT = "graph"
FORCED = "graph:forced"
TRACED = frozenset({Kind.VALUE, Kind.PRECISION, Kind.SPECIAL})
COMPUTED = frozenset({"forward", "inner"})
"""Steps that show what a graph computes; a node alone has neither a gradient nor a training."""
MASKING = "Masking"


@dataclass(frozen=True)
class Forced:
    """A graph that diverges, and the case in which its nodes are fed alike."""

    whole: Judged
    case: Case
    left_out: tuple[str, ...]
    """Nodes that cannot be fed by themselves: a mask travels with their input."""


def is_traceable(judged: Judged) -> bool:
    """Whether a case is a graph that computes other numbers forwards."""
    return judged.case.script == SCRIPT and any(d.step in COMPUTED for d in numbers_of(judged))


def numbers_of(judged: Judged) -> list[Difference]:
    """The differences of a case that are numbers."""
    found = [d for each in judged.divergences for d in each.differences]
    return [d for d in found if d.kind in TRACED]


def forced(judged: Judged, reference: Observation) -> Forced | None:
    """The case that feeds every node what the reference computed; None where it did not compute that."""
    graph = judged.case.feed["call"]["$graph"]
    step = reference.step("inner")
    inner = step.value if step is not None else None
    if not isinstance(inner, dict) or len(inner) != len(graph["nodes"]):
        return None
    labels = [label(graph, place) for place in range(len(graph["nodes"]))]
    arrays = [*recipes.drawn(judged.case)[1], *(inner[name] for name in labels)]
    masked = behind_a_mask(graph)
    given = {
        str(place): [literal(arrays[source]) for source in node["from"]]
        for place, node in enumerate(graph["nodes"])
        if place not in masked
    }
    call = {"$graph": graph, "$inputs": given}
    case = replace(judged.case, script=FORCED, feed=judged.case.feed | {"call": call}, observe=())
    return Forced(judged, case, tuple(labels[place] for place in sorted(masked)))


def label(graph: Mapping[str, Any], place: int) -> str:
    """A node by its place and what it is, as the case script calls it."""
    node = graph["nodes"][place]
    if "shares" in node:
        return f"{place} {graph['nodes'][node['shares']]['layer']} again"
    return f"{place} {node.get('layer', 'Model')}"


def behind_a_mask(graph: Mapping[str, Any]) -> set[int]:
    """Nodes that may be given a mask: those behind a Masking layer, by place."""
    count = len(graph["inputs"])
    masked: set[int] = set()
    for place, node in enumerate(graph["nodes"]):
        sources = [source - count for source in node["from"] if source >= count]
        if any(s in masked or makes_a_mask(graph["nodes"][s], graph) for s in sources):
            masked.add(place)
    return masked


def makes_a_mask(node: Mapping[str, Any], graph: Mapping[str, Any]) -> bool:
    """Whether a node itself gives its output a mask."""
    if "shares" in node:
        return makes_a_mask(graph["nodes"][node["shares"]], graph)
    if "model" in node:
        return any(makes_a_mask(inner, node["model"]) for inner in node["model"]["nodes"])
    return bool(node["layer"] == MASKING)


def literal(array: Any) -> dict[str, Any]:
    """An array as plain data, exact: every float32 has a decimal text of its own."""
    made = np.asarray(array)
    return {"$array": True, "dtype": made.dtype.name, "literal": made.tolist()}


def with_origins(
    judged: Sequence[Judged], cases: Iterable[Forced], apart: Mapping[str, Judged]
) -> list[Judged]:
    """Judged graphs that say where their sides part: in which node, and in training when and where.

    apart: judged forced cases by hash.
    """
    nodes = {f.whole.case.hash: origin(f, apart[f.case.hash]) for f in cases if f.case.hash in apart}
    trained = {j.case.hash: departures.departure(numbers_of(j)) for j in judged if j.case.script == SCRIPT}
    said = {key: (nodes.get(key, ""), trained.get(key, "")) for key in nodes | trained}
    origins = {key: " ".join(filter(None, both)) for key, both in said.items() if any(both)}
    return [
        replace(j, divergences=tuple(told(d, origins[j.case.hash]) for d in j.divergences))
        if j.case.hash in origins
        else j
        for j in judged
    ]


def told(divergence: Divergence, where: str) -> Divergence:
    """A divergence of numbers with its origin."""
    return replace(divergence, origin=where) if divergence.kind in TRACED else divergence


def origin(case: Forced, apart: Judged) -> str:
    """One sentence: the node that introduces the difference, and what becomes of it."""
    own = numbers_of(apart)
    if not own:
        if case.left_out:
            return (
                f"No node differs when it is fed what the reference computed; {listed(case.left_out)} "
                "could not be fed alone, for a mask travels with the input."
            )
        return "No node differs when it is fed what the reference computed: it is how they are joined."
    first = min(own, key=lambda d: int(d.step.split()[0]))
    size = biggest([first])
    end = biggest(d for each in case.whole.divergences for d in each.differences if d.step == "forward")
    grown = f", which is {end / size:.3g} times as much at the outputs" if size and end else ""
    others = sorted({d.step for d in own} - {first.step}, key=lambda s: int(s.split()[0]))
    more = f" Of their own differ also: {listed(others)}." if others else ""
    return f"Node `{first.step}` introduces a difference of {size:.3g}{grown}.{more}"


def listed(labels: Iterable[str]) -> str:
    """Nodes in a sentence."""
    return ", ".join(f"`{each}`" for each in labels)


def biggest(differences: Iterable[Difference]) -> float:
    """The largest absolute difference."""
    return max((d.size.max_abs for d in differences if d.size is not None), default=0.0)
