"""Random valid graphs of layers, as plain data: the same graph is built on both sides.

A graph is ``{"inputs": [shape, …], "nodes": [node, …], "outputs": [place, …]}``. Places count the inputs
first and then the nodes. A node is ``{"layer": name, "parameters": {…}, "from": [place, …]}``; one with
``"shares": N`` calls the layer of node N once more; one with ``"model": graph`` is a model inside the model.
Shapes have no batch axis.

Every parameter whose default changed between Kerases is given, so that a graph is about how layers work
together and not about defaults, which the specs of the layers show one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Choose = Callable[[int], int]
"""``choose(n)`` is one of 0 … n-1: a seeded generator's for the corpus, Hypothesis's for the search."""

Shape = tuple[int, ...]
Graph = dict[str, Any]

STARTS: tuple[Shape, ...] = ((5,), (6, 4), (8, 8, 3), (3, 5))
"""Shapes of inputs: vectors, sequences, images."""
LARGEST = 600
"""Elements of a sample: a graph is about structure, and large tensors only cost time."""
CELL = {"activation": "tanh", "recurrent_activation": "sigmoid"}


@dataclass(frozen=True)
class Made:
    """A layer that fits a tensor: its class, its parameters, and the shape it makes."""

    layer: str
    parameters: dict[str, Any]
    shape: Shape


@dataclass
class Growing:
    """A graph while it grows."""

    choose: Choose
    shapes: list[Shape] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    inputs: int = 0

    def add(self, node: dict[str, Any], shape: Shape) -> int:
        """Append a node; its place."""
        self.nodes.append(node)
        self.shapes.append(shape)
        return len(self.shapes) - 1


def pick(choose: Choose, options: Sequence[Any]) -> Any:
    """One of several."""
    return options[choose(len(options))]


def any_rank(shape: Shape, choose: Choose) -> list[Made]:
    """Layers for a tensor of any rank."""
    units = 2 + choose(4)
    activation = pick(choose, ("linear", "relu", "tanh", "sigmoid", "softmax"))
    out = [
        Made("Activation", {"activation": pick(choose, ("relu", "tanh", "softplus", "elu"))}, shape),
        Made("Dense", {"units": units, "activation": activation}, (*shape[:-1], units)),
        Made("BatchNormalization", {"epsilon": 0.001, "momentum": 0.9}, shape),
        Made("Dropout", {"rate": 0.5}, shape),
    ]
    if len(shape) > 1:
        out.append(Made("Flatten", {}, (size(shape),)))
        out.append(Made("Reshape", {"target_shape": {"$tuple": [size(shape)]}}, (size(shape),)))
    return out


def vectors(shape: Shape, choose: Choose) -> list[Made]:
    """Layers for a vector per sample."""
    return [Made("RepeatVector", {"n": 3}, (3, *shape))]


def sequences(shape: Shape, choose: Choose) -> list[Made]:
    """Layers for a sequence of vectors per sample."""
    steps, channels = shape
    units = 2 + choose(3)
    whole = bool(choose(2))
    after = (steps, units) if whole else (units,)
    both = (steps, 2 * units) if whole else (2 * units,)
    recurrent = {"units": units, "return_sequences": whole}
    lstm = {"$object": "layers.LSTM", "parameters": recurrent | CELL}
    dense = {"$object": "layers.Dense", "parameters": {"units": units}}
    out = [
        Made("SimpleRNN", recurrent | {"activation": "tanh"}, after),
        Made("LSTM", recurrent | CELL, after),
        Made("GRU", recurrent | CELL | {"reset_after": False}, after),
        Made("Bidirectional", {"layer": lstm, "merge_mode": "concat"}, both),
        Made("TimeDistributed", {"layer": dense}, (steps, units)),
        Made("Conv1D", {"filters": units, "kernel_size": 2, "padding": "same"}, (steps, units)),
        Made("GlobalMaxPooling1D", {}, (channels,)),
        Made("GlobalAveragePooling1D", {}, (channels,)),
        Made("Permute", {"dims": {"$tuple": [2, 1]}}, (channels, steps)),
        Made("UpSampling1D", {"size": 2}, (2 * steps, channels)),
        Made("ZeroPadding1D", {"padding": 1}, (steps + 2, channels)),
        Made("Masking", {"mask_value": 0.0}, shape),
    ]
    if steps >= 3:
        out.append(Made("Conv1D", {"filters": units, "kernel_size": 3}, (steps - 2, units)))
        out.append(Made("MaxPooling1D", {"pool_size": 2}, (steps // 2, channels)))
        out.append(Made("AveragePooling1D", {"pool_size": 2}, (steps // 2, channels)))
        out.append(Made("Cropping1D", {"cropping": 1}, (steps - 2, channels)))
    return out


def images(shape: Shape, choose: Choose) -> list[Made]:
    """Layers for an image per sample."""
    rows, columns, channels = shape
    filters = 2 + choose(3)
    pair = {"$tuple": [2, 2]}
    same = {"filters": filters, "kernel_size": {"$tuple": [3, 3]}, "padding": "same"}
    half = (-(-rows // 2), -(-columns // 2))
    out = [
        Made("Conv2D", same, (rows, columns, filters)),
        Made("Conv2D", same | {"strides": pair}, (*half, filters)),
        Made("SeparableConv2D", same, (rows, columns, filters)),
        Made("Conv2DTranspose", same | {"strides": pair}, (2 * rows, 2 * columns, filters)),
        Made("GlobalAveragePooling2D", {}, (channels,)),
        Made("GlobalMaxPooling2D", {}, (channels,)),
        Made("UpSampling2D", {"size": pair}, (2 * rows, 2 * columns, channels)),
        Made("ZeroPadding2D", {"padding": {"$tuple": [1, 1]}}, (rows + 2, columns + 2, channels)),
        Made("Reshape", {"target_shape": {"$tuple": [rows * columns, channels]}}, (rows * columns, channels)),
        Made("AveragePooling2D", {"pool_size": pair, "padding": "same"}, (*half, channels)),
    ]
    if min(rows, columns) >= 3:
        out.append(Made("MaxPooling2D", {"pool_size": pair}, (rows // 2, columns // 2, channels)))
        out.append(Made("Cropping2D", {"cropping": 1}, (rows - 2, columns - 2, channels)))
    return out


BY_RANK = {1: vectors, 2: sequences, 3: images}
MERGES = ("Add", "Multiply", "Average", "Maximum", "Concatenate")


def size(shape: Shape) -> int:
    """Elements of a sample."""
    count = 1
    for length in shape:
        count *= length
    return count


def grow(choose: Choose, *, layers: int = 9, nested: bool = True) -> Graph:
    """A graph with about `layers` nodes, every node of which contributes to an output."""
    graph = Growing(choose)
    start = pick(choose, STARTS)
    graph.inputs = 1 + (choose(3) == 0)
    graph.shapes = [start] * graph.inputs
    while len(graph.nodes) < layers:
        source = choose(len(graph.shapes)) if choose(3) == 0 else len(graph.shapes) - 1
        kind = choose(10)
        if kind < 2 and merged(graph, source):
            continue
        if kind == 2 and shared(graph, source):
            continue
        if kind == 3 and nested and inside(graph, source):
            continue
        chain(graph, source)
    return closed(graph)


def chain(graph: Growing, source: int) -> None:
    """One layer behind a tensor."""
    shape = graph.shapes[source]
    fitting = [*any_rank(shape, graph.choose), *BY_RANK[len(shape)](shape, graph.choose)]
    small = [made for made in fitting if size(made.shape) <= LARGEST]
    made = pick(graph.choose, small)
    graph.add({"layer": made.layer, "parameters": made.parameters, "from": [source]}, made.shape)


def merged(graph: Growing, source: int) -> bool:
    """A merge of a tensor with another of its shape, where there is one."""
    shape = graph.shapes[source]
    partners = [i for i, s in enumerate(graph.shapes) if s == shape and i != source]
    if not partners:
        return False
    layer = pick(graph.choose, MERGES)
    joined = (*shape[:-1], 2 * shape[-1]) if layer == "Concatenate" else shape
    other = pick(graph.choose, partners)
    graph.add({"layer": layer, "parameters": {}, "from": [source, other]}, joined)
    return True


def shared(graph: Growing, source: int) -> bool:
    """A layer of the graph called once more, on another tensor of the shape it was built for."""
    own = [
        (place, node)
        for place, node in enumerate(graph.nodes)
        if "layer" in node
        and len(node["from"]) == 1
        and graph.shapes[node["from"][0]] == graph.shapes[source]
    ]
    fresh = [(place, node) for place, node in own if node["from"][0] != source]
    if not fresh:
        return False
    place, _ = pick(graph.choose, fresh)
    graph.add({"shares": place, "from": [source]}, graph.shapes[graph.inputs + place])
    return True


def inside(graph: Growing, source: int) -> bool:
    """A model of two or three layers as one node."""
    inner = Growing(graph.choose, [graph.shapes[source]], [], 1)
    for _ in range(2 + graph.choose(2)):
        chain(inner, len(inner.shapes) - 1)
    graph.add({"model": closed(inner), "from": [source]}, inner.shapes[-1])
    return True


def closed(graph: Growing) -> Graph:
    """The graph with every loose end as an output; an input that leads nowhere is one too, behind a layer."""
    used = {place for node in graph.nodes for place in node["from"]}
    for place in range(graph.inputs):
        if place not in used:
            graph.add(
                {"layer": "Activation", "parameters": {"activation": "tanh"}, "from": [place]},
                graph.shapes[place],
            )
    used = {place for node in graph.nodes for place in node["from"]}
    loose = [place for place in range(graph.inputs, len(graph.shapes)) if place not in used]
    return {
        "inputs": [list(shape) for shape in graph.shapes[: graph.inputs]],
        "nodes": graph.nodes,
        "outputs": loose,
    }
