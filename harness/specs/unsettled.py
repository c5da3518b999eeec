"""What the documentation does not settle: there an oracle's word is an opinion, and nobody is blamed by it.

A blame says that a side departs from what is documented. That needs one documentation: where the two
generations of Keras each document their own formula, or no page speaks of the input, an oracle still shows
how far each side is from it, but it blames nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.model import Case, Plain, canonical
from harness.specs.declaration import Spec, plain


@dataclass(frozen=True)
class Unsettled:
    """One thing no page settles, or the pages of the two generations settle differently."""

    holds: Callable[[Case], bool]
    why: str
    """One sentence, which stands where the evidence of a blame would."""


def unsettled(case: Case, spec: Spec | None) -> str:
    """Why the documentation does not say what this case gives; empty where it does."""
    for name, value in case.parameters.items():
        if spec is not None and canonical(value) in _invalid(spec, name):
            return (
                f"The documentation gives no result for `{name}={canonical(value)}`, which it does not allow."
            )
    return next((one.why for one in UNSETTLED if one.holds(case)), "")


def _invalid(spec: Spec, name: str) -> set[str]:
    return {canonical(plain(v)) for p in spec.parameters if p.name == name for v in p.invalid}


def _leaves(value: Plain) -> Iterator[Plain]:
    """Every plain value in a structure, dicts that are recipes themselves included."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _leaves(inner)


def _is_not_finite(case: Case) -> bool:
    """Whether an array with NaN and infinities is fed."""
    return any(isinstance(v, dict) and v.get("values") == "special" for v in _leaves(case.feed))


def _takes_hard_sigmoid(case: Case) -> bool:
    """Whether a hard sigmoid is asked for."""
    named = [v for v in _leaves(dict(case.parameters)) if isinstance(v, str)]
    return any(v.rsplit(".", 1)[-1] == "hard_sigmoid" for v in (case.subject, *named))


OWN_DEFAULTS: Mapping[str, str] = {
    "layers.ConvLSTM1D": "recurrent_activation",
    "layers.ConvLSTM2D": "recurrent_activation",
    "layers.ConvLSTM3D": "recurrent_activation",
    "optimizers.Lion": "learning_rate",
}
"""Subjects with an oracle → the argument for which the two generations document different defaults."""


def _takes_its_own_default(case: Case) -> bool:
    """Whether an argument is left out that each generation documents a default of its own for."""
    return case.subject in OWN_DEFAULTS and OWN_DEFAULTS[case.subject] not in case.parameters


def _masks_everything(case: Case) -> bool:
    """Whether a loss or a metric is given nothing that is not masked."""
    mask = case.feed.get("call", {}).get("$mask") if isinstance(case.feed, dict) else None
    if not isinstance(mask, dict):
        return False
    if "literal" in mask:
        return not any(v is True for v in _leaves(mask["literal"]))
    return mask.get("values") == "zeros"


CROSSENTROPIES = (
    "BinaryCrossentropy",
    "binary_crossentropy",
    "BinaryFocalCrossentropy",
    "binary_focal_crossentropy",
)


def _clips_probabilities(case: Case) -> bool:
    """Whether a crossentropy takes logarithms of probabilities, which it keeps from 0 and 1."""
    asked = case.parameters.get("from_logits", False)
    return case.subject.rsplit(".", 1)[-1] in CROSSENTROPIES and asked is not True


def _masks_by_numbers(case: Case) -> bool:
    """Whether a mask is given that is not of booleans."""
    call = case.feed.get("call", {}) if isinstance(case.feed, dict) else {}
    recipes = [v for v in _leaves(call.get("mask")) if isinstance(v, dict) and "$array" in v]
    return any(v.get("dtype") != "bool" for v in recipes)


def _stands_for_another(case: Case) -> bool:
    """Whether an operation of Keras 3 stands for a backend function of Keras 2: each has its own page."""
    call = case.feed.get("call", {}) if isinstance(case.feed, dict) else {}
    return "$also" in call


NORMALIZING = ("UnitNormalization", "UnitNorm", "unit_norm", "l2_normalize", "normalize")


def _normalizes_next_to_nothing(case: Case) -> bool:
    """Whether numbers whose squares vanish are divided by their norm."""
    fed = [v.get("values") for v in _leaves(case.feed) if isinstance(v, dict)]
    return case.subject.rsplit(".", 1)[-1] in NORMALIZING and ("tiny" in fed or "zeros" in fed)


UNSETTLED: tuple[Unsettled, ...] = (
    Unsettled(_is_not_finite, "The documentation does not speak of NaN and infinity among what is fed."),
    Unsettled(
        _takes_hard_sigmoid,
        "hard_sigmoid is documented as 0.2 x + 0.5 between -2.5 and 2.5 in Keras 2 and as x / 6 + 0.5 "
        "between -3 and 3 in Keras 3; the oracle follows the latter.",
    ),
    Unsettled(
        _takes_its_own_default,
        "Keras 2 and Keras 3 document different defaults for what is left out; the oracle follows one.",
    ),
    Unsettled(
        _masks_everything, "The documentation does not say what the mean of nothing but masked values is."
    ),
    Unsettled(
        _clips_probabilities,
        "The documentation does not say how probabilities are kept from 0 and 1 before their logarithm.",
    ),
    Unsettled(
        _stands_for_another,
        "The function of Keras 2 and the operation of Keras 3 that stands for it document themselves.",
    ),
    Unsettled(
        _normalizes_next_to_nothing,
        "The documentation does not say how a norm near zero is kept from dividing.",
    ),
    Unsettled(_masks_by_numbers, "A mask is documented to be boolean; of other masks nothing is said."),
)
"""What is not settled, in the order it is looked for. An entry is taken out when a page settles it."""
