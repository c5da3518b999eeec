"""Keras 3 on its NumPy backend: tensors are numpy arrays, and there are no gradients."""

import numpy as np

from ..encoding import plain
from ..recorder import Unsupported
from .keras_state import KerasState, recorded_environment, shape_and_dtype
from .structure import leaves, transform


class Engine(object):
    """Arrays in, arrays out."""

    name = "numpy"
    backend = "numpy"
    passes_training = True

    def __init__(self, keras):
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
        """An array is a tensor."""
        return array

    def ragged(self, rows, dtype):
        """There are none."""
        raise Unsupported("ragged tensors do not exist on this backend")

    def dtype(self, name):
        """numpy's own."""
        return np.dtype(name)

    def is_tensor(self, value):
        """Arrays, and Keras variables that hold one."""
        return isinstance(value, np.ndarray) or (hasattr(value, "path") and hasattr(value, "assign"))

    def array(self, tensor):
        """A tensor's numbers."""
        return np.asarray(getattr(tensor, "value", tensor) if hasattr(tensor, "path") else tensor)

    def show(self, tensor, blob):
        """A tensor as plain data."""
        return plain(self.array(tensor), blob)

    def leaves(self, structure):
        """The arrays of a structure."""
        return leaves(structure)

    def native(self, leaf):
        """A leaf of a structure of arrays as the backend takes it."""
        return leaf

    def fetch(self, structure):
        """Whatever a call returned, with numpy arrays for tensors."""
        return transform(lambda leaf: self.array(leaf) if self.is_tensor(leaf) else leaf, structure)

    def evaluate(self, function, arrays, training=None, updates=None, key=None):
        """Call with arrays."""
        return self.fetch(function(arrays))

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
        """The backend has no automatic differentiation."""
        raise Unsupported("the NumPy backend has no gradients")

    def compiled(self, function, arrays):
        """The backend compiles nothing."""
        raise Unsupported("the NumPy backend compiles nothing")

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
