"""The body of a program that does what `harness/cases/layer.py` does, as far as one step needs it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.model import Case, Plain
from harness.report.literals import NotWritable, Writer, is_name

WEIGHT = """

def weight(value, name, place):  # by its place and shape: the same on both sides
    random = np.random.RandomState(({seed} * 1000003 + place * 7919 + 777) % 2**32)
    drawn = random.uniform(-1.0, 1.0, size=value.shape)
    if "variance" in name:
        drawn = np.abs(drawn) + 0.5
    elif value.ndim >= 2:
        drawn = drawn / np.sqrt(max(1.0, float(np.prod(value.shape[:-1])))) * 1.5
    return drawn.astype(value.dtype) if value.dtype.kind in "fV" else value


names = [str(w.name) for w in layer.weights]
layer.set_weights([weight(v, n, i) for i, (v, n) in enumerate(zip(layer.get_weights(), names))])
"""

UNCALLED: Mapping[str, tuple[str, ...]] = {
    "parameters": (),
    "construct": (),
    "attributes": (
        "names = 'name trainable dtype compute_dtype variable_dtype supports_masking stateful'.split()",
        "print({n: getattr(layer, n, 'absent') for n in names})",
    ),
    "config": ("print(layer.get_config())",),
    "serialize": ("print(keras.layers.serialize(layer))",),
}
"""Step → lines that show it on a layer that was never called."""

UNWEIGHTED: Mapping[str, tuple[str, ...]] = {
    "build": (),
    "weights": (
        "for w in layer.weights:",
        "    facts = [getattr(w, fact, None) for fact in ('name', 'shape', 'dtype')]",
        "    print(*facts, any(w is t for t in layer.trainable_weights), type(w).__name__)",
    ),
    "initial": ("print(layer.get_weights())",),
    "output shape": ("print(layer.compute_output_shape(x.shape))",),
    "round trip": (
        "config = layer.get_config()",
        "again = type(layer).from_config(config)",
        "print(config)",
        "print(again.get_config() == config)",
    ),
}
"""Step → lines that show it on a layer that was called but keeps its initial weights."""


def layer_lines(
    case: Case, writer: Writer, *, step: str, graph: bool, backend: str, weights: bool = True
) -> list[str]:
    """Lines that make the layer, call it and print what `step` is about.

    graph: the target builds graphs, so values come from a model. weights: the layer has any, and they are
    given the values of the case. Raises `NotWritable`.
    """
    made = f"layer = {writer.symbol(case.subject)}({writer.keywords(case.parameters)})"
    if step in UNCALLED:
        return [made, *UNCALLED[step]]
    feed = dict(case.feed) if isinstance(case.feed, Mapping) else {}
    call = dict(feed.get("call") or {})
    masking, twice = call.pop("$masking", False), call.pop("$twice", False)
    lines = []
    if "$adapt" in call:
        lines.append(f"layer.adapt({writer.value(call.pop('$adapt'))})")
    if not all(is_name(name) for name in call):
        raise NotWritable("An argument of the call is not a Python name.")
    inputs = feed.get("inputs")
    if isinstance(inputs, Mapping) and "$arguments" in inputs:
        parts = [writer.value(part) for part in inputs["$arguments"]]
        names = [f"x{i}" for i in range(len(parts))]
    else:
        parts, names = [writer.value(inputs)], ["x"]
    lines = [made, *lines, *(f"{name} = {text}" for name, text in zip(names, parts, strict=True))]
    lines += [f"{name} = {writer.value(value)}" for name, value in call.items()]
    given = [masked(n, inputs) if masking else n for n in names]
    arguments = ", ".join([*given, *(f"{name}={name}" for name in call)])
    if graph:
        if call or masking or twice or len(names) > 1 or isinstance(inputs, list):
            raise NotWritable("On a target that builds graphs, this way of calling has no short form.")
        return [*lines, *_graph(case, step)]
    if step == "output shape" and isinstance(inputs, list):
        return [*lines, f"layer({arguments})", "print(layer.compute_output_shape([a.shape for a in x]))"]
    return [*lines, *_eager(case, step, arguments, backend, weights)]


def masked(name: str, inputs: Plain) -> str:
    """What is fed, with the mask a Masking layer gives it; of several arrays each with its own."""
    one = "keras.layers.Masking()({})"
    return f"[{one.format('a')} for a in {name}]" if isinstance(inputs, list) else one.format(name)


def _eager(case: Case, step: str, arguments: str, backend: str, weights: bool) -> list[str]:
    called = f"layer({arguments})"
    if step in UNWEIGHTED:
        return [called, *UNWEIGHTED[step]]
    lines = [called, *WEIGHT.replace("{seed}", str(case.seed)).splitlines()] if weights else []
    if step == "losses":
        return [*lines, called, "print([np.asarray(loss) for loss in layer.losses])"]
    if step == "mask":
        return [*lines, f"print(layer.compute_mask({arguments}))"]
    if step in ("training", "state"):
        shown = [f"print(layer({arguments}, training=True))"]
        return lines + shown + (["print(layer.get_weights())"] if step == "state" else [])
    if step == "second call":
        return [*lines, called, f"print({called})"]
    if step == "gradients":
        return lines + _tape(called, backend)
    if step in ("functional", "functional call", "predict"):
        return [
            *lines,
            "inputs = keras.layers.Input(x.shape[1:], dtype=str(x.dtype))",
            "model = keras.models.Model(inputs, layer(inputs))",
            "model.summary()",
            "print(model.predict(x))",
        ]
    if step == "jit" and backend == "tensorflow":
        return [*lines, "import tensorflow as tf", "", f"print(tf.function(lambda: {called})())"]
    return [*lines, f"print({called})"]


def _tape(called: str, backend: str) -> list[str]:
    if backend != "tensorflow":
        raise NotWritable(f"A gradient on the backend {backend[:20]!a} has no short form.")
    return [
        "import tensorflow as tf",
        "",
        "with tf.GradientTape() as tape:",
        "    tape.watch(x := tf.convert_to_tensor(x))",
        f"    out = tf.nest.flatten({called})[0]",
        "    cotangent = tf.reshape(tf.cos(1.0 + tf.range(tf.size(out), dtype='float32')), tf.shape(out))",
        "    total = tf.reduce_sum(tf.cast(out, 'float32') * cotangent)",
        "print(tape.gradient(total, [x, *layer.trainable_weights]))",
    ]


def _graph(case: Case, step: str) -> list[str]:
    lines = [
        "inputs = keras.layers.Input(batch_shape=x.shape, dtype=str(x.dtype))",
        "model = keras.models.Model(inputs, layer(inputs))",
    ]
    if step in UNWEIGHTED:
        return [*lines, *UNWEIGHTED[step]]
    lines += WEIGHT.replace("{seed}", str(case.seed)).splitlines()
    if step == "gradients":
        return [
            *lines,
            "K = keras.backend",
            "cotangent = np.cos(1.0 + np.arange(model.predict(x, len(x)).size)).astype('float32')",
            "total = K.sum(K.reshape(model.output, (-1,)) * K.constant(cotangent))",
            "gradients = K.gradients(total, [model.input] + layer.trainable_weights)",
            "print(K.function([model.input], gradients)([x]))",
        ]
    if step in ("training", "state"):
        return [
            *lines,
            "K = keras.backend",
            "run = K.function([model.input, K.learning_phase()], [model.output])",
            "print(run([x, 1])[0])",
        ]
    return [*lines, "print(model.predict(x, batch_size=len(x)))"]
