"""Image augmentation: geometry and the layers that both generations of Keras have.

https://keras.io/api/layers/preprocessing_layers/image_augmentation/. What only Keras 3 has is in
`layers_augmentation_colors`.
"""

from __future__ import annotations

from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec
from harness.specs.layer_keywords import alone, keywords, one_sided
from harness.specs.oracles import augmentation
from harness.specs.oracles.augmentation import only_training

SOURCE = "https://keras.io/api/layers/preprocessing_layers/image_augmentation/"

SEED = Parameter("seed", (OMIT, 1, None), invalid=("1", 1.5))
FACTOR_WRONG = ("0.5", None, (0.5,), (0.1, 0.2, 0.3), (0.5, 0.1))
RANGE = Parameter("value_range", (OMIT, (0, 1), [0, 255]), invalid=("0,1", 1.0, (0,), None))
FORMAT = Parameter("data_format", (OMIT, "channels_last", "channels_first", None), invalid=("nope",))
FILL_MODE = Parameter(
    "fill_mode", (OMIT, "constant", "nearest", "wrap", "reflect"), invalid=("nope", None, 1)
)
FILL_VALUE = Parameter("fill_value", (OMIT, 1.0, 0), invalid=("1", None))
INTERPOLATION = Parameter("interpolation", (OMIT, "nearest", "bilinear"), invalid=("nope", None, 1))


def image_feeds(*, scale: float = 255.0) -> tuple[Feed, ...]:
    """Images of values from 0 to scale; the last one large enough to judge a distribution."""
    return (
        Feed("images", Array((2, 8, 8, 3), values="uniform", scale=scale)),
        Feed("pixels", Array((2, 8, 8, 3), dtype="uint8", values="integers", high=256)),
        Feed("one image", Array((8, 8, 3), values="uniform", scale=scale)),
        Feed("not square", Array((2, 4, 8, 3), values="uniform", scale=scale)),
        Feed("grey", Array((2, 8, 8, 1), values="uniform", scale=scale), pairwise=False),
        Feed("one pixel", Array((1, 1, 1, 3), values="uniform", scale=scale), pairwise=False),
        Feed("batch of none", Array((0, 8, 8, 3)), pairwise=False),
        Feed("double", Array((2, 8, 8, 3), dtype="float64", values="uniform", scale=scale), pairwise=False),
        Feed("half", Array((2, 8, 8, 3), dtype="float16", values="uniform", scale=scale), pairwise=False),
        Feed(
            "whole numbers", Array((2, 8, 8, 3), dtype="int32", values="integers", high=256), pairwise=False
        ),
        Feed("out of range", Array((2, 8, 8, 3), values="large"), pairwise=False),
        Feed("labelled", labelled(scale=scale), pairwise=False),
        Feed("wrong rank", Array((8, 8)), pairwise=False),
        Feed("sample", Array((8, 16, 16, 3), values="uniform", scale=scale), pairwise=False),
    )


def labelled(*, scale: float) -> dict[str, Any]:
    """Images with one-hot labels, as data pipelines pass them."""
    return {
        "images": Array((2, 8, 8, 3), values="uniform", scale=scale),
        "labels": Array((2, 3), values="one_hot"),
    }


def augmenting(
    subject: str,
    parameters: tuple[Parameter, ...],
    oracle: Oracle,
    *,
    extra: tuple[dict[str, Any], ...] = (),
    random: bool = True,
) -> Spec:
    """The spec of one augmentation layer; `extra` stands beside every layer's keywords."""
    first = {p.name: p.values[0] for p in parameters if p.values[0] is not OMIT}
    return Spec(
        subject=f"layers.{subject}",
        family="layers",
        script="layer",
        parameters=parameters,
        feeds=image_feeds(),
        extra=(*keywords((8, 8, 3), **first), *({**first, **one} for one in extra)),
        oracle=oracle,
        random=random,
        source=SOURCE,
    )


def _formats() -> tuple[dict[str, Any], ...]:
    """`data_format` alone: only Keras 3 takes it where both have the layer."""
    return tuple(dict(one) for one in alone("data_format", "channels_first", "channels_last", None, "nope"))


ONLY_FORMAT = one_sided("data_format", "Keras 3")

FLIP = augmenting(
    "RandomFlip",
    (
        Parameter(
            "mode",
            (OMIT, "horizontal", "vertical", "horizontal_and_vertical"),
            invalid=("nope", None, 1),
        ),
        SEED,
        ONLY_FORMAT,
    ),
    only_training(augmentation.random),
    extra=_formats(),
)

