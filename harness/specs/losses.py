"""Losses: classes with reduction and weights, functions, and the names they go by.

https://keras.io/api/losses/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs import loss_feeds as given
from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, attribute
from harness.specs.loss_lookups import LOOKUPS
from harness.specs.oracles.loss_reduction import function_oracle, object_oracle
from harness.specs.oracles.losses import LOSSES, mean_squared_error

PROBABILISTIC = "https://keras.io/api/losses/probabilistic_losses/"
REGRESSION = "https://keras.io/api/losses/regression_losses/"
HINGES = "https://keras.io/api/losses/hinge_losses/"

Feeds = tuple[Feed, ...]

REDUCTION = Parameter(
    "reduction",
    (OMIT, "sum_over_batch_size", "sum", "none", None),
    invalid=("nope", 1, "SUM", "auto", "mean", "mean_with_sample_weight", attribute("losses.Reduction.SUM")),
)
NAME = Parameter("name", (OMIT, "given"), invalid=(1, None))
OBJECT_EXTRA: tuple[Mapping[str, Any], ...] = (
    {"unknown": 1},
    {"dtype": "float64"},
    {"dtype": "float16"},
    {"dtype": "bfloat16", "reduction": "none"},
    {"dtype": "nope"},
    {"dtype": "float64", "reduction": "sum"},
)
"""Keywords only one generation knows, and one that none knows."""

FROM_LOGITS = Parameter("from_logits", (OMIT, True, False), invalid=("yes", None, 2))
SMOOTHING = Parameter("label_smoothing", (OMIT, 0.1, 1.0, 0), invalid=(2.0, -0.5, "0.1", None))
AXIS = Parameter("axis", (OMIT, 1, -1, 0), invalid=(3, -4, "1", None, 1.5))
ALPHA = Parameter("alpha", (OMIT, 0.9, 1), invalid=("1", None))
GAMMA = Parameter("gamma", (OMIT, 1.0, 0), invalid=("1", None))


THOROUGH = frozenset(
    {
        "MeanSquaredError",
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "SparseCategoricalCrossentropy",
        "Loss",
    }
)
"""Classes tried with every weight, mask and peculiar input; reduction is one mechanism for all."""

OF_A_CLASS = frozenset({"integers", "float64", "float16", "rank 3", "labels", "classes on axis 1"})
"""Feeds every class is tried with besides its plainest; the function is tried with all."""


def class_feeds(
    class_name: str, feeds: Feeds, once: Feeds, weight_on: tuple[Array, Array, Array, Array]
) -> Feeds:
    """What a class is fed: its data, weights of every shape, masks."""
    weights = given.weight_feeds(*weight_on)
    if class_name in THOROUGH:
        return (*feeds, *once, *weights, *given.mask_feeds(*weight_on))
    some = [f for place, f in enumerate(feeds) if place == 0 or f.name in OF_A_CLASS]
    return (*some, *(weights[i] for i in (0, 4)))


def loss(
    class_name: str,
    function: str,
    feeds: Feeds,
    once: Feeds,
    weight_on: tuple[Array, Array, Array, Array],
    page: str,
    *parameters: Parameter,
    extra: tuple[Mapping[str, Any], ...] = (),
    oracle_function: str = "",
) -> tuple[Spec, Spec]:
    """The specs of a loss class and of its function.

    weight_on: targets and predictions for one loss per sample, and for one per timestep.
    """
    formula = LOSSES[oracle_function or function]
    return (
        Spec(
            subject=f"losses.{class_name}",
            family="losses",
            script="loss",
            parameters=(REDUCTION, *parameters, NAME),
            feeds=class_feeds(class_name, feeds, once, weight_on),
            extra=(*OBJECT_EXTRA, *extra, *({"reduction": "none"} | dict(e) for e in extra)),
            oracle=object_oracle(formula),
            source=page + f"#{class_name.lower()}-class",
            dear=("names", "jit"),
        ),
        Spec(
            subject=f"losses.{function}",
            family="losses",
            script="loss",
            parameters=parameters,
            feeds=(*feeds, *once),
            extra=({"unknown": 1}, *extra),
            oracle=function_oracle(formula),
            source=page + f"#{function.replace('_', '')}-function",
            dear=("names", "jit"),
        ),
    )


NUMBERS = (given.MATRIX, given.MATRIX, given.CUBE, given.CUBE)
POSITIVE_NUMBERS = tuple(Array(a.shape, values="positive") for a in NUMBERS)
BITS = (
    given.BITS,
    given.CHANCE,
    Array((2, 3, 3), values="integers", high=2),
    Array((2, 3, 3), values="uniform"),
)
ONE_HOT = (
    given.CLASSES,
    given.SHARES,
    Array((2, 3, 5), values="one_hot"),
    Array((2, 3, 5), values="probabilities"),
)
LABELS = (given.LABELS, given.SHARES, Array((2, 3), dtype="int32", values="integers"), ONE_HOT[3])


def _regression(
    class_name: str, function: str, page: str, *parameters: Parameter, **more: Any
) -> tuple[Spec, Spec]:
    return loss(
        class_name, function, given.REGRESSION, given.REGRESSION_ONCE, NUMBERS, page, *parameters, **more
    )


def _logarithmic(class_name: str, function: str, page: str) -> tuple[Spec, Spec]:
    on = (POSITIVE_NUMBERS[0], POSITIVE_NUMBERS[1], POSITIVE_NUMBERS[2], POSITIVE_NUMBERS[3])
    return loss(class_name, function, (*given.POSITIVE, *given.REGRESSION), given.REGRESSION_ONCE, on, page)


def _binary(class_name: str, function: str, *parameters: Parameter, **more: Any) -> tuple[Spec, Spec]:
    return loss(
        class_name, function, given.BINARY, given.BINARY_ONCE, BITS, PROBABILISTIC, *parameters, **more
    )


def _categorical(
    class_name: str, function: str, page: str, *parameters: Parameter, **more: Any
) -> tuple[Spec, Spec]:
    return loss(
        class_name, function, given.CATEGORICAL, given.CATEGORICAL_ONCE, ONE_HOT, page, *parameters, **more
    )


def _sparse(class_name: str, function: str, *parameters: Parameter, **more: Any) -> tuple[Spec, Spec]:
    return loss(
        class_name, function, given.SPARSE, given.SPARSE_ONCE, LABELS, PROBABILISTIC, *parameters, **more
    )


RANK_3 = next(f for f in given.CATEGORICAL if f.name == "rank 3")
CLASS_AXIS_FEEDS = given.feeds(
    (
        "classes on axis 1",
        Array(literal=[[[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]]),
        Array(literal=[[[0.1, 0.9], [0.6, 0.05], [0.3, 0.05]]]),
    ),
)
"""Three classes on axis 1 of (1, 3, 2), so that the class axis is not the last one."""

AXIS_FIRST = (RANK_3, *(f for f in given.CATEGORICAL if f is not RANK_3), *CLASS_AXIS_FEEDS)
"""Categorical feeds led by one whose axis 1 is not its last, so that every set of keywords meets it."""

ON_AXIS_1: tuple[Mapping[str, Any], ...] = (
    {"axis": 1, "label_smoothing": 0.1},
    {"axis": 1, "from_logits": True},
    {"axis": 1, "label_smoothing": 0.1, "from_logits": True},
)

EMBEDDINGS = given.feeds(
    ("embeddings", Array((6,), dtype="int32", values="integers", high=3), Array((6, 4))),
    ("column of labels", Array((6, 1), dtype="int32", values="integers", high=3), Array((6, 4))),
    ("all alike", Array((4,), dtype="int32", values="zeros"), Array((4, 3))),
    ("one", Array((1,), dtype="int32", values="zeros"), Array((1, 3))),
)
SEQUENCES = given.feeds(
    ("sequences", Array(literal=[[1, 2, 1], [2, 3, 0]], dtype="int32"), Array((2, 6, 4))),
    ("repeated labels", Array(literal=[[1, 1, 0], [2, 2, 2]], dtype="int32"), Array((2, 6, 4))),
    ("too long to fit", Array(literal=[[1, 1, 1]], dtype="int32"), Array((1, 3, 4))),
)

PAIRS: tuple[tuple[Spec, ...], ...] = (
    _regression("MeanSquaredError", "mean_squared_error", REGRESSION),
    _regression("MeanAbsoluteError", "mean_absolute_error", REGRESSION),
    _regression("MeanAbsolutePercentageError", "mean_absolute_percentage_error", REGRESSION),
    _logarithmic("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", REGRESSION),
    _regression(
        "Huber", "huber", REGRESSION, Parameter("delta", (OMIT, 0.5, 2), invalid=("1", None, 0.0, -1.0))
    ),
    _regression("LogCosh", "log_cosh", REGRESSION),
    _regression("CosineSimilarity", "cosine_similarity", REGRESSION, AXIS),
    _regression("Hinge", "hinge", HINGES),
    _regression("SquaredHinge", "squared_hinge", HINGES),
    _categorical("CategoricalHinge", "categorical_hinge", HINGES),
    _logarithmic("Poisson", "poisson", PROBABILISTIC),
    _categorical("KLDivergence", "kl_divergence", PROBABILISTIC),
    _binary("BinaryCrossentropy", "binary_crossentropy", FROM_LOGITS, SMOOTHING, AXIS),
    _binary(
        "BinaryFocalCrossentropy",
        "binary_focal_crossentropy",
        Parameter("apply_class_balancing", (OMIT, True), invalid=("yes", None)),
        ALPHA,
        GAMMA,
        FROM_LOGITS,
        SMOOTHING,
        AXIS,
    ),
    loss(
        "CategoricalCrossentropy",
        "categorical_crossentropy",
        AXIS_FIRST,
        given.CATEGORICAL_ONCE,
        ONE_HOT,
        PROBABILISTIC,
        FROM_LOGITS,
        SMOOTHING,
        AXIS,
        extra=ON_AXIS_1,
    ),
    loss(
        "CategoricalFocalCrossentropy",
        "categorical_focal_crossentropy",
        AXIS_FIRST,
        given.CATEGORICAL_ONCE,
        ONE_HOT,
        PROBABILISTIC,
        ALPHA,
        GAMMA,
        FROM_LOGITS,
        SMOOTHING,
        AXIS,
        extra=({"alpha": [0.1, 0.2, 0.3, 0.4, 0.5]}, *ON_AXIS_1),
    ),
    _sparse(
        "SparseCategoricalCrossentropy",
        "sparse_categorical_crossentropy",
        FROM_LOGITS,
        Parameter("ignore_class", (OMIT, 0, 2, -1, None), invalid=("1", 1.5, 7)),
        extra=({"axis": 1}, {"axis": -1}, {"axis": 0}, {"axis": 5}, {"ignore_class": 0, "from_logits": True}),
    ),
    _sparse(
        "CategoricalGeneralizedCrossEntropy",
        "categorical_generalized_cross_entropy",
        Parameter("q", (0.5, 0.9, 1), invalid=(0.0, 1.5, "1", None)),
    ),
    _regression(
        "Dice",
        "dice",
        REGRESSION,
        Parameter("axis", (OMIT, None, -1, (0, 1), [1]), invalid=(3, "1")),
    ),
    _regression(
        "Tversky",
        "tversky",
        REGRESSION,
        Parameter("alpha", (OMIT, 0.2, 1), invalid=("1", None)),
        Parameter("beta", (OMIT, 0.8, 0), invalid=("1", None)),
        Parameter("axis", (OMIT, None, -1, (0, 1)), invalid=(3, "1")),
    ),
    loss(
        "Circle",
        "circle",
        EMBEDDINGS,
        (),
        (EMBEDDINGS[0].inputs[0], EMBEDDINGS[0].inputs[1], EMBEDDINGS[0].inputs[0], EMBEDDINGS[0].inputs[1]),
        PROBABILISTIC,
        Parameter("gamma", (OMIT, 2.0, 16), invalid=("1", None)),
        Parameter("margin", (OMIT, 0.1, 0), invalid=("1", None)),
        Parameter("remove_diagonal", (OMIT, False), invalid=("no", None)),
    ),
    loss(
        "CTC",
        "ctc",
        SEQUENCES,
        (),
        (SEQUENCES[0].inputs[0], SEQUENCES[0].inputs[1], SEQUENCES[0].inputs[0], SEQUENCES[0].inputs[1]),
        PROBABILISTIC,
    ),
)

OWN = Spec(
    subject="losses.Loss",
    family="losses",
    script="loss:subclass",
    parameters=(REDUCTION, NAME),
    feeds=class_feeds(
        "Loss",
        given.feeds(("matrix", Array((4, 2)), Array((4, 2))), ("rank 3", Array((2, 3, 2)), Array((2, 3, 2)))),
        (),
        (Array((4, 2)), Array((4, 2)), Array((2, 3, 2)), Array((2, 3, 2))),
    ),
    extra=OBJECT_EXTRA,
    oracle=object_oracle(mean_squared_error),
    source="https://keras.io/api/losses/#creating-custom-losses",
    dear=("jit",),
)

REDUCTIONS = Spec(
    subject="losses.Reduction",
    family="losses",
    script="lookup:constants",
    feeds=(Feed("nothing", None),),
    no_oracle="The names of the reductions are strings.",
    source="https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/losses/Reduction",
)

SPECS: tuple[Spec, ...] = (*(spec for pair in PAIRS for spec in pair), OWN, REDUCTIONS, *LOOKUPS)

ALIASES: Mapping[str, str] = {
    alias: f"losses.{name}"
    for name, aliases in (
        ("kl_divergence", ("kld", "KLD", "kullback_leibler_divergence")),
        ("mean_absolute_error", ("mae", "MAE")),
        ("mean_absolute_percentage_error", ("mape", "MAPE")),
        ("mean_squared_error", ("mse", "MSE")),
        ("mean_squared_logarithmic_error", ("msle", "MSLE")),
        ("log_cosh", ("logcosh",)),
        ("cosine_similarity", ("cosine", "cosine_proximity")),
        ("huber", ("huber_loss",)),
    )
    for alias in (f"losses.{a}" for a in aliases)
}
"""Other names of one function; which implementation has which is for the surface ledger to say."""

NOT_CALLABLE: Mapping[str, str] = {"losses.Reduction": "a class of constants; they are observed as they are"}
