"""Theano: keras up to 2.3.1, through `K.function`."""

import importlib
import traceback

import numpy as np

from ..recorder import Unsupported
from . import graph


class Engine(graph.Engine):
    """As the graph engine, with Theano's own tensors."""

    name = "theano"
    backend = "theano"

    def prepare(self):
        """Nothing to start."""
        import theano

        self.theano = theano
        if not theano.config.cxx:
            from theano.sandbox import rng_mrg

            rng_mrg.MRG_RandomStreams.get_substream_rstates = streams

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
        forget_names(self.keras.__name__, self.backend)

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
        found = self.theano.gradient.grad(
            total, wanted, disconnected_inputs="ignore", return_disconnected="None"
        )
        if not self.theano.config.cxx and any(is_dilated_gradient(v) for v in self.below(found)):
            raise Unsupported(
                "Theano is run without a C++ compiler, and its own Python code for the gradient of a dilated "
                "convolution does not compute what its C code does"
            )
        return found

    def below(self, variables):
        """Everything that variables are computed from."""
        return self.theano.gof.graph.ancestors([v for v in variables if v is not None])

    def limit(self, error):
        """Without a C++ compiler Theano lacks some convolutions and the gradient of average pooling."""
        if self.theano.config.cxx:
            return None
        missing_convolution = isinstance(error, AssertionError) and "theano" in innermost_file(error)
        if missing_convolution or (
            isinstance(error, NotImplementedError) and "theano" in innermost_file(error)
        ):
            return "Theano is run without a C++ compiler and has no other code for this operation"
        return None


def streams(generator, count, dtype, inc_rstate=True):
    """The states of Theano's random streams, each the one before times a matrix: the very same whole numbers.

    Theano has compiled code take one step after the other, which without a compiler is half a second for 6000
    samples. Here the states there are give as many more at once, by the matrix of so many steps.
    """
    from theano.sandbox import rng_mrg

    found = np.zeros((count, 6), "int64")
    found[0] = generator.rstate
    for part, matrix, modulus in (
        (slice(0, 3), rng_mrg.A1p72, int(rng_mrg.M1)),
        (slice(3, 6), rng_mrg.A2p72, int(rng_mrg.M2)),
    ):
        known, step = 1, matrix.astype("int64")
        while known < count:
            more = found[: min(known, count - known), part]
            found[known : known + len(more), part] = product(more, step.T, modulus)
            known, step = 2 * known, product(step, step, modulus)
    if inc_rstate:
        generator.inc_rstate()
    return found.astype("int32")


def product(one, two, modulus):
    """The product of two matrices of whole numbers below 2**31, modulo one."""
    return (one[:, :, None] * two[None, :, :] % modulus).sum(axis=1) % modulus


def is_dilated_gradient(variable):
    """Whether a variable is the gradient of a convolution's kernel that is spread out."""
    op = getattr(variable.owner, "op", None)
    return type(op).__name__.endswith("_gradWeights") and any(d != 1 for d in op.filter_dilation)


def forget_names(keras, backend):
    """Number names anew, and leave the scopes that a call left open by raising: they name what comes later.

    Clearing a session does neither on these backends, and `reset_uids` came to them only with keras 2.3.
    """
    module = importlib.import_module("%s.backend.%s_backend" % (keras, backend))
    module._UID_PREFIXES.clear()
    del getattr(module, "NAME_SCOPE_STACK", [])[:]


def innermost_file(error):
    """The source file in which an exception was raised."""
    return traceback.extract_tb(error.__traceback__)[-1][0]
