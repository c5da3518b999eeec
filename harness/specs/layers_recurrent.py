"""Recurrent layers and their cells.

https://keras.io/api/layers/recurrent_layers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec, tagged
from harness.specs.layer_keywords import alone, keywords, one_sided
from harness.specs.oracles import conv_lstm, recurrent

SOURCE = "https://keras.io/api/layers/recurrent_layers/"

UNITS = Parameter("units", (4, 1), invalid=(0, -1, "2", 2.0, None))
ACTIVATION = Parameter("activation", (OMIT, "relu", None), invalid=("nope", 3))
RECURRENT_ACTIVATION = Parameter(
    "recurrent_activation", (OMIT, "hard_sigmoid", "linear", None), invalid=("nope", 3)
)
USE_BIAS = Parameter("use_bias", (OMIT, False))
INITIALIZERS = (
    Parameter("kernel_initializer", (OMIT, "zeros", tagged("initializers.Ones")), invalid=("nope",)),
    Parameter("recurrent_initializer", (OMIT, "zeros", "identity"), invalid=("nope",)),
    Parameter("bias_initializer", (OMIT, "ones"), invalid=("nope",)),
)
REGULARIZERS = (
    Parameter("kernel_regularizer", (OMIT, "l2", tagged("regularizers.L1", l1=0.25)), invalid=("nope",)),
    Parameter("recurrent_regularizer", (OMIT, "l1"), invalid=("nope",)),
    Parameter("bias_regularizer", (OMIT, "l2"), invalid=("nope",)),
)
ACTIVITY_REGULARIZER = Parameter("activity_regularizer", (OMIT, "l2"), invalid=("nope",))
CONSTRAINTS = (
    Parameter("kernel_constraint", (OMIT, "non_neg"), invalid=("nope",)),
    Parameter(
        "recurrent_constraint", (OMIT, tagged("constraints.MaxNorm", max_value=0.5)), invalid=("nope",)
    ),
    Parameter("bias_constraint", (OMIT, "unit_norm"), invalid=("nope",)),
)
DROPOUT = (
    Parameter("dropout", (OMIT, 0.0), invalid=(-0.5, 1.5, "0.1", None)),
    Parameter("recurrent_dropout", (OMIT, 0), invalid=(-0.5, 1.5, "0.1", None)),
)
SEED = one_sided("seed", "Keras 3")
FORGET_BIAS = Parameter("unit_forget_bias", (OMIT, False))
RESET_AFTER = Parameter("reset_after", (OMIT, False))
USE_CUDNN = one_sided("use_cudnn", "Keras 3")
RETURNED = (
    Parameter("return_sequences", (OMIT, True)),
    Parameter("return_state", (OMIT, True)),
    Parameter("go_backwards", (OMIT, True)),
)
PASS = (*RETURNED, Parameter("stateful", (OMIT, False)), Parameter("unroll", (OMIT, True)))
TIME_MAJOR = one_sided("time_major", "Keras 2")

RAGGED = {"$ragged": [[[1.0, 2.0, 3.0], [0.5, -1.0, 0.25]], [[-0.5, 1.5, 0.0]]], "dtype": "float32"}


def _sequences(states: int, *, units: int = 4) -> tuple[Feed, ...]:
    """Feeds of a layer over time with so many states of `units` each."""
    initial = [Array((2, units), scale=0.5) for _ in range(states)]
    first_size: dict[str, Any] = {"when": lambda p: p.get("units", units) == units}
    return (
        Feed("sequence", Array((2, 5, 3))),
        Feed("mask", Array((2, 5, 3)), call={"mask": Array((2, 5), dtype="bool", values="lengths")}),
        Feed("initial state", Array((2, 5, 3)), call={"initial_state": initial}, **first_size),
        Feed("mask with gaps", Array((2, 5, 3)), call={"mask": _gaps()}, pairwise=False),
        Feed("all masked", Array((2, 5, 3)), call={"mask": _never()}, pairwise=False),
        Feed("after Masking", Array((2, 6, 3), values="padded"), call={"$masking": True}, pairwise=False),
        Feed("one step", Array((2, 1, 3)), pairwise=False),
        Feed("one of all", Array((1, 1, 1)), pairwise=False),
        Feed("batch of none", Array((0, 5, 3)), pairwise=False),
        Feed("no step", Array((2, 0, 3)), pairwise=False),
        Feed("double", Array((2, 5, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((2, 5, 3), dtype="float16"), pairwise=False),
        Feed("whole numbers", Array((2, 5, 3), dtype="int32", values="integers"), pairwise=False),
        Feed("large", Array((2, 5, 3), values="large"), pairwise=False),
        Feed("special", Array((2, 5, 3), values="special"), pairwise=False),
        Feed("ragged", RAGGED, pairwise=False),
        Feed("wrong rank", Array((2, 3)), pairwise=False),
        Feed("mask of wrong length", Array((2, 5, 3)), call={"mask": _ones(2, 4)}, pairwise=False),
        Feed(
            "too many states", Array((2, 5, 3)), call={"initial_state": [*initial, *initial]}, pairwise=False
        ),
    )


def _ones(*shape: int) -> Array:
    return Array(dtype="bool", literal=[[True] * shape[1]] * shape[0])


def _never() -> Array:
    return Array(dtype="bool", literal=[[False] * 5] * 2)


def _gaps() -> Array:
    """A mask that is neither a prefix nor the same in both rows; the first step is masked once."""
    return Array(dtype="bool", literal=[[True, False, True, True, False], [False, True, True, False, True]])


def _layer_extras(**required: Any) -> tuple[Mapping[str, Any], ...]:
    """Legacy arguments, statefulness and dropout: one at a time."""
    single: tuple[dict[str, Any], ...] = (
        {"stateful": True},
        {"implementation": 1},
        {"implementation": 2},
        {"time_major": True},
        {"zero_output_for_mask": True},
        {"batch_shape": (2, 5, 3)},
        {"batch_input_shape": (2, 5, 3), "stateful": True},
        {"input_dim": 3, "input_length": 5},
        {"inner_activation": "sigmoid"},
        {"dropout": 0.5},
        {"seed": 1},
        {"seed": "1"},
        {"use_cudnn": False},
        {"recurrent_dropout": 0.5},
        {"dropout_W": 0.5},
    )
    return (*keywords((5, 3), **required), *({**required, **one} for one in single))


def _layer(subject: str, own: tuple[Parameter, ...], states: int, oracle: Oracle) -> Spec:
    twice = Feed("two calls in a row", Array((2, 5, 3)), call={"$twice": True}, pairwise=False)
    return Spec(
        subject=subject,
        family="layers",
        script="layer",
        parameters=(
            UNITS,
            ACTIVATION,
            *own,
            USE_BIAS,
            *INITIALIZERS,
            *REGULARIZERS,
            ACTIVITY_REGULARIZER,
            *CONSTRAINTS,
            *DROPOUT,
            SEED,
            *PASS,
            TIME_MAJOR,
        ),
        feeds=(*_sequences(states), twice),
        extra=_layer_extras(units=4),
        oracle=oracle,
        source=SOURCE,
    )


def _cell_feeds(states: int) -> tuple[Feed, ...]:
    def feed(name: str, batch: int, features: int, dtype: str = "float32", values: str = "normal") -> Feed:
        given = [Array((batch, 4), dtype=dtype, scale=0.5) for _ in range(states)]
        x = Array((batch, features), dtype=dtype, values=values)
        return Feed(name, {"$arguments": [x, given]}, when=_four, pairwise=name == "step")

    narrow = [Array((2, 1), scale=0.5) for _ in range(states)]
    return (
        feed("step", 2, 3),
        Feed("narrow", {"$arguments": [Array((2, 3)), narrow]}, when=lambda p: p.get("units") == 1),
        feed("one of all", 1, 1),
        feed("batch of none", 0, 3),
        feed("double", 2, 3, dtype="float64"),
        feed("half", 2, 3, dtype="float16"),
        feed("large", 2, 3, values="large"),
        feed("special", 2, 3, values="special"),
        Feed("state not in a list", {"$arguments": [Array((2, 3)), Array((2, 4))]}, pairwise=False),
        Feed("no state", {"$arguments": [Array((2, 3)), []]}, pairwise=False),
    )


def _four(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("units") == 4


def _cell(subject: str, own: tuple[Parameter, ...], states: int, oracle: Oracle) -> Spec:
    parameters = (
        UNITS,
        ACTIVATION,
        *own,
        USE_BIAS,
        *INITIALIZERS,
        *REGULARIZERS,
        *CONSTRAINTS,
        *DROPOUT,
        SEED,
    )
    return Spec(
        subject=subject,
        family="layers",
        script="layer",
        parameters=parameters,
        feeds=_cell_feeds(states),
        extra=(
            *keywords(units=4),
            *alone("seed", 1, "1", units=4),
            {"units": 4, "implementation": 2},
            {"units": 4, "dropout": 0.5},
        ),
        oracle=oracle,
        source=SOURCE,
    )


CELLS = (
    tagged("layers.SimpleRNNCell", units=4),
    tagged("layers.LSTMCell", units=4),
    tagged("layers.GRUCell", units=4),
    [tagged("layers.LSTMCell", units=3), tagged("layers.LSTMCell", units=4)],
    [tagged("layers.GRUCell", units=3), tagged("layers.SimpleRNNCell", units=4)],
    tagged(
        "layers.StackedRNNCells", cells=[tagged("layers.GRUCell", units=2), tagged("layers.GRUCell", units=4)]
    ),
    tagged("layers.GRUCell", units=4, reset_after=False, recurrent_activation="hard_sigmoid"),
)


def _one_state(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("cell") in (CELLS[0], CELLS[2], CELLS[6])


RNN = Spec(
    subject="layers.RNN",
    family="layers",
    script="layer",
    parameters=(
        Parameter("cell", CELLS, invalid=(None, 4, "LSTMCell", tagged("layers.Dense", units=4), [])),
        *PASS,
        Parameter("zero_output_for_mask", (OMIT, True)),
        TIME_MAJOR,
        ACTIVITY_REGULARIZER,
    ),
    feeds=(
        *(f for f in _sequences(1) if f.name != "initial state"),
        Feed(
            "initial state",
            Array((2, 5, 3)),
            call={"initial_state": [Array((2, 4), scale=0.5)]},
            when=_one_state,
        ),
        Feed("two calls in a row", Array((2, 5, 3)), call={"$twice": True}, pairwise=False),
    ),
    extra=(
        *keywords((5, 3), cell=CELLS[0]),
        {"cell": CELLS[1], "stateful": True},
        {"cell": CELLS[0], "time_major": True},
        {"cell": tagged("layers.LSTMCell", units=4, dropout=0.5)},
        {"cell": CELLS[0], "input_dim": 3, "input_length": 5},
    ),
    oracle=recurrent.rnn_layer,
    source=SOURCE,
)

STACKED = Spec(
    subject="layers.StackedRNNCells",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "cells",
            (
                [tagged("layers.GRUCell", units=3), tagged("layers.SimpleRNNCell", units=4)],
                [tagged("layers.GRUCell", units=3, reset_after=False), tagged("layers.GRUCell", units=4)],
            ),
            invalid=(None, [], 4, [4], [tagged("layers.Dense", units=4)], tagged("layers.GRUCell", units=3)),
        ),
    ),
    feeds=(
        Feed("step", {"$arguments": [Array((2, 3)), [Array((2, 3)), Array((2, 4))]]}),
        Feed(
            "batch of none", {"$arguments": [Array((0, 3)), [Array((0, 3)), Array((0, 4))]]}, pairwise=False
        ),
        Feed("large", {"$arguments": [Array((2, 3), values="large"), [Array((2, 3)), Array((2, 4))]]}),
    ),
    extra=(
        *keywords(cells=[tagged("layers.GRUCell", units=3), tagged("layers.SimpleRNNCell", units=4)]),
        {
            "cells": [tagged("layers.GRUCell", units=3), tagged("layers.SimpleRNNCell", units=4)],
            "reverse_state_order": True,
        },
    ),
    oracle=recurrent.stacked_cells,
    source=SOURCE,
)


def _not_both_strided_and_dilated(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("strides", 1) in (1, (1, 1)) or parameters.get("dilation_rate", 1) in (1, (1, 1))


PLAIN_WINDOW: Mapping[str, Any] = {"filters": 2, "kernel_size": 2}
"""The plainest parameters of a ConvLSTM."""


def _conv_lstm(rank: int) -> Spec:
    space, wide = {1: (6,), 2: (6, 5), 3: (4, 3, 3)}[rank], (2,) * rank
    frames = 1 if rank == 3 else 3  # Keras 3 compiles each channels-first convolution, at every frame
    last, first = (2, 3, *space, 2), (2, frames, 2, *space)

    def channels_last(parameters: Mapping[str, Any]) -> bool:
        return parameters.get("data_format") != "channels_first"

    def fits_first(parameters: Mapping[str, Any]) -> bool:
        return not channels_last(parameters)

    def legitimate(parameters: Mapping[str, Any]) -> bool:
        if rank == 3 and fits_first(parameters):  # by itself only: a pair of it costs ten seconds
            return PLAIN_WINDOW.items() >= {k: v for k, v in parameters.items() if k != "data_format"}.items()
        return _not_both_strided_and_dilated(parameters)

    padded = Array(last, values="padded")
    return Spec(
        subject=f"layers.ConvLSTM{rank}D",
        family="layers",
        script="layer",
        parameters=(
            Parameter("filters", (2, 1), invalid=(0, -1, "2", 2.0, None)),
            Parameter("kernel_size", (2, (3,) * rank, 1), invalid=(0, -1, "2", (2,) * (rank + 1), None)),
            Parameter("strides", (OMIT, 2, (1,) * rank), invalid=(0, -1, "2", (2,) * (rank + 1))),
            Parameter("padding", (OMIT, "same", "SAME"), invalid=("causal", "nope", 1)),
            Parameter("data_format", (OMIT, "channels_last", "channels_first", None), invalid=("nope",)),
            Parameter("dilation_rate", (OMIT, 2, (1,) * rank), invalid=(0, "2", (2,) * (rank + 1))),
            ACTIVATION,
            Parameter("recurrent_activation", (OMIT, "sigmoid", "hard_sigmoid", None), invalid=("nope", 3)),
            USE_BIAS,
            *INITIALIZERS[:1],
            Parameter("recurrent_initializer", (OMIT, "zeros"), invalid=("nope",)),
            *INITIALIZERS[2:],
            FORGET_BIAS,
            *REGULARIZERS,
            ACTIVITY_REGULARIZER,
            *CONSTRAINTS,
            *DROPOUT,
            SEED,
            *RETURNED,
            Parameter("stateful", (OMIT, False)),
        ),
        feeds=(
            Feed("frames", Array(last), when=channels_last),
            Feed("channels first", Array(first), when=fits_first),
            Feed(
                "mask",
                Array(last),
                call={"mask": Array((2, 3), dtype="bool", values="lengths")},
                when=channels_last,
            ),
            Feed("after Masking", padded, call={"$masking": True}, pairwise=False),
            Feed("one frame", Array((2, 1, *space, 2)), pairwise=False),
            Feed("smallest", Array((1, 1, *wide, 1)), pairwise=False),
            Feed("smaller than the window", Array((1, 2, *((1,) * rank), 1)), pairwise=False),
            Feed("batch of none", Array((0, 3, *space, 2)), pairwise=False),
            Feed("double", Array(last, dtype="float64"), pairwise=False),
            Feed("half", Array(last, dtype="float16"), pairwise=False),
            Feed("large", Array(last, values="large"), pairwise=False),
            Feed("special", Array(last, values="special"), pairwise=False),
            Feed("wrong rank", Array(last[:-1]), pairwise=False),
            Feed("two calls in a row", Array(last), call={"$twice": True}, pairwise=False),
        ),
        valid=legitimate,
        extra=(
            *keywords(last[1:], filters=2, kernel_size=2),
            {"filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": 2},
            {"filters": 2, "kernel_size": 2, "stateful": True},
            {"filters": 2, "kernel_size": 2, "dropout": 0.5},
            {"filters": 2, "kernel_size": 2, "recurrent_dropout": 0.5},
            {"filters": 2, "kernel_size": 2, "unroll": True},
            {"filters": 2, "kernel_size": 2, "seed": 1},
            *([{"filters": 2, "kernel_size": 2, "data_format": "channels_first"}] if rank < 3 else []),
        ),
        oracle=conv_lstm.conv_lstm,
        source=f"{SOURCE}conv_lstm{rank}d/",
    )


SPECS: tuple[Spec, ...] = (
    _layer("layers.SimpleRNN", (), 1, recurrent.simple_rnn_layer),
    _layer("layers.LSTM", (RECURRENT_ACTIVATION, FORGET_BIAS, USE_CUDNN), 2, recurrent.lstm_layer),
    _layer("layers.GRU", (RECURRENT_ACTIVATION, RESET_AFTER, USE_CUDNN), 1, recurrent.gru_layer),
    _cell("layers.SimpleRNNCell", (), 1, recurrent.simple_rnn_cell),
    _cell("layers.LSTMCell", (RECURRENT_ACTIVATION, FORGET_BIAS), 2, recurrent.lstm_cell),
    _cell("layers.GRUCell", (RECURRENT_ACTIVATION, RESET_AFTER), 1, recurrent.gru_cell),
    RNN,
    STACKED,
    *(_conv_lstm(rank) for rank in (1, 2, 3)),
)
