"""Keras 3 on JAX."""

import numpy as np

from . import stateless
from .arrays import ArrayEngine


class Engine(ArrayEngine):
    """JAX arrays; gradients through `jax.grad` of the layer with its variables swapped in."""

    name = "jax"
    backend = "jax"

    def __init__(self, keras):
        import jax

        self.jax = jax
        ArrayEngine.__init__(self, keras)

    def converted(self, array):
        """numpy → array."""
        return self.jax.numpy.asarray(array)

    def dtype(self, name):
        """JAX takes numpy's dtypes."""
        return self.jax.numpy.dtype(name)

    def is_native(self, value):
        """Arrays."""
        return isinstance(value, self.jax.Array)

    def numbers(self, tensor):
        """array → numpy."""
        if hasattr(tensor, "dtype") and str(tensor.dtype).startswith("key<"):
            tensor = self.jax.random.key_data(tensor)
        if hasattr(tensor, "todense"):
            tensor = tensor.todense()
        return np.asarray(tensor)

    def gradients(self, function, arrays, weights, cotangents, training=None, key=None):
        """`jax.grad` of sum(output * cotangent)."""
        return stateless.gradients(self, function, arrays, weights, cotangents)

    def is_floating(self, value):
        """Whether a value is an array of floating-point numbers."""
        return hasattr(value, "dtype") and self.jax.numpy.issubdtype(value.dtype, self.jax.numpy.floating)

    def zero(self):
        """Where a sum begins."""
        return self.jax.numpy.zeros([], "float32")

    def weighed(self, output, cotangent):
        """sum(output * cotangent)."""
        jnp = self.jax.numpy
        return jnp.sum(output * jnp.asarray(cotangent, output.dtype)).astype("float32")

    def grad(self, total, inputs, values):
        """The gradients of a function of two lists."""
        return self.jax.grad(total, argnums=(0, 1), allow_int=True)(inputs, values)

    def compiled(self, function, arrays):
        """Through jax.jit."""
        of_tensors, tensors = stateless.traced(self, function, arrays)
        return self.fetch(self.jax.jit(of_tensors)(tensors))
