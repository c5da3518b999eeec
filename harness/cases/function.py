"""A case of a plain function: called with arguments made from plain data, its result recorded.

`feed["inputs"]` is one argument or ``{"$arguments": [...]}``. `feed["call"]` may say

    $also       other names of the same thing → renamed keywords, for implementations that lack the subject
    $plain      arrays are given as they are instead of as tensors
    $needs      a package without which there is nothing to observe
    $gradients  record them too
    $kind       what a differing result would be, if not "value"
"""

import importlib
import inspect
import types

import numpy as np
from harness_worker.recorder import Missing, Unsupported

SEEN_AT_MOST = 64


def perform(case, context):
    """Perform a function case. Steps: [symbol], forward, [gradients], [jit]."""
    record = context.record
    call = dict(case["feed"].get("call", {}))
    function, renames = found(case["subject"], call, context)
    parameters = record.run(
        "parameters", "structure", lambda: context.make.parameters(case["parameters"]), False, True, False
    )
    arguments = arguments_of(case["feed"], context)
    named = {renames.get(k, k): v for k, v in parameters.items() if renames.get(k, k) != "$drop"}
    kind = call.get("$kind", "value")
    if call.get("$needs"):
        record.run("needs", "structure", lambda: needed(call["$needs"]), False, True, False)
    if call.get("$plain"):
        record.run("forward", kind, lambda: shown(function(*arguments, **named), context))
        return
    fed = {"arguments": arguments}

    def applied(feeds):
        return function(*feeds["arguments"], **named)

    outputs = record.run("forward", kind, lambda: shown(context.engine.evaluate(applied, fed), context))
    if call.get("$gradients") and outputs is not None:
        cotangents = cotangents_of(outputs, context)
        if not cotangents:
            record.skip("gradients", "value", "no output is a floating-point number")
            return
        record.run(
            "gradients", "value", lambda: context.engine.gradients(applied, fed, [], cotangents, False)
        )


def found(subject, call, context):
    """The function, and how its keywords are called; the first of its other names where it is missing."""
    if context.has(subject) or not call.get("$also"):
        return context.symbol(subject), {}
    for name, renames in call["$also"].items():
        if context.has(name):
            context.record.run("symbol", "structure", lambda: missing(subject))
            return context.symbol(name), renames
    raise Missing(subject)


def needed(package):
    """End the case as unsupported where a package that the subject leans on is not installed."""
    try:
        importlib.import_module(package)
    except ImportError as error:
        raise Unsupported("%s is not installed beside this implementation" % package) from error


def missing(name):
    """End a step because the implementation has no such name."""
    raise Missing(name)


def arguments_of(feed, context):
    """Positional arguments."""
    inputs = feed.get("inputs")
    if isinstance(inputs, dict) and "$arguments" in inputs:
        return [context.make.value(v) for v in inputs["$arguments"]]
    return [] if inputs is None else [context.make.value(inputs)]


def shown(value, context):
    """A result as something that can be recorded: iterators and data sets as the list of what they give."""
    engine = context.engine
    if engine.is_tensor(value) or value is None or isinstance(value, (str, bytes, np.ndarray, np.generic)):
        return engine.fetch(value)
    if is_image(value):
        return {"mode": value.mode, "pixels": np.asarray(value)}
    if isinstance(value, (types.GeneratorType, map, zip)) or is_dataset(value):
        return [shown(v, context) for _, v in zip(range(SEEN_AT_MOST), value)]
    if isinstance(value, dict):
        return {k: shown(v, context) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(v, context) for v in value]
    if inspect.isclass(value) or inspect.isfunction(value):
        return {"callable": value.__name__}
    return engine.fetch(value)


def is_image(value):
    """Whether a value is a PIL image."""
    return type(value).__module__.startswith("PIL.")


def is_dataset(value):
    """Whether a value is a tf.data.Dataset or a torch DataLoader."""
    tensorflow = hasattr(value, "element_spec") and hasattr(value, "batch")
    return tensorflow or type(value).__name__ == "DataLoader"


def cotangents_of(outputs, context):
    """Fixed weights for a scalar of the outputs."""
    arrays = context.engine.leaves(outputs)
    if not arrays or any(not isinstance(a, np.ndarray) or a.dtype.kind != "f" for a in arrays):
        return []
    return [np.cos(1.0 + np.arange(a.size)).reshape(a.shape).astype("float32") for a in arrays]
