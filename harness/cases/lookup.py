"""A case of a look-up: what `get`, `serialize` and `deserialize` return, and whether it works."""

import inspect

import numpy as np

from . import configured


def perform(case, context):
    """Perform a look-up. Steps: returned, and forward where what came back can be called on the feed."""
    function = context.symbol(case["subject"])
    parameters = configured.given_parameters(case, context)
    positional = [parameters.pop(k) for k in ("$first",) if k in parameters]
    found = context.record.run(
        "returned", "config", lambda: function(*positional, **parameters), configured.described, needed=True
    )
    arrays = context.make.value(case["feed"]["inputs"])
    if found is None or inspect.isclass(found) or not callable(found) or arrays is None:
        return
    if configured.module_of(case) == "metrics" and hasattr(found, "update_state"):
        return
    if configured.module_of(case) == "initializers":
        shape = tuple(arrays["shape"])
        context.record.run("shape", "structure", lambda: shape_of(found, shape, context.engine))
        return
    context.record.run("forward", "value", lambda: called(found, arrays, context.engine))


def called(found, arrays, engine):
    """What came back, called on one array or on targets and predictions."""
    if isinstance(arrays, list):
        return engine.evaluate(lambda fed: found(fed[0], fed[1]), arrays)
    return engine.evaluate(found, arrays)


def shape_of(initializer, shape, engine):
    """Shape and dtype of what an initializer draws."""
    drawn = engine.evaluate(lambda nothing: initializer(shape), [])
    return {"shape": list(np.shape(drawn)), "dtype": np.asarray(drawn).dtype.name}


def constants(case, context):
    """The public constants of a class, such as the names of the reductions."""
    found = context.symbol(case["subject"])
    public = sorted(n for n in dir(found) if n.isupper() and not n.startswith("_"))
    context.record.run("constants", "config", lambda: {n: getattr(found, n) for n in public})
    if hasattr(found, "all"):
        context.record.run("all", "config", found.all)
