"""Input arrays from recipes: the same bits under every numpy from 1.11 to 2.x.

Only `numpy.random.RandomState` is used, whose streams are frozen. Floating-point values are drawn
in float64 and rounded to float32 (or to the recipe's own narrower dtype) first, so that the same
case in float64 (its shadow) is fed exactly the same numbers.
"""

import numpy as np

KINKS = (-3.0, -2.5, -1.0, -0.0, 0.0, 0.5, 1.0, 2.5, 3.0, 6.0, -6.0, 0.2, -0.2)


def is_recipe(value):
    """Whether plain data is the recipe of an array."""
    return isinstance(value, dict) and "$array" in value


def draw(values, shape, random, high):
    """Values of one kind in float64 (or bool); see `harness.specs.declaration.VALUES`."""
    count = int(np.prod(shape, dtype=np.int64)) if len(shape) else 1
    index = np.arange(count)
    if values == "normal":
        flat = random.standard_normal(count)
    elif values == "uniform":
        flat = random.random_sample(count)
    elif values == "positive":
        flat = 0.5 + random.random_sample(count)
    elif values == "offset":
        flat = 1e4 + index
    elif values == "large":
        flat = 100.0 * random.standard_normal(count)
    elif values == "tiny":
        flat = 1e-20 * random.standard_normal(count)
    elif values == "kinks":
        flat = np.array(KINKS)[index % len(KINKS)]
    elif values == "zeros":
        flat = np.zeros(count)
    elif values == "ones":
        flat = np.ones(count)
    elif values == "special":
        flat = random.standard_normal(count)
        for place, value in ((1, np.nan), (3, np.inf), (5, -np.inf)):
            if count:
                flat[(place * count // 7) % count] = value
    elif values == "integers":
        flat = random.randint(0, high, size=count).astype("float64")
    elif values == "signs":
        flat = random.randint(0, 2, size=count) * 2.0 - 1.0
    elif values == "bools":
        flat = random.randint(0, 2, size=count).astype(bool)
    else:
        return draw_structured(values, shape, random)
    return flat.reshape(shape)


def draw_structured(values, shape, random):
    """Kinds of values that depend on the axes."""
    if values == "padded":
        out = random.standard_normal(shape)
        keep = shape[1] - shape[1] // 3 if len(shape) > 1 else 0
        if len(shape) > 1:
            out[:, max(keep, 1) :] = 0.0
        return out
    if values == "one_hot":
        rows = int(np.prod(shape[:-1], dtype=np.int64))
        return np.eye(shape[-1])[random.randint(0, shape[-1], size=rows)].reshape(shape)
    if values == "probabilities":
        out = 0.05 + random.random_sample(shape)
        return out / out.sum(axis=-1, keepdims=True)
    if values == "lengths":
        lengths = 1 + (np.arange(int(np.prod(shape[:-1], dtype=np.int64))) * 2 + shape[-1] // 2) % shape[-1]
        return (np.arange(shape[-1])[None, :] < lengths[:, None]).reshape(shape)
    raise ValueError("no kind of values is called %r" % (values,))


def make(recipe, seed, variant=None, place=0):
    """The array of a recipe.

    seed: of the case; place: which array of the case this is (each has its own stream).
    variant: None, "shadow" (floating-point arrays widened to float64) or "jitter:K" (each
    floating-point value moved to a neighbour, up or down by a coin that K and place decide).
    """
    dtype = recipe.get("dtype", "float32")
    if "literal" in recipe:
        if dtype == "string":
            return np.array(recipe["literal"], dtype=object)
        array = np.array(recipe["literal"], dtype=dtype)
    else:
        random = np.random.RandomState((seed * 1000003 + place * 7919 + 12345) % (2**32))
        array = draw(recipe.get("values", "normal"), tuple(recipe["shape"]), random, recipe.get("high", 5))
        if array.dtype != bool:
            array = array * recipe.get("scale", 1.0) + recipe.get("shift", 0.0)
            if dtype == "float64":
                array = array.astype("float32")
        array = np.asarray(array).astype(dtype)
    return vary(array, variant, place)


def vary(array, variant, place):
    """An array as the shadow or a jitter of the case has it."""
    if variant is None or array.dtype.kind != "f":
        return array
    if variant == "shadow":
        return array.astype("float64")
    number = int(variant.split(":")[1])
    coin = np.random.RandomState((number * 104729 + place * 31 + 7) % (2**32)).randint(0, 2, size=array.shape)
    infinity = array.dtype.type(np.inf)
    moved = np.where(coin == 1, np.nextafter(array, infinity), np.nextafter(array, -infinity))
    return np.asarray(np.where(np.isfinite(array) & (array != 0), moved, array)).astype(array.dtype)


def weight(shape, dtype, name, place, seed, variant=None):
    """Values for one weight of a subject, by its place and shape.

    A variance is positive; everything else is uniform in [-1, 1) and, for kernels, divided by the square root
    of the fan-in, so that outputs stay of order one. Widened or moved as the inputs are.
    """
    random = np.random.RandomState((seed * 1000003 + place * 7919 + 777) % (2**32))
    values = random.uniform(-1.0, 1.0, size=shape)
    if "variance" in name:
        values = np.abs(values) + 0.5
    elif len(shape) >= 2:
        values = values / np.sqrt(max(1.0, float(np.prod(shape[:-1])))) * 1.5
    kind = np.dtype("float32") if dtype in ("float64", "bfloat16") else np.dtype(dtype)
    if kind.kind in "iu":
        return np.zeros(shape, dtype=dtype)
    if kind.kind == "b":
        return np.zeros(shape, dtype=bool)
    if dtype == "bfloat16":
        return vary(values.astype("float32"), variant, place + 100)
    return vary(values.astype(kind), variant, place + 100)
