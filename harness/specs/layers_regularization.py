"""Regularization layers: dropout, noise, activity.

https://keras.io/api/layers/regularization_layers/
"""

from __future__ import annotations

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_keywords import keywords
from harness.specs.oracles import regularization

SOURCE = "https://keras.io/api/layers/regularization_layers/"

RATE = Parameter("rate", (0.5, 0.0, 0, 0.25, 0.9, 1.0), invalid=(-0.5, 1.5, 2, "0.5", None))
SEED = Parameter("seed", (OMIT, 1, None), invalid=("1", 1.5))
DATA_FORMAT = Parameter("data_format", (OMIT, "channels_last", "channels_first", None), invalid=("nope",))


def _feeds(*shape: int) -> tuple[Feed, ...]:
    """Feeds of one rank: (batch, …) as given, then the peculiar ones."""
    inner = shape[1:]
    sample = (40, *([1] * (len(inner) - 1)), 250) if len(inner) == 1 else (8, *([5] * (len(inner) - 1)), 50)
    return (
        Feed("plain", Array(shape)),
        Feed("batch of none", Array((0, *inner)), pairwise=False),
        Feed("one", Array((1,) * len(shape)), pairwise=False),
        Feed("double", Array(shape, dtype="float64"), pairwise=False),
        Feed("half", Array(shape, dtype="float16"), pairwise=False),
        Feed("whole numbers", Array(shape, dtype="int32", values="integers"), pairwise=False),
        Feed("special", Array(shape, values="special"), pairwise=False),
        Feed("sample", Array(sample, values="ones"), pairwise=False),
    )


def _wrong_rank(*shape: int) -> Feed:
    return Feed("wrong rank", Array(shape), pairwise=False)


def _dropout(subject: str) -> Spec:
    return Spec(
        subject=subject,
        family="layers",
        script="layer",
        parameters=(
            RATE,
            Parameter(
                "noise_shape", (OMIT, None, (4, 1), (None, 3), [1, 3]), invalid=((2, 3), "nope", 3, (4, 1, 1))
            ),
            SEED,
        ),
        feeds=_feeds(4, 3),
        extra=(*keywords((3,), rate=0.5), {"rate": 0.5, "noise_shape": (4,)}, {"rate": OMIT, "p": 0.5}),
        oracle=regularization.unchanged_unless_drawn,
        random=True,
        source=SOURCE,
    )


def _spatial(rank: int) -> Spec:
    shape = (*(2, 4, 3, 2, 3)[: rank + 1], 3)
    parameters = (RATE, SEED) if rank == 1 else (RATE, DATA_FORMAT, SEED)
    return Spec(
        subject=f"layers.SpatialDropout{rank}D",
        family="layers",
        script="layer",
        parameters=parameters,
        feeds=(*_feeds(*shape), _wrong_rank(*shape[:-1])),
        extra=(*keywords(shape[1:], rate=0.5), {"rate": 0.5, "noise_shape": (2, 1, 3)}),
        oracle=regularization.unchanged_unless_drawn,
        random=True,
        source=SOURCE,
    )


def _noise(subject: str, size: Parameter) -> Spec:
    """A layer that scales or shifts every value by itself at random.

    The first feed is the one whose draws are compared. Its 192 values are equal, so that each draw tells the
    spread of the noise within 1 / sqrt(2 * 192), a twentieth. Spreads of which one is twice the other never
    overlap then, and 18 draws of each are the fewest that differ at the false-alarm rate of 1e-9.
    """
    return Spec(
        subject=subject,
        family="layers",
        script="layer",
        parameters=(size, SEED),
        feeds=(
            Feed("equal values", Array((64, 3), values="ones")),
            *_feeds(4, 3)[1:],
            Feed("normal", Array((4, 3)), pairwise=False),
        ),
        extra=keywords((3,), **{size.name: size.values[0]}),
        oracle=regularization.unchanged_unless_drawn,
        random=True,
        source=SOURCE,
    )


ALPHA_DROPOUT = Spec(
    subject="layers.AlphaDropout",
    family="layers",
    script="layer",
    parameters=(
        Parameter("rate", (0.25, 0.0, 0.5, 0.9), invalid=(-0.5, 1.5, 1.0, "0.5", None)),
        Parameter("noise_shape", (OMIT, None, (4, 1)), invalid=((2, 3), "nope", 3)),
        SEED,
    ),
    feeds=_feeds(4, 3),
    extra=keywords((3,), rate=0.25),
    oracle=regularization.unchanged_unless_drawn,
    random=True,
    source=SOURCE,
)

ACTIVITY_REGULARIZATION = Spec(
    subject="layers.ActivityRegularization",
    family="layers",
    script="layer",
    parameters=(
        Parameter("l1", (OMIT, 0.25, 0.0, 1), invalid=("0.1",)),
        Parameter("l2", (OMIT, 0.25, 0.0, 1), invalid=("0.1",)),
    ),
    feeds=(
        *_feeds(4, 3)[:-1],
        Feed("volume", Array((2, 3, 2, 2))),
        Feed("masked", Array((2, 5, 3), values="padded"), call={"$masking": True}, pairwise=False),
    ),
    extra=(*keywords((3,), l1=0.25), {"l1": -1.0}, {"l1": None}, {"l2": None}),
    oracle=regularization.unchanged,
    source=SOURCE,
)

SPECS: tuple[Spec, ...] = (
    _dropout("layers.Dropout"),
    *(_spatial(rank) for rank in (1, 2, 3)),
    _noise(
        "layers.GaussianDropout",
        # The spread at a rate r is sqrt(r / (1 - r)), which at 0.5 is 1 without the root as well.
        Parameter("rate", (0.25, 0.0, 0.5), invalid=(-0.5, 1.5, 1.0, "0.5", None)),
    ),
    _noise("layers.GaussianNoise", Parameter("stddev", (0.5, 0.0, 2), invalid=(-0.5, "0.5", None))),
    ALPHA_DROPOUT,
    ACTIVITY_REGULARIZATION,
)
