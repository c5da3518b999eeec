"""What the engines of Keras 3 share whose layers are called on arrays and answer at once."""

import numpy as np

from ..encoding import plain
from ..recorder import Unsupported
from .keras_state import KerasState, recorded_environment, shape_and_dtype
from .structure import leaves, transform


class ArrayEngine(object):
    """A backend behind `keras.ops`; an engine says what its backend has beyond that, and what it lacks."""

    name = None
    backend = None
    passes_training = True
    no_gradients = None
    """Why there are none, where there are none."""
    no_compiler = None
    """Why calls cannot be compiled, where they cannot."""
    no_training = None
    """Why models cannot be trained, where the methods that would do it say so when they are called."""
    limit_ends = True
    """A case ends where training is refused: what follows would be held against a trained model."""

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
        """numpy → tensor; strings stay as they are, for the backend has none."""
        return array if array.dtype == object else self.converted(array)

    def converted(self, array):
        """An array of numbers as a tensor."""
        return self.keras.ops.convert_to_tensor(array)

    def ragged(self, rows, dtype):
        """There are none."""
        raise Unsupported("ragged tensors do not exist on this backend")

    def dtype(self, name):
        """numpy's own."""
        return np.dtype(name)

    def is_tensor(self, value):
        """Tensors, and Keras variables that hold one."""
        return is_variable(value) or self.is_native(value)

    def is_native(self, value):
        """Whether a value is a tensor of the backend."""
        return self.keras.ops.is_tensor(value)

    def array(self, tensor):
        """tensor → numpy."""
        return self.numbers(getattr(tensor, "value", tensor) if is_variable(tensor) else tensor)

    def numbers(self, tensor):
        """A tensor of the backend as numpy."""
        return np.asarray(self.keras.ops.convert_to_numpy(tensor))

    def show(self, tensor, blob):
        """A tensor as plain data."""
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
        """Call with tensors; arrays come back."""
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
        """None, unless an engine has them."""
        raise Unsupported(self.no_gradients)

    def compiled(self, function, arrays):
        """Nothing, unless an engine compiles."""
        raise Unsupported(self.no_compiler)

    def limit(self, error):
        """A backend that only infers refuses to train by name: an observation that cannot be made."""
        text = str(error)
        refused = isinstance(error, NotImplementedError) and "not" in text and "backend" in text
        if self.no_training and refused and text.lstrip("`").startswith(("fit", "train_on_batch")):
            return self.no_training
        return None

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


def is_variable(value):
    """Whether a value is a Keras variable."""
    return hasattr(value, "path") and hasattr(value, "assign")
