"""Signatures: what every public callable of any target takes, and what its class comes to when told nothing.

One spec per symbol of `surface.json`, and one per method that users of the main classes call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.specs.declaration import Feed, Parameter, Spec, attribute, tagged
from harness.specs.signature_members import MEMBERS, PER_CLASS, Members
from harness.specs.surface import Symbol, symbols

SOURCE = "https://keras.io/api/"

WITH_DEFAULTS = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "optimizers.legacy",
    "optimizers.experimental",
    "initializers",
    "regularizers",
    "constraints",
    "layers.experimental",
    "layers.experimental.preprocessing",
)
"""Places whose classes tell their effective defaults by `get_config`."""

_CONV = {"filters": 2, "kernel_size": 3}
_RNN = {"units": 2}
_RATE = {"rate": 0.5}
_FACTOR = {"factor": 0.2}
_DECAY = {"initial_learning_rate": 0.1, "decay_steps": 10}
_CELL = tagged("layers.LSTMCell", units=2)

MINIMAL: Mapping[str, Mapping[str, Any]] = {
    "Activation": {"activation": "relu"},
    "Dense": {"units": 2},
    "Dot": {"axes": 1},
    "RNN": {"cell": _CELL},
    "StackedRNNCells": {"cells": [_CELL]},
    "Permute": {"dims": (2, 1)},
    "Bidirectional": {"layer": tagged("layers.LSTM", units=2)},
    "TimeDistributed": {"layer": tagged("layers.Dense", units=2)},
    "SpectralNormalization": {"layer": tagged("layers.Dense", units=2)},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 2},
    "Embedding": {"input_dim": 3, "output_dim": 2},
    "ReversibleEmbedding": {"input_dim": 3, "output_dim": 2},
    "GroupQueryAttention": {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 2},
    "Highway": {},
    "MaxoutDense": {"output_dim": 2},
    "Lambda": {"function": attribute("activations.relu")},
    "RepeatVector": {"n": 2},
    "Reshape": {"target_shape": (-1,)},
    "GaussianNoise": {"stddev": 0.5},
    "DepthwiseConv1D": {"kernel_size": 3},
    "DepthwiseConv2D": {"kernel_size": 3},
    "Rescaling": {"scale": 0.5},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
    "CenterCrop": {"height": 2, "width": 3},
    "RandomCrop": {"height": 2, "width": 3},
    "Resizing": {"height": 2, "width": 3},
    "HashedCrossing": {"num_bins": 3},
    "Hashing": {"num_bins": 3},
    "RandomFourierFeatures": {"output_dim": 2},
    "MaxNumBoundingBoxes": {"max_number": 2},
    "MeanIoU": {"num_classes": 2},
    "OneHotMeanIoU": {"num_classes": 2},
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanRelativeError": {"normalizer": [1.0, 2.0]},
    "MeanMetricWrapper": {"fn": attribute("losses.mean_squared_error")},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "LossScaleOptimizer": {"inner_optimizer": tagged("optimizers.SGD")},
    "PiecewiseConstantDecay": {"boundaries": [1], "values": [0.1, 0.2]},
    "CosineDecay": _DECAY,
    "PolynomialDecay": _DECAY,
    "ExponentialDecay": {**_DECAY, "decay_rate": 0.5},
    "InverseTimeDecay": {**_DECAY, "decay_rate": 0.5},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 10},
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell"), _RNN),
    **dict.fromkeys(("CuDNNLSTM", "CuDNNGRU"), _RNN),
    **dict.fromkeys(("AlphaDropout", "Dropout", "GaussianDropout"), _RATE),
    **{f"SpatialDropout{d}D": _RATE for d in (1, 2, 3)},
    **{
        f"{kind}{d}D": _CONV
        for kind in ("Conv", "Convolution", "ConvLSTM", "LocallyConnected")
        for d in (1, 2, 3)
    },
    **{f"{kind}{d}DTranspose": _CONV for kind in ("Conv", "Convolution") for d in (1, 2, 3)},
    **{f"{kind}{d}D": _CONV for kind in ("SeparableConv", "SeparableConvolution") for d in (1, 2)},
    **{f"Adaptive{kind}Pooling{d}D": {"output_size": 2} for kind in ("Average", "Max") for d in (1, 2, 3)},
    **{
        f"Random{what}": _FACTOR
        for what in (
            "Brightness",
            "ColorDegeneration",
            "Contrast",
            "Hue",
            "Posterization",
            "Rotation",
            "Saturation",
            "Sharpness",
            "Height",
            "Width",
        )
    },
}
"""Class name → the arguments without which it cannot be made, as its documentation shows them."""

NOT_MADE = (
    "Layer",
    "Wrapper",
    "InputSpec",
    "Input",
    "InputLayer",
    "Optimizer",
    "Metric",
    "Loss",
    "Initializer",
    "Regularizer",
    "Constraint",
    "LearningRateSchedule",
    "JaxLayer",
    "FlaxLayer",
    "TorchModuleWrapper",
    "TFSMLayer",
    "DenseFeatures",
    "Pipeline",
    "MultiOptimizer",
    "OptimizerMap",
    "TFOptimizer",
    "Merge",
    "Recurrent",
    "ConvRecurrent2D",
    "AbstractRNNCell",
    "DynamicEmbedding",
    "DynamicLookup",
    "SequenceFeatures",
)
"""Base classes, and classes that cannot be made from plain data."""


def _spec(subject: str, call: Mapping[str, Any], minimal: Mapping[str, Any] | None = None) -> Spec:
    """One symbol's signature; `minimal` where the effective defaults are asked for."""
    asked = dict(call) | ({"defaults": True} if minimal is not None else {})
    return Spec(
        subject=subject,
        family="signatures",
        script="signature",
        feeds=(Feed("signature", None, call=asked),),
        parameters=tuple(
            Parameter(name, (value,), why_few="only what an instance cannot be made without")
            for name, value in (minimal or {}).items()
        ),
        no_oracle="a signature is compared, not computed",
        source=SOURCE,
        dear=(),
        limit=20.0,
    )


def _of_symbol(symbol: Symbol) -> Spec:
    """A symbol's own signature."""
    place, _, last = symbol.name.rpartition(".")
    made = symbol.kind == "class" and place in WITH_DEFAULTS and last not in NOT_MADE
    return _spec(symbol.name, {}, MINIMAL.get(last, {}) if made else None)


def _of_members(members: Members) -> Iterator[Spec]:
    """The methods and properties of one main class."""
    for name in members.names:
        also = [f"{place}.{name}" for place in members.also]
        yield _spec(f"{members.owner}.{name}", {"also": also} if also else {})


def _of_each_class(symbol: Symbol) -> Iterator[Spec]:
    """What is asked of every class of a family: the arguments of a layer's call, of a metric's update."""
    place, _, last = symbol.name.rpartition(".")
    if symbol.kind == "class" and not symbol.alias_of and symbol.name not in {m.owner for m in MEMBERS}:
        for name in PER_CLASS.get(place, ()):
            if last not in NOT_MADE:
                yield _spec(f"{symbol.name}.{name}", {})


SPECS: tuple[Spec, ...] = (
    *(_of_symbol(s) for s in symbols()),
    *(spec for members in MEMBERS for spec in _of_members(members)),
    *(spec for s in symbols() for spec in _of_each_class(s)),
)
