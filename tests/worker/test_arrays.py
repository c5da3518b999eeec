"""What the engines of Keras 3 have in common beside TensorFlow's, and what each says it lacks."""

import types

import numpy as np
import pytest
from harness_worker.engines import numpy as on_numpy
from harness_worker.engines import openvino, stateless
from harness_worker.engines.arrays import ArrayEngine
from harness_worker.recorder import Unsupported


class Tensor(object):
    """A tensor of a made-up backend, which counts how often it is read."""

    reads = 0

    def __init__(self, array):
        self.held = array

    def read(self):
        Tensor.reads += 1
        return self.held


class Variable(object):
    """A Keras variable."""

    path = "layer/kernel"

    def __init__(self, value):
        self.value = value

    def assign(self, value):
        self.value = value


@pytest.fixture
def keras():
    """A Keras 3 on the made-up backend."""
    Tensor.reads = 0
    ops = types.SimpleNamespace(
        convert_to_tensor=Tensor,
        convert_to_numpy=lambda tensor: tensor.read(),
        is_tensor=lambda value: isinstance(value, Tensor),
    )
    return types.SimpleNamespace(__name__="no_such_keras", ops=ops)


def test_arrays_go_in_as_tensors_and_tensors_come_out_as_arrays(keras):
    """Strings and what is no array reach the layer as they are; variables are read through their value."""
    engine = ArrayEngine(keras)
    words = np.array(["a"], dtype=object)
    seen = []

    def layer(fed):
        seen.append(fed)
        return {"out": fed["x"], "kernel": Variable(fed["x"]), "note": "kept"}

    out = engine.evaluate(layer, {"x": np.ones(2), "words": words, "n": 3})
    assert isinstance(seen[0]["x"], Tensor)
    assert (seen[0]["words"] is words, seen[0]["n"]) == (True, 3)
    assert (out["out"].tolist(), out["kernel"].tolist(), out["note"]) == ([1.0, 1.0], [1.0, 1.0], "kept")


def test_openvino_makes_weights_without_running_a_graph(keras):
    """A call makes a graph; nothing is read where only the weights are wanted."""
    engine = openvino.Engine(keras)
    called = []
    engine.build(lambda fed: called.append(fed) or fed, np.ones(2))
    assert (len(called), Tensor.reads) == (1, 0)


@pytest.mark.parametrize("module", [on_numpy, openvino])
def test_what_a_backend_lacks_is_unsupported_with_its_reason(keras, module):
    """Gradients, compiling, ragged tensors: each says why it is not there."""
    engine = module.Engine(keras)
    for lacking in (
        lambda: engine.gradients(None, [], [], []),
        lambda: engine.compiled(None, []),
        lambda: engine.ragged([], "float32"),
    ):
        with pytest.raises(Unsupported, match="backend"):
            lacking()


@pytest.mark.parametrize(
    ("error", "limited"),
    [
        (NotImplementedError("`fit` is not supported with openvino backend"), True),
        (NotImplementedError("train_on_batch not implemented for NumPy backend."), True),
        (NotImplementedError("`rgb_to_hsv` is not supported with openvino backend"), False),
        (ValueError("`fit` is not supported with openvino backend"), False),
    ],
)
def test_only_the_refusal_to_train_is_a_limit(keras, error, limited):
    """An operation that is refused is what the implementation does; that it only infers is its nature."""
    engine = openvino.Engine(keras)
    assert (engine.limit(error) == "the OpenVINO backend trains no models") is limited
    assert ArrayEngine(keras).limit(error) is None


class Scope(object):
    """A stateless scope: variables have other values inside."""

    def __init__(self, state_mapping):
        self.mapping = state_mapping

    def __enter__(self):
        self.kept = [variable.value for variable, _ in self.mapping]
        for variable, value in self.mapping:
            variable.value = value

    def __exit__(self, *unused):
        for (variable, _), value in zip(self.mapping, self.kept):
            variable.value = value


class Slopes(ArrayEngine):
    """Differentiates functions of float64 arrays by central differences."""

    def native(self, leaf):
        return leaf

    def is_native(self, value):
        return isinstance(value, np.ndarray)

    def numbers(self, tensor):
        return tensor

    def is_floating(self, value):
        return isinstance(value, np.ndarray) and value.dtype.kind == "f"

    def zero(self):
        return 0.0

    def weighed(self, output, cotangent):
        return float(np.sum(output * cotangent))

    def grad(self, total, inputs, values):
        def slope(array):
            out = np.zeros_like(array)
            for place in range(array.size):
                sides = []
                for step in (0.5, -0.5):
                    array.flat[place] += step
                    sides.append(total(inputs, values))
                    array.flat[place] -= step
                out.flat[place] = sides[0] - sides[1]
            return out

        return [slope(a) for a in inputs], [slope(a) for a in values]


def test_gradients_of_a_function_are_by_its_floating_inputs_and_its_weights(keras):
    """Whole numbers are left out; a zero gradient is marked, for it may be that nothing flows there."""
    keras.StatelessScope = Scope
    kernel, unused = Variable(np.array([3.0, 4.0])), Variable(np.array([1.0]))
    arrays = {"a": np.array([1.0, 2.0]), "b": np.array([7, 8])}
    found = stateless.gradients(
        Slopes(keras),
        lambda fed: [fed["a"] * kernel.value, fed["b"]],
        arrays,
        [kernel, unused],
        [np.array([10.0, 100.0]), np.array([1.0, 1.0])],
    )
    assert [g.tolist() for g in found["inputs"]] == [[30.0, 400.0]]
    assert found["weights"][0].tolist() == [10.0, 200.0]
    assert found["weights"][1] == {"$zero_or_none": [1], "dtype": "float64"}
    assert kernel.value.tolist() == [3.0, 4.0]


def test_a_compiler_is_given_numbers_alone(keras):
    """Strings and plain values stay in the function; the list holds the tensors, in their order."""
    words = np.array(["a"], dtype=object)
    function, tensors = stateless.traced(
        Slopes(keras), lambda fed: fed, {"x": np.ones(2), "words": words, "n": 3}
    )
    assert [t.tolist() for t in tensors] == [[1.0, 1.0]]
    assert function(["traced"]) == {"x": "traced", "words": words, "n": 3}
