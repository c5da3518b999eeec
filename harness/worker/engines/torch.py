"""Keras 3 on PyTorch."""

import numpy as np

from ..encoding import plain
from ..recorder import Unsupported
from .keras_state import KerasState, recorded_environment, shape_and_dtype
from .structure import leaves, replace, transform


class Engine(object):
    """Torch tensors and autograd."""

    name = "torch"
    backend = "torch"
    passes_training = True

    def __init__(self, keras):
        import torch

        self.torch = torch
        self.keras = keras
        self.state = KerasState(keras)
        torch.set_num_threads(1)

    def settings(self):
        """For the record."""
        return {
            "engine": self.name,
            "intra_op_threads": self.torch.get_num_threads(),
            "environment": recorded_environment(),
        }

    def reset(self, seed, variant, draws=True):
        """A clean state for a case."""
        self.state.reset(seed, variant, draws)
        self.torch.manual_seed(seed)

    def draw_anew(self, seed, variant):
        """Nothing to do: every layer made draws further numbers."""

    def tensor(self, array):
        """numpy → tensor; strings stay as they are, for the backend has none."""
        return array if array.dtype == object else self.torch.from_numpy(np.array(array))

    def ragged(self, rows, dtype):
        """There are none."""
        raise Unsupported("ragged tensors do not exist on this backend")

    def dtype(self, name):
        """The backend's own dtype object."""
        return getattr(self.torch, name)

    def is_tensor(self, value):
        """Tensors, and Keras variables that hold one."""
        return isinstance(value, self.torch.Tensor) or (hasattr(value, "path") and hasattr(value, "assign"))

    def array(self, tensor):
        """tensor → numpy."""
        tensor = getattr(tensor, "value", tensor) if hasattr(tensor, "path") else tensor
        tensor = tensor.detach().cpu()
        if tensor.dtype == self.torch.bfloat16:
            tensor = tensor.float()
        if tensor.is_sparse:
            tensor = tensor.to_dense()
        return np.array(tensor.numpy())  # a copy: variables are changed in place

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
        with self.torch.no_grad():
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
        """autograd of sum(output * cotangent)."""
        torch = self.torch
        tensors = [self.native(leaf) for leaf in leaves(arrays)]
        watched = [
            t.requires_grad_(True)
            for t in tensors
            if isinstance(t, torch.Tensor) and t.dtype.is_floating_point
        ]
        outputs = leaves(function(replace(arrays, tensors)))
        total = torch.zeros([], dtype=torch.float64)
        for output, cotangent in zip(outputs, cotangents):
            if isinstance(output, torch.Tensor) and output.dtype.is_floating_point:
                total = total + (output * self.tensor(cotangent).to(output.dtype)).sum().to(torch.float64)
        variables = [w.value for w in weights]
        wanted = watched + variables
        if not wanted or not total.requires_grad:
            return {"inputs": [None] * len(watched), "weights": [None] * len(variables)}
        found = [
            None if g is None else self.array(g)
            for g in torch.autograd.grad(total, wanted, allow_unused=True)
        ]
        return {"inputs": found[: len(watched)], "weights": found[len(watched) :]}

    def compiled(self, function, arrays):
        """torch.compile needs a C++ compiler at run time and seconds per case."""
        raise Unsupported("torch.compile is not tried: it needs a C++ compiler where the target runs")

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
