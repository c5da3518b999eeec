"""Wrappers in terms of what they wrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered, tagged
from harness.specs.oracles import recurrent, wrappers

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(2, 4, 3))
WEIGHTS = [RANDOM.normal(size=s) for s in ((3, 2), (2, 2), (2,))]
BACK = [RANDOM.normal(size=s) for s in ((3, 2), (2, 2), (2,))]
PLAIN = tagged("layers.SimpleRNN", units=2)
SEQUENCES = tagged("layers.SimpleRNN", units=2, return_sequences=True)


def run(
    oracle: Any, x: Any = X, weights: Any = (), *, training: bool = False, call: Any = None, **parameters: Any
) -> Any:
    """An oracle of a wrapper."""
    return oracle(x, weights, parameters, training=training, call=call or {})


def one_way(weights: Any, x: Any = X, **parameters: Any) -> Any:
    """The wrapped layer on its own."""
    return recurrent.simple_rnn_layer(x, weights, parameters, training=False, call={})


@pytest.mark.parametrize(
    ("mode", "merged"),
    [
        ("concat", lambda a, b: np.concatenate([a, b], axis=-1)),
        ("sum", np.add),
        ("mul", np.multiply),
        ("ave", lambda a, b: (a + b) / 2),
    ],
)
def test_both_directions_are_merged(mode: str, merged: Any) -> None:
    """The forward layer's result and the backward layer's, merged as asked for."""
    out = run(wrappers.bidirectional, weights=WEIGHTS + BACK, layer=PLAIN, merge_mode=mode)
    np.testing.assert_allclose(out, merged(one_way(WEIGHTS), one_way(BACK, X[:, ::-1])), rtol=1e-13)


def test_backward_sequence_is_turned_round() -> None:
    """Both sequences show the same time at the same place."""
    ahead, back = run(wrappers.bidirectional, weights=WEIGHTS + BACK, layer=SEQUENCES, merge_mode=None)
    np.testing.assert_array_equal(ahead, one_way(WEIGHTS, return_sequences=True))
    np.testing.assert_array_equal(back, one_way(BACK, X[:, ::-1], return_sequences=True)[:, ::-1])


def test_masked_steps_of_a_sequence_are_zero() -> None:
    """With return_sequences a masked time step is zero in both halves."""
    mask = np.array([[True, True, True, False], [True, False, True, False]])
    out = run(wrappers.bidirectional, weights=WEIGHTS + BACK, call={"mask": mask}, layer=SEQUENCES)
    assert np.all(out[~mask] == 0.0)
    assert np.all(out[mask] != 0.0)


def test_states_are_halved_and_returned_forward_first() -> None:
    """The first half of the initial state is the forward layer's, and so with the states returned."""
    layer = tagged("layers.SimpleRNN", units=2, return_state=True)
    start = [np.ones((2, 2)), np.zeros((2, 2))]
    out, ahead, back = run(
        wrappers.bidirectional, weights=WEIGHTS + BACK, call={"initial_state": start}, layer=layer
    )
    np.testing.assert_array_equal(out, np.concatenate([ahead, back], axis=-1))
    np.testing.assert_allclose(back, one_way(BACK, X[:, ::-1]), rtol=1e-13)
    assert not np.allclose(ahead, one_way(WEIGHTS))


def test_a_backward_layer_of_its_own_is_used() -> None:
    """backward_layer has its own parameters."""
    backward = tagged("layers.SimpleRNN", units=2, activation=None, go_backwards=True)
    _, back = run(
        wrappers.bidirectional, weights=WEIGHTS + BACK, layer=PLAIN, backward_layer=backward, merge_mode=None
    )
    np.testing.assert_allclose(back, one_way(BACK, X[:, ::-1], activation=None), rtol=1e-13)


@pytest.mark.parametrize("inner", [{"go_backwards": True}, {"time_major": True}, {"dropout": 0.5}])
def test_bidirectional_refuses_what_is_not_described(inner: Any) -> None:
    """Layers that go backwards themselves, time-major ones, dropout while training."""
    with pytest.raises(NotCovered):
        run(
            wrappers.bidirectional,
            weights=WEIGHTS + BACK,
            training=True,
            layer=tagged("layers.SimpleRNN", units=2, **inner),
        )


def test_dense_acts_on_every_step() -> None:
    """TimeDistributed(Dense) is the product along the last axis, at every step."""
    kernel, bias = RANDOM.normal(size=(3, 2)), RANDOM.normal(size=2)
    out = run(wrappers.time_distributed, weights=[kernel, bias], layer=tagged("layers.Dense", units=2))
    np.testing.assert_allclose(out, np.einsum("btf,fu->btu", X, kernel) + bias, rtol=1e-12)


def test_other_layers_act_on_every_step() -> None:
    """Flatten, Activation, Dropout at inference, a recurrent layer."""
    frames = RANDOM.normal(size=(2, 3, 4, 2))
    flat = run(wrappers.time_distributed, frames, layer=tagged("layers.Flatten"))
    np.testing.assert_array_equal(flat, frames.reshape(2, 3, 8))
    squashed = run(wrappers.time_distributed, layer=tagged("layers.Activation", activation="tanh"))
    np.testing.assert_allclose(squashed, np.tanh(X), rtol=1e-15)
    np.testing.assert_array_equal(run(wrappers.time_distributed, layer=tagged("layers.Dropout", rate=0.5)), X)
    deep = RANDOM.normal(size=(2, 3, 4, 3))
    inner = run(wrappers.time_distributed, deep, WEIGHTS, layer=PLAIN)
    np.testing.assert_array_equal(inner[:, 1], one_way(WEIGHTS, deep[:, 1]))


def test_time_distributed_refuses_what_is_not_described() -> None:
    """A layer without equations here, dropout while training, no step at all."""
    for layer in (tagged("layers.Conv2D", filters=1, kernel_size=1), tagged("layers.Dropout", rate=0.5)):
        with pytest.raises(NotCovered):
            run(wrappers.time_distributed, training=True, layer=layer)
    with pytest.raises(NotCovered):
        run(wrappers.time_distributed, X[:, :0], layer=PLAIN)


def test_a_pipeline_is_its_layers_in_order() -> None:
    """2·(x/2)+1 after a dropout of nothing."""
    layers = [
        tagged("layers.Dropout", rate=0.0),
        tagged("layers.Rescaling", scale=0.5),
        tagged("layers.Rescaling", scale=2.0, offset=1.0),
    ]
    np.testing.assert_allclose(run(wrappers.pipeline, training=True, layers=layers), X + 1.0, rtol=1e-14)
    with pytest.raises(NotCovered):
        run(wrappers.pipeline, layers=[PLAIN])


def test_boxes_are_cut_and_filled() -> None:
    """Fewer boxes than asked for are filled with -1, more are cut."""
    inputs = {
        "images": np.zeros((1, 2, 2, 3)),
        "bounding_boxes": {"boxes": np.arange(8.0).reshape(1, 2, 4), "labels": np.array([[5, 6]])},
    }
    filled = run(wrappers.max_num_bounding_boxes, inputs, max_number=3)["bounding_boxes"]
    np.testing.assert_array_equal(filled["labels"], [[5, 6, -1]])
    np.testing.assert_array_equal(filled["boxes"][0, 2], [-1] * 4)
    cut = run(wrappers.max_num_bounding_boxes, inputs, max_number=1)["bounding_boxes"]
    np.testing.assert_array_equal(cut["boxes"], [[[0, 1, 2, 3]]])
