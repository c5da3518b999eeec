"""Objects made from keywords and written down as a config: losses, metrics, initializers, penalties."""

import inspect

import numpy as np

from .layer import copied


def construct(case, context):
    """Make the subject of a case; returns its class (or function that makes it) and the object."""
    maker = context.symbol(case["subject"])
    parameters = given_parameters(case, context)
    made = context.record.run("construct", "structure", lambda: maker(**parameters), False, needed=True)
    return maker, made


def given_parameters(case, context):
    """The keyword arguments of a case."""
    return context.record.run(
        "parameters", "structure", lambda: context.make.parameters(case["parameters"]), False, True, False
    )


def module_of(case):
    """The module a subject is in: ``losses``."""
    return case["subject"].rsplit(".", 1)[0]


def described(value):
    """What a look-up returned: a class, a function or an object, and what it is called."""
    if value is None or isinstance(value, (str, bool, int, float, dict, list, tuple)):
        return {"is": type(value).__name__, "value": value}
    if inspect.isclass(value):
        return {"is": "class", "name": value.__name__}
    if hasattr(value, "get_config"):
        return {"is": "object", "type": type(value).__name__, "config": value.get_config()}
    if callable(value) and hasattr(value, "__name__"):
        return {"is": "function", "name": value.__name__}
    return {"is": "other", "type": type(value).__name__}


def alike(one, two):
    """Whether two configs hold the same; arrays by their elements."""
    if isinstance(one, dict) and isinstance(two, dict):
        return set(one) == set(two) and all(alike(one[k], two[k]) for k in one)
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(alike(a, b) for a, b in zip(one, two))
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return bool(np.array_equal(one, two))
    return type(one) is type(two) and (one == two or (one != one and two != two))


def attributes(value, names):
    """What an object says of itself; dtypes by name."""
    out = {}
    for name in names:
        if hasattr(value, name):
            found = getattr(value, name)
            out[name] = dtype_name(found) if "dtype" in name else found
    return out


def dtype_name(dtype):
    """The name of a dtype or dtype policy."""
    return None if dtype is None else str(getattr(dtype, "name", dtype))


def round_trip(made, config, context):
    """From the config and back, by the class itself."""
    if config is None:
        return

    def rebuilt():
        fresh = type(made).from_config(copied(config))
        return {"type": type(fresh).__name__, "same config": alike(fresh.get_config(), config)}

    context.record.run("round trip", "structure", rebuilt)


def written(made, module, context):
    """The object as its module writes it, and what reading and getting that gives."""
    record = context.record
    plain = record.run("serialize", "config", lambda: context.symbol(module + ".serialize")(made))
    if plain is not None:
        record.run("deserialize", "config", lambda: context.symbol(module + ".deserialize")(plain), described)
        record.run("get what is written", "config", lambda: context.symbol(module + ".get")(plain), described)
    record.run("get the object", "structure", lambda: context.symbol(module + ".get")(made) is made)


def by_name(name, module, context):
    """What the module gives for the name of the subject."""
    context.record.run("get by name", "config", lambda: context.symbol(module + ".get")(name), described)


def fed_as(form, array):
    """An array in the form a case hands it over: a numpy array, nested lists, or (None) for the engine."""
    if form == "list":
        return array.tolist() if isinstance(array, np.ndarray) else array
    return array


def call_on(function, arrays, form, engine):
    """Call with tensors (form "tensor"), with numpy arrays or with lists; numpy arrays come back."""
    if form == "tensor":
        return engine.evaluate(function, arrays)
    if isinstance(arrays, dict):
        handed = {k: fed_as(form, v) for k, v in arrays.items()}
    elif isinstance(arrays, (list, tuple)):
        handed = [fed_as(form, v) for v in arrays]
    else:
        handed = fed_as(form, arrays)
    return engine.evaluate(lambda nothing: function(handed), [])


def cotangents(outputs, engine):
    """Fixed coefficients for a scalar of the outputs, in float32 so that every variant has the same."""
    arrays = [np.asarray(a) for a in engine.leaves(outputs) if a is not None]
    if not arrays or any(a.dtype.kind not in "fV" for a in arrays):
        return []
    return [np.cos(1.0 + np.arange(a.size)).reshape(a.shape).astype("float32") for a in arrays]


def gradients(function, arrays, outputs, context):
    """The gradient of the outputs for every floating-point array that is fed."""
    engine = context.engine
    if outputs is None:
        return
    weights = cotangents(outputs, engine)
    floats = [a for a in engine.leaves(arrays) if isinstance(a, np.ndarray) and a.dtype.kind in "fV"]
    if weights and floats:
        context.record.run(
            "gradients", "value", lambda: engine.gradients(function, arrays, [], weights)["inputs"]
        )
    else:
        what = "no array that is fed" if weights else "not every output"
        context.record.skip("gradients", "value", what + " is a floating-point number")
