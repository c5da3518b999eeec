"""Preprocessing layers: numbers and images here, categories, text and sound in modules beside.

https://keras.io/api/layers/preprocessing_layers/. ``$adapt`` in a feed's call arguments is the
data that `adapt` gets before the layer is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.specs import layers_audio, layers_categories, layers_text
from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_keywords import alone, keywords, one_sided
from harness.specs.oracles import images, preprocessing

SOURCE = "https://keras.io/api/layers/preprocessing_layers/"

SPARSE = Parameter("sparse", (OMIT, False))
MODES = ("one_hot", "multi_hot", "count")


LEARNT = Array((6, 3), shift=2.0, scale=3.0)


COUNTS = Array((6, 3), dtype="int32", values="integers", high=9)
SAME = Array((6, 3), values="ones")
NORMALIZED = (
    Parameter("axis", (OMIT, -1, 1, (1,), None), invalid=(5, 0, "1", 1.5, (1, 1))),
    Parameter("invert", (OMIT, True)),
)


def _one_per_axis(parameters: Mapping[str, Any]) -> bool:
    """Lists go together, and only with an axis of their own."""
    lists = isinstance(parameters["mean"], list)
    return lists == isinstance(parameters["variance"], list) and not (
        lists and parameters.get("axis", -1) is None
    )


NORMALIZATION = Spec(
    subject="layers.Normalization",
    family="layers",
    script="layer",
    parameters=(
        Parameter("mean", (2.0, [1.0, 2.0, 3.0]), invalid=("2", [1.0, 2.0], None)),
        Parameter("variance", (4.0, [1.0, 4.0, 9.0]), invalid=("4", -1.0, [1.0, 2.0], None)),
        *NORMALIZED,
    ),
    feeds=(
        Feed("matrix", Array((4, 3))),
        Feed("sequence", Array((2, 3, 3))),
        Feed("adapted although given", Array((4, 3)), call={"$adapt": LEARNT}, pairwise=False),
        Feed("whole numbers", Array((4, 3), dtype="int32", values="integers"), pairwise=False),
        Feed("double", Array((4, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((4, 3), dtype="float16"), pairwise=False),
        Feed("vector", Array((4,)), pairwise=False),
        Feed("batch of none", Array((0, 3)), pairwise=False),
        Feed("special", Array((4, 3), values="special"), pairwise=False),
        Feed("offset", Array((4, 3), values="offset"), pairwise=False),
        Feed("list", [[1.0, 2.0, 3.0]], pairwise=False),
    ),
    valid=_one_per_axis,
    extra=(
        *keywords((3,), mean=2.0, variance=4.0),
        {"variance": OMIT},
        {"mean": OMIT},
        {"variance": 0.0},
        {"mean": OMIT, "variance": OMIT},
    ),
    oracle=preprocessing.normalization,
    source=f"{SOURCE}numerical/normalization/",
)

NORMALIZATION_LEARNT = replace(
    NORMALIZATION,
    parameters=(Parameter("mean", (OMIT, None)), Parameter("variance", (OMIT, None)), *NORMALIZED),
    feeds=(
        Feed("adapted", Array((4, 3)), call={"$adapt": LEARNT}),
        Feed("adapted images", Array((2, 3, 3, 2)), call={"$adapt": Array((5, 3, 3, 2), shift=2.0)}),
        Feed("adapted to whole numbers", Array((4, 3)), call={"$adapt": COUNTS}, pairwise=False),
        Feed("adapted to one value", Array((4, 3)), call={"$adapt": SAME}, pairwise=False),
        Feed("adapted to another width", Array((4, 3)), call={"$adapt": Array((6, 2))}, pairwise=False),
        Feed("not adapted", Array((4, 3)), pairwise=False),
    ),
    valid=None,
    extra=(),
)
"""The same subject with statistics learnt instead of given."""

BINNED = Array(dtype="float32", literal=[[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 2.0]])

DISCRETIZATION = Spec(
    subject="layers.Discretization",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "bin_boundaries",
            ([0.0, 1.0, 2.0], [0.5], (0.0, 1.0), [0, 1, 2]),
            invalid=("0,1", 1.0, [2.0, 1.0], [], ["0", "1"], None),
        ),
        Parameter("num_bins", (OMIT, None), invalid=(0, -1, "4", 2.5, 4)),
        Parameter("epsilon", (OMIT, 0.1), invalid=("0.1", -1.0)),
        Parameter("output_mode", (OMIT, "int", *MODES), invalid=("nope", None, "binary")),
        SPARSE,
    ),
    feeds=(
        Feed("matrix", BINNED),
        Feed("column", Array((3, 1))),
        Feed("whole numbers", Array((2, 4), dtype="int32", values="integers"), pairwise=False),
        Feed("double", Array((2, 4), dtype="float64"), pairwise=False),
        Feed("vector", Array((4,)), pairwise=False),
        Feed("batch of none", Array((0, 4)), pairwise=False),
        Feed("special", Array((2, 4), values="special"), pairwise=False),
        Feed("ragged", {"$ragged": [[-1.5, 1.0], [0.5]], "dtype": "float32"}, pairwise=False),
    ),
    extra=(
        *keywords((4,), bin_boundaries=[0.0, 1.0]),
        {"bin_boundaries": OMIT},
        {"bin_boundaries": OMIT, "num_bins": 4},
        {"bin_boundaries": OMIT, "bins": 4},
        {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot", "sparse": True},
        {"bin_boundaries": [0.0, 1.0], "output_mode": "int", "sparse": True},
        {"bin_boundaries": [0.0, 1.0], "dtype": "int32"},
    ),
    oracle=preprocessing.discretization,
    source=f"{SOURCE}numerical/discretization/",
)

DISCRETIZATION_LEARNT = replace(
    DISCRETIZATION,
    parameters=(
        Parameter("num_bins", (4, 2, 1)),
        Parameter("epsilon", (OMIT, 0.1)),
        Parameter("output_mode", (OMIT, "int", *MODES)),
    ),
    feeds=(
        Feed("adapted", BINNED, call={"$adapt": Array((50, 1))}),
        Feed("adapted to few", BINNED, call={"$adapt": BINNED}),
        Feed("adapted to one value", BINNED, call={"$adapt": SAME}, pairwise=False),
    ),
    extra=(),
)
"""The same subject with boundaries learnt instead of given."""

RESCALING = Spec(
    subject="layers.Rescaling",
    family="layers",
    script="layer",
    parameters=(
        Parameter("scale", (0.5, 1 / 255, 2, 0.0, -1.5, [1.0, 2.0, 3.0]), invalid=("0.5", None, [1.0, 2.0])),
        Parameter("offset", (OMIT, -1.0, 1, [1.0, 2.0, 3.0]), invalid=("1", None, [1.0, 2.0])),
    ),
    feeds=(
        Feed("matrix", Array((4, 3))),
        Feed("pixels", Array((2, 4, 4, 3), dtype="uint8", values="integers", high=256)),
        Feed("whole numbers", Array((4, 3), dtype="int32", values="integers")),
        Feed("double", Array((4, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((4, 3), dtype="float16"), pairwise=False),
        Feed("bools", Array((4, 3), dtype="bool", values="bools"), pairwise=False),
        Feed("batch of none", Array((0, 3)), pairwise=False),
        Feed("large", Array((4, 3), values="large"), pairwise=False),
        Feed("special", Array((4, 3), values="special"), pairwise=False),
    ),
    extra=(*keywords((3,), scale=0.5), {"scale": 0.5, "dtype": "uint8"}, {"scale": 0.5, "dtype": "int32"}),
    oracle=preprocessing.rescaling,
    source=f"{SOURCE}image_preprocessing/rescaling/",
)


def _sizes(first: int, second: int) -> tuple[Parameter, ...]:
    return (
        Parameter("height", (first, 8, 1), invalid=(0, -1, "4", 2.5, None)),
        Parameter("width", (second, 8, 1), invalid=(0, -1, "4", 2.5, None)),
    )


def _image_feeds() -> tuple[Feed, ...]:
    return (
        Feed("images", Array((2, 6, 8, 3))),
        Feed("one image", Array((6, 8, 3))),
        Feed("pixels", Array((2, 6, 8, 3), dtype="uint8", values="integers", high=256)),
        Feed("small", Array((1, 2, 3, 1)), pairwise=False),
        Feed("one pixel", Array((1, 1, 1, 1)), pairwise=False),
        Feed("batch of none", Array((0, 6, 8, 3)), pairwise=False),
        Feed("double", Array((2, 6, 8, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((2, 6, 8, 3), dtype="float16"), pairwise=False),
        Feed("whole numbers", Array((2, 6, 8, 3), dtype="int32", values="integers"), pairwise=False),
        Feed("special", Array((2, 6, 8, 3), values="special"), pairwise=False),
        Feed("wrong rank", Array((6, 8)), pairwise=False),
    )


RESIZING = Spec(
    subject="layers.Resizing",
    family="layers",
    script="layer",
    parameters=(
        *_sizes(3, 4),
        Parameter(
            "interpolation",
            (OMIT, "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
            invalid=("nope", None, 1, "area", "gaussian", "mitchellcubic"),
        ),
        Parameter("crop_to_aspect_ratio", (OMIT, True)),
        *(
            one_sided(name, "Keras 3")
            for name in ("pad_to_aspect_ratio", "fill_mode", "fill_value", "antialias", "data_format")
        ),
    ),
    feeds=_image_feeds(),
    extra=(
        *keywords((6, 8, 3), height=3, width=4),
        *alone("pad_to_aspect_ratio", True, height=4, width=4),
        *alone("antialias", True, height=3, width=4),
        *alone("data_format", "channels_first", "channels_last", None, "nope", height=3, width=4),
        *alone("fill_value", 1.0, "1", height=4, width=4, pad_to_aspect_ratio=True),
        *alone("fill_mode", "constant", "reflect", height=4, width=4, pad_to_aspect_ratio=True),
        {"height": 4, "width": 4, "pad_to_aspect_ratio": True, "crop_to_aspect_ratio": True},
        {"height": 5, "width": 7, "crop_to_aspect_ratio": True},
        {"height": 3, "width": 4, "dtype": "uint8"},
    ),
    oracle=images.resizing,
    source=f"{SOURCE}image_preprocessing/resizing/",
)

CENTER_CROP = Spec(
    subject="layers.CenterCrop",
    family="layers",
    script="layer",
    parameters=(*_sizes(4, 6), one_sided("data_format", "Keras 3")),
    feeds=_image_feeds(),
    extra=(
        *keywords((6, 8, 3), height=4, width=6),
        *alone("data_format", "channels_first", "channels_last", None, "nope", height=4, width=2),
        {"height": 3, "width": 5},
        {"height": 6, "width": 8},
        {"height": 9, "width": 12},
        {"height": 4, "width": 4, "dtype": "uint8"},
    ),
    oracle=images.center_crop,
    source=f"{SOURCE}image_preprocessing/center_crop/",
)

SPECS: tuple[Spec, ...] = (
    NORMALIZATION,
    NORMALIZATION_LEARNT,
    DISCRETIZATION,
    DISCRETIZATION_LEARNT,
    RESCALING,
    RESIZING,
    CENTER_CROP,
    *layers_categories.SPECS,
    *layers_text.SPECS,
    *layers_audio.SPECS,
)
