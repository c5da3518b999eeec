"""Gradients of a function, on backends that differentiate functions and not what was recorded of calls."""

import numpy as np

from .structure import leaves, replace


def gradients(engine, function, arrays, weights, cotangents):
    """The gradients of sum(output * cotangent), with the weights as arguments in Keras's stateless scope.

    The engine has `is_floating(value)`, `weighed(output, cotangent)` (a scalar of the backend), `zero()`
    and `grad(total, inputs, values)`.
    """
    scope = engine.keras.StatelessScope
    flat = [engine.native(leaf) for leaf in leaves(arrays)]
    places = [i for i, leaf in enumerate(flat) if engine.is_floating(leaf)]

    def total(inputs, values):
        filled = list(flat)
        for place, value in zip(places, inputs):
            filled[place] = value
        with scope(state_mapping=list(zip(weights, values))):
            outputs = leaves(function(replace(arrays, filled)))
        out = engine.zero()
        for output, cotangent in zip(outputs, cotangents):
            if engine.is_floating(output):
                out = out + engine.weighed(output, cotangent)
        return out

    found = engine.grad(total, [flat[i] for i in places], [w.value for w in weights])
    inputs, values = ([zero_or_none(engine.array(g)) for g in part] for part in found)
    return {"inputs": inputs, "weights": values}


def traced(engine, function, arrays):
    """A function of a list of tensors, and that list, for a compiler that traces nothing but arrays."""
    flat = leaves(arrays)
    places = [i for i, leaf in enumerate(flat) if isinstance(leaf, np.ndarray) and leaf.dtype != object]

    def of_tensors(values):
        filled = list(flat)
        for place, value in zip(places, values):
            filled[place] = value
        return function(replace(arrays, filled))

    return of_tensors, [engine.native(flat[i]) for i in places]


def zero_or_none(gradient):
    """A gradient; one that is all zeros is marked, for it does not tell whether anything flows at all."""
    found = np.asarray(gradient)
    if found.dtype.kind == "f" and found.size and not found.any():
        return {"$zero_or_none": list(found.shape), "dtype": found.dtype.name}
    return found
