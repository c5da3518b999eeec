"""CNTK 2.7: keras up to 2.3.1. It has no gradient function; a step of SGD shows the gradient of the weights."""

import numpy as np

from ..namespace import resolve
from ..recorder import Unsupported
from . import graph
from .structure import leaves


class Engine(graph.Engine):
    """As the graph engine, with CNTK's functions."""

    name = "cntk"
    backend = "cntk"

    def prepare(self):
        """Quiet, on the CPU."""
        import cntk

        self.cntk = cntk
        cntk.try_set_default_device(cntk.cpu())

    def settings(self):
        """For the record."""
        from .keras_state import recorded_environment

        return {"engine": self.name, "environment": recorded_environment()}

    def reset(self, seed, variant):
        """Names, floatx, seeds."""
        if variant == "shadow":
            raise Unsupported("CNTK 2.7 under Keras computes in float32")
        self.programs.clear()
        self.state.reset(seed, variant)
        if hasattr(self.K, "reset_uids"):
            self.K.reset_uids()
        self.cntk.cntk_py.set_fixed_random_seed(seed + 1)

    def dtype(self, name):
        """CNTK takes numpy's types."""
        return np.dtype(name).type

    def is_tensor(self, value):
        """Variables, parameters, constants and functions."""
        cntk = self.cntk
        return isinstance(value, (cntk.Function, cntk.variables.Variable, cntk.variables.Parameter, cntk.variables.Constant))

    def array(self, tensor):
        """The value of a parameter."""
        return np.asarray(self.K.get_value(tensor) if hasattr(tensor, "value") else self.K.eval(tensor))

    def densify(self, gradient):
        """Gradients are dense."""
        return gradient

    def gradients(self, function, arrays, weights, cotangents, training=None):
        """One SGD step of size 1 on sum(output * cotangent): what the weights lose is their gradient."""
        if len(cotangents) != 1:
            raise Unsupported("CNTK shows gradients of one output only, through a step of SGD")
        symbols, tensors, values = self.placeholders(arrays)
        output = leaves(function(symbols))[0]
        model = resolve(self.keras, "models.Model")(list(tensors), output)
        if not model.trainable_weights:
            raise Unsupported("CNTK has no gradient function for inputs")
        mean = self.K.mean
        batch = float(cotangents[0].shape[0])
        model.compile(
            optimizer=resolve(self.keras, "optimizers.SGD")(1.0),
            loss=lambda target, got: mean(target * got, axis=-1),
        )
        before = self.get_weights(model)
        per_sample = float(np.prod(cotangents[0].shape[1:]))
        model.train_on_batch(list(values), cotangents[0] * batch * per_sample / batch)
        after = self.get_weights(model)
        model.set_weights(before)
        trainable = [id(w) for w in model.trainable_weights]
        moved = [b - a for w, b, a in zip(model.weights, before, after) if id(w) in trainable]
        return {"inputs": ["unsupported"], "weights": [m * batch for m in moved]}
