"""Shapes and dtypes of the arrays that tests make."""

import pytest

from harness.upstream import arrays
from harness.upstream.values import Name, Tensor, Unknown

RAGGED = [[1, 2], [3]]


@pytest.mark.parametrize(
    ("dotted", "arguments", "keywords", "expected"),
    [
        ("numpy.array", [[1, 2]], {}, Tensor((2,), "int64")),
        ("numpy.array", [[[True], [False]]], {}, Tensor((2, 1), "bool")),
        ("numpy.array", [[1, 0.5]], {"dtype": Name("numpy.float16")}, Tensor((2,), "float16")),
        ("tensorflow.constant", [[1, 2]], {}, Tensor((2,), "int32")),
        ("tensorflow.constant", [["a"]], {}, Tensor((1,), "string")),
        ("tensorflow.constant", [[]], {}, Tensor((0,), "float32")),
        ("tensorflow.ragged.constant", [RAGGED], {}, Tensor((None, None), "int32", "ragged")),
        ("tensorflow.SparseTensor", [], {"dense_shape": [2, 3]}, Tensor((2, 3), None, "sparse")),
        ("tensorflow.sparse.from_dense", [[[1.0]]], {}, Tensor((1, 1), "float32", "sparse")),
        ("tensorflow.RaggedTensor.from_tensor", [[[1.0]]], {}, Tensor((1, 1), "float32", "ragged")),
        ("numpy.arange", [4], {}, Tensor((4,), "int64")),
        ("numpy.ones", [(2, 3)], {}, Tensor((2, 3), "float64")),
        ("keras.ops.zeros", [5], {"dtype": "int8"}, Tensor((5,), "int8")),
        ("numpy.random.rand", [2, 3], {}, Tensor((2, 3), "float64")),
        ("numpy.random.randint", [0, 5], {"size": (2,)}, Tensor((2,), "int64")),
        ("numpy.random.normal", [], {"size": (2,)}, Tensor((2,), "float64")),
        ("keras.random.uniform", [(2, 2)], {}, Tensor((2, 2), "float32")),
        ("numpy.eye", [3], {}, Tensor((None, None), "float64")),
        ("numpy.ones_like", [Tensor((1,), "int8")], {}, Tensor((1,), "int8")),
        ("numpy.array", [[Unknown()]], {}, Unknown()),
        ("os.path.join", ["a"], {}, Unknown()),
    ],
)
def test_an_array_is_known_by_the_call_that_makes_it(dotted, arguments, keywords, expected):
    """NumPy makes doubles and long integers of literals, TensorFlow and Keras single ones."""
    assert arrays.made_by(dotted, arguments, keywords) == expected


def test_methods_of_an_array_keep_what_they_keep():
    """A cast changes the dtype, a reshape the shape; what else is called gives what is not known."""
    start = Tensor((2, 3), "float64")
    assert arrays.method_of(start, "astype", ["float32"]) == Tensor((2, 3), "float32")
    assert arrays.method_of(start, "astype", []) == Tensor((2, 3), None)
    assert arrays.method_of(start, "reshape", [3, 2]) == Tensor((3, 2), "float64")
    assert arrays.method_of(start, "reshape", [(6,)]) == Tensor((6,), "float64")
    assert arrays.method_of(start, "numpy", []) == start
    assert arrays.method_of(start, "sum", []) == Unknown()


def test_an_input_stands_for_an_array_whose_batch_is_open():
    """Unless the size of the batch, or the whole shape, is given."""
    assert arrays.symbolic({"shape": (3,)}) == Tensor((None, 3), "float32", "symbolic")
    assert arrays.symbolic({"shape": (3,), "batch_size": 2, "sparse": True}) == Tensor(
        (2, 3), "float32", "sparse"
    )
    assert arrays.symbolic({"batch_shape": (1, 2), "ragged": True}).form == "ragged"
    assert arrays.symbolic({}).shape is None


def test_nested_lists_of_other_lengths_are_ragged():
    """Their depth is known, their lengths are not."""
    assert arrays.of_values(RAGGED) == Tensor((None, None), "int64", "ragged")
