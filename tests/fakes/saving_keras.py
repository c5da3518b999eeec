"""A Keras that can do little but train a chain of Dense layers, save it and load it; numpy only.

SAVING_KERAS says how its reader misbehaves; without it, it gets back what it saved. forgets: the optimizer's
state. drifts: weights are off by 1e-3. rounds: it computes one unit in the last place too much. dismisses:
it raises at how a model is compiled. confuses: it raises at the configuration. shuts: it opens no file.
falls: its process dies. hangs: it never comes back. warns: it loads and warns. nameless: it has no
`load_model`.
"""

import ctypes
import json
import os
import time
import types
import warnings

import numpy as np

__version__ = "1.0"
BEHAVIOUR = os.environ.get("SAVING_KERAS", "")


class Weight:
    """A named array."""

    def __init__(self, name, value):
        self.name = name
        self.value = np.asarray(value, "float32")
        self.shape = self.value.shape
        self.path = name
        self.assign = None


class Node:
    """What a layer returns while a model is being put together."""

    def __init__(self, width, layers):
        self.width = width
        self.layers = layers


class InputLayer:
    """The beginning of a chain."""

    trainable, weights = True, ()

    def __init__(self, shape, name):
        self.shape, self.name = tuple(shape), name

    def get_config(self):
        return {"name": self.name, "shape": list(self.shape)}

    def get_weights(self):
        return []

    def set_weights(self, values):
        assert not values

    def __call__(self, x):
        return x


class Weighted:
    """Has weights, which can be read and given."""

    def get_weights(self):
        return [w.value for w in self.weights]

    def set_weights(self, values):
        for weight, value in zip(self.weights, values, strict=True):
            weight.value = np.asarray(value, "float32")


class Dense(Weighted):
    """y = activation(x @ kernel + bias)."""

    trainable = True

    def __init__(self, units, activation=None, name="dense"):
        self.units, self.activation, self.name = units, activation, name
        self.weights = []

    def get_config(self):
        return {"name": self.name, "units": self.units, "activation": self.activation}

    def __call__(self, x):
        if isinstance(x, Node):
            shapes = (("kernel", (x.width, self.units)), ("bias", (self.units,)))
            self.weights = [Weight(f"{self.name}/{n}", np.ones(s)) for n, s in shapes]
            return Node(self.units, [*x.layers, self])
        out = np.einsum("ij,jk->ik", x, self.weights[0].value) + self.weights[1].value
        return np.tanh(out) if self.activation == "tanh" else out


class Adam:
    """Not at all Adam: a sum of what it was told, which is state that matters."""

    def __init__(self, learning_rate=0.001):
        self.learning_rate = learning_rate
        self.variables = []

    def get_config(self):
        return {"learning_rate": self.learning_rate}

    def apply(self, model, size):
        if not self.variables:
            self.variables = [Weight(f"slot/{w.name}", np.zeros(w.shape)) for w in model.weights]
        for slot, weight in zip(self.variables, model.weights, strict=True):
            slot.value = slot.value + np.float32(size)
            weight.value = weight.value - np.float32(self.learning_rate) * slot.value


class Model(Weighted):
    """A chain of layers."""

    def __init__(self, inputs, outputs, name="m"):
        self.layers, self.outputs, self.name, self.optimizer = outputs.layers, [outputs], name, None

    @property
    def weights(self):
        return [w for layer in self.layers for w in layer.weights]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return np.nextafter(x, np.float32(np.inf)) if BEHAVIOUR == "rounds" else x

    def compile(self, optimizer, loss):
        self.optimizer, self.loss = optimizer, loss

    def train_on_batch(self, x, y):
        loss = np.float32(np.mean((self(x) - y) ** 2))
        self.optimizer.apply(self, loss)
        return loss

    def get_config(self):
        layers = [{"class_name": type(layer).__name__, "config": layer.get_config()} for layer in self.layers]
        return {"name": self.name, "layers": layers}

    @classmethod
    def from_config(cls, config):
        first, *rest = (layer["config"] for layer in config["layers"])
        node = make_input(first["shape"], first["name"])
        inputs = node
        for each in rest:
            node = Dense(each["units"], each["activation"], each["name"])(node)
        return cls(inputs, node, config["name"])

    def to_json(self):
        return json.dumps(self.get_config())

    def save(self, path):
        if "." not in path:
            raise ValueError(f"no folders: {path}")
        held = {"config": self.get_config(), "weights": [w.value.tolist() for w in self.weights]}
        if self.optimizer is not None:
            slots = [w.value.tolist() for w in self.optimizer.variables]
            held["compiled"] = {"loss": self.loss, "optimizer": self.optimizer.get_config(), "slots": slots}
        with open(path, "w") as file:
            json.dump(held, file)

    def save_weights(self, path):
        with open(path, "w") as file:
            json.dump([w.value.tolist() for w in self.weights], file)

    def load_weights(self, path):
        with open(path) as file:
            self.set_weights(json.load(file))


def make_input(shape, name="x"):
    return Node(shape[-1], [InputLayer(shape, name)])


def model_from_config(config):
    if BEHAVIOUR == "confuses":
        raise TypeError("unknown argument 'units'")
    return Model.from_config(config)


def compile_from_config(model, held):
    if BEHAVIOUR == "dismisses":
        raise ValueError("unknown optimizer")
    model.compile(Adam(**held["optimizer"]), held["loss"])
    if BEHAVIOUR != "forgets":
        model.optimizer.variables = [Weight("slot", v) for v in held["slots"]]


def load_model(path, custom_objects=None, compile=True):
    if BEHAVIOUR == "shuts":
        raise OSError(f"not a file of mine: {path}")
    if BEHAVIOUR == "falls":
        ctypes.string_at(1)
    if BEHAVIOUR == "hangs":
        time.sleep(1000)
    if BEHAVIOUR == "warns":
        warnings.warn("this file is old", stacklevel=2)
    with open(path) as file:
        held = json.load(file)
    model = model_from_config(held["config"])
    model.set_weights(held["weights"])
    if BEHAVIOUR == "drifts":
        model.set_weights([w + np.float32(1e-3) for w in model.get_weights()])
    if compile and "compiled" in held:
        compile_from_config(model, held["compiled"])
    return model


layers = types.SimpleNamespace(Input=make_input, Dense=Dense)
optimizers = types.SimpleNamespace(Adam=Adam)
models = types.SimpleNamespace(
    Model=Model, load_model=load_model, model_from_json=lambda text: model_from_config(json.loads(text))
)
if BEHAVIOUR == "nameless":
    del models.load_model
