"""Wrappers, pipelines, and the names in these groups that have no spec of their own.

https://keras.io/api/layers/recurrent_layers/ (Bidirectional, TimeDistributed).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, tagged
from harness.specs.layer_keywords import keywords
from harness.specs.oracles import wrappers

SOURCE = "https://keras.io/api/layers/recurrent_layers/"

LSTM = tagged("layers.LSTM", units=2)
SEQUENCES = tagged("layers.LSTM", units=2, return_sequences=True)
STATES = tagged("layers.GRU", units=2, return_sequences=True, return_state=True)
BACKWARD = tagged("layers.LSTM", units=2, go_backwards=True)
BACKWARD_SEQUENCES = tagged(
    "layers.LSTM", units=2, return_sequences=True, go_backwards=True, activation="relu"
)


def _matching(parameters: Mapping[str, Any]) -> bool:
    """A backward layer must return what the forward layer returns."""
    backward, layer = parameters.get("backward_layer"), parameters.get("layer")
    return backward is None or (layer, backward) in ((LSTM, BACKWARD), (SEQUENCES, BACKWARD_SEQUENCES))


def _lstm(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("layer") in (LSTM, SEQUENCES)


BIDIRECTIONAL = Spec(
    subject="layers.Bidirectional",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "layer",
            (
                LSTM,
                SEQUENCES,
                STATES,
                tagged("layers.SimpleRNN", units=2, return_state=True),
                tagged("layers.RNN", cell=tagged("layers.LSTMCell", units=2)),
            ),
            invalid=(None, 4, "LSTM", tagged("layers.Dense", units=2)),
        ),
        Parameter("merge_mode", (OMIT, "concat", "sum", "mul", "ave", None), invalid=("nope", 1)),
        Parameter(
            "backward_layer",
            (OMIT, None, BACKWARD, BACKWARD_SEQUENCES),
            invalid=(4, LSTM, BACKWARD_SEQUENCES, tagged("layers.Dense", units=2)),
        ),
        Parameter("weights", (OMIT, None), invalid=("nope",)),
    ),
    feeds=(
        Feed("sequence", Array((2, 5, 3))),
        Feed("mask", Array((2, 5, 3)), call={"mask": Array((2, 5), dtype="bool", values="lengths")}),
        Feed(
            "initial state",
            Array((2, 5, 3)),
            call={"initial_state": [Array((2, 2), scale=0.5) for _ in range(4)]},
            when=_lstm,
        ),
        Feed("after Masking", Array((2, 6, 3), values="padded"), call={"$masking": True}, pairwise=False),
        Feed("one step", Array((2, 1, 3)), pairwise=False),
        Feed("batch of none", Array((0, 5, 3)), pairwise=False),
        Feed("double", Array((2, 5, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((2, 5, 3), dtype="float16"), pairwise=False),
        Feed("large", Array((2, 5, 3), values="large"), pairwise=False),
        Feed("special", Array((2, 5, 3), values="special"), pairwise=False),
        Feed("wrong rank", Array((2, 3)), pairwise=False),
        Feed(
            "one state only",
            Array((2, 5, 3)),
            call={"initial_state": [Array((2, 2))]},
            pairwise=False,
        ),
    ),
    valid=_matching,
    extra=(
        *keywords((5, 3), layer=LSTM),
        {"layer": tagged("layers.LSTM", units=2, stateful=True)},
        {"layer": tagged("layers.LSTM", units=2, go_backwards=True)},
        {"layer": tagged("layers.LSTM", units=2, dropout=0.5)},
        {"layer": tagged("layers.LSTM", units=2, name="a/b")},
    ),
    oracle=wrappers.bidirectional,
    source=f"{SOURCE}bidirectional/",
)


def _per_step(parameters: Mapping[str, Any]) -> str:
    return str(parameters["layer"]["$object"]) if isinstance(parameters.get("layer"), Mapping) else ""


TIME_DISTRIBUTED = Spec(
    subject="layers.TimeDistributed",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "layer",
            (
                tagged("layers.Dense", units=2),
                tagged("layers.Dense", units=2, activation="relu", use_bias=False),
                tagged("layers.Flatten"),
                tagged("layers.Activation", activation="tanh"),
                tagged("layers.Conv2D", filters=2, kernel_size=2),
                tagged("layers.BatchNormalization"),
                tagged("layers.LSTM", units=2),
                tagged("layers.LSTM", units=2, return_sequences=True),
            ),
            invalid=(None, 4, "Dense", tagged("initializers.Ones")),
        ),
    ),
    feeds=(
        Feed(
            "sequence",
            Array((2, 3, 4)),
            when=lambda p: "Conv" not in _per_step(p) and "LSTM" not in _per_step(p),
        ),
        Feed("frames", Array((2, 3, 4, 5, 2)), when=lambda p: "LSTM" not in _per_step(p)),
        Feed("sequences", Array((2, 3, 4, 2)), when=lambda p: "Conv" not in _per_step(p)),
        Feed(
            "mask",
            Array((2, 3, 4)),
            call={"mask": Array((2, 3), dtype="bool", values="lengths")},
            pairwise=False,
        ),
        Feed("after Masking", Array((2, 6, 3), values="padded"), call={"$masking": True}, pairwise=False),
        Feed("one step", Array((2, 1, 4)), pairwise=False),
        Feed("batch of none", Array((0, 3, 4)), pairwise=False),
        Feed("no step", Array((2, 0, 4)), pairwise=False),
        Feed("double", Array((2, 3, 4), dtype="float64"), pairwise=False),
        Feed("half", Array((2, 3, 4), dtype="float16"), pairwise=False),
        Feed("whole numbers", Array((2, 3, 4), dtype="int32", values="integers"), pairwise=False),
        Feed("special", Array((2, 3, 4), values="special"), pairwise=False),
        Feed("wrong rank", Array((2, 4)), pairwise=False),
    ),
    extra=(
        *keywords((3, 4), layer=tagged("layers.Dense", units=2)),
        {"layer": tagged("layers.Dropout", rate=0.5)},
        {"layer": tagged("layers.Dropout", rate=0.0)},
    ),
    oracle=wrappers.time_distributed,
    source=f"{SOURCE}time_distributed/",
)

PIPELINE = Spec(
    subject="layers.Pipeline",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "layers",
            (
                [tagged("layers.Rescaling", scale=0.5)],
                [tagged("layers.Rescaling", scale=0.5), tagged("layers.Rescaling", scale=2.0, offset=1.0)],
                [tagged("layers.Dropout", rate=0.0), tagged("layers.Rescaling", scale=0.5)],
                [],
            ),
            invalid=(None, 4, [4], ["Rescaling"]),
        ),
        Parameter("name", (OMIT, "chain"), invalid=("a/b", 1)),
    ),
    feeds=(
        Feed("matrix", Array((4, 3))),
        Feed("images", Array((2, 4, 4, 3))),
        Feed("whole numbers", Array((4, 3), dtype="int32", values="integers"), pairwise=False),
        Feed("batch of none", Array((0, 3)), pairwise=False),
    ),
    extra=({"layers": [tagged("layers.Dropout", rate=0.5)]}, {"layers": [], "unknown_argument": 1}),
    oracle=wrappers.pipeline,
    source="https://keras.io/api/layers/preprocessing_layers/",
)


def _boxes(count: int) -> dict[str, Any]:
    """Two images with so many labelled boxes each."""
    return {
        "images": Array((2, 8, 8, 3), values="uniform"),
        "bounding_boxes": {
            "boxes": Array((2, count, 4), values="positive"),
            "labels": Array((2, count), values="integers"),
        },
    }


MAX_NUM_BOUNDING_BOXES = Spec(
    subject="layers.MaxNumBoundingBoxes",
    family="layers",
    script="layer",
    parameters=(
        Parameter("max_number", (3, 1, 5), invalid=(0, -1, "3", 2.5, None)),
        Parameter("fill_value", (OMIT, 0, -1), invalid=("x", None)),
        Parameter("bounding_box_format", ("xyxy", "xywh"), invalid=("nope", None)),
    ),
    feeds=(Feed("three boxes", _boxes(3)), Feed("no box", _boxes(0), pairwise=False)),
    extra=(
        {"bounding_box_format": OMIT},
        {"padding_value": -1},
        {"max_number": 3, "unknown_argument": 1},
    ),
    oracle=wrappers.max_num_bounding_boxes,
    source="https://keras.io/api/layers/preprocessing_layers/image_augmentation/max_num_bounding_boxes/",
)

SPECS: tuple[Spec, ...] = (BIDIRECTIONAL, TIME_DISTRIBUTED, PIPELINE, MAX_NUM_BOUNDING_BOXES)

NOT_CALLABLE: dict[str, str] = {
    "layers.Wrapper": "Abstract: the documentation says not to use it as a layer.",
    "layers.AbstractRNNCell": "Abstract: a class to derive cells from.",
    "layers.RNNCell": "Abstract: a class to derive cells from.",
    "layers.ConvRNN2D": "Abstract: the class ConvLSTM2D of Keras 2.0 to 2.3 derives from.",
    "layers.ConvRecurrent2D": "Abstract: the class ConvLSTM2D of Keras 2.0 derives from.",
    "layers.Recurrent": "Abstract: the class the recurrent layers of Keras 2.0 derive from.",
    "layers.TFSMLayer": "Reloads a SavedModel from disk: a subject of file formats.",
    "layers.JaxLayer": "Wraps a JAX function, which is no Keras object and only one backend has.",
    "layers.FlaxLayer": "Wraps a Flax module, which is no Keras object and only one backend has.",
    "layers.TorchModuleWrapper": "Wraps a torch module, which is no Keras object and only one backend has.",
    "layers.DenseFeatures": "Takes TensorFlow's deprecated feature columns, which are no Keras objects.",
    "layers.serialize": "A function on layers: every layer case compares the config and its round trip.",
    "layers.deserialize": "A function on configs: every layer case compares the config and its round trip.",
    "layers.experimental": "A module; its names are listed one by one.",
    "layers.experimental.preprocessing": "A module; its names are listed one by one.",
    "layers.experimental.preprocessing.PreprocessingLayer": "Abstract: a class to derive layers from.",
    "layers.experimental.DynamicEmbedding": "Only in Keras 2, experimental and without a public page.",
    "layers.experimental.DynamicLookup": "Only in Keras 2, experimental and without a public page.",
}
"""Public names of these groups without a spec, and why."""

_MOVED = (
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "Normalization",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomHeight",
    "RandomRotation",
    "RandomTranslation",
    "RandomWidth",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "StringLookup",
    "TextVectorization",
)

ALIASES: dict[str, str] = {
    "layers.CuDNNLSTM": "layers.LSTM",
    "layers.CuDNNGRU": "layers.GRU",
    **{f"layers.experimental.preprocessing.{name}": f"layers.{name}" for name in _MOVED},
}
"""Other names of the same promise → the subject whose spec holds. The CuDNN layers need a GPU."""
