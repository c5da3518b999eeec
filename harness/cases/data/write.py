"""Writes the files of one Keras that the scenarios of foreign files read with another.

Run with an environment's own interpreter: ``python write.py NAMESPACE OUT.json`` (Python 3.6 and later).
OUT holds every file as base64 of its gzipped bytes, by name, and what each model predicts for `feed`.
"""

import base64
import gzip
import importlib
import json
import os
import sys
import tempfile

import numpy as np


def load(dotted):
    """A namespace that may be an attribute rather than a module."""
    head, _, tail = dotted.partition(".")
    found = importlib.import_module(head)
    for name in tail.split(".") if tail else ():
        found = getattr(found, name)
    return found


def models(keras):
    """The models, by name; compiled ones last."""
    layers, Model = keras.layers, keras.models.Model

    def chain(shape, *stack):
        model = keras.models.Sequential()
        if keras.forgets_input_layers:
            stack[0].batch_input_shape = (None,) + tuple(shape)
        else:
            model.add(layers.InputLayer(shape, name="x"))
        for layer in stack:
            model.add(layer)
        return model

    yield "sequential", chain((3,), layers.Dense(2, activation="relu", name="a"), layers.Dense(1, name="b"))
    a, b = layers.Input((3,), name="a"), layers.Input((3,), name="b")
    shared = layers.Dense(2, name="shared")
    joined = layers.Concatenate(name="joined")([shared(a), shared(b)])
    yield "functional", Model([a, b], [layers.Dense(1, name="p")(joined), layers.Dense(2, name="q")(joined)])
    yield (
        "convolution",
        chain(
            (6, 6, 2),
            layers.DepthwiseConv2D(2, name="d"),
            layers.SeparableConv2D(2, 2, name="s"),
            layers.Conv2DTranspose(1, 2, strides=2, name="t"),
            layers.Flatten(name="f"),
        ),
    )
    yield (
        "recurrent",
        chain(
            (4, 3),
            layers.LSTM(2, return_sequences=True, name="l"),
            layers.GRU(2, return_sequences=True, name="g"),
            layers.Bidirectional(layers.LSTM(2), name="bi"),
        ),
    )
    yield (
        "normalization",
        chain(
            (3,),
            layers.BatchNormalization(name="n"),
            layers.Dropout(0.5, name="o"),
            layers.Activation("relu", name="r"),
        ),
    )
    inner = keras.models.Sequential([layers.InputLayer((3,), name="z")])
    inner.add(layers.Dense(2, name="i"))
    inner.add(layers.LeakyReLU(name="k"))
    x = layers.Input((3,), name="x")
    frozen = layers.Dense(2, trainable=False, name="frozen")(inner(x))
    yield "nested", Model(x, layers.Dense(1, name="o")(frozen))
    for name, loss, metrics in (
        ("compiled", "mean_squared_error", ["mean_absolute_error"]),
        ("compiled with short names", "mse", ["mae"]),
    ):
        model = chain((3,), layers.Dense(1, name="a"))
        model.compile(keras.optimizers.Adam(0.01), loss, metrics=metrics)
        model.train_on_batch(np.ones((2, 3)), np.ones((2, 1)))
        yield name, model


def give_weights(model):
    """Weights that depend on nothing but their shapes and order."""
    values = []
    for place, now in enumerate(model.get_weights()):
        values.append((np.cos(np.arange(now.size) + place).reshape(now.shape) * 0.5 + 0.6).astype("float32"))
    model.set_weights(values)


def feed(model):
    """One batch for a model."""
    shapes = [tuple(i.shape) for i in model.inputs]
    arrays = [
        np.sin(np.arange(2 * int(np.prod(s[1:])))).reshape((2,) + tuple(int(d) for d in s[1:]))
        for s in shapes
    ]
    arrays = [a.astype("float32") for a in arrays]
    return arrays if len(arrays) > 1 else arrays[0]


def packed(path):
    """A file as text."""
    with open(path, "rb") as source:
        return base64.b64encode(gzip.compress(source.read(), 9)).decode("ascii")


def written(keras, model, name):
    """Every format this Keras writes a model in: suffix → text."""
    out = {"json": model.to_json()}
    for suffix, save in (
        (".h5", model.save),
        (".keras", model.save),
        (".weights.h5", model.save_weights),
    ):
        path = "m" + suffix
        if suffix == ".keras" and not keras.zips:
            continue
        save(path)
        out[suffix[1:]] = packed(path)
    if name == "sequential" and keras.folders:
        model.save("folder", save_format="tf")
        model.save_weights("checkpoint/w")
        for kind in ("folder", "checkpoint"):
            for place, _, names in os.walk(kind):
                for each in names:
                    path = os.path.join(place, each)
                    out.setdefault(kind, {})[os.path.relpath(path, kind).replace(os.sep, "/")] = packed(path)
    return out


def main(namespace, target):
    """Write the file."""
    keras = load(namespace)
    version = getattr(keras, "__version__", "") or importlib.import_module("tf_keras").__version__
    keras.zips = hasattr(keras, "saving") or version.startswith("3")
    keras.folders = keras.zips and not version.startswith("3")
    keras.forgets_input_layers = version.startswith(("2.0", "2.1", "2.2", "2.3"))
    out = {"writer": namespace + " " + version, "models": {}}
    target = os.path.abspath(target)
    for name, model in models(keras):
        give_weights(model)
        os.chdir(tempfile.mkdtemp())
        said = model.predict(feed(model), verbose=0)
        said = [p.tolist() for p in said] if isinstance(said, list) else said.tolist()
        out["models"][name] = {"files": written(keras, model, name), "predictions": said}
    with open(target, "w") as sink:
        json.dump(out, sink, indent=0, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
