"""A case of an initializer: the values it fixes, or the distribution it draws from, and how seeds behave."""

import numpy as np

from . import configured
from .layer import copied

ATTRIBUTES = ("scale", "mode", "distribution", "mean", "stddev", "minval", "maxval", "gain", "value")


def perform(case, context):
    """Perform an initializer case.

    Steps: construct, attributes, config, forward (a value, or for a random one a distribution), for a random
    one drawing again and orthogonality, round trip, and the dear ones: names, layers.
    """
    maker, made = configured.construct(case, context)
    record, engine = context.record, context.engine
    shape = context.make.value(case["feed"]["inputs"])["shape"]
    call = context.make.value(case["feed"].get("call", {}))
    record.run("attributes", "config", lambda: settings(made))
    config = record.run("config", "config", lambda: made.get_config())
    random = "random" in context.observe
    drawn = record.run(
        "forward",
        "distribution" if random else "value",
        lambda: draw(made, shape, call, engine),
        sample if random else None,
    )
    if drawn is not None and random:
        record.run("drawing again", "structure", lambda: repeats(maker, config, drawn, shape, case, context))
        record.run("orthogonality", "structure", lambda: orthogonality(made, drawn))
    configured.round_trip(made, config, context)
    if "names" in context.observe:
        configured.written(made, "initializers", context)
        configured.by_name(case["subject"].rsplit(".", 1)[1], "initializers", context)
    if "layers" in context.observe:
        record.run("layers", "structure", lambda: shared(made, context))


def settings(made):
    """What an initializer says of itself; numbers as plain numbers."""
    found = configured.attributes(made, ATTRIBUTES)
    return {k: v.item() if hasattr(v, "item") and np.ndim(v) == 0 else v for k, v in found.items()}


def draw(made, shape, call, engine):
    """The array an initializer gives."""
    return engine.evaluate(lambda nothing: made(shape, **call), [])


def sample(drawn):
    """What is random as a sample, what is not as it is."""
    array = np.asarray(drawn)
    return [{"shape": list(array.shape), "dtype": array.dtype.name, "sample": array.ravel()}]


SMALL = 8
"""Size of an axis from which it is seen whether two draws are equal; Theano draws number by number."""


def repeats(maker, config, drawn, shape, case, context):
    """Which of several draws are equal: what a seed, or the lack of one, promises."""
    engine = context.engine
    call = context.make.value(case["feed"].get("call", {}))
    small = tuple(min(size, SMALL) for size in shape)
    parameters = context.make.parameters(case["parameters"])
    made = maker(**parameters)
    first = draw(made, small, call, engine)

    def same(initializer):
        return bool(np.array_equal(draw(initializer, small, call, engine), first))

    return {
        "the same object again": same(made),
        "another object from the same arguments": same(maker(**parameters)),
        "another object from the config": same(type(made).from_config(copied(config))),
        "another seed": same(maker(**dict(parameters, seed=4321))),
        "all alike": bool(drawn.size > 1 and np.all(drawn == drawn.ravel()[0])),
    }


def orthogonality(made, drawn):
    """Whether rows or columns are orthonormal up to the gain, within the rounding of a QR factorisation.

    The computed factor of an m by n matrix is within sqrt(n) * c * m * n * u of an exact one in the Frobenius
    norm (Higham, Accuracy and Stability of Numerical Algorithms, theorem 19.4; c a small constant, here 12, u
    the unit roundoff), and the product of two such factors within twice that.
    """
    if not hasattr(made, "gain") or drawn.ndim < 2:
        return None
    matrix = drawn.reshape(-1, drawn.shape[-1]).astype("float64")
    gram = matrix.T.dot(matrix) if matrix.shape[0] >= matrix.shape[1] else matrix.dot(matrix.T)
    rows, columns = max(matrix.shape), min(matrix.shape)
    unit = np.finfo(drawn.dtype).eps / 2.0
    bound = 2.0 * np.sqrt(columns) * 12.0 * rows * columns * unit
    gain = float(made.gain) ** 2
    return {"orthonormal": bool(np.linalg.norm(gram - gain * np.eye(columns)) <= bound * max(gain, 1e-30))}


def shared(made, context):
    """Two layers that share one initializer object, and one layer with two weights of one shape."""
    dense = context.symbol("layers.Dense")
    kernels = []
    for _ in range(2):
        layer = dense(4, kernel_initializer=made)
        layer.build((None, 3))
        kernels.append(context.engine.get_weights(layer)[0])
    return {"equal kernels": bool(np.array_equal(kernels[0], kernels[1])), "shape": list(kernels[0].shape)}


def subclass(case, context):
    """An initializer of the user's own: halves."""
    base = context.symbol("initializers.Initializer")

    class Halves(base):
        """One half everywhere."""

        def __call__(self, shape, dtype=None, **more):
            """An array."""
            return np.full(shape, 0.5, dtype=dtype or "float32")

        def get_config(self):
            """Nothing to keep."""
            return {}

    made = context.record.run("construct", "structure", Halves, False, needed=True)
    shape = context.make.value(case["feed"]["inputs"])["shape"]
    context.record.run("forward", "value", lambda: draw(made, shape, {}, context.engine))
    configured.round_trip(made, {}, context)
    context.record.run("base config", "config", lambda: base().get_config())
    context.record.run("base call", "value", lambda: draw(base(), shape, {}, context.engine))
    context.record.run("layers", "structure", lambda: shared(made, context))
