"""Members: what an instance of every public class offers, by name, and what its attributes hold.

One spec per class; a layer is asked again when it is built. Which members a class documents is on its page of
https://keras.io/api/; what an older implementation has beyond them is what its users miss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from harness.specs.declaration import OMIT, Feed, Parameter, Spec, tagged
from harness.specs.signatures import MINIMAL, NOT_MADE
from harness.specs.surface import symbols

SOURCE = "https://keras.io/api/"

PLACES = (
    "losses",
    "metrics",
    "optimizers",
    "initializers",
    "regularizers",
    "constraints",
    "optimizers.schedules",
)
"""Where classes are made from plain data alone."""

LAYERS = (
    "core", "activations", "convolution", "pooling", "reshaping", "merging", "normalization", "recurrent",
    "wrappers", "attention", "preprocessing", "augmentation", "regularization",
)  # fmt: skip
"""Modules of layer specs, whose first feed builds the layer."""

BASES: Mapping[str, Mapping[str, Any]] = {
    "layers.Layer": {},
    "losses.Loss": {},
    "metrics.Metric": {"name": "mine"},
    "optimizers.Optimizer": {"name": "mine", "learning_rate": 0.1},
    "callbacks.Callback": {},
    "initializers.Initializer": {},
    "regularizers.Regularizer": {},
    "constraints.Constraint": {},
    "Sequential": {},
    "callbacks.EarlyStopping": {},
    "callbacks.ReduceLROnPlateau": {},
    "callbacks.ModelCheckpoint": {"filepath": "m.keras"},
    "callbacks.BackupAndRestore": {"backup_dir": "backup"},
    "callbacks.CSVLogger": {"filename": "log.csv"},
    "callbacks.History": {},
    "callbacks.LambdaCallback": {},
    "callbacks.RemoteMonitor": {},
    "callbacks.TensorBoard": {"log_dir": "logs"},
    "callbacks.TerminateOnNaN": {},
    "callbacks.ProgbarLogger": {},
    "callbacks.CallbackList": {},
    "mixed_precision.Policy": {"name": "mixed_float16"},
    "mixed_precision.LossScaleOptimizer": {"inner_optimizer": tagged("optimizers.SGD")},
    "preprocessing.text.Tokenizer": {},
    "preprocessing.image.ImageDataGenerator": {},
    "utils.Progbar": {"target": 3},
    "layers.InputSpec": {"shape": (None, 3)},
    "layers.InputLayer": {"shape": (3,)},
}
"""Base classes, whose members all others share, and classes that stand alone: what each is made with."""


def spec(subject: str, parameters: Mapping[str, Any], feed: Feed) -> Spec:
    """One class."""
    return Spec(
        subject=subject,
        family="members",
        script="members",
        feeds=(feed,),
        parameters=tuple(
            Parameter(name, (value,), why_few="the plainest instance is enough")
            for name, value in parameters.items()
        ),
        no_oracle="what an instance offers is compared, not computed",
        source=SOURCE,
        dear=(),
        limit=30.0,
    )


def of_layers() -> Iterator[Spec]:
    """Every layer under spec, made and fed as its spec has it first."""
    seen = set(BASES)
    for name in LAYERS:
        for layer in import_module(f"harness.specs.layers_{name}").SPECS:
            given = {p.name: p.values[0] for p in layer.parameters if p.values and p.values[0] is not OMIT}
            feed = layer.default_feed()
            if layer.script == "layer" and not feed.script and layer.subject not in seen:
                seen.add(layer.subject)
                yield spec(layer.subject, given, Feed("plain", feed.inputs, call=feed.call))


def of_others() -> Iterator[Spec]:
    """Classes of the families that are made from plain data."""
    for symbol in symbols():
        place, _, last = symbol.name.rpartition(".")
        made = symbol.kind == "class" and place in PLACES and not symbol.alias_of
        if made and last not in NOT_MADE and symbol.name not in BASES:
            yield spec(symbol.name, MINIMAL.get(last, {}), Feed("alone", None))


SPECS: tuple[Spec, ...] = (
    *(spec(subject, given, Feed("alone", None)) for subject, given in BASES.items()),
    *of_layers(),
    *of_others(),
)
