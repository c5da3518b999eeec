"""Which part of the API a case is about, in the words its maintainers think in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.classify import templates
from harness.model import Case

AREAS: Mapping[str, str] = {
    "Model": "models",
    "Sequential": "models",
    "Input": "models",
    "KerasTensor": "models",
    "Layer": "layers",
    "InputSpec": "layers",
    "mixed_precision": "mixed precision",
    "dtype_policies": "mixed precision",
    "initializers": "weights' helpers",
    "regularizers": "weights' helpers",
    "constraints": "weights' helpers",
    "utils": "utilities",
    "preprocessing": "utilities",
    "datasets": "utilities",
    "backend": "backend and config",
    "config": "backend and config",
}
"""First word of a subject → the area its maintainers think in; any other word is an area itself."""

TOP = "top-level names"
"""Area of a symbol that stands in the namespace itself."""

CONSTRUCT = frozenset({"construct", "make", "parameters", "default instance", "defaults", "create"})
"""Steps in which an object is made from arguments."""

SERIAL = frozenset(
    {
        "config", "round trip", "serialize", "deserialize", "returned", "get by name", "get by symbol",
        "layer config", "cleared", "keys",
    }
)  # fmt: skip
"""Steps in which an object is written to a config or made from one."""

NAMESPACES = frozenset(
    {
        "distillation", "distribution", "dtensor", "estimator", "experimental", "legacy", "ops", "quantizers",
        "random", "tree", "visualization", "wrappers",
    }
)  # fmt: skip
"""Namespaces that only Keras 2 or only Keras 3 has: their names came or went together."""

OLDER_WORDS = re.compile(r"\d+D$|(?:\d+D)?Transpose$|Cell$")


def scenario(case: Case) -> str:
    """The name of the scenario a case is; empty for any other."""
    module, _, function = case.script.partition(":")
    return function if module.startswith("scenarios_") or module == "scenario" else ""


def area(case: Case) -> str:
    """The area of the API a case is about."""
    if scenario(case):
        return case.script.partition(":")[0].removeprefix("scenarios_") + " scenarios"
    first, _, rest = case.subject.partition(".")
    return AREAS.get(first, first if rest else TOP)


COARSE = frozenset({"layers", "models", "optimizers", "losses", "metrics"})


def coarse(case: Case) -> str:
    """The area for what is said of signatures and warnings: the large families, and all others together."""
    where = "scenarios" if scenario(case) else area(case)
    return where if where in COARSE or where == "scenarios" else "other families"


def phase(step: str) -> str:
    """What the user was doing: making an object, writing it down, or using it."""
    if step in CONSTRUCT:
        return "construct"
    return "serialize" if step in SERIAL else "use"


DOING = {"construct": "making it", "serialize": "writing or reading its config", "use": "using it"}


SHORT: Mapping[str, str] = {
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
"""Documented short names of losses and metrics."""


def stem(subject: str) -> str:
    """What the forms of one thing have in common.

    ``losses.BinaryCrossentropy`` and ``metrics.binary_crossentropy`` are one formula, ``Conv1D`` and
    ``Conv2DTranspose`` one family of layers.
    """
    name = OLDER_WORDS.sub("", subject.rsplit(".", 1)[-1])
    found = templates.snake(name) or subject
    return SHORT.get(found, found)
