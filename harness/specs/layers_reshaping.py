"""Reshaping layers: reshape, flatten, permute, repeat, crop, pad, enlarge.

https://keras.io/api/layers/reshaping_layers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_arguments import (
    DATA_FORMAT,
    every_layer,
    is_channels_last,
    plain_feeds,
    spatial_feeds,
)
from harness.specs.oracles import reshaping

SOURCE = "https://keras.io/api/layers/reshaping_layers/"

SHAPES: Mapping[int, tuple[int, ...]] = {1: (2, 7, 3), 2: (2, 6, 5, 2), 3: (1, 4, 5, 4, 2)}

RESHAPE = Spec(
    subject="layers.Reshape",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "target_shape",
            ((3, 4), (12,), (-1,), (2, -1), [4, 3], (2, 2, 3), (1, 12, 1)),
            invalid=((5,), (-1, -1), (-2, 6), (0, -1), (2.0, 6), 12, "12", None, (), (None, 3)),
        ),
    ),
    feeds=(
        *plain_feeds((2, 2, 6), "integers"),
        Feed("vectors", Array((3, 12))),
        Feed("rank 4", Array((2, 3, 2, 2))),
        Feed("scalars", Array((12,)), pairwise=False),
    ),
    extra=(
        *every_layer((2, 6), target_shape=(3, 4)),
        {"target_shape": OMIT},
        {"target_shape": (12,), "input_shape": (12,)},
    ),
    oracle=reshaping.reshape,
    source=SOURCE + "reshape/",
)

FLATTEN = Spec(
    subject="layers.Flatten",
    family="layers",
    script="layer",
    parameters=(
        Parameter("data_format", (OMIT, "channels_last", "channels_first", None), invalid=("nope", 1)),
    ),
    feeds=(
        *plain_feeds((2, 3, 4, 2), "integers"),
        Feed("sequences", Array((2, 3, 4))),
        Feed("vectors", Array((2, 3))),
        Feed("scalars", Array((4,))),
        Feed("rank 5", Array((2, 3, 1, 2, 2))),
        Feed("axes of one", Array((2, 1, 1, 3))),
        Feed("axis of none", Array((2, 0, 3)), pairwise=False),
        Feed("masked inputs", Array((2, 6, 2), values="padded"), call={"$masking": True}, pairwise=False),
    ),
    extra=every_layer((3, 4, 2)),
    oracle=reshaping.flatten,
    source=SOURCE + "flatten/",
)

PERMUTE = Spec(
    subject="layers.Permute",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "dims",
            ((2, 1, 3), (1, 2, 3), (3, 1, 2), [3, 2, 1]),
            invalid=((0, 1, 2), (1, 1, 2), (1, 2), (1, 2, 4), (-1, 1, 2), 1, "21", None, ()),
        ),
    ),
    feeds=(
        *plain_feeds((2, 3, 4, 2), "integers"),
        Feed("axes of one", Array((2, 1, 4, 1))),
        Feed("rank too low", Array((2, 3)), pairwise=False),
    ),
    extra=every_layer((3, 4, 2), dims=(2, 1, 3)),
    oracle=reshaping.permute,
    source=SOURCE + "permute/",
)

REPEAT_VECTOR = Spec(
    subject="layers.RepeatVector",
    family="layers",
    script="layer",
    parameters=(Parameter("n", (3, 1, 2), invalid=(0, -1, "3", 3.0, None, (3,), True)),),
    feeds=(
        *plain_feeds((4, 3), "integers"),
        Feed("one feature", Array((4, 1))),
        Feed("rank too high", Array((4, 3, 2)), pairwise=False),
        Feed("rank too low", Array((4,)), pairwise=False),
    ),
    extra=every_layer((3,), n=3),
    oracle=reshaping.repeat_vector,
    source=SOURCE + "repeat_vector/",
)

AMOUNTS: Mapping[int, tuple[Any, ...]] = {
    1: (OMIT, 2, (1, 2), [0, 1], (2, 0)),
    2: (OMIT, 1, (1, 2), ((1, 2), (0, 1)), [[0, 1], [2, 0]]),
    3: (OMIT, 1, (1, 0, 1), ((1, 2), (0, 1), (1, 1)), [[0, 1], [2, 0], [0, 0]]),
}
WRONG_AMOUNTS: Mapping[int, tuple[Any, ...]] = {
    1: (-1, "1", 1.5, None, (1, 2, 3), (1,), ((1, 1),), (-1, 1)),
    2: (-1, "1", 1.5, None, (1, 2, 3), (1,), ((1, 1),), ((1, 2, 3), (1, 1)), ((-1, 1), (0, 0))),
    3: (-1, "1", 1.5, None, (1, 2), (1,), ((1, 1), (1, 1)), ((1, 2, 3), (1, 1), (1, 1)), ((-1, 1),) * 3),
}
WITH_DATA_FORMAT = (DATA_FORMAT,)


def _edges(name: str, rank: int) -> Spec:
    """CroppingND and ZeroPaddingND: Keras 3 alone takes `data_format` for padding in 1D."""
    is_crop = name == "Cropping"
    argument = "cropping" if is_crop else "padding"
    too_much = ({argument: SHAPES[rank][1]}, {argument: 99}) if is_crop else ()
    return Spec(
        subject=f"layers.{name}{rank}D",
        family="layers",
        script="layer",
        parameters=(
            Parameter(argument, AMOUNTS[rank], invalid=WRONG_AMOUNTS[rank]),
            *(() if is_crop and rank == 1 else WITH_DATA_FORMAT),
        ),
        feeds=spatial_feeds(SHAPES[rank], channels_last_only=is_crop and rank == 1),
        extra=(
            *every_layer(SHAPES[rank][1:], *too_much),
            {argument: 0},
            *(({"data_format": "channels_last"},) if is_crop and rank == 1 else ()),
        ),
        oracle=reshaping.cropping(rank) if is_crop else reshaping.zero_padding(rank),
        source=SOURCE + f"{'cropping' if is_crop else 'zero_padding'}{rank}d/",
    )


def _size(rank: int) -> Parameter:
    """In 1D the size is documented to be an integer."""
    sequences = ((1, 2, 3)[:rank], [2, 1, 2][:rank])
    wrong = (0, -1, "2", 1.5, None, (2,) * (rank + 1))
    if rank == 1:
        return Parameter("size", (OMIT, 3, 1), invalid=(*wrong, *sequences))
    return Parameter("size", (OMIT, 3, *sequences), invalid=wrong)


def _repeated(rank: int) -> Spec:
    return Spec(
        subject=f"layers.UpSampling{rank}D",
        family="layers",
        script="layer",
        parameters=(_size(rank), *(WITH_DATA_FORMAT if rank > 1 else ())),
        feeds=spatial_feeds(
            (*(2, 3, 2, 3)[: rank + 1], 2), small=(1,) * (rank + 2), channels_last_only=rank == 1
        ),
        extra=every_layer((*(3, 2, 3)[:rank], 2), {"length": 2}, {"interpolation": "bilinear"}),
        oracle=reshaping.repeated(rank),
        source=SOURCE + f"up_sampling{rank}d/",
    )


UPSAMPLING_2D = Spec(
    subject="layers.UpSampling2D",
    family="layers",
    script="layer",
    parameters=(
        _size(2),
        DATA_FORMAT,
        Parameter(
            "interpolation",
            (
                OMIT,
                "bilinear",
                "bicubic",
                "lanczos3",
                "lanczos5",
                "area",
                "gaussian",
                "mitchellcubic",
                "nearest",
            ),
            invalid=("nope", None, 1, "BILINEAR"),
        ),
    ),
    feeds=(
        *spatial_feeds((2, 4, 3, 2), small=(1, 1, 1, 1)),
        Feed("corners", Array(literal=[[[[0.0], [1.0]], [[2.0], [3.0]]]]), when=is_channels_last),
    ),
    extra=every_layer((4, 3, 2)),
    oracle=reshaping.upsampling_2d,
    source=SOURCE + "up_sampling2d/",
)

SPECS: tuple[Spec, ...] = (
    RESHAPE,
    FLATTEN,
    PERMUTE,
    REPEAT_VECTOR,
    _edges("Cropping", 1),
    _edges("Cropping", 2),
    _edges("Cropping", 3),
    _edges("ZeroPadding", 1),
    _edges("ZeroPadding", 2),
    _edges("ZeroPadding", 3),
    _repeated(1),
    UPSAMPLING_2D,
    _repeated(3),
)
