"""How a spec is written down.

A spec is one declaration with several uses: its parameter domain gives the covering array, the
Hypothesis strategy, the coverage figures and the documentation page.

Example::

    Spec(
        subject="layers.Dense",
        family="layers",
        script="layer",
        parameters=(
            Parameter("units", (3, 1), invalid=(0, -1, "2", 2.0, None)),
            Parameter("activation", (OMIT, "relu", "softmax"), invalid=("nope",)),
            Parameter("use_bias", (OMIT, False)),
        ),
        feeds=(Feed("matrix", Array((4, 5))), Feed("batch of none", Array((0, 5)))),
        oracle=core.dense,
        source="https://keras.io/api/layers/core_layers/dense/",
    )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.model import Plain


class Omit:
    """The value of a parameter that is left out, so that its default applies."""

    def __repr__(self) -> str:
        return "OMIT"


OMIT = Omit()

VALUES = (
    "normal",  # standard normal
    "uniform",  # [0, 1)
    "positive",  # [0.5, 1.5)
    "offset",  # 1e4 + 0, 1, 2, …: a large common offset, exact in float32
    "large",  # standard normal * 100: saturates
    "tiny",  # standard normal * 1e-20: denormal squares
    "kinks",  # cycles through -3, -2.5, -1, -0., 0, 0.5, 1, 2.5, 3, 6: where piecewise functions bend
    "zeros",
    "ones",
    "special",  # normal with a NaN, an infinity and a minus infinity in it
    "integers",  # whole numbers 0 … high-1
    "signs",  # ±1
    "padded",  # normal, with the last third of axis 1 all zeros (a Masking layer masks it)
    "one_hot",  # rows of the last axis with a single 1
    "probabilities",  # rows of the last axis sum to 1
    "bools",  # True and False
    "lengths",  # bool mask, each row True up to a length that differs per row (at least 1)
)


@dataclass(frozen=True)
class Array:
    """How to make one input array. The same recipe gives the same bits under every numpy.

    shape: full shape with the batch axis. dtype: numpy name, or "string".
    values: one of `VALUES`. high: for "integers", exclusive. literal: the array itself,
    as nested lists, instead of `values` (for strings and hand-made inputs).
    scale, shift: applied to float values afterwards.
    """

    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    values: str = "normal"
    high: int = 5
    literal: Any = None
    scale: float = 1.0
    shift: float = 0.0

    def plain(self) -> dict[str, Plain]:
        """The recipe on the wire; what is default is left out."""
        out: dict[str, Plain] = {"$array": True, "dtype": self.dtype}
        if self.literal is not None:
            return out | {"literal": self.literal}
        out |= {"shape": list(self.shape), "values": self.values}
        if self.values == "integers":
            out["high"] = self.high
        if self.scale != 1.0:
            out["scale"] = self.scale
        if self.shift != 0.0:
            out["shift"] = self.shift
        return out


@dataclass(frozen=True)
class Feed:
    """One way to feed a subject.

    inputs: an `Array`, or a list or dict of them (what the subject's call takes first).
    call: further keyword arguments of the call (`mask`, `initial_state`, `training`…): plain
    data in which an `Array` may stand for an array.
    when: parameters → whether this feed makes sense with them; a feed that does not is left
    out of the covering array for that combination.
    mask: "none", or "masking": the input passes a `Masking` layer first in the functional graph.
    quick: part of the covering array. A feed with ``pairwise=False`` is only run once, with
    default parameters (dear or peculiar inputs).
    """

    name: str
    inputs: Any
    call: Mapping[str, Any] = field(default_factory=dict)
    when: Callable[[Mapping[str, Any]], bool] | None = None
    pairwise: bool = True
    script: str = ""
    """Another case script for this feed, where the spec's own does not fit."""
    profiles: tuple[str, ...] = ("quick", "full")
    """The profiles it belongs to."""


@dataclass(frozen=True)
class Parameter:
    """One keyword argument of a subject and the values worth trying.

    values: valid ones, the first being the plainest. Put `OMIT` first where there is a default.
    invalid: tried one at a time with everything else at its first value.
    why_few: the reason, where fewer than two values are tried.
    """

    name: str
    values: tuple[Any, ...]
    invalid: tuple[Any, ...] = ()
    why_few: str = ""


Oracle = Callable[..., Any]
"""``oracle(inputs, weights, parameters, *, training, call)`` → outputs.

inputs: the structure of the feed, float arrays as float64 (others as they are);
weights: list of float64 arrays in Keras's documented order;
parameters: the case's own parameters, tags resolved to plain Python where that is possible
(tuples are tuples; ``$object``/``$attribute`` stay tagged dicts), defaults left out;
training: bool; call: the feed's further arguments with arrays made.
Returns an array or the structure the subject returns, in float64.
Raises `NotCovered` for a combination it does not describe.
"""


class NotCovered(Exception):
    """The oracle does not describe this combination; says why."""


@dataclass(frozen=True)
class Spec:
    """What Keras promises for one subject."""

    subject: str
    family: str
    script: str
    feeds: tuple[Feed, ...]
    parameters: tuple[Parameter, ...] = ()
    valid: Callable[[Mapping[str, Any]], bool] | None = None
    """Parameters (without OMITs) → whether the combination is legitimate; others stay out of
    the covering array (they may stand in `extra`)."""
    extra: tuple[Mapping[str, Any], ...] = ()
    """Further parameter sets tried with the first feed: illegitimate combinations, special ones."""
    oracle: Oracle | None = None
    no_oracle: str = ""
    """The reason, where there is none."""
    random: bool = False
    """Outputs are drawn at random (while training): judged by properties and distribution."""
    source: str = ""
    """Where the promise is written."""
    dear: tuple[str, ...] = ("predict", "functional", "jit")
    """Dear observations, made on the first case of the corpus only."""
    limit: float = 60.0
    programs: bool = False
    """Whether its cases are whole programs, tenths of a second each: `quick` performs those that are
    witnesses."""

    def default_feed(self) -> Feed:
        """The plainest feed."""
        return self.feeds[0]


def tagged(symbol: str, **parameters: Any) -> dict[str, Plain]:
    """A parameter value that is a Keras object made in the target: ``tagged("layers.LSTMCell", units=2)``."""
    return {"$object": symbol, "parameters": parameters}


def attribute(symbol: str) -> dict[str, Plain]:
    """A parameter value that is a Keras symbol itself: ``attribute("activations.relu")``."""
    return {"$attribute": symbol}


def plain(value: Any) -> Plain:
    """A declared value as plain data: arrays to recipes, tuples tagged, OMITs refused."""
    if isinstance(value, Array):
        return value.plain()
    if isinstance(value, Omit):
        raise TypeError("OMIT stands for a parameter that is left out; it has no value.")
    if isinstance(value, tuple):
        return {"$tuple": [plain(v) for v in value]}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    return value


def specs_by_subject(specs: Sequence[Spec]) -> dict[str, Spec]:
    """Index specs; a subject declared twice is an error."""
    out: dict[str, Spec] = {}
    for spec in specs:
        if spec.subject in out:
            raise ValueError(f"Expected one spec per subject. Received two for {spec.subject!r}.")
        out[spec.subject] = spec
    return out
