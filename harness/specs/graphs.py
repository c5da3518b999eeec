"""Models of many layers: random graphs, each the same on both sides.

What a graph observes is in `harness/cases/graph.py`; how the layer in which two sides part is found is in
`harness/forcing.py`. The corpus is drawn once, from seeds; the search draws further graphs with `graphs`.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies

from harness.specs.declaration import Array, Feed, Spec
from harness.specs.random_graphs import Graph, grow

QUICK = 6
FULL = 300
BATCH = 3
EVERY = 6
TRAINED = frozenset(range(0, FULL, EVERY))
"""Seeds of graphs that take steps of training: six of these cost three times what everything else about a
graph does."""
ABOUT = ("Model", "models.Model")


def from_seed(seed: int) -> Graph:
    """The graph of a seed: `random.random` promises the same stream in every Python."""
    stream = random.Random(seed)
    return grow(lambda n: int(stream.random() * n))


@strategies.composite
def graphs(draw: strategies.DrawFn) -> Graph:
    """Any valid graph, for a search: it shrinks towards few inputs and the first layer of each table."""
    layers = draw(strategies.integers(1, 9))
    return grow(lambda n: draw(strategies.integers(0, n - 1)), layers=layers)


def feed(name: str, graph: Graph, *, quick: bool = False, trains: bool = False) -> Feed:
    """A graph as a feed: arrays for its inputs, and its description among the arguments.

    trains: take steps of training.
    """
    arrays: list[Any] = [Array((BATCH, *shape), values="padded") for shape in graph["inputs"]]
    call = {"$graph": graph} | ({"$trains": True} if trains else {})
    return Feed(name, arrays, call, profiles=("quick", "full") if quick else ("full",))


SPECS = (
    Spec(
        subject="Model",
        family="models",
        script="graph",
        feeds=tuple(
            feed(f"graph {seed}", from_seed(seed), quick=seed < QUICK, trains=seed in TRAINED)
            for seed in range(FULL)
        ),
        no_oracle="what its layers compute has oracles of its own; a graph asks how they work together",
        source="https://keras.io/guides/functional_api/",
        dear=(),
        limit=120.0,
    ),
)
