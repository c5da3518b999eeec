"""Pooling layers: maximum and average, over windows, adaptive and global.

https://keras.io/api/layers/pooling_layers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec
from harness.specs.layer_arguments import DATA_FORMAT, every_layer, is_channels_last, spatial_feeds
from harness.specs.oracles import pooling

SOURCE = "https://keras.io/api/layers/pooling_layers/"

SHAPES: Mapping[int, tuple[int, ...]] = {1: (2, 7, 3), 2: (2, 6, 5, 2), 3: (1, 4, 5, 3, 2)}
"""Channels last; odd and even axes, so that uneven padding shows."""


def _pool_size(rank: int, *, required: bool) -> Parameter:
    sizes: tuple[Any, ...] = (2, 3, (3, 2, 1)[:rank], [1, 2, 2][:rank])
    return Parameter(
        "pool_size",
        sizes if required else (OMIT, *sizes),
        invalid=(0, -1, "2", 2.5, None, (2,) * (rank + 1), 99),
    )


def _windowed(name: str, rank: int, oracle: Oracle, *, required: bool) -> Spec:
    given: Mapping[str, Any] = {"pool_size": 2} if required else {}
    return Spec(
        subject=f"layers.{name}{rank}D",
        family="layers",
        script="layer",
        parameters=(
            _pool_size(rank, required=required),
            Parameter(
                "strides",
                (OMIT, None, 1, 2, (1, 2, 1)[:rank]),
                invalid=(0, -1, "2", 2.5, (1,) * (rank + 1)),
            ),
            Parameter("padding", (OMIT, "same", "SAME"), invalid=("nope", "causal", None, 1)),
            DATA_FORMAT,
        ),
        feeds=(
            *spatial_feeds(SHAPES[rank]),
            Feed("negative", Array(SHAPES[rank], values="positive", scale=-1.0), when=is_channels_last),
            Feed("even", Array((1, *(6,) * min(rank, 2), *(4,) * (rank - 2), 1)), when=is_channels_last),
        ),
        extra=(
            {"pool_size": OMIT},
            *every_layer(
                SHAPES[rank][1:], {"pool_length": 2}, {"stride": 2}, {"border_mode": "same"}, **given
            ),
            {"pool_size": 3, "strides": 2, "padding": "same"},
        ),
        oracle=oracle,
        source=SOURCE + f"{'max' if 'Max' in name else 'average'}_pooling{rank}d/",
    )


def _global(name: str, rank: int, oracle: Oracle) -> Spec:
    masks: tuple[Feed, ...] = ()
    if rank == 1:
        steps = SHAPES[1][:2]
        masks = (
            Feed("mask", Array(SHAPES[1]), call={"mask": Array(steps, dtype="bool", values="lengths")}),
            Feed(
                "all masked",
                Array(SHAPES[1]),
                call={"mask": Array(literal=[[False] * 7] * 2, dtype="bool")},
                pairwise=False,
            ),
            Feed("masked inputs", Array(SHAPES[1], values="padded"), call={"$masking": True}, pairwise=False),
        )
        masks = tuple(
            Feed(f.name, f.inputs, call=f.call, when=is_channels_last, pairwise=f.pairwise) for f in masks
        )
    return Spec(
        subject=f"layers.{name}{rank}D",
        family="layers",
        script="layer",
        parameters=(DATA_FORMAT, Parameter("keepdims", (OMIT, True, False), invalid=("yes", None))),
        feeds=(
            *spatial_feeds(SHAPES[rank], small=(1,) * (rank + 2)),
            *masks,
            Feed("no steps", Array((2, *(0,) * rank, 3)), pairwise=False),
        ),
        extra=every_layer(SHAPES[rank][1:], {"pool_size": 2}),
        oracle=oracle,
        source=SOURCE + f"global_{'max' if 'Max' in name else 'average'}_pooling{rank}d/",
    )


def _adaptive(name: str, rank: int, oracle: Oracle) -> Spec:
    return Spec(
        subject=f"layers.{name}{rank}D",
        family="layers",
        script="layer",
        parameters=(
            Parameter(
                "output_size",
                (2, 1, 3, (3, 2, 2)[:rank], [2, 3, 1][:rank]),
                invalid=(0, -1, "2", 2.5, None, (2,) * (rank + 1)),
            ),
            DATA_FORMAT,
        ),
        feeds=spatial_feeds(SHAPES[rank], small=(1, *(2,) * rank, 1)),
        extra=(
            *every_layer(SHAPES[rank][1:], output_size=2),
            {"output_size": SHAPES[rank][1:-1]},
            {"output_size": 9},
        ),
        oracle=oracle,
        source=SOURCE + f"adaptive_{'max' if 'Max' in name else 'average'}_pooling{rank}d/",
    )


def _ranks(make: Callable[[int], Spec]) -> tuple[Spec, ...]:
    return tuple(make(rank) for rank in (1, 2, 3))


SPECS: tuple[Spec, ...] = (
    *_ranks(lambda rank: _windowed("MaxPooling", rank, pooling.maximum(rank), required=False)),
    *_ranks(lambda rank: _windowed("AveragePooling", rank, pooling.average(rank), required=True)),
    *_ranks(lambda rank: _global("GlobalMaxPooling", rank, pooling.global_maximum(rank))),
    *_ranks(lambda rank: _global("GlobalAveragePooling", rank, pooling.global_average(rank))),
    *_ranks(lambda rank: _adaptive("AdaptiveMaxPooling", rank, pooling.adaptive_maximum(rank))),
    *_ranks(lambda rank: _adaptive("AdaptiveAveragePooling", rank, pooling.adaptive_average(rank))),
)
