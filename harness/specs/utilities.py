"""Utilities and preprocessing: labels, sequences, text, images, files, registration.

https://keras.io/api/utils/, https://keras.io/api/data_loading/ and, for what Keras 3 has dropped,
https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/preprocessing
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec, tagged
from harness.specs.oracles import utilities as oracles
from harness.specs.oracles.backend import positional

SOURCE = "https://keras.io/api/utils/"
PLAIN: dict[str, Any] = {"$plain": True}


def arguments(*values: Any) -> dict[str, Any]:
    """Positional arguments."""
    return {"$arguments": list(values)}


def utility(
    subject: str,
    feeds: Mapping[str, Any],
    *parameters: Parameter,
    script: str = "function",
    oracle: Oracle | None = None,
    no_oracle: str = "",
    extra: tuple[Mapping[str, Any], ...] = (),
    random: bool = False,
    needs: str = "",
) -> Spec:
    """The spec of one utility, called with plain arrays; `needs` is a package it leans on."""
    call = PLAIN | ({"$needs": needs} if needs else {})
    return Spec(
        subject=subject,
        family="utilities",
        script=script,
        feeds=tuple(Feed(label, inputs, call=call) for label, inputs in feeds.items()),
        parameters=parameters,
        extra=extra,
        oracle=oracle,
        no_oracle=no_oracle,
        random=random,
        source=SOURCE,
        dear=(),
        limit=30.0,
    )


NONE: Mapping[str, Any] = {"none": None}
ACTS = "held to what it does, not to numbers"
DTYPE = Parameter("dtype", (OMIT, "int32", "float32", "float64"), invalid=("nope",))

LABELS: tuple[Spec, ...] = (
    utility(
        "utils.to_categorical",
        {
            "labels": [0, 2, 1],
            "array": Array((4,), dtype="int64", values="integers", high=4),
            "column": Array((4, 1), dtype="int32", values="integers", high=3),
            "floats": Array(literal=[0.0, 1.0, 2.0]),
            "rank 2": Array((2, 3), dtype="int32", values="integers", high=3),
            "one": [0],
            "none": Array((0,), dtype="int32", values="integers"),
            "negative": [-1, 0],
            "scalar": 2,
        },
        Parameter("num_classes", (OMIT, 5), invalid=(1, 0, -1, "3")),
        extra=({"dtype": "int32"}, {"dtype": "float64"}, {"num_classes": 4, "dtype": "float32"}),
        oracle=positional(oracles.to_categorical),
    ),
    utility(
        "utils.normalize",
        {
            "matrix": Array((3, 4)),
            "rank 3": Array((2, 3, 2)),
            "zeros": Array((2, 3), values="zeros"),
            "vector": Array((4,)),
            "integers": Array((2, 3), dtype="int32", values="integers"),
            "double": Array((2, 3), dtype="float64"),
        },
        Parameter("axis", (OMIT, 0, 1), invalid=(5,)),
        Parameter("order", (OMIT, 1, 3), invalid=(0, "x")),
        oracle=positional(oracles.normalize),
    ),
)

SEQUENCES = {
    "lists": arguments([[1], [2, 3], [4, 5, 6]]),
    "one empty": arguments([[1, 2], []]),
    "floats": arguments([[0.5], [1.5, 2.5]]),
    "vectors": arguments([[[1, 2], [3, 4]], [[5, 6]]]),
    "none": arguments([]),
    "not lists": arguments([1, 2]),
    "no list": arguments(3),
}
PADDING = (
    Parameter("maxlen", (OMIT, 2, 5, 0), invalid=(-1, "x")),
    Parameter("dtype", (OMIT, "float32", "int64"), invalid=("nope",)),
    Parameter("padding", (OMIT, "pre", "post"), invalid=("side",)),
    Parameter("truncating", (OMIT, "pre", "post"), invalid=("side",)),
    Parameter("value", (OMIT, 7, 0.5), invalid=("x",)),
)

SERIES = {
    "series": arguments(Array((10, 2)), Array((10,))),
    "without targets": arguments(Array((10,)), None),
    "integers": arguments(Array((8,), dtype="int64", values="integers"), Array((8,))),
}
WINDOWS = (
    Parameter("sequence_length", (3, 1, 10), invalid=(0, 20, -1)),
    Parameter("sequence_stride", (OMIT, 2), invalid=(0, 10)),
    Parameter("sampling_rate", (OMIT, 2), invalid=(0,)),
    Parameter("batch_size", (OMIT, 2, None), invalid=(0,)),
    Parameter("start_index", (OMIT, 1), invalid=(-1, 10)),
    Parameter("end_index", (OMIT, 8), invalid=(0, 20)),
)

SERIES_SPECS: tuple[Spec, ...] = (
    *(
        utility(name, SEQUENCES, *PADDING, oracle=positional(oracles.pad_sequences))
        for name in ("utils.pad_sequences", "preprocessing.sequence.pad_sequences")
    ),
    *(
        utility(
            name, SERIES, *WINDOWS, oracle=positional(oracles.windows), extra=({"shuffle": True, "seed": 1},)
        )
        for name in ("utils.timeseries_dataset_from_array", "preprocessing.timeseries_dataset_from_array")
    ),
    utility(
        "preprocessing.sequence.TimeseriesGenerator",
        {"series": arguments(Array((10, 2)), Array((10,))), "too short": arguments(Array((2,)), Array((2,)))},
        Parameter("length", (3, 1), invalid=(0, 20)),
        Parameter("sampling_rate", (OMIT, 2)),
        Parameter("stride", (OMIT, 2)),
        Parameter("start_index", (OMIT, 1)),
        Parameter("end_index", (OMIT, 8)),
        Parameter("reverse", (OMIT, True)),
        Parameter("batch_size", (OMIT, 2)),
        script="utility:generator",
        oracle=positional(oracles.generated),
    ),
    utility(
        "preprocessing.sequence.make_sampling_table",
        {"size": arguments(10), "one": arguments(1)},
        Parameter("sampling_factor", (OMIT, 1e-3)),
        oracle=positional(oracles.sampling_table),
    ),
    utility(
        "preprocessing.sequence.skipgrams",
        {"words": arguments([1, 2, 3, 4], 10)},
        Parameter("window_size", (OMIT, 1)),
        Parameter("negative_samples", (0.0, OMIT, 0.5)),
        Parameter("shuffle", (False, OMIT)),
        Parameter("categorical", (OMIT, True)),
        Parameter("seed", (1,), why_few="what is drawn depends on it"),
        no_oracle="negative samples are drawn at random",
    ),
)

SENTENCE = "Some <b>text</b>, some more: text!\tand\nmore"
SPLITTING = (
    Parameter("filters", (OMIT, "", ",!")),
    Parameter("lower", (OMIT, False)),
    Parameter("split", (OMIT, ",", "text")),
)

TEXT: tuple[Spec, ...] = (
    utility(
        "preprocessing.text.text_to_word_sequence",
        {
            "sentence": arguments(SENTENCE),
            "empty": arguments(""),
            "unicode": arguments("Ärger über Ölfeld — ja"),
        },
        *SPLITTING,
        oracle=positional(oracles.words),
    ),
    utility(
        "preprocessing.text.one_hot",
        {"sentence": arguments(SENTENCE, 20)},
        *SPLITTING,
        no_oracle="hashes by Python's own hash, which is documented to vary",
    ),
    utility(
        "preprocessing.text.hashing_trick",
        {"sentence": arguments(SENTENCE, 20)},
        Parameter("hash_function", ("md5", OMIT)),
        *SPLITTING,
        oracle=positional(oracles.hashed),
    ),
    utility(
        "preprocessing.text.Tokenizer",
        NONE,
        Parameter("num_words", (OMIT, 3, 1)),
        Parameter("filters", (OMIT, "")),
        Parameter("lower", (OMIT, False)),
        Parameter("split", (OMIT, "o")),
        Parameter("char_level", (OMIT, True)),
        Parameter("oov_token", (OMIT, "<unknown>")),
        script="utility:tokenizer",
        no_oracle="several results, each compared",
    ),
)

IMAGE = Array((4, 6, 3), values="uniform", scale=255.0)
IMAGE_NAMES = ("utils", "preprocessing.image")


def _images(place: str) -> tuple[Spec, ...]:
    """Image utilities, which Keras keeps in two places."""
    return (
        utility(
            f"{place}.img_to_array",
            {
                "image": arguments(IMAGE),
                "grey": arguments(Array((4, 6))),
                "rank 4": arguments(Array((1, 2, 2, 3))),
            },
            Parameter("data_format", (OMIT, "channels_last", "channels_first"), invalid=("nope",)),
            Parameter("dtype", (OMIT, "float64", "uint8")),
            oracle=positional(oracles.image_array),
        ),
        utility(
            f"{place}.array_to_img",
            {
                "image": arguments(IMAGE),
                "grey": arguments(Array((4, 6, 1))),
                "four channels": arguments(Array((2, 2, 4), values="uniform")),
                "two channels": arguments(Array((2, 2, 2))),
                "rank 2": arguments(Array((2, 2))),
                "constant": arguments(Array((2, 2, 3), values="ones")),
            },
            Parameter("data_format", (OMIT, "channels_last"), invalid=("nope",)),
            Parameter("scale", (OMIT, False)),
            Parameter("dtype", (OMIT, "float32")),
            no_oracle="makes a picture, whose pixels are compared",
            needs="PIL",
        ),
        utility(
            f"{place}.load_img",
            NONE,
            Parameter("color_mode", (OMIT, "grayscale", "rgba"), invalid=("nope",)),
            Parameter("target_size", (OMIT, (2, 3))),
            Parameter("interpolation", (OMIT, "bilinear", "bicubic"), invalid=("nope",)),
            Parameter("keep_aspect_ratio", (OMIT, True)),
            extra=({"grayscale": True},),
            script="utility:load",
            no_oracle="reads a file with Pillow",
        ),
        utility(
            f"{place}.save_img",
            {"image": IMAGE, "grey": Array((3, 3, 1), values="uniform", scale=255.0)},
            Parameter("scale", (OMIT, False)),
            Parameter("data_format", (OMIT, "channels_last")),
            script="utility:save",
            no_oracle="writes a file with Pillow",
        ),
    )


IMAGES: tuple[Spec, ...] = (
    *(spec for place in IMAGE_NAMES for spec in _images(place)),
    utility(
        "preprocessing.image.smart_resize",
        {
            "image": arguments(IMAGE, (2, 3)),
            "larger": arguments(IMAGE, (8, 8)),
            "batch": arguments(Array((2, 4, 6, 1)), (3, 3)),
        },
        Parameter("interpolation", (OMIT, "nearest", "bicubic"), invalid=("nope",)),
        no_oracle="interpolation is the backend's own",
    ),
)

FROM_FILES = (
    Parameter("labels", (OMIT, None), invalid=("nope",)),
    Parameter("label_mode", (OMIT, "categorical", "binary", None), invalid=("nope",)),
    Parameter("batch_size", (OMIT, 2, None)),
    Parameter("shuffle", (False, OMIT)),
    Parameter("seed", (1,), why_few="what is drawn depends on it"),
)
SPLITS: tuple[Mapping[str, Any], ...] = (
    {"validation_split": 0.5, "subset": "training"},
    {"validation_split": 0.5, "subset": "both"},
    {"validation_split": 0.5},
    {"subset": "training"},
    {"class_names": ["dogs", "cats"]},
    {"max_length": 4},
)

FILES: tuple[Spec, ...] = (
    *(
        utility(
            f"{place}.image_dataset_from_directory",
            NONE,
            *FROM_FILES,
            Parameter("image_size", ((4, 6), (2, 2))),
            Parameter("color_mode", (OMIT, "grayscale"), invalid=("nope",)),
            Parameter("crop_to_aspect_ratio", (OMIT, True)),
            extra=SPLITS,
            script="utility:directory",
            no_oracle=ACTS,
        )
        for place in ("utils", "preprocessing")
    ),
    *(
        utility(
            f"{place}.text_dataset_from_directory",
            NONE,
            *FROM_FILES,
            Parameter("max_length", (OMIT, 4)),
            extra=SPLITS[:4],
            script="utility:directory",
            no_oracle=ACTS,
        )
        for place in ("utils", "preprocessing")
    ),
    utility(
        "utils.get_file",
        NONE,
        Parameter("cache_subdir", (OMIT, "mine")),
        Parameter("file_hash", (OMIT, "0123"), why_few=""),
        Parameter("untar", (OMIT, False)),
        extra=({"md5_hash": "0123"}, {"force_download": True}, {"extract": True}, {"hash_algorithm": "md5"}),
        script="utility:get_file",
        no_oracle=ACTS,
    ),
)

STATE: tuple[Spec, ...] = (
    utility("utils.register_keras_serializable", NONE, script="utility:registration", no_oracle=ACTS),
    utility(
        "utils.serialize_keras_object",
        {
            "layer": tagged("layers.Dense", units=2, name="d"),
            "optimizer": tagged("optimizers.SGD"),
            "number": 3,
            "list": [1, "a", None],
            "tuple": (1, 2),
            "dict": {"a": 1},
            "array": Array((2,)),
        },
        script="utility:serialized",
        no_oracle=ACTS,
    ),
    utility(
        "utils.set_random_seed",
        NONE,
        Parameter("seed", (0, 7), invalid=(-1, "x", 1.5)),
        script="utility:seeds",
        no_oracle=ACTS,
    ),
    utility(
        "utils.Progbar",
        NONE,
        Parameter("target", (5, None)),
        Parameter("verbose", (1, 2, 0)),
        Parameter("stateful_metrics", (OMIT, ["acc"])),
        Parameter("unit_name", (OMIT, "item")),
        script="utility:progress",
        no_oracle=ACTS,
    ),
    utility(
        "utils.plot_model",
        NONE,
        Parameter("show_shapes", (OMIT, True)),
        Parameter("show_layer_names", (OMIT, False)),
        script="utility:picture",
        no_oracle=ACTS,
    ),
    utility(
        "utils.model_to_dot",
        NONE,
        Parameter("show_shapes", (OMIT, True)),
        Parameter("rankdir", (OMIT, "LR")),
        script="utility:picture",
        no_oracle=ACTS,
    ),
    utility(
        "Model.summary",
        NONE,
        Parameter("line_length", (OMIT, 80)),
        Parameter("show_trainable", (OMIT, True)),
        Parameter("expand_nested", (OMIT, True)),
        script="utility:summary",
        no_oracle=ACTS,
    ),
    utility("utils.Sequence", NONE, script="utility:sequence", no_oracle=ACTS),
    utility(
        "utils.PyDataset",
        NONE,
        Parameter("workers", (OMIT, 2)),
        Parameter("use_multiprocessing", (OMIT, False)),
        Parameter("max_queue_size", (OMIT, 3)),
        script="utility:sequence",
        no_oracle=ACTS,
    ),
    utility(
        "utils.split_dataset",
        {"array": Array((10, 2)), "list": [1, 2, 3, 4], "tuple": (Array((4,)), Array((4,)))},
        Parameter("left_size", (OMIT, 0.5, 2), invalid=(0, 1.5, "x")),
        Parameter("right_size", (OMIT, 0.5, 2)),
        script="utility:split",
        no_oracle=ACTS,
        extra=({"left_size": 0.5, "shuffle": True, "seed": 1},),
    ),
    utility(
        "utils.pack_x_y_sample_weight",
        {"x": arguments(1), "x y": arguments(1, 2), "x y w": arguments(1, 2, 3), "list": arguments([1])},
        oracle=positional(oracles.packed),
    ),
    utility(
        "utils.unpack_x_y_sample_weight",
        {
            "x": arguments((1,)),
            "x y": arguments((1, 2)),
            "all": arguments((1, 2, 3)),
            "list": arguments([1, 2]),
            "4": arguments((1, 2, 3, 4)),
        },
        oracle=positional(oracles.unpacked),
    ),
)

MERGED: Mapping[str, Callable[..., Any]] = {
    "add": oracles.added,
    "average": lambda arrays: oracles.added(arrays) / len(arrays),
    "maximum": lambda arrays: np.maximum.reduce(arrays),
    "minimum": lambda arrays: np.minimum.reduce(arrays),
    "multiply": lambda arrays: np.multiply.reduce(arrays),
    "subtract": lambda arrays: np.subtract(*arrays),
    "concatenate": lambda arrays, axis=-1: np.concatenate(arrays, axis),
}
"""The functions that stand for merging layers, https://keras.io/api/layers/merging_layers/"""


def _merged(name: str) -> Spec:
    """A merging function on tensors."""
    axis = (Parameter("axis", (OMIT, 0), invalid=(5,)),) if name == "concatenate" else ()
    return Spec(
        subject=f"layers.{name}",
        family="utilities",
        script="function",
        feeds=(
            Feed("two", arguments([Array((2, 3)), Array((2, 3))])),
            Feed("three", arguments([Array((2, 3))] * 3)),
            Feed("one", arguments([Array((2, 3))]), pairwise=False),
        ),
        parameters=axis,
        oracle=positional(MERGED[name]),
        source="https://keras.io/api/layers/merging_layers/",
        dear=(),
    )


MERGES: tuple[Spec, ...] = tuple(_merged(name) for name in MERGED)

SPECS: tuple[Spec, ...] = (*MERGES, *LABELS, *SERIES_SPECS, *TEXT, *IMAGES, *FILES, *STATE)
