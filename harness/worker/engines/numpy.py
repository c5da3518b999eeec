"""Keras 3 on its NumPy backend: tensors are numpy arrays, and there are no gradients."""

import numpy as np

from .arrays import ArrayEngine


class Engine(ArrayEngine):
    """Arrays in, arrays out."""

    name = "numpy"
    backend = "numpy"
    no_gradients = "the NumPy backend has no gradients"
    no_compiler = "the NumPy backend compiles nothing"
    no_training = "the NumPy backend trains no models"

    def tensor(self, array):
        """An array is a tensor."""
        return array

    def is_native(self, value):
        """Arrays."""
        return isinstance(value, np.ndarray)

    def numbers(self, tensor):
        """Its own."""
        return np.asarray(tensor)
