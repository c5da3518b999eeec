"""Keras 3 on MLX."""

from . import stateless
from .arrays import ArrayEngine


class Engine(ArrayEngine):
    """MLX arrays, which are computed when they are read; gradients through `mlx.core.grad`."""

    name = "mlx"
    backend = "mlx"

    def __init__(self, keras):
        import mlx.core

        self.mx = mlx.core
        ArrayEngine.__init__(self, keras)

    def dtype(self, name):
        """The backend's own dtype object."""
        return getattr(self.mx, name)

    def gradients(self, function, arrays, weights, cotangents, training=None, key=None):
        """`mlx.core.grad` of sum(output * cotangent)."""
        return stateless.gradients(self, function, arrays, weights, cotangents)

    def is_floating(self, value):
        """Whether a value is an array of floating-point numbers."""
        return isinstance(value, self.mx.array) and self.mx.issubdtype(value.dtype, self.mx.floating)

    def zero(self):
        """Where a sum begins."""
        return self.mx.zeros([], self.mx.float32)

    def weighed(self, output, cotangent):
        """sum(output * cotangent)."""
        return self.mx.sum(output * self.mx.array(cotangent).astype(output.dtype)).astype(self.mx.float32)

    def grad(self, total, inputs, values):
        """The gradients of a function of two lists; MLX refuses to differentiate by nothing at all."""
        if not inputs and not values:
            return [], []
        return self.mx.grad(total, argnums=(0, 1))(inputs, values)

    def compiled(self, function, arrays):
        """Through mlx.core.compile, as Keras compiles its own steps there."""
        of_tensors, tensors = stateless.traced(self, function, arrays)
        return self.fetch(self.mx.compile(of_tensors)(tensors))
