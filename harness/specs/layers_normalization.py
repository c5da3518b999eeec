"""Normalization layers; `Normalization`, which adapts to data, is with the preprocessing layers.

https://keras.io/api/layers/normalization_layers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, tagged
from harness.specs.layer_arguments import every_layer, plain_feeds, weight_arguments
from harness.specs.oracles import normalization

SOURCE = "https://keras.io/api/layers/normalization_layers/"
SHAPE = (3, 4, 2, 4)
WRONG_AXIS = (5, -7, "1", None, 1.0)
EPSILON = Parameter("epsilon", (OMIT, 1e-5, 0.1), invalid=("0.1", None, -1.0))
CENTER = Parameter("center", (OMIT, False), invalid=(None,))
SCALE = Parameter("scale", (OMIT, False), invalid=(None,))

FEEDS: tuple[Feed, ...] = (
    *plain_feeds(SHAPE, "offset"),
    Feed("matrix", Array((6, 4))),
    Feed("rank 5", Array((2, 4, 1, 2, 4))),
    Feed("constant", Array(SHAPE, values="ones"), pairwise=False),
    Feed("offset volume", Array((2, 2, 2, 1), values="offset"), pairwise=False),
    Feed("tiny", Array(SHAPE, values="tiny"), pairwise=False),
    Feed("one channel", Array((3, 4, 1)), pairwise=False),
    Feed("scalars", Array((4,)), pairwise=False),
)


def _axis(*values: Any) -> Parameter:
    return Parameter("axis", (OMIT, *values), invalid=(*WRONG_AXIS, 0))


BATCH = (
    _axis(1, -1),
    Parameter("momentum", (OMIT, 0.5, 0.0), invalid=("0.5", None, 1.5)),
    EPSILON,
    CENTER,
    SCALE,
    *weight_arguments("beta", "gamma"),
    Parameter("moving_mean_initializer", (OMIT, "ones"), invalid=("nope",)),
    Parameter("moving_variance_initializer", (OMIT, "zeros"), invalid=("nope",)),
)
BATCH_FEEDS: tuple[Feed, ...] = (
    *FEEDS,
    # So many channels over so few positions show the n / (n - 1) in the moving variance of fused kernels,
    # which exist for float32 alone: float64 agrees, and only that many results tell precision from luck.
    Feed("many channels", Array((2, 2, 1, 16)), pairwise=False),
    Feed(
        "mask",
        Array((3, 4, 4)),
        call={"mask": Array((3, 4), dtype="bool", values="lengths")},
        when=lambda p: p.get("axis", -1) == -1,
    ),
    Feed(
        "all masked",
        Array((2, 3, 4)),
        call={"mask": Array(literal=[[False] * 3] * 2, dtype="bool")},
        pairwise=False,
    ),
    Feed("masked inputs", Array((2, 6, 4), values="padded"), call={"$masking": True}, pairwise=False),
)
BATCH_EXTRA: tuple[Mapping[str, Any], ...] = every_layer(
    SHAPE[1:],
    {"fused": False},
    {"fused": True},
    {"virtual_batch_size": 1},
    {"adjustment": None},
    {"axis": [1]},
    {"axis": (-1,)},
    {"axis": [1, 3]},
    {"renorm": True},
    {"renorm": True, "renorm_momentum": 0.5},
    {"renorm": True, "renorm_clipping": {"rmax": 1.5, "rmin": 0.5, "dmax": 0.5}},
    {"renorm": True, "renorm_clipping": {"nope": 1.0}},
    {"renorm_clipping": {"rmax": 1.5}},
    {"mode": 0},
)

BATCH_NORMALIZATION = Spec(
    subject="layers.BatchNormalization",
    family="layers",
    script="layer",
    parameters=(*BATCH, Parameter("synchronized", (OMIT, False, True), invalid=("yes",))),
    feeds=BATCH_FEEDS,
    extra=(*BATCH_EXTRA, {"trainable": False, "momentum": 0.5}, {"synchronized": True, "fused": True}),
    oracle=normalization.batch_normalization,
    source=SOURCE + "batch_normalization/",
)

SYNC_BATCH_NORMALIZATION = Spec(
    subject="layers.experimental.SyncBatchNormalization",
    family="layers",
    script="layer",
    parameters=BATCH,
    feeds=BATCH_FEEDS,
    extra=BATCH_EXTRA,
    oracle=normalization.batch_normalization,
    source="https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/experimental/SyncBatchNormalization",
)

LAYER_NORMALIZATION = Spec(
    subject="layers.LayerNormalization",
    family="layers",
    script="layer",
    parameters=(
        _axis(1, [-1], (1, 2), [-2, -1]),
        EPSILON,
        CENTER,
        SCALE,
        *weight_arguments("beta", "gamma"),
    ),
    feeds=tuple(
        Feed(f.name, f.inputs, when=lambda p: p.get("axis") in (None, 1, [-1]), pairwise=f.pairwise)
        if f.name == "matrix"
        else f
        for f in FEEDS
    ),
    extra=every_layer(
        SHAPE[1:],
        {"rms_scaling": True},
        {"axis": []},
        {"axis": [1, 1]},
        {"axis": [-1, 1]},
        {"axis": [3, -1]},
        {"axis": [0]},
    ),
    oracle=normalization.layer_normalization,
    source=SOURCE + "layer_normalization/",
)

GROUP_NORMALIZATION = Spec(
    subject="layers.GroupNormalization",
    family="layers",
    script="layer",
    parameters=(
        Parameter("groups", (2, 4, 1, -1), invalid=(3, 0, -2, 8, "2", 2.0, None)),
        Parameter("axis", (OMIT, 1, -1), invalid=WRONG_AXIS),
        EPSILON,
        CENTER,
        SCALE,
        *weight_arguments("beta", "gamma"),
    ),
    feeds=(
        *FEEDS,
        Feed(
            "mask",
            Array((3, 4, 4)),
            call={"mask": Array((3, 4), dtype="bool", values="lengths")},
            pairwise=False,
        ),
        Feed("masked inputs", Array((2, 6, 4), values="padded"), call={"$masking": True}, pairwise=False),
    ),
    extra=(
        *every_layer(SHAPE[1:], {"axis": [1, -1]}, {"axis": 0}, {"axis": -2}, groups=2),
        {"groups": OMIT},
    ),
    oracle=normalization.group_normalization,
    source=SOURCE + "group_normalization/",
)

AXES = Parameter("axis", (OMIT, 1, [1, -1], (1, 2)), invalid=(*WRONG_AXIS, [1, "2"], []))

UNIT_NORMALIZATION = Spec(
    subject="layers.UnitNormalization",
    family="layers",
    script="layer",
    parameters=(AXES,),
    feeds=(
        *plain_feeds(SHAPE, "offset", "zeros", "tiny"),
        Feed("matrix", Array((6, 4)), when=lambda p: p.get("axis") in (None, 1)),
        Feed("rank 5", Array((2, 4, 1, 2, 4))),
        Feed("scalars", Array((4,)), pairwise=False),
    ),
    extra=every_layer(SHAPE[1:], {"axis": 0}, {"axis": [3, -1]}, {"order": 1}),
    oracle=normalization.unit_normalization,
    source=SOURCE + "unit_normalization/",
)

RMS_NORMALIZATION = Spec(
    subject="layers.RMSNormalization",
    family="layers",
    script="layer",
    parameters=(Parameter("axis", (OMIT, 1, -1, [-1]), invalid=(*WRONG_AXIS, [], (1, 2))), EPSILON),
    feeds=(
        *FEEDS,
        Feed("axes that differ", Array((2, 5, 3, 4))),
    ),
    extra=every_layer(
        SHAPE[1:], {"scale": True}, {"scale": False}, {"axis": 0}, {"gamma_initializer": "ones"}
    ),
    oracle=normalization.rms_normalization,
    source=SOURCE + "rms_normalization/",
)

SPECTRAL_NORMALIZATION = Spec(
    subject="layers.SpectralNormalization",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "layer",
            (
                tagged("layers.Dense", units=3),
                tagged("layers.Dense", units=2, use_bias=False, activation="tanh"),
                tagged("layers.Conv2D", filters=2, kernel_size=2),
                tagged("layers.Conv2D", filters=2, kernel_size=(1, 2), use_bias=False),
            ),
            invalid=(None, "Dense", tagged("layers.Flatten"), tagged("layers.BatchNormalization")),
        ),
        Parameter("power_iterations", (OMIT, 3), invalid=(0, -1, "1", 1.5, None)),
    ),
    feeds=(
        *plain_feeds((2, 3, 4, 2), "positive"),
        Feed("matrix", Array((4, 3)), when=lambda p: p["layer"]["$object"] == "layers.Dense"),
        Feed("second call", Array((2, 3, 4, 2)), call={"$twice": True}, pairwise=False),
    ),
    extra=every_layer(
        (3, 4, 2),
        {"layer": tagged("layers.Embedding", input_dim=5, output_dim=2)},
        {"layer": tagged("layers.Conv2DTranspose", filters=2, kernel_size=2)},
        {"layer": tagged("layers.DepthwiseConv2D", kernel_size=2)},
        layer=tagged("layers.Dense", units=3),
    ),
    oracle=normalization.spectral_normalization,
    source=SOURCE + "spectral_normalization/",
)

SPECS: tuple[Spec, ...] = (
    BATCH_NORMALIZATION,
    SYNC_BATCH_NORMALIZATION,
    LAYER_NORMALIZATION,
    GROUP_NORMALIZATION,
    UNIT_NORMALIZATION,
    RMS_NORMALIZATION,
    SPECTRAL_NORMALIZATION,
)
