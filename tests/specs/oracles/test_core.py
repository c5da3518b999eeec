"""Core layers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered, attribute
from harness.specs.oracles import core

GENERATOR = np.random.default_rng(13)


def call(oracle: Any, x: Any, weights: Any = (), call: Any = None, **parameters: Any) -> Any:
    """An oracle of a core layer."""
    return oracle(x, weights, parameters, training=False, call=call or {})


def test_dense() -> None:
    """activation(x · kernel + bias), over the last axis of any rank."""
    kernel, bias = np.array([[1.0, -1.0], [2.0, 0.5]]), np.array([0.5, -10.0])
    assert call(core.dense, [[1.0, 2.0]], [kernel, bias]).tolist() == [[5.5, -10.0]]
    assert call(core.dense, [[1.0, 2.0]], [kernel, bias], activation="relu").tolist() == [[5.5, 0.0]]
    assert call(core.dense, [[[1.0, 2.0]]], [kernel], use_bias=False).tolist() == [[[5.0, 0.0]]]
    assert call(core.dense, np.zeros((0, 2)), [kernel, bias]).shape == (0, 2)


@pytest.mark.parametrize(
    "parameters", [{"lora_rank": 2}, {"quantization_config": "int8"}, {"activation": "nope"}]
)
def test_weights_of_unknown_order_are_not_covered(parameters: Any) -> None:
    """What adds weights whose order is not documented is refused."""
    with pytest.raises(NotCovered):
        call(core.dense, [[1.0]], [np.ones((1, 1)), np.ones(1)], **parameters)


def test_dense_needs_a_batch() -> None:
    """A vector has no feature axis beside the batch."""
    with pytest.raises(NotCovered):
        call(core.dense, [1.0], [np.ones((1, 1)), np.ones(1)])


@pytest.mark.parametrize(
    ("equation", "x", "kernel", "bias"),
    [
        ("ab,bc->ac", (4, 5), (5, 3), (3,)),
        ("abc,cde->abde", (2, 4, 5), (5, 2, 3), (2, 3)),
        ("...x,xy->...y", (2, 4, 5), (5, 3), (3,)),
    ],
)
def test_einsum_dense_is_a_dense_on_more_axes(equation: str, x: Any, kernel: Any, bias: Any) -> None:
    """The equations tried contract the last axis, which a tensor product does too."""
    a, k, b = (GENERATOR.normal(size=s) for s in (x, kernel, bias))
    y = call(core.einsum_dense, a, [k, b], equation=equation, bias_axes="given")
    np.testing.assert_allclose(y, np.tensordot(a, k, 1) + b, atol=1e-13)
    y = call(core.einsum_dense, a, [k], equation=equation, activation="relu")
    np.testing.assert_allclose(y, np.maximum(np.tensordot(a, k, 1), 0), atol=1e-13)


@pytest.mark.parametrize("equation", ["ab,bc->ac", "nope", 3])
def test_what_is_no_equation_is_not_covered(equation: Any) -> None:
    """An equation that does not fit the shapes is refused."""
    with pytest.raises(NotCovered):
        call(core.einsum_dense, np.zeros((2, 3)), [np.zeros((4, 2))], equation=equation)


def test_embedding_looks_rows_up() -> None:
    """Every index becomes its row; indices outside the table are not documented."""
    table = np.arange(6.0).reshape(3, 2)
    assert call(core.embedding, np.array([[2, 0]]), [table]).tolist() == [[[4.0, 5.0], [0.0, 1.0]]]
    for index in (3, -1):
        with pytest.raises(NotCovered):
            call(core.embedding, np.array([[index]]), [table])


def test_reversible_embedding_projects_back() -> None:
    """In reverse the vectors meet every row, tied or with a weight of its own, softly capped on demand."""
    table, own = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]), np.ones((2, 3))
    reverse = {"reverse": True}
    x = np.array([[3.0, 4.0]])
    assert call(core.reversible_embedding, np.array([1]), [table]).tolist() == [[0.0, 2.0]]
    assert call(core.reversible_embedding, x, [table], reverse).tolist() == [[3.0, 8.0, 7.0]]
    untied = call(core.reversible_embedding, x, [table, own], reverse, tie_weights=False)
    assert untied.tolist() == [[7.0, 7.0, 7.0]]
    capped = call(core.reversible_embedding, x, [table], reverse, logit_soft_cap=2.0)
    np.testing.assert_allclose(capped, 2 * np.tanh([[1.5, 4.0, 3.5]]))


def test_identity_and_masking_leave_values_alone() -> None:
    """Identity returns any structure; Masking the inputs where masked steps are zeros anyway."""
    x = np.array([[[1.0], [0.0], [-1.0]]])
    inputs = {"a": x}
    assert call(core.unchanged, inputs) is inputs
    np.testing.assert_array_equal(call(core.masking, x), x)
    np.testing.assert_array_equal(call(core.masking, x, mask_value=5.0), x)
    for value in (-1.0, "0"):
        with pytest.raises(NotCovered):
            call(core.masking, x, mask_value=value)


def test_activation_and_lambda_apply_a_function() -> None:
    """Both apply what they are given; Lambda passes arguments on."""
    x = np.array([[-1.0, 2.0]])
    assert call(core.activation_layer, x, activation="relu").tolist() == [[0.0, 2.0]]
    assert call(core.function_layer, x, function={"$function": "double"}).tolist() == [[-2.0, 4.0]]
    y = call(core.function_layer, x, function=attribute("activations.elu"), arguments={"alpha": 2.0})
    np.testing.assert_allclose(y, [[2 * np.expm1(-1), 2.0]])
    with pytest.raises(NotCovered):
        call(core.function_layer, x, function={"$function": "double"}, arguments={"nope": 1})


def test_random_fourier_features() -> None:
    """cos(x · kernel / scale + bias), so that equal inputs have kernel value near 1."""
    kernel, bias = GENERATOR.normal(size=(3, 20_000)), GENERATOR.uniform(0, 2 * np.pi, 20_000)
    x = np.array([[0.3, -0.2, 0.5], [0.1, 0.4, 0.2]])
    y = call(core.random_fourier_features, x, [np.array([2.0]), kernel, bias])
    near = 2 / 20_000 * y @ y.T
    expected = np.exp(-np.sum((x[0] - x[1]) ** 2) / (2 * 2.0**2))
    deviation = 1 / np.sqrt(20_000)
    assert abs(near[0, 1] - expected) < 6 * deviation
    for bad in ([kernel, bias], [kernel, bias, np.array([2.0])]):
        with pytest.raises(NotCovered):
            call(core.random_fourier_features, x, bad)
    with pytest.raises(NotCovered):
        call(core.random_fourier_features, x[0], [np.array([2.0]), kernel, bias])
