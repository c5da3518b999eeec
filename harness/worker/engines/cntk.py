"""CNTK 2.7: keras up to 2.3.1. `K.gradients` cannot be evaluated; CNTK's backward pass can."""

import numpy as np

from . import graph
from .structure import leaves
from .theano import forget_names


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

    def reset(self, seed, variant, draws=True):
        """Names, floatx, seeds."""
        self.programs.clear()
        self.state.reset(seed, variant, draws)
        forget_names(self.keras.__name__, self.backend)
        self.cntk.cntk_py.set_fixed_random_seed(seed + 1)

    def dtype(self, name):
        """CNTK takes numpy's types."""
        return np.dtype(name).type

    def is_tensor(self, value):
        """Variables, parameters, constants and functions."""
        cntk = self.cntk
        return isinstance(
            value, (cntk.Function, cntk.variables.Variable, cntk.variables.Parameter, cntk.variables.Constant)
        )

    def array(self, tensor):
        """The value of a parameter."""
        return np.asarray(self.K.get_value(tensor) if hasattr(tensor, "value") else self.K.eval(tensor))

    def densify(self, gradient):
        """Gradients are dense."""
        return gradient

    def placeholder(self, array):
        """As `Input` makes it, but gradients flow to it: CNTK asks for that beforehand, `Input` cannot."""
        if array.dtype.kind != "f" or not array.ndim:
            return graph.Engine.placeholder(self, array)
        made = self.cntk.input_variable(array.shape[1:], dtype=array.dtype.type, needs_gradient=True)
        made._keras_shape = array.shape
        made._uses_learning_phase = False
        made._cntk_placeholder = True
        return self.input(tensor=made)

    def gradients(self, function, arrays, weights, cotangents, training=None, key=None):
        """CNTK's own backward pass of sum(output * cotangent): the one Keras's training steps go through."""
        program = self.trace(function, arrays, None, key)
        feeds = dict(zip(program.tensors, program.values))
        total = self.weigh_fed(leaves(program.result), cotangents, feeds)
        for phase in self.phase(False)[0]:
            phase.value = np.asarray(0.0, "float32")
        floating = [t for t, v in zip(program.tensors, program.values) if v.dtype.kind == "f" and v.ndim]
        reached = set(total.arguments) | set(total.parameters)
        wanted = [v for v in floating + list(weights) if v in reached]
        at = {t: v if v.dtype.kind == "f" else v.astype("float32") for t, v in feeds.items() if t in reached}
        found = total.grad(at, wrt=wanted) if wanted else {}
        found = found if isinstance(found, dict) else {wanted[0]: found}
        return {
            "inputs": [np.asarray(found[t]) if t in found else None for t in floating],
            "weights": [np.asarray(found[w]) if w in found else None for w in weights],
        }

    def weigh_fed(self, outputs, cotangents, feeds):
        """sum(output * cotangent) of each sample; cotangents are fed: a constant has no batch axis."""
        total = None
        for output, cotangent in zip(outputs, cotangents):
            given = self.K.placeholder(shape=cotangent.shape, dtype=self.K.dtype(output))
            feeds[given] = cotangent.astype(self.K.dtype(output))
            part = self.cntk.reduce_sum(output * given)
            total = part if total is None else total + part
        return total
