"""Keras 3 on Paddle."""

import numpy as np

from .arrays import ArrayEngine
from .structure import leaves, replace


class Engine(ArrayEngine):
    """Paddle tensors; gradients through `paddle.grad`."""

    name = "paddle"
    backend = "paddle"
    no_compiler = "Keras compiles nothing on the Paddle backend"

    def __init__(self, keras):
        import paddle

        self.paddle = paddle
        ArrayEngine.__init__(self, keras)

    def reset(self, seed, variant, draws=True):
        """A clean state for a case."""
        ArrayEngine.reset(self, seed, variant, draws)
        self.paddle.seed(seed)

    def dtype(self, name):
        """The backend's own dtype object."""
        return getattr(self.paddle, name)

    def numbers(self, tensor):
        """tensor → numpy, as a copy: variables are changed in place."""
        return np.array(ArrayEngine.numbers(self, tensor))

    def gradients(self, function, arrays, weights, cotangents, training=None, key=None):
        """`paddle.grad` of sum(output * cotangent)."""
        paddle = self.paddle
        tensors = [self.native(leaf) for leaf in leaves(arrays)]
        watched = [t for t in tensors if self.is_floating(t)]
        for tensor in watched:
            tensor.stop_gradient = False
        outputs = leaves(function(replace(arrays, tensors)))
        total = paddle.zeros([], dtype="float64")
        for output, cotangent in zip(outputs, cotangents):
            if self.is_floating(output):
                weighed = output * self.tensor(cotangent).astype(output.dtype)
                total = total + weighed.sum().astype("float64")
        variables = [w.value for w in weights]
        wanted = watched + variables
        if not wanted or total.stop_gradient:
            return {"inputs": [None] * len(watched), "weights": [None] * len(variables)}
        found = [None if g is None else self.array(g) for g in paddle.grad(total, wanted, allow_unused=True)]
        return {"inputs": found[: len(watched)], "weights": found[len(watched) :]}

    def is_floating(self, value):
        """Whether a value is a tensor of floating-point numbers."""
        return isinstance(value, self.paddle.Tensor) and value.is_floating_point()
