"""Image augmentation that only Keras 3 has: colours, mixtures, distortions, policies.

https://keras.io/api/layers/preprocessing_layers/image_augmentation/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec
from harness.specs.layers_augmentation_geometry import (
    FACTOR_WRONG,
    FILL_MODE,
    FILL_VALUE,
    FORMAT,
    INTERPOLATION,
    RANGE,
    SEED,
    augmenting,
)
from harness.specs.oracles import augmentation
from harness.specs.oracles.augmentation import always, nothing_at, only_training


def _factor(*values: Any) -> Parameter:
    return Parameter("factor", values, invalid=(*FACTOR_WRONG, -0.5, 2.0))


FADING = (0.5, 0.0, (0.5, 0.5), (0.2, 0.8), (0.0, 0.0))
OPTIONAL = (OMIT, 0.0, (0.0, 0.0), 0.5, (0.2, 0.8))
ALWAYS_OR_NOT = (OMIT, 0.0, (1.0, 1.0), 0.5)
CERTAIN = only_training(nothing_at("factor"))
BALANCED = only_training(nothing_at("factor", value=0.5, clips=True))
DRAWN = only_training(augmentation.random)


def _without_oracle(spec: Spec, reason: str) -> Spec:
    """The same spec, compared only between implementations."""
    return replace(spec, oracle=None, no_oracle=reason)


def _coloured(subject: str, values: tuple[Any, ...], oracle: Oracle) -> Spec:
    return augmenting(subject, (_factor(*values), RANGE, FORMAT, SEED), oracle)


EQUALIZATION = _without_oracle(
    augmenting(
        "Equalization",
        (RANGE, Parameter("bins", (OMIT, 16, 256), invalid=(0, -1, "4", 2.5, None)), FORMAT),
        DRAWN,
        random=False,
    ),
    "The page names histogram equalization and not its rounding.",
)

CLAHE = _without_oracle(
    augmenting(
        "ContrastLimitedAdaptiveHistogramEqualization",
        (
            RANGE,
            Parameter("clip_limit", (OMIT, 1.0, 0.0), invalid=("4", -1.0)),
            Parameter("tile_grid_size", (OMIT, (2, 2), (1, 1)), invalid=((0, 2), "2", 2, (2, 2, 2))),
            FORMAT,
        ),
        DRAWN,
        random=False,
    ),
    "The page names the method and not its binning and clipping.",
)

ALPHA = Parameter("alpha", (OMIT, 0.5, 1.0), invalid=("0.5", None, -0.5, 2.0))

MIX = (
    augmenting("MixUp", (ALPHA, FORMAT, SEED), DRAWN),
    augmenting("CutMix", (_factor(OMIT, 0.5, (0.2, 0.8)), FORMAT, SEED), DRAWN),
)

POLICIES = (
    augmenting(
        "RandAugment",
        (
            RANGE,
            Parameter("num_ops", (OMIT, 1, 3), invalid=(-1, "2", 2.5, None)),
            _factor(OMIT, 0.0, 0.25),
            INTERPOLATION,
            FORMAT,
            SEED,
        ),
        DRAWN,
    ),
    augmenting(
        "AugMix",
        (
            RANGE,
            Parameter("num_chains", (OMIT, 1), invalid=(0, -1, "2", 2.5)),
            Parameter("chain_depth", (OMIT, 1), invalid=(0, -1, "2", 2.5)),
            _factor(OMIT, 0.0, 0.5),
            Parameter("alpha", (OMIT, 0.5), invalid=("0.5", None, -0.5)),
            Parameter("all_ops", (OMIT, False)),
            INTERPOLATION,
            FORMAT,
            SEED,
        ),
        DRAWN,
    ),
)

JITTER = augmenting(
    "RandomColorJitter",
    (
        RANGE,
        Parameter("brightness_factor", (OMIT, 0.2, None), invalid=("0.5", 2.0)),
        Parameter("contrast_factor", (OMIT, 0.2, None), invalid=("0.5", -1.0)),
        Parameter("saturation_factor", (OMIT, 0.2, None), invalid=("0.5", 2.0)),
        Parameter("hue_factor", (OMIT, 0.2, None), invalid=("0.5", 2.0)),
        FORMAT,
        SEED,
    ),
    DRAWN,
)

DISTORTIONS = (
    augmenting(
        "RandomElasticTransform",
        (
            _factor(*OPTIONAL),
            Parameter("scale", (OMIT, 0.5, (0.2, 0.8)), invalid=("1", None)),
            INTERPOLATION,
            FILL_MODE,
            FILL_VALUE,
            RANGE,
            FORMAT,
            SEED,
        ),
        CERTAIN,
    ),
    augmenting(
        "RandomPerspective",
        (
            _factor(*OPTIONAL),
            Parameter("scale", (OMIT, 0.5, 0.0), invalid=("1", None, -1.0, 2.0)),
            INTERPOLATION,
            FILL_VALUE,
            FORMAT,
            SEED,
        ),
        CERTAIN,
    ),
    augmenting(
        "RandomShear",
        (
            Parameter("x_factor", (OMIT, 0.0, 0.5, (0.2, 0.8)), invalid=("0.5", None, -0.5, 2.0, (0.5,))),
            Parameter("y_factor", (OMIT, 0.0, 0.5, (0.2, 0.8)), invalid=("0.5", None, -0.5, 2.0, (0.5,))),
            INTERPOLATION,
            FILL_MODE,
            FILL_VALUE,
            FORMAT,
            SEED,
        ),
        only_training(nothing_at("x_factor", "y_factor", default=0.0)),
    ),
    augmenting(
        "RandomErasing",
        (
            _factor(*OPTIONAL),
            Parameter("scale", (OMIT, (0.1, 0.2), 0.3), invalid=("1", None, (0.5, 0.1))),
            Parameter("fill_value", (OMIT, 0.0, 255.0, None), invalid=("1",)),
            RANGE,
            FORMAT,
            SEED,
        ),
        CERTAIN,
    ),
    augmenting(
        "RandomGaussianBlur",
        (
            _factor(*OPTIONAL),
            Parameter("kernel_size", (OMIT, 5, 1), invalid=(2, 0, -1, "3", 2.5, None)),
            Parameter("sigma", (OMIT, 0.5, (0.5, 1.5)), invalid=("1", -1.0, None)),
            RANGE,
            FORMAT,
            SEED,
        ),
        CERTAIN,
    ),
)


def _posterization() -> Spec:
    spec = augmenting(
        "RandomPosterization",
        (Parameter("factor", (4, 8, 1), invalid=(0, 9, "4", 2.5, None)), RANGE, FORMAT, SEED),
        only_training(augmentation.posterize),
    )
    grey = Feed("grey steps", Array((1, 16, 16, 1), values="integers", high=256), pairwise=False)
    return replace(spec, feeds=(*spec.feeds, grey))


SPECS: tuple[Spec, ...] = (
    _coloured("RandomColorDegeneration", FADING, CERTAIN),
    _coloured("RandomHue", FADING, CERTAIN),
    _coloured("RandomSaturation", FADING, BALANCED),
    _coloured("RandomSharpness", FADING, BALANCED),
    _coloured("RandomInvert", ALWAYS_OR_NOT, only_training(augmentation.invert)),
    augmenting("RandomGrayscale", (_factor(OMIT, 0.0, 1.0), FORMAT, SEED), CERTAIN),
    _posterization(),
    augmenting(
        "Solarization",
        (
            Parameter("addition_factor", (OMIT, 0.0, (0.1, 0.1), 0.5), invalid=("0.5", None, -0.5, 2.0)),
            Parameter("threshold_factor", (OMIT, 0.0, (0.5, 0.5), 0.5), invalid=("0.5", None, -0.5, 2.0)),
            RANGE,
            SEED,
        ),
        only_training(augmentation.solarize),
    ),
    augmenting("AutoContrast", (RANGE,), always(augmentation.auto_contrast), random=False),
    EQUALIZATION,
    CLAHE,
    *MIX,
    *POLICIES,
    JITTER,
    *DISTORTIONS,
)
