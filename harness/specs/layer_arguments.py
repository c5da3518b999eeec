"""Arguments that many layers share: initializers, regularizers, constraints, geometry, feeds of one rank.

Few values each, so that covering arrays stay small: whether an initializer or a regularizer itself is
right is asked by its own spec; here it is asked whether the layer passes it on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, attribute, tagged
from harness.specs.layer_keywords import keywords

DATA_FORMAT = Parameter("data_format", (OMIT, "channels_last", "channels_first"), invalid=("nope", 1))
USE_BIAS = Parameter("use_bias", (OMIT, False, True))
ACTIVATION = Parameter(
    "activation",
    (OMIT, "relu", "softmax", None, attribute("activations.tanh")),
    invalid=("nope", 3),
)
ACTIVITY = Parameter("activity_regularizer", (OMIT, "l2"), invalid=("nope",))

LORA: tuple[Mapping[str, Any], ...] = (
    {"lora_rank": 2},
    {"lora_rank": 2, "lora_alpha": 4},
    {"lora_rank": 0},
    {"lora_alpha": 2},
    {"quantization_config": "nope"},
)
"""Low-rank adaptation and quantization, which Keras 3 alone has."""


def weight_arguments(*names: str) -> tuple[Parameter, ...]:
    """Initializer, regularizer and constraint of every weight named (``kernel``, ``bias`` …)."""
    out: list[Parameter] = []
    for name in names:
        out += [
            Parameter(
                f"{name}_initializer",
                (OMIT, "ones", tagged("initializers.Constant", value=0.5)),
                invalid=("nope", 3),
            ),
            Parameter(
                f"{name}_regularizer",
                (OMIT, "l2", tagged("regularizers.L1L2", l1=0.01, l2=0.02)),
                invalid=("nope",),
            ),
            Parameter(
                f"{name}_constraint",
                (OMIT, "non_neg", tagged("constraints.MaxNorm", max_value=2)),
                invalid=("nope",),
            ),
        ]
    return tuple(out)


def every_layer(
    shape: tuple[int, ...], *more: Mapping[str, Any], **required: Any
) -> tuple[Mapping[str, Any], ...]:
    """Parameter sets with one of the arguments every layer takes, took, or must refuse.

    shape: the first feed's, without the batch. more: further sets, with the required parameters added.
    """
    single: tuple[Mapping[str, Any], ...] = (
        {"name": "mine"},
        {"name": 3},
        {"dtype": "float16"},
        {"dtype": "bfloat16"},
        {"dtype": "nope"},
        {"dtype": None},
        {"trainable": "yes"},
        {"autocast": False},
        {"dynamic": True},
        {"batch_size": 2},
        {"input_dtype": "float32"},
        *more,
    )
    return (*keywords(shape, **required), *({**required, **one} for one in single))


def is_channels_first(parameters: Mapping[str, Any]) -> bool:
    """Whether a combination of parameters asks for channels first."""
    return parameters.get("data_format") == "channels_first"


def is_channels_last(parameters: Mapping[str, Any]) -> bool:
    """Whether a combination of parameters asks for channels last, by itself or by default."""
    return not is_channels_first(parameters)


def first(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape (batch, *spatial, channels) with channels first."""
    return (shape[0], shape[-1], *shape[1:-1])


def plain_feeds(shape: tuple[int, ...], *kinds: str, integers: bool = True) -> tuple[Feed, ...]:
    """The plain feed; each further kind of values; then the peculiar ones, run once."""
    inner = shape[1:]
    peculiar = [
        Feed("batch of none", Array((0, *inner)), pairwise=False),
        Feed("batch of one", Array((1, *inner)), pairwise=False),
        Feed("double", Array(shape, dtype="float64"), pairwise=False),
        Feed("half", Array(shape, dtype="float16"), pairwise=False),
        Feed("special", Array(shape, values="special"), pairwise=False),
        Feed("large", Array(shape, values="large"), pairwise=False),
    ]
    if integers:
        peculiar.append(Feed("whole numbers", Array(shape, dtype="int32", values="integers"), pairwise=False))
    return (
        Feed("plain", Array(shape)),
        *(Feed(kind, Array(shape, values=kind)) for kind in kinds),
        *peculiar,
    )


def spatial_feeds(
    shape: tuple[int, ...], *, small: tuple[int, ...] | None = None, channels_last_only: bool = False
) -> tuple[Feed, ...]:
    """Feeds of (batch, *spatial, channels) and of channels first, each where `data_format` asks for it.

    small: a shape with axes of one, where the subject takes it. channels_last_only: for subjects
    without `data_format`.
    """
    peculiar = plain_feeds(shape)[1:]
    last_only = tuple(Feed(f.name, f.inputs, when=is_channels_last, pairwise=False) for f in peculiar)
    once: list[Feed] = [
        Feed("rank too low", Array(shape[:-1]), pairwise=False),
        Feed("rank too high", Array((*shape, 1)), pairwise=False),
    ]
    turned = (
        () if channels_last_only else (Feed("channels first", Array(first(shape)), when=is_channels_first),)
    )
    if small is not None:
        once.append(Feed("axes of one", Array(small), pairwise=False))
    return (
        Feed("plain", Array(shape), when=is_channels_last),
        *turned,
        Feed("offset", Array(shape, values="offset", scale=0.01), when=is_channels_last),
        *last_only,
        *once,
    )
