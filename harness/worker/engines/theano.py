"""Theano: keras up to 2.3.1, through `K.function`."""

import traceback

import numpy as np

from . import graph


class Engine(graph.Engine):
    """As the graph engine, with Theano's own tensors."""

    name = "theano"
    backend = "theano"

    def prepare(self):
        """Nothing to start."""
        import theano

        self.theano = theano

    def settings(self):
        """For the record."""
        from .keras_state import recorded_environment

        return {"engine": self.name, "environment": recorded_environment()}

    def reset(self, seed, variant, draws=True):
        """Names, floatx, seeds."""
        self.programs.clear()
        self.theano.config.floatX = (
            "float64" if variant == "shadow" else "float32"
        )  # Keras does so when imported
        self.state.reset(seed, variant, draws)
        if hasattr(self.K, "reset_uids"):
            self.K.reset_uids()

    def dtype(self, name):
        """Theano names dtypes by strings."""
        return name

    def is_tensor(self, value):
        """Variables of Theano, shared ones included."""
        return isinstance(value, self.theano.Variable)

    def array(self, tensor):
        """The value of a variable."""
        return np.asarray(tensor.get_value() if hasattr(tensor, "get_value") else self.K.eval(tensor))

    def densify(self, gradient):
        """Gradients are dense."""
        return gradient

    def static_shape(self, tensor):
        """The shape Keras noted on the tensor."""
        shape = getattr(tensor, "_keras_shape", None)
        return None if shape is None else [None if d is None else int(d) for d in shape]

    def differentiate(self, total, wanted):
        """Theano's own gradient, with None where nothing flows; `K.gradients` refuses such a question."""
        return self.theano.gradient.grad(
            total, wanted, disconnected_inputs="ignore", return_disconnected="None"
        )

    def limit(self, error):
        """Without a C++ compiler Theano lacks some convolutions and the gradient of average pooling."""
        if self.theano.config.cxx:
            return None
        missing_convolution = type(error).__name__ == "LocalMetaOptimizerSkipAssertionError"
        if missing_convolution or (
            isinstance(error, NotImplementedError) and "theano" in innermost_file(error)
        ):
            return "Theano is run without a C++ compiler and has no other code for this operation"
        return None


def innermost_file(error):
    """The source file in which an exception was raised."""
    return traceback.extract_tb(error.__traceback__)[-1][0]
