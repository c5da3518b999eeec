"""Where gradients and training of two graphs part: the first of them that differs, and what becomes of it.

Gradients are computed from the outputs backwards: of the weights whose gradients differ, the one nearest to
the outputs comes first. A graph is trained by several optimizers (`harness/cases/graph_training.py`), each
from the same weights on the same data. A step computes a loss, then moves what the optimizer keeps, then the
weights: the first that differs in the first step that differs is where two sides part. Where the loss of that
step is the same, so was what the model computed forwards, and weights are looked at backwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.compare import paths
from harness.model import Difference

GRADIENTS = "gradients"
TRAINED = ("train SGD", "train Adam")
"""Steps of a case that train, in the order they are performed."""
SLOTS = {"train Adam": "slots Adam"}
"""Where it is told what an optimizer keeps."""
LOSS, SLOT, WEIGHT = range(3)
"""What one step of training makes, in this order."""
OWNER = re.compile(r"(\d+) .*, weight (\d+)")
"""A weight of a node, as slots name it."""


@dataclass(frozen=True)
class Place:
    """A number that differs, by where it is in a training."""

    step: int
    """Of the training, from 1."""
    sort: int
    node: int
    """The place of the node it belongs to."""
    which: int
    """Its place among the weights of the node."""
    name: str
    size: float


def departure(differences: Sequence[Difference]) -> str:
    """A sentence for the gradients and for each optimizer whose training parts; empty where none does."""
    said = []
    back = sorted((p for d in differences if d.step == GRADIENTS if (p := gradient(d))), key=backwards)
    if back:
        said.append(f"From the outputs backwards, the first gradient that differs is of {back[0].name}.")
    for trained in TRAINED:
        own = [d for d in differences if d.step in (trained, SLOTS.get(trained))]
        places = [p for d in own if (p := place_of(d))]
        if places:
            said.append(sentence(trained.removeprefix("train "), places))
    return " ".join(said)


def sentence(optimizer: str, places: Sequence[Place]) -> str:
    """Where the training by one optimizer parts, and how far apart its weights are from there on."""
    begins, last = min(p.step for p in places), max(p.step for p in places)
    here = [p for p in places if p.step == begins]
    lost = any(p.sort == LOSS for p in here)
    order = forwards if lost else backwards
    moved = sorted((p for p in here if p.sort != LOSS), key=lambda p: (p.sort, *order(p)))
    first = "the loss" if lost else moved[0].name
    then = f", and then in {moved[0].name}" if lost and moved else ""
    text = f"Training by {optimizer} parts in step {begins}: first in {first}{then}"
    if not any(p.sort == WEIGHT for p in places):
        return f"{text}; no weight differs."
    grown = [f"{biggest(places, step):.3g} after step {step}" for step in range(begins, last + 1)]
    return f"{text}. The weights are apart by {', '.join(grown)}."


def forwards(place: Place) -> tuple[int, int]:
    """The order in which a model computes its outputs."""
    return place.node, place.which


def backwards(place: Place) -> tuple[int, int]:
    """The order in which gradients are computed."""
    return -place.node, place.which


def biggest(places: Iterable[Place], step: int) -> float:
    """The largest difference of a weight after one step."""
    return max((p.size for p in places if p.step == step and p.sort == WEIGHT), default=0.0)


def gradient(difference: Difference) -> Place | None:
    """The weight whose gradient differs; None for an input's."""
    match paths.segments(difference.path):
        case ("weights", str(label), int(which)):
            return weight(0, label, which, difference)
    return None


def place_of(difference: Difference) -> Place | None:
    """Where a difference is, read from its path; None for what is no number of a training."""
    match paths.segments(difference.path):
        case (int(step), "loss"):
            return Place(step + 1, LOSS, 0, 0, "the loss", size(difference))
        case (int(step), "weights", str(label), int(which)):
            return weight(step + 1, label, which, difference)
        case (int(step), str(role), str(owner)) if known := OWNER.fullmatch(owner):
            node, which = int(known[1]), int(known[2])
            name = f"the {role} of {named(owner.rpartition(', ')[0], which)}"
            return Place(step + 1, SLOT, node, which, name, size(difference))
    return None


def weight(step: int, label: str, which: int, difference: Difference) -> Place | None:
    """A weight of a node; None for what is no node."""
    place = label.split()[0] if label.strip() else ""
    if not place.isdecimal():
        return None
    return Place(step, WEIGHT, int(place), which, named(label, which), size(difference))


def named(label: str, which: int) -> str:
    """A weight as a person would say it."""
    return f"weight {which} of node `{label}`"


def size(difference: Difference) -> float:
    """By how much two numbers differ at the most."""
    return difference.size.max_abs if difference.size is not None else 0.0
