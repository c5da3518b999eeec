"""Keras 3 on JAX."""

import numpy as np

from ..encoding import plain
from ..recorder import Unsupported
from .keras_state import KerasState, recorded_environment, shape_and_dtype
from .structure import leaves, replace, transform


class Engine(object):
    """JAX arrays; gradients through `jax.vjp` of the layer with its variables swapped in."""

    name = "jax"
    backend = "jax"
    passes_training = True

    def __init__(self, keras):
        import jax

        self.jax = jax
        self.keras = keras
        self.state = KerasState(keras)

    def settings(self):
        """For the record."""
        return {"engine": self.name, "environment": recorded_environment()}

    def reset(self, seed, variant, draws=True):
        """A clean state for a case."""
        self.state.reset(seed, variant, draws)

    def draw_anew(self, seed, variant):
        """Nothing to do: every layer made draws further numbers."""

    def tensor(self, array):
        """numpy → array; strings stay as they are, for the backend has none."""
        return array if array.dtype == object else self.jax.numpy.asarray(array)

    def ragged(self, rows, dtype):
        """There are none."""
        raise Unsupported("ragged tensors do not exist on this backend")

    def dtype(self, name):
        """JAX takes numpy's dtypes."""
        return self.jax.numpy.dtype(name)

    def is_tensor(self, value):
        """Arrays, and Keras variables that hold one."""
        return isinstance(value, self.jax.Array) or (hasattr(value, "path") and hasattr(value, "assign"))

    def array(self, tensor):
        """array → numpy."""
        tensor = getattr(tensor, "value", tensor) if hasattr(tensor, "path") else tensor
        if hasattr(tensor, "dtype") and str(tensor.dtype).startswith("key<"):
            tensor = self.jax.random.key_data(tensor)
        if hasattr(tensor, "todense"):
            tensor = tensor.todense()
        return np.asarray(tensor)

    def show(self, tensor, blob):
        """An array as plain data."""
        return plain(self.array(tensor), blob)

    def leaves(self, structure):
        """The arrays of a structure."""
        return leaves(structure)

    def native(self, leaf):
        """A leaf of a structure of arrays as the backend takes it."""
        return self.tensor(leaf) if isinstance(leaf, np.ndarray) else leaf

    def fetch(self, structure):
        """Whatever a call returned, with numpy arrays for tensors."""
        return transform(lambda leaf: self.array(leaf) if self.is_tensor(leaf) else leaf, structure)

    def evaluate(self, function, arrays, training=None, updates=None, key=None):
        """Call with arrays; numpy comes back."""
        return self.fetch(function(transform(self.native, arrays)))

    def build(self, function, arrays, updates=None, key=None):
        """Call once; a layer makes its weights then."""
        self.evaluate(function, arrays)

    def evaluate_model(self, model, arrays):
        """Call a model directly."""
        return self.evaluate(model, arrays)

    def losses(self, layer, run):
        """The penalties the last call left behind."""
        return [self.array(loss) for loss in layer.losses]

    def gradients(self, function, arrays, weights, cotangents, training=None, key=None):
        """`jax.vjp` of sum(output * cotangent) with the weights as arguments, in Keras's stateless scope."""
        jax, jnp = self.jax, self.jax.numpy
        scope = self.keras.StatelessScope
        flat = [self.native(leaf) for leaf in leaves(arrays)]
        places = [
            i
            for i, t in enumerate(flat)
            if isinstance(t, jax.Array) and jnp.issubdtype(t.dtype, jnp.floating)
        ]

        def total(inputs, values):
            filled = list(flat)
            for place, value in zip(places, inputs):
                filled[place] = value
            with scope(state_mapping=list(zip(weights, values))):
                outputs = leaves(function(replace(arrays, filled)))
            out = jnp.zeros([], "float32")
            for output, cotangent in zip(outputs, cotangents):
                if hasattr(output, "dtype") and jnp.issubdtype(output.dtype, jnp.floating):
                    out = out + jnp.sum(output * jnp.asarray(cotangent, output.dtype)).astype(out.dtype)
            return out

        found = jax.grad(total, argnums=(0, 1), allow_int=True)(
            [flat[i] for i in places], [w.value for w in weights]
        )
        return {"inputs": [zero_or_none(g) for g in found[0]], "weights": [zero_or_none(g) for g in found[1]]}

    def compiled(self, function, arrays):
        """Through jax.jit; only arrays are traced."""
        flat = leaves(arrays)
        places = [i for i, leaf in enumerate(flat) if isinstance(leaf, np.ndarray) and leaf.dtype != object]

        def traced(values):
            filled = list(flat)
            for place, value in zip(places, values):
                filled[place] = value
            return function(replace(arrays, filled))

        return self.fetch(self.jax.jit(traced)([self.native(flat[i]) for i in places]))

    def set_weights(self, layer, arrays):
        """Give a layer or model these weights."""
        layer.set_weights(arrays)

    def shape_and_dtype(self, weight):
        """Shape and dtype of a weight."""
        return shape_and_dtype(weight)

    def get_weights(self, layer):
        """Its weights as arrays."""
        return [np.asarray(w) for w in layer.get_weights()]

    def updates(self, layer):
        """Layers update themselves."""
        return None


def zero_or_none(gradient):
    """A gradient; one that is all zeros is marked, for JAX does not tell whether anything flows at all."""
    found = np.asarray(gradient)
    if found.dtype.kind == "f" and found.size and not found.any():
        return {"$zero_or_none": list(found.shape), "dtype": found.dtype.name}
    return found
