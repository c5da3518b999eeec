"""Keras 3 on PyTorch."""

import numpy as np

from .arrays import ArrayEngine
from .structure import leaves, replace


class Engine(ArrayEngine):
    """Torch tensors and autograd."""

    name = "torch"
    backend = "torch"
    no_compiler = "torch.compile is not tried: it needs a C++ compiler where the target runs"

    def __init__(self, keras):
        import torch

        self.torch = torch
        ArrayEngine.__init__(self, keras)
        torch.set_num_threads(1)

    def settings(self):
        """For the record."""
        return dict(ArrayEngine.settings(self), intra_op_threads=self.torch.get_num_threads())

    def reset(self, seed, variant, draws=True):
        """A clean state for a case."""
        ArrayEngine.reset(self, seed, variant, draws)
        self.torch.manual_seed(seed)

    def converted(self, array):
        """numpy → tensor."""
        return self.torch.from_numpy(np.array(array))

    def dtype(self, name):
        """The backend's own dtype object."""
        return getattr(self.torch, name)

    def is_native(self, value):
        """Tensors."""
        return isinstance(value, self.torch.Tensor)

    def numbers(self, tensor):
        """tensor → numpy."""
        tensor = tensor.detach().cpu()
        if tensor.dtype == self.torch.bfloat16:
            tensor = tensor.float()
        if tensor.is_sparse:
            tensor = tensor.to_dense()
        return np.array(tensor.numpy())  # a copy: variables are changed in place

    def evaluate(self, function, arrays, training=None, updates=None, key=None):
        """Call with tensors; arrays come back."""
        with self.torch.no_grad():
            return ArrayEngine.evaluate(self, function, arrays, training, updates, key)

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
