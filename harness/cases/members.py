"""What an instance offers: the names of its public members, and what its attributes hold.

What users read off an object (`layer.units`, `model.state_updates`, `optimizer.lr`) is part of the API as
much as what they call. The members of the family's base class are asked of the base class once, and of its
subclasses only what is their own.
"""

import inspect

import numpy as np

from . import layer as layers

BASES = {
    "layers": "layers.Layer",
    "losses": "losses.Loss",
    "metrics": "metrics.Metric",
    "optimizers": "optimizers.Optimizer",
    "callbacks": "callbacks.Callback",
    "initializers": "initializers.Initializer",
    "regularizers": "regularizers.Regularizer",
    "constraints": "constraints.Constraint",
}
"""The class a family's subclasses inherit from, by the first part of their names."""
LONGEST = 8
"""Elements of a list that are shown; what is longer is shown by its length."""


def perform(case, context):
    """Perform a members case. Steps: construct, build where there is a feed, members."""
    record = context.record
    cls = context.symbol(case["subject"])
    given = record.run(
        "parameters", "structure", lambda: context.make.parameters(case["parameters"]), False, True, False
    )
    if case["subject"] in BASES.values():
        cls = concrete(cls)
    made = record.run("construct", "structure", lambda: cls(**given), False, needed=True)
    if case["feed"]["inputs"] is not None:
        call = layers.Call(made, case["feed"], context)
        call.adapt()
        layers.first_call(made, call, context)
    inherited = names_of_base(case["subject"], context)
    record.run("members", "signature", lambda: members(made, context.engine, inherited), heed=False)


def names_of_base(subject, context):
    """The public names every instance of the family has; none for the base class itself."""
    base = BASES.get(subject.split(".")[0])
    if base is None or base == subject or not context.has(base):
        return ()
    cls = concrete(context.symbol(base))
    for arguments in ({}, {"name": "mine"}, {"name": "mine", "learning_rate": 0.1}):
        try:
            return dir(cls(**arguments))
        except Exception:  # it wants another argument; the members of its class are there in any case
            continue
    return dir(cls)


def concrete(cls):
    """A base class with what it leaves to its subclasses filled in, so that it can be made."""
    left = getattr(cls, "__abstractmethods__", ())
    return type(cls.__name__, (cls,), {name: lambda self, *a, **k: None for name in left}) if left else cls


def members(made, engine, inherited=()):
    """Public name → ``method``, or what the attribute or property holds, or what reading it raises."""
    out = {}
    for name in dir(made):
        if name.startswith("_") or name in inherited:
            continue
        try:
            out[name] = "method" if is_method(made, name) else shown(getattr(made, name), engine)
        except Exception as error:  # the property is the target's; what it raises is what we saw
            out[name] = {"raises": type(error).__name__}
    return out


def is_method(made, name):
    """Whether a member is called rather than read; no property is read for it."""
    try:
        found = inspect.getattr_static(made, name)
    except AttributeError:
        return False
    return inspect.isroutine(getattr(found, "__func__", found))


def shown(value, engine, depth=0):
    """A held value: plain ones as they are, tensors and weights by shape and dtype, others by their class."""
    if value is None or (isinstance(value, (bool, int, float, str)) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, np.ndarray) or engine.is_tensor(value):
        return {"class": kind_of(value, engine), "shape": [int(d) for d in np.shape(value)]}
    if isinstance(value, np.generic):
        return {"class": "scalar", "dtype": value.dtype.name}
    if isinstance(value, (list, tuple)) and depth < 2:
        inside = [shown(each, engine, depth + 1) for each in value]
        return inside if len(inside) <= LONGEST else {"length": len(inside)}
    if isinstance(value, dict):
        return {"class": "dict", "keys": sorted(str(key) for key in value)[:LONGEST]}
    if inspect.isroutine(value) or isinstance(value, type):
        return {"function": value.__name__}
    return {"class": type(value).__name__}


def kind_of(value, engine):
    """Whether a value is a numpy array, a weight or a tensor."""
    if isinstance(value, np.ndarray):
        return "array"
    return "weight" if hasattr(value, "assign") else "tensor"