TRANSLATION = augmenting(
    "RandomTranslation",
    (
        Parameter(
            "height_factor",
            (0.25, 0, (0.25, 0.25), (-0.5, -0.5), (-0.2, 0.3)),
            invalid=(*FACTOR_WRONG, -0.5, 2.0),
        ),
        Parameter(
            "width_factor",
            (0.25, 0.0, (0.25, 0.25), (-0.5, -0.5), (-0.2, 0.3)),
            invalid=(*FACTOR_WRONG, -0.5, 2.0),
        ),
        FILL_MODE,
        INTERPOLATION,
        FILL_VALUE,
        SEED,
        ONLY_FORMAT,
    ),
    only_training(augmentation.translate),
    extra=(
        *_formats(),
        {"height_factor": (0.25, 0.25), "width_factor": (0.0, 0.0), "fill_mode": "reflect"},
        {"height_factor": (0.25, 0.25), "width_factor": (0.25, 0.25), "fill_mode": "wrap"},
        {"height_factor": (0.25, 0.25), "width_factor": (0.25, 0.25), "fill_mode": "nearest"},
        {"height_factor": (0.3, 0.3), "width_factor": (0.1, 0.1), "fill_mode": "constant"},
    ),
)

ROTATION = augmenting(
    "RandomRotation",
    (
        Parameter("factor", (0.25, 0.0, (0.25, 0.25), (0.5, 0.5), (-0.2, 0.3)), invalid=FACTOR_WRONG),
        FILL_MODE,
        INTERPOLATION,
        FILL_VALUE,
        SEED,
        ONLY_FORMAT,
    ),
    only_training(augmentation.rotate),
    extra=(
        *_formats(),
        {"factor": (-0.25, -0.25)},
        {"factor": (0.1, 0.1)},
        {"factor": -0.25},
        {"factor": 2.0},
    ),
)

ZOOM = augmenting(
    "RandomZoom",
    (
        Parameter(
            "height_factor",
            (0.5, 0.0, (0.5, 0.5), (-0.5, -0.5), (-0.2, 0.3)),
            invalid=(*FACTOR_WRONG, -2.0, (-1.5, 0.5)),
        ),
        Parameter(
            "width_factor",
            (OMIT, None, 0.0, (0.5, 0.5), (-0.2, 0.3)),
            invalid=("0.5", (0.5,), (0.5, 0.1)),
        ),
        FILL_MODE,
        INTERPOLATION,
        FILL_VALUE,
        SEED,
        ONLY_FORMAT,
    ),
    only_training(augmentation.nothing_at("height_factor", "width_factor", default=None)),
    extra=_formats(),
)

CROP = augmenting(
    "RandomCrop",
    (
        Parameter("height", (4, 8, 2, 16), invalid=(0, -1, "4", 2.5, None)),
        Parameter("width", (4, 8, 2, 16), invalid=(0, -1, "4", 2.5, None)),
        SEED,
        ONLY_FORMAT,
    ),
    augmentation.random_crop,
    extra=(*_formats(), {"height": 8, "width": 8}, {"height": 16, "width": 8}, {"height": 3, "width": 5}),
)

CONTRAST = augmenting(
    "RandomContrast",
    (
        Parameter("factor", (0.5, 0.0, (0.2, 0.8), (0.0, 0.0)), invalid=(*FACTOR_WRONG, -0.5, 2.0)),
        SEED,
        one_sided("value_range", "Keras 3"),
    ),
    only_training(augmentation.nothing_at("factor", clips=True)),
    extra=({"value_range": (0, 1)}, {"value_range": "nope"}, {"factor": (0.5, 0.5)}),
)

BRIGHTNESS = augmenting(
    "RandomBrightness",
    (
        Parameter(
            "factor",
            (0.2, (0.2, 0.2), (-0.3, -0.3), 0.0, (-0.2, 0.3), (1.0, 1.0)),
            invalid=("0.5", None, (0.5,), (0.1, 0.2, 0.3), 2.0, -2.0),
        ),
        RANGE,
        SEED,
    ),
    only_training(augmentation.brightness),
    extra=({"factor": (0.3, -0.3)}, {"factor": -0.2}),
)


def _one_axis(subject: str, oracle: Oracle) -> Spec:
    """`RandomHeight` and `RandomWidth`, which Keras 3 no longer has."""
    return augmenting(
        subject,
        (
            Parameter(
                "factor",
                (0.5, (0.5, 0.5), (-0.5, -0.5), 0.0, (-0.2, 0.3)),
                invalid=(*FACTOR_WRONG, -2.0, (-1.5, 0.5)),
            ),
            Parameter(
                "interpolation", (OMIT, "nearest", "bilinear", "bicubic", "area"), invalid=("nope", None)
            ),
            SEED,
        ),
        oracle,
    )


SPECS: tuple[Spec, ...] = (
    FLIP,
    TRANSLATION,
    ROTATION,
    ZOOM,
    CROP,
    CONTRAST,
    BRIGHTNESS,
    _one_axis("RandomHeight", only_training(augmentation.taller)),
    _one_axis("RandomWidth", only_training(augmentation.wider)),
)
