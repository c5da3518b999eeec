"""Applications without their published weights: architecture, parameter count, names; small ones computed.

https://keras.io/api/applications/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.oracles.applications import centred
from harness.specs.oracles.backend import positional

SOURCE = "https://keras.io/api/applications/"
WEIGHTS = Parameter("weights", (None,), why_few="the published weights would be downloaded")

SMALL: Mapping[str, int] = {"MobileNet": 32, "VGG16": 32}
"""Those that build and compute in a second or so, and the side of the image they are given."""

OTHERS = (
    "MobileNetV2", "MobileNetV3Small", "ResNet50", "Xception", "VGG19", "EfficientNetB0", "ConvNeXtTiny",
)  # fmt: skip
"""One of further families; each costs seconds to build. The larger ones of a family differ in its numbers
only; DenseNet, NASNet, Inception and later generations cost tens of seconds and are held to their signatures.
"""


def small(name: str, side: int) -> Spec:
    """An application that is also asked to compute."""
    pooled = Parameter("pooling", (OMIT, "avg", "max"), invalid=("nope",))
    return Spec(
        subject=f"applications.{name}",
        family="applications",
        script="application",
        feeds=(Feed("built", None, call={"$round_trip": True, "$forward": True}),),
        parameters=(
            WEIGHTS,
            Parameter(
                "input_shape",
                ((side, side, 3),),
                invalid=((8, 8, 3), (side, side)),
                why_few="small on purpose",
            ),
            Parameter("include_top", (False, True)),
            *((pooled,) if name == "MobileNet" else ()),
            Parameter("classes", (OMIT, 7)),
        ),
        valid=lambda p: p.get("include_top") or "classes" not in p,
        no_oracle="an architecture is held to its description: counts, shapes, names",
        source=SOURCE,
        dear=(),
        limit=120.0,
        programs=True,
    )


def large(name: str) -> Spec:
    """An application that is only built."""
    return Spec(
        subject=f"applications.{name}",
        family="applications",
        script="application",
        feeds=(Feed("built", None),),
        parameters=(WEIGHTS, Parameter("include_top", (OMIT,), why_few="seconds for each")),
        no_oracle="an architecture is held to its description: counts, shapes, names",
        source=SOURCE,
        dear=(),
        limit=240.0,
        programs=True,
    )


PREPROCESSED: Mapping[str, str] = {
    "imagenet_utils": "", "mobilenet": "tf", "mobilenet_v2": "tf", "resnet": "caffe", "resnet50": "caffe",
    "resnet_v2": "tf", "vgg16": "caffe", "vgg19": "caffe", "densenet": "torch", "inception_v3": "tf",
    "inception_resnet_v2": "tf", "xception": "tf", "nasnet": "tf", "efficientnet": "none",
    "efficientnet_v2": "none", "mobilenet_v3": "none", "convnext": "none",
}  # fmt: skip
"""Module → how its page says pixels are prepared."""


def prepared(module: str, mode: str) -> Spec:
    """What a module does to pixels before they are fed."""
    generic = module == "imagenet_utils"
    modes = (Parameter("mode", (OMIT, "tf", "torch", "caffe"), invalid=("nope",)),) if generic else ()
    inputs: dict[str, Any] = {
        "image": Array((2, 3, 3), values="uniform", scale=255.0),
        "batch": Array((2, 2, 2, 3), values="uniform", scale=255.0),
        "whole": Array((2, 2, 3), dtype="int32", values="integers", high=256),
    }
    return Spec(
        subject=f"applications.{module}.preprocess_input",
        family="applications",
        script="application:preprocess",
        feeds=tuple(Feed(label, feed) for label, feed in inputs.items()),
        parameters=(Parameter("data_format", (OMIT, "channels_last"), invalid=("nope",)), *modes),
        oracle=positional(lambda x, data_format=None, mode=mode or "caffe": centred(x, mode)),
        source=SOURCE,
        dear=(),
        limit=20.0,
    )


SPECS: tuple[Spec, ...] = (
    *(small(name, side) for name, side in SMALL.items()),
    *(large(name) for name in OTHERS),
    *(prepared(module, mode) for module, mode in PREPROCESSED.items()),
)
