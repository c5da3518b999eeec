"""Metrics that are plain functions of targets and predictions.

Those that are losses as well (`metrics.mean_squared_error` …) are compared on a few inputs only; the losses
family tries them on all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs import metric_feeds as fed
from harness.specs.declaration import OMIT, Feed, Parameter, Spec
from harness.specs.oracles import losses as of_losses
from harness.specs.oracles import metrics as oracles

SOURCE = "https://keras.io/api/metrics/"

K = Parameter("k", (OMIT, 1, 2), invalid=(0, -1, "1", None, 1.5))
AXIS = Parameter("axis", (OMIT, 1, -1), invalid=(3, "1", None))
FROM_LOGITS = Parameter("from_logits", (OMIT, True), invalid=("yes", None))
SMOOTHING = Parameter("label_smoothing", (OMIT, 0.1), invalid=("1", None, 2.0))


def function(
    name: str,
    feeds: tuple[Feed, ...],
    formula: of_losses.PerSample,
    *parameters: Parameter,
    flip: bool = False,
    extra: tuple[Mapping[str, Any], ...] = (),
) -> Spec:
    """The spec of one function; feeds with weights say nothing of it."""
    return Spec(
        subject=f"metrics.{name}",
        family="metrics",
        script="metric",
        parameters=parameters,
        feeds=tuple(f for f in feeds if "sample_weight" not in f.call),
        extra=({"unknown": 1}, *extra),
        oracle=oracles.function_oracle(formula, flip=flip),
        source=SOURCE,
        dear=("names",),
    )


SHARED: tuple[tuple[str, tuple[Feed, ...]], ...] = (
    ("mean_squared_error", fed.REGRESSION[:4]),
    ("mean_absolute_error", fed.REGRESSION[:4]),
    ("mean_absolute_percentage_error", fed.REGRESSION[:4]),
    ("mean_squared_logarithmic_error", fed.POSITIVE[:3]),
    ("log_cosh", fed.REGRESSION[:4]),
    ("huber", fed.REGRESSION[:4]),
    ("hinge", fed.REGRESSION[:4]),
    ("squared_hinge", fed.REGRESSION[:4]),
    ("categorical_hinge", fed.CATEGORICAL[:3]),
    ("poisson", fed.POSITIVE[:3]),
    ("kl_divergence", fed.POSITIVE[:3]),
    ("binary_focal_crossentropy", fed.BINARY[:4]),
    ("categorical_focal_crossentropy", fed.CATEGORICAL[:3]),
)
"""Functions that are losses too."""

FUNCTIONS: tuple[Spec, ...] = (
    *(function(name, feeds, of_losses.LOSSES[name]) for name, feeds in SHARED),
    function("binary_crossentropy", fed.BINARY[:4], of_losses.binary_crossentropy, FROM_LOGITS, SMOOTHING),
    function(
        "categorical_crossentropy",
        fed.CATEGORICAL[:3],
        of_losses.categorical_crossentropy,
        FROM_LOGITS,
        SMOOTHING,
    ),
    function(
        "sparse_categorical_crossentropy",
        fed.SPARSE[:4],
        of_losses.sparse_categorical_crossentropy,
        FROM_LOGITS,
    ),
    function("cosine_similarity", fed.REGRESSION[:4], of_losses.cosine_similarity, AXIS),
    function(
        "binary_accuracy",
        fed.BINARY,
        oracles.binary_accuracy,
        Parameter("threshold", (OMIT, 0.3, 0), invalid=("1", None, 2.0)),
    ),
    function("categorical_accuracy", fed.CATEGORICAL, oracles.categorical_accuracy),
    function("sparse_categorical_accuracy", fed.SPARSE, oracles.sparse_categorical_accuracy),
    function("top_k_categorical_accuracy", fed.CATEGORICAL, oracles.top_k_categorical_accuracy, K),
    function(
        "sparse_top_k_categorical_accuracy",
        fed.SPARSE,
        oracles.sparse_top_k_categorical_accuracy,
        K,
        extra=({"from_sorted_ids": True, "k": 2},),
    ),
    function("pearson_correlation", fed.REGRESSION, oracles.pearson_correlation, AXIS),
    function("concordance_correlation", fed.REGRESSION, oracles.concordance_correlation, AXIS),
)
