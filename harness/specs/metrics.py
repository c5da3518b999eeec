"""Metrics: classes over several updates, functions, and the names they go by.

https://keras.io/api/metrics/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs import metric_feeds as fed
from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec, attribute
from harness.specs.metric_functions import FUNCTIONS
from harness.specs.metric_lookups import LOOKUPS
from harness.specs.oracles import losses as of_losses
from harness.specs.oracles import metrics as oracles
from harness.specs.oracles import metrics_confusion as confusion

SOURCE = "https://keras.io/api/metrics/"

Feeds = tuple[Feed, ...]

NAME = Parameter("name", (OMIT, "given"), invalid=(1,))
DTYPE = Parameter("dtype", (OMIT, "float64", "float16"), invalid=("nope", 1))


def metric(
    name: str,
    feeds: Feeds,
    oracle: Oracle | None,
    *parameters: Parameter,
    extra: tuple[Mapping[str, Any], ...] = (),
    why: str = "",
    script: str = "metric",
    valid: Any = None,
) -> Spec:
    """The spec of one metric class."""
    return Spec(
        subject=f"metrics.{name}",
        family="metrics",
        script=script,
        parameters=(*parameters, NAME, DTYPE),
        feeds=feeds,
        extra=({"unknown": 1}, {"dtype": "int32"}, *extra),
        oracle=oracle,
        no_oracle=why,
        source=SOURCE,
        dear=("names",),
        valid=valid,
    )


def mean_metric(
    name: str,
    function: Any,
    feeds: Feeds,
    *parameters: Parameter,
    flip: bool = False,
    sparse: bool = False,
    **more: Any,
) -> Spec:
    """A metric that is the weighted mean of a number per sample."""
    known = tuple(p.name for p in parameters)
    oracle = oracles.oracle_of(oracles.mean_of(function, flip=flip), *known, sparse=sparse)
    return metric(name, feeds, oracle, *parameters, **more)


AXIS = Parameter("axis", (OMIT, -1, 1), invalid=(3, "1", None))
FROM_LOGITS = Parameter("from_logits", (OMIT, True), invalid=("yes", None))
SMOOTHING = Parameter("label_smoothing", (OMIT, 0.1), invalid=("1", None, 2.0))
K = Parameter("k", (OMIT, 1, 2), invalid=(0, -1, "1", None, 1.5))
THRESHOLD = Parameter("threshold", (OMIT, 0.3, 0), invalid=("1", None, 2.0))
THRESHOLDS = Parameter(
    "thresholds", (OMIT, 0.3, [0.2, 0.5, 0.8], [0.5], None), invalid=("1", 2.0, -1.0, [], [0.5, 2.0], [None])
)
CLASS_ID = Parameter("class_id", (OMIT, 1, None), invalid=(9, "1", -4, 1.5))
NUM_THRESHOLDS = Parameter("num_thresholds", (OMIT, 5, 50, 2), invalid=(1, 0, -1, "5", None, 2.5))
IGNORE = Parameter("ignore_class", (OMIT, 0, None), invalid=("0", 9))
REGRESSIONS: tuple[tuple[str, str], ...] = (
    ("MeanSquaredError", "mean_squared_error"),
    ("MeanAbsoluteError", "mean_absolute_error"),
    ("MeanAbsolutePercentageError", "mean_absolute_percentage_error"),
    ("LogCoshError", "log_cosh"),
    ("Hinge", "hinge"),
    ("SquaredHinge", "squared_hinge"),
)
POSITIVES: tuple[tuple[str, str], ...] = (
    ("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error"),
    ("Poisson", "poisson"),
    ("KLDivergence", "kl_divergence"),
)

MEANS: tuple[Spec, ...] = (
    *(mean_metric(name, of_losses.LOSSES[function], fed.REGRESSION) for name, function in REGRESSIONS),
    *(mean_metric(name, of_losses.LOSSES[function], fed.POSITIVE) for name, function in POSITIVES),
    mean_metric("CategoricalHinge", of_losses.categorical_hinge, fed.CATEGORICAL),
    mean_metric("CosineSimilarity", of_losses.cosine_similarity, fed.REGRESSION, AXIS, flip=True),
    mean_metric("PearsonCorrelation", oracles.pearson_correlation, fed.REGRESSION, AXIS),
    mean_metric("ConcordanceCorrelation", oracles.concordance_correlation, fed.REGRESSION, AXIS),
    mean_metric("BinaryCrossentropy", of_losses.binary_crossentropy, fed.BINARY, FROM_LOGITS, SMOOTHING),
    mean_metric(
        "CategoricalCrossentropy",
        of_losses.categorical_crossentropy,
        fed.CATEGORICAL,
        FROM_LOGITS,
        SMOOTHING,
        AXIS,
    ),
    mean_metric(
        "SparseCategoricalCrossentropy",
        of_losses.sparse_categorical_crossentropy,
        fed.SPARSE,
        FROM_LOGITS,
        sparse=True,
        extra=({"axis": 1}, {"axis": -1}, {"ignore_class": 0}, {"ignore_class": None}),
    ),
    mean_metric("Accuracy", oracles.accuracy, fed.IOU),
    mean_metric(
        "BinaryAccuracy",
        oracles.binary_accuracy,
        (*fed.BINARY, *fed.more_weights(fed.BITS, fed.CHANCE)),
        THRESHOLD,
    ),
    mean_metric("CategoricalAccuracy", oracles.categorical_accuracy, fed.CATEGORICAL),
    mean_metric("SparseCategoricalAccuracy", oracles.sparse_categorical_accuracy, fed.SPARSE, sparse=True),
    mean_metric("TopKCategoricalAccuracy", oracles.top_k_categorical_accuracy, fed.CATEGORICAL, K),
    mean_metric(
        "SparseTopKCategoricalAccuracy",
        oracles.sparse_top_k_categorical_accuracy,
        fed.SPARSE,
        K,
        sparse=True,
        extra=({"from_sorted_ids": True, "k": 2}, {"from_sorted_ids": False}),
    ),
)

COUNTS: tuple[Spec, ...] = tuple(
    metric(
        name, (*fed.BINARY[:7], *more), oracles.oracle_of(confusion.count_of(which), "thresholds"), THRESHOLDS
    )
    for name, which, more in (
        ("TruePositives", "true_positives", (*fed.BINARY[7:], *fed.more_weights(fed.BITS, fed.CHANCE))),
        ("FalsePositives", "false_positives", ()),
        ("TrueNegatives", "true_negatives", ()),
        ("FalseNegatives", "false_negatives", ()),
    )
)

TOP_K = Parameter("top_k", (OMIT, 1, 2, None), invalid=(0, -1, "1", 1.5, 9))

CURVES: tuple[Spec, ...] = (
    *(
        metric(
            name,
            fed.BINARY,
            oracles.oracle_of(confusion.precision_or_recall(which), "thresholds", "top_k", "class_id"),
            THRESHOLDS,
            TOP_K,
            CLASS_ID,
        )
        for name, which in (("Precision", "precision"), ("Recall", "recall"))
    ),
    *(
        metric(
            name,
            fed.LONG,
            oracles.oracle_of(
                confusion.best_where(goal, limit, keyword), keyword, "num_thresholds", "class_id"
            ),
            Parameter(keyword, (0.5, 0.9, 0), invalid=("1", None, 2.0, -0.5)),
            NUM_THRESHOLDS,
            extra=({"class_id": 1}, {"class_id": None}, {"num_thresholds": 1}, {keyword: 1}),
        )
        for name, goal, limit, keyword in (
            ("SensitivityAtSpecificity", "sensitivity", "specificity", "specificity"),
            ("SpecificityAtSensitivity", "specificity", "sensitivity", "sensitivity"),
            ("PrecisionAtRecall", "precision", "sensitivity", "recall"),
            ("RecallAtPrecision", "sensitivity", "precision", "precision"),
        )
    ),
    metric(
        "AUC",
        fed.LONG,
        oracles.oracle_of(
            confusion.auc,
            *("num_thresholds", "curve", "summation_method", "thresholds", "multi_label"),
            *("num_labels", "label_weights", "from_logits"),
        ),
        NUM_THRESHOLDS,
        Parameter("curve", (OMIT, "PR", "ROC"), invalid=("nope", None, "PRGAIN")),
        Parameter(
            "summation_method", (OMIT, "minoring", "majoring", "interpolation"), invalid=("nope", None)
        ),
        Parameter("thresholds", (OMIT, [0.5, 0.2], [0.25, 0.5, 0.75], None), invalid=([2.0], "1", 0.5)),
        Parameter("multi_label", (OMIT, True, False), invalid=("yes", None)),
        Parameter("from_logits", (OMIT, True), invalid=("yes",)),
        extra=(
            {"multi_label": True, "num_labels": 3},
            {"multi_label": True, "label_weights": [1.0, 2.0, 0.5]},
            {"num_labels": 3},
            {"label_weights": [1.0, 2.0, 0.5]},
            {"multi_label": True, "num_labels": 2},
            {"multi_label": True, "label_weights": [1.0, 2.0]},
        ),
    ),
)

TARGET_CLASSES = Parameter("target_class_ids", ([0], [0, 1], (1,)), invalid=([5], 0, None, []))
CLASSES = Parameter("num_classes", (2, 3), invalid=(1, 0, -1, "2", None, 2.5))

SEGMENTATION: tuple[Spec, ...] = (
    metric(
        "MeanIoU",
        fed.IOU,
        oracles.oracle_of(confusion.mean_iou, "num_classes", "ignore_class", sparse=True),
        CLASSES,
        IGNORE,
        extra=({"sparse_y_true": False}, {"sparse_y_pred": False}, {"axis": 0}),
    ),
    metric(
        "IoU",
        fed.IOU,
        oracles.oracle_of(confusion.mean_iou, "num_classes", "target_class_ids", "ignore_class", sparse=True),
        CLASSES,
        TARGET_CLASSES,
        IGNORE,
    ),
    metric(
        "BinaryIoU",
        (*fed.BINARY[:5], *fed.IOU[4:8]),
        oracles.oracle_of(confusion.binary_iou, "target_class_ids", "threshold"),
        Parameter("target_class_ids", (OMIT, [0], (1,)), invalid=([5], 0, None)),
        THRESHOLD,
    ),
    metric(
        "OneHotIoU",
        fed.ONE_HOT_IOU,
        oracles.oracle_of(confusion.one_hot_iou, "num_classes", "target_class_ids", "ignore_class", "axis"),
        CLASSES,
        TARGET_CLASSES,
        IGNORE,
        extra=({"sparse_y_pred": True}, {"axis": 1}),
    ),
    metric(
        "OneHotMeanIoU",
        fed.ONE_HOT_IOU,
        oracles.oracle_of(confusion.one_hot_iou, "num_classes", "ignore_class", "axis"),
        CLASSES,
        IGNORE,
        extra=({"sparse_y_pred": True}, {"axis": 1}),
    ),
)

AVERAGE = Parameter("average", (OMIT, "micro", "macro", "weighted", None), invalid=("nope", 1))
F_THRESHOLD = Parameter("threshold", (OMIT, 0.3, None), invalid=("1", 2.0, 0.0, 1))
F_FEEDS: Feeds = (
    fed.twice("two updates", Array((4, 3), values="integers", high=2), fed.SHARES),
    *fed.CATEGORICAL,
)

SCORES: tuple[Spec, ...] = (
    metric(
        "F1Score", F_FEEDS, oracles.oracle_of(oracles.f_beta, "average", "threshold"), AVERAGE, F_THRESHOLD
    ),
    metric(
        "FBetaScore",
        F_FEEDS,
        oracles.oracle_of(oracles.f_beta, "average", "threshold", "beta"),
        AVERAGE,
        Parameter("beta", (OMIT, 2.0, 0.5), invalid=(1, 0.0, -1.0, "1", None)),
        F_THRESHOLD,
    ),
    metric(
        "R2Score",
        fed.REGRESSION,
        oracles.oracle_of(oracles.r2_score, "class_aggregation", "num_regressors"),
        Parameter(
            "class_aggregation",
            (OMIT, None, "variance_weighted_average", "uniform_average"),
            invalid=("nope", 1),
        ),
        Parameter("num_regressors", (OMIT, 2, 1), invalid=(-1, "1", None, 1.5, 99)),
    ),
    metric(
        "RootMeanSquaredError",
        (*fed.REGRESSION, *fed.more_weights(fed.NUMBERS, fed.NUMBERS)),
        oracles.oracle_of(oracles.root_mean_squared_error),
    ),
    metric("Mean", fed.VALUES, oracles.reduction_oracle(oracles.mean)),
    metric("Sum", fed.VALUES, oracles.reduction_oracle(oracles.total)),
    metric(
        "MeanTensor",
        fed.VALUES,
        oracles.reduction_oracle(oracles.mean_tensor, "shape"),
        extra=({"shape": (4,)}, {"shape": (3,)}),
    ),
    metric(
        "MeanRelativeError",
        (fed.updates("vectors", (Array((2,)), Array((2,)))), *fed.REGRESSION[:2]),
        oracles.oracle_of(oracles.mean_relative_error, "normalizer"),
        Parameter("normalizer", ([1.0, 2.0], [0.0, 3.0]), invalid=(None, "1", 2.0)),
    ),
    metric(
        "MeanMetricWrapper",
        fed.REGRESSION[:6],
        None,
        Parameter(
            "fn",
            (attribute("losses.mean_squared_error"),),
            invalid=("mse", None, 1),
            why_few="any function does",
        ),
        why="The function that is wrapped is the case's own.",
    ),
    metric(
        "Metric",
        fed.REGRESSION[:3],
        None,
        script="metric:subclass",
        why="The class of the case is the case's own.",
    ),
)

SPECS: tuple[Spec, ...] = (*MEANS, *COUNTS, *CURVES, *SEGMENTATION, *SCORES, *FUNCTIONS, *LOOKUPS)

ALIASES: Mapping[str, str] = {
    alias: f"metrics.{name}"
    for name, aliases in (
        ("kl_divergence", ("kld", "KLD", "kullback_leibler_divergence")),
        ("mean_absolute_error", ("mae", "MAE")),
        ("mean_absolute_percentage_error", ("mape", "MAPE")),
        ("mean_squared_error", ("mse", "MSE")),
        ("mean_squared_logarithmic_error", ("msle", "MSLE")),
        ("log_cosh", ("logcosh",)),
        ("cosine_similarity", ("cosine", "cosine_proximity")),
    )
    for alias in (f"metrics.{a}" for a in aliases)
}

NOT_CALLABLE: Mapping[str, str] = {}
