"""What `losses.get`, `serialize` and `deserialize` make of names, classes, objects and configs."""

from __future__ import annotations

from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, attribute, tagged

SOURCE = "https://keras.io/api/losses/"

NAMES = (
    "mse",
    "MSE",
    "mae",
    "MAE",
    "mape",
    "MAPE",
    "msle",
    "MSLE",
    "kld",
    "KLD",
    "bce",
    "BCE",
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "kl_divergence",
    "kullback_leibler_divergence",
    "log_cosh",
    "logcosh",
    "huber",
    "huber_loss",
    "cosine",
    "cosine_similarity",
    "cosine_proximity",
    "hinge",
    "squared_hinge",
    "categorical_hinge",
    "poisson",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "sparse_categorical_crossentropy",
    "categorical_generalized_cross_entropy",
    "dice",
    "tversky",
    "circle",
    "ctc",
)
"""Strings for a loss function."""

CLASSES = (
    "MeanSquaredError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredLogarithmicError",
    "Huber",
    "LogCosh",
    "CosineSimilarity",
    "Hinge",
    "SquaredHinge",
    "CategoricalHinge",
    "Poisson",
    "KLDivergence",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "SparseCategoricalCrossentropy",
)
"""Strings for a loss class."""

NO_IDENTIFIER: tuple[Any, ...] = (
    1,
    2.5,
    "nope",
    "",
    "Mse",
    {},
    [],
    {"class_name": "Nope", "config": {}},
    {"class_name": "MeanSquaredError", "config": {"unknown": 1}},
    {"config": {}},
)

CONFIGS: tuple[Any, ...] = (
    {"class_name": "MeanSquaredError", "config": {}},
    {"class_name": "Huber", "config": {"delta": 2.0, "reduction": "sum", "name": "given"}},
    {"class_name": "BinaryCrossentropy", "config": {"from_logits": True, "reduction": "auto"}},
)

PAIR = (Feed("pair", [Array((4, 3), values="positive"), Array((4, 3), values="probabilities")]),)

LOOKUPS: tuple[Spec, ...] = (
    Spec(
        subject="losses.get",
        family="losses",
        script="lookup",
        parameters=(
            Parameter(
                "identifier",
                (
                    *NAMES,
                    *CLASSES,
                    *CONFIGS,
                    None,
                    attribute("losses.mean_squared_error"),
                    attribute("losses.MeanSquaredError"),
                    tagged("losses.Huber", delta=2.0),
                    {"$function": "double"},
                ),
                invalid=NO_IDENTIFIER,
            ),
        ),
        feeds=PAIR,
        no_oracle="A function or an object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
    Spec(
        subject="losses.serialize",
        family="losses",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                (
                    *(attribute(f"losses.{n}") for n in NAMES if n == n.lower() and "_" in n),
                    *(tagged(f"losses.{n}") for n in CLASSES),
                    tagged("losses.Huber", delta=2.0, reduction="sum", name="given"),
                    {"$function": "double"},
                ),
                invalid=(None, "mse", 1, {}),
            ),
        ),
        feeds=(Feed("nothing", None),),
        no_oracle="A config is returned.",
        source=SOURCE,
    ),
    Spec(
        subject="losses.deserialize",
        family="losses",
        script="lookup",
        parameters=(
            Parameter("$first", ("mse", "kld", "huber", "MeanSquaredError", *CONFIGS), invalid=NO_IDENTIFIER),
            Parameter("custom_objects", (OMIT, None, {"mine": {"$function": "double"}})),
        ),
        feeds=PAIR,
        extra=({"$first": "mine", "custom_objects": {"mine": {"$function": "double"}}}, {"$first": "mine"}),
        no_oracle="A function or an object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
)
