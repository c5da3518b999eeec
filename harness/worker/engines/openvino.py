"""Keras 3 on OpenVINO, which only infers: a call makes a graph, and reading its numbers runs it."""

from .arrays import ArrayEngine
from .structure import transform


class Engine(ArrayEngine):
    """Arrays in; what comes back is a node of a graph, which Keras compiles and runs when it is read."""

    name = "openvino"
    backend = "openvino"
    no_gradients = "the OpenVINO backend has no gradients"
    no_compiler = "whatever the OpenVINO backend computes is compiled already"
    no_training = "the OpenVINO backend trains no models"

    def build(self, function, arrays, updates=None, key=None):
        """Call once; a layer makes its weights then, and nothing is run."""
        function(transform(self.native, arrays))
