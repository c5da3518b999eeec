"""What `metrics.get`, `serialize` and `deserialize` make of names, and what "accuracy" means to a model."""

from __future__ import annotations

from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, attribute, tagged
from harness.specs.loss_lookups import NAMES as LOSS_NAMES

SOURCE = "https://keras.io/api/metrics/"

NAMES = (
    *LOSS_NAMES,
    *(
        "acc",
        "accuracy",
        "Accuracy",
        "binary_accuracy",
        "categorical_accuracy",
        "sparse_categorical_accuracy",
    ),
    *(
        "top_k_categorical_accuracy",
        "sparse_top_k_categorical_accuracy",
        "ce",
        "crossentropy",
        "auc",
        "precision",
    ),
    *("pearson_correlation", "concordance_correlation", "f1_score", "r2_score", "mean", "sum"),
)
"""Strings for a metric, or for what looks like one."""

CLASSES = (
    *("AUC", "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy"),
    *("CategoricalCrossentropy", "CategoricalHinge", "CosineSimilarity", "F1Score", "FalseNegatives"),
    *("FalsePositives", "Hinge", "KLDivergence", "LogCoshError", "Mean", "MeanAbsoluteError"),
    *("MeanSquaredError", "Poisson", "Precision", "R2Score", "Recall", "RootMeanSquaredError"),
    *(
        "SparseCategoricalAccuracy",
        "SparseCategoricalCrossentropy",
        "SquaredHinge",
        "Sum",
        "TopKCategoricalAccuracy",
    ),
)
"""Strings for a metric class."""

NO_IDENTIFIER: tuple[Any, ...] = (1, 2.5, "nope", "", {}, [], {"class_name": "Nope", "config": {}}, None)

CONFIGS: tuple[Any, ...] = (
    {"class_name": "AUC", "config": {"num_thresholds": 10, "curve": "PR"}},
    {"class_name": "MeanIoU", "config": {"num_classes": 3}},
    {"class_name": "BinaryAccuracy", "config": {"threshold": 0.3, "name": "given", "dtype": "float32"}},
)

PAIR = (Feed("pair", [Array((4, 3), values="positive"), Array((4, 3), values="probabilities")]),)


def _lookup(
    subject: str, *parameters: Parameter, extra: tuple[Any, ...] = (), feeds: tuple[Feed, ...] = PAIR
) -> Spec:
    return Spec(
        subject=subject,
        family="metrics",
        script="lookup",
        parameters=parameters,
        feeds=feeds,
        extra=extra,
        no_oracle="A function, an object or a config is returned; what it computes has its own oracle.",
        source=SOURCE,
    )


MINE: dict[str, Any] = {"custom_objects": {"mine": {"$function": "double"}}}

COMPILED = Spec(
    subject="models.Model.compile",
    family="metrics",
    script="metric:compiled",
    parameters=(
        Parameter("metrics", ("accuracy", "acc", "mse", "ce", "crossentropy"), invalid=("nope", 1)),
        Parameter(
            "loss",
            (
                *("mean_squared_error", "binary_crossentropy", "categorical_crossentropy"),
                *("sparse_categorical_crossentropy", "hinge"),
            ),
        ),
    ),
    feeds=(
        Feed("several labels", [Array((6, 3), values="integers", high=2), Array((6, 3), values="uniform")]),
        Feed("one label", [Array((6, 1), values="integers", high=2), Array((6, 1), values="uniform")]),
        Feed("one-hot", [Array((6, 3), values="one_hot"), Array((6, 3), values="probabilities")]),
        Feed(
            "class numbers", [Array((6, 1), values="integers", high=3), Array((6, 3), values="probabilities")]
        ),
    ),
    no_oracle="Which accuracy a string stands for depends on the shapes.",
    source="https://keras.io/api/models/model_training_apis/#compile-method",
    dear=(),
)
"""A string is resolved per output, from the shapes of targets and predictions (and once from the loss)."""

LOOKUPS: tuple[Spec, ...] = (
    _lookup(
        "metrics.get",
        Parameter(
            "identifier",
            (
                *NAMES,
                *(n for n in CLASSES if n not in NAMES),
                *CONFIGS,
                attribute("metrics.mean_squared_error"),
                attribute("metrics.MeanSquaredError"),
                tagged("metrics.AUC", num_thresholds=5),
                {"$function": "double"},
            ),
            invalid=NO_IDENTIFIER,
        ),
    ),
    _lookup(
        "metrics.serialize",
        Parameter(
            "$first",
            (
                *(tagged(f"metrics.{n}") for n in CLASSES),
                tagged("metrics.MeanIoU", num_classes=3),
                tagged("metrics.AUC", num_thresholds=10, curve="PR", name="given"),
                attribute("metrics.binary_accuracy"),
                attribute("metrics.mean_squared_error"),
                {"$function": "double"},
            ),
            invalid=(None, "mse", 1),
        ),
        feeds=(Feed("nothing", None),),
    ),
    _lookup(
        "metrics.deserialize",
        Parameter("$first", ("mse", "binary_accuracy", "MeanSquaredError", *CONFIGS), invalid=NO_IDENTIFIER),
        Parameter("custom_objects", (OMIT, None, {"mine": {"$function": "double"}})),
        extra=({"$first": "mine", **MINE}, {"$first": "mine"}),
    ),
    COMPILED,
)
