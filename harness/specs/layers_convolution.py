"""Convolution layers, transposed, depthwise, separable and locally connected ones included.

https://keras.io/api/layers/convolution_layers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_arguments import (
    ACTIVATION,
    ACTIVITY,
    DATA_FORMAT,
    USE_BIAS,
    every_layer,
    is_channels_last,
    spatial_feeds,
    weight_arguments,
)
from harness.specs.oracles import convolution

SOURCE = "https://keras.io/api/layers/convolution_layers/"

SHAPES: Mapping[int, tuple[int, ...]] = {1: (2, 7, 4), 2: (2, 6, 5, 4), 3: (1, 4, 5, 4, 2)}
"""Channels last; odd and even axes, so that uneven padding shows on both."""
SMALL: Mapping[int, tuple[int, ...]] = {1: (1, 3, 1), 2: (1, 3, 4, 1), 3: (1, 2, 3, 2, 1)}
SIZES: Mapping[int, tuple[Any, ...]] = {
    1: (3, (2,), [1]),
    2: ((3, 2), 2, [1, 3]),
    3: ((2, 3, 2), 2, [1, 2, 1]),
}
STRIDES: Mapping[int, tuple[Any, ...]] = {
    1: (OMIT, 2, (3,)),
    2: (OMIT, 2, (2, 1)),
    3: (OMIT, 2, (1, 2, 2)),
}

FILTERS = Parameter("filters", (4, 2), invalid=(0, -1, "4", 4.0, 3.5, None))


def _not_sizes(rank: int) -> tuple[Any, ...]:
    """What is no size of a window of this rank."""
    return (0, -1, "2", 2.5, (1,) * (rank + 1), (0, 2, 2)[:rank])


def _kernel_size(rank: int) -> Parameter:
    return Parameter("kernel_size", SIZES[rank], invalid=(*_not_sizes(rank), None, 12))


def _strides(rank: int) -> Parameter:
    return Parameter("strides", STRIDES[rank], invalid=(*_not_sizes(rank), None))


def _dilation(rank: int) -> Parameter:
    return Parameter("dilation_rate", (OMIT, 2, (1, 2, 1)[:rank]), invalid=(*_not_sizes(rank), None))


def _padding(*further: str, refused: tuple[Any, ...] = ()) -> Parameter:
    return Parameter("padding", (OMIT, "same", "SAME", *further), invalid=("nope", None, 1, *refused))


def _above_one(value: Any) -> bool:
    return any(v > 1 for v in (value if isinstance(value, (list, tuple)) else (value,)))


def _not_both(parameters: Mapping[str, Any]) -> bool:
    """Strides above 1 and dilation above 1 exclude each other."""
    return not (_above_one(parameters.get("strides", 1)) and _above_one(parameters.get("dilation_rate", 1)))


def _undilated(parameters: Mapping[str, Any]) -> bool:
    """Feeds of four cells an axis have no room for a dilated window."""
    return is_channels_last(parameters) and "dilation_rate" not in parameters


def _transposable(parameters: Mapping[str, Any]) -> bool:
    """Also `output_padding` has to be below every stride."""
    extra = parameters.get("output_padding")
    if extra is None:
        return _not_both(parameters)
    strides = parameters.get("strides", 1)
    low = min(strides if isinstance(strides, (list, tuple)) else (strides,))
    high = max(extra if isinstance(extra, (list, tuple)) else (extra,))
    return high < low and _not_both(parameters)


def _convolution(rank: int) -> Spec:
    return Spec(
        subject=f"layers.Conv{rank}D",
        family="layers",
        script="layer",
        parameters=(
            FILTERS,
            _kernel_size(rank),
            _strides(rank),
            _padding("causal") if rank == 1 else _padding(refused=("causal",)),
            DATA_FORMAT,
            _dilation(rank),
            Parameter("groups", (OMIT, 2), invalid=(3, 0, -1, "2", 2.0, None)),
            ACTIVATION,
            USE_BIAS,
            *weight_arguments("kernel", "bias"),
            ACTIVITY,
        ),
        feeds=(
            *spatial_feeds(SHAPES[rank], small=SMALL[rank]),
            Feed("extra batch axis", Array((1, *SHAPES[rank])), pairwise=False),
            Feed("even", Array((1, *(4,) * rank, 2)), when=_undilated),
        ),
        valid=_not_both,
        extra=every_layer(
            SHAPES[rank][1:],
            {"strides": 2, "dilation_rate": 2},
            {"strides": 2, "padding": "same"},
            {"kernel_size": 3, "strides": 2, "padding": "same"},
            {"filters": OMIT},
            {"kernel_size": OMIT},
            {"filters": 2, "groups": 4},
            {"kernel_initializer": None},
            {"bias_initializer": None},
            {"lora_rank": 2},
            {"weights": []},
            {"nb_filter": 2},
            {"border_mode": "same"},
            filters=4,
            kernel_size=SIZES[rank][0],
        ),
        oracle=convolution.convolution(rank),
        source=SOURCE + f"convolution{rank}d/",
    )


def _transposed(rank: int) -> Spec:
    return Spec(
        subject=f"layers.Conv{rank}DTranspose",
        family="layers",
        script="layer",
        parameters=(
            FILTERS,
            _kernel_size(rank),
            _strides(rank),
            _padding(refused=("causal",)),
            Parameter(
                "output_padding",
                (OMIT, None, 1, (1,) * rank),
                invalid=("1", 5, -1, (0,) * (rank + 1), 0.5),
            ),
            DATA_FORMAT,
            Parameter("dilation_rate", (OMIT, 1, 2), invalid=_not_sizes(rank)),
            ACTIVATION,
            USE_BIAS,
            *weight_arguments("kernel", "bias"),
            ACTIVITY,
        ),
        feeds=spatial_feeds(SHAPES[rank], small=SMALL[rank]),
        valid=_transposable,
        extra=every_layer(
            SHAPES[rank][1:],
            {"strides": 2, "dilation_rate": 2},
            {"strides": 2, "output_padding": 2},
            {"strides": 2, "output_padding": 1, "padding": "same", "kernel_size": 3},
            {"strides": 3, "kernel_size": 2},
            {"output_padding": 0},
            {"strides": 2, "output_padding": 0, "padding": "same", "kernel_size": 3},
            {"groups": 2},
            filters=4,
            kernel_size=SIZES[rank][0],
        ),
        oracle=convolution.transposed(rank),
        source=SOURCE + f"convolution{rank}d_transpose/",
    )


MULTIPLIER = Parameter("depth_multiplier", (OMIT, 2), invalid=(0, -1, "2", 2.0, None))


def _square_strides(rank: int) -> Parameter:
    """Depthwise convolutions step alike in both directions; what else there is stands in `extra`."""
    return Parameter("strides", (OMIT, 2, (3,) * rank), invalid=(*_not_sizes(rank), None))


def _depthwise(rank: int) -> Spec:
    return Spec(
        subject=f"layers.DepthwiseConv{rank}D",
        family="layers",
        script="layer",
        parameters=(
            _kernel_size(rank),
            _square_strides(rank),
            _padding(refused=("causal",)),
            MULTIPLIER,
            DATA_FORMAT,
            _dilation(rank),
            ACTIVATION,
            USE_BIAS,
            *weight_arguments("depthwise", "bias"),
            ACTIVITY,
        ),
        feeds=spatial_feeds(SHAPES[rank], small=SMALL[rank]),
        valid=_not_both,
        extra=every_layer(
            SHAPES[rank][1:],
            {"strides": 2, "dilation_rate": 2},
            {"strides": (2, 1)[:rank]},
            {"strides": 2, "padding": "same", "kernel_size": 3},
            {"groups": 1},
            {"filters": 4},
            {"kernel_initializer": "ones"},
            kernel_size=SIZES[rank][0],
        ),
        oracle=convolution.depthwise_convolution(rank),
        source=SOURCE + f"depthwise_convolution{rank}d/",
    )


def _separable(rank: int) -> Spec:
    return Spec(
        subject=f"layers.SeparableConv{rank}D",
        family="layers",
        script="layer",
        parameters=(
            FILTERS,
            _kernel_size(rank),
            _square_strides(rank),
            _padding(refused=() if rank == 1 else ("causal",)),
            DATA_FORMAT,
            _dilation(rank),
            MULTIPLIER,
            ACTIVATION,
            USE_BIAS,
            *weight_arguments("depthwise", "pointwise", "bias"),
            ACTIVITY,
        ),
        feeds=(
            *spatial_feeds(SHAPES[rank], small=SMALL[rank]),
            Feed("even", Array((1, *(4,) * rank, 1)), when=_undilated),
        ),
        valid=_not_both,
        extra=every_layer(
            SHAPES[rank][1:],
            {"strides": 2, "dilation_rate": 2},
            {"strides": (2, 1)[:rank]},
            {"strides": 2, "padding": "same", "kernel_size": 3},
            {"padding": "causal"},
            {"groups": 1},
            {"kernel_initializer": "ones"},
            filters=4,
            kernel_size=SIZES[rank][0],
        ),
        oracle=convolution.separable_convolution(rank),
        source=SOURCE + f"separable_convolution{rank}d/",
    )


def _implemented(parameters: Mapping[str, Any]) -> bool:
    """Only implementations 2 and 3 pad."""
    return parameters.get("implementation", 1) != 1 or "padding" not in parameters


def _locally_connected(rank: int) -> Spec:
    return Spec(
        subject=f"layers.LocallyConnected{rank}D",
        family="layers",
        script="layer",
        parameters=(
            FILTERS,
            _kernel_size(rank),
            _strides(rank),
            Parameter("implementation", (OMIT, 2, 3), invalid=(0, 4, "1", None)),
            _padding(refused=("causal",)),
            DATA_FORMAT,
            ACTIVATION,
            USE_BIAS,
            *weight_arguments("kernel", "bias"),
            ACTIVITY,
        ),
        feeds=spatial_feeds(SHAPES[rank]),
        valid=_implemented,
        extra=every_layer(
            SHAPES[rank][1:],
            {"padding": "same"},
            {"dilation_rate": 2},
            filters=4,
            kernel_size=SIZES[rank][0],
        ),
        oracle=convolution.locally_connected(rank),
        source=f"https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LocallyConnected{rank}D",
    )


SPECS: tuple[Spec, ...] = (
    _convolution(1),
    _convolution(2),
    _convolution(3),
    _transposed(1),
    _transposed(2),
    _transposed(3),
    _depthwise(1),
    _depthwise(2),
    _separable(1),
    _separable(2),
    _locally_connected(1),
    _locally_connected(2),
)
