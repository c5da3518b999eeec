"""Preprocessing layers: numbers, categories, text, images; sound is in `layers_audio`.

https://keras.io/api/layers/preprocessing_layers/. ``$adapt`` in a feed's call arguments is the
data that `adapt` gets before the layer is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_keywords import alone, keywords, one_sided
from harness.specs.oracles import categories, hashing, images, preprocessing, text

SOURCE = "https://keras.io/api/layers/preprocessing_layers/"

SPARSE = Parameter("sparse", (OMIT, False))
MODES = ("one_hot", "multi_hot", "count")


def _strings(*rows: Any) -> Array:
    return Array(dtype="string", literal=list(rows))


def _has(name: str) -> Any:
    """Whether a parameter is given."""

    def given(parameters: Mapping[str, Any]) -> bool:
        return parameters.get(name) is not None

    return given


def _lacks(name: str) -> Any:
    def missing(parameters: Mapping[str, Any]) -> bool:
        return parameters.get(name) is None

    return missing


LEARNT = Array((6, 3), shift=2.0, scale=3.0)


def _given_together(parameters: Mapping[str, Any]) -> bool:
    return (parameters.get("mean") is None) == (parameters.get("variance") is None)


NORMALIZATION = Spec(
    subject="layers.Normalization",
    family="layers",
    script="layer",
    parameters=(
        Parameter("mean", (2.0, OMIT, [1.0, 2.0, 3.0], None), invalid=("2", [1.0, 2.0])),
        Parameter("variance", (4.0, OMIT, [1.0, 4.0, 9.0], None), invalid=("4", -1.0, [1.0, 2.0])),
        Parameter("axis", (OMIT, -1, 1, (1,), None), invalid=(5, 0, "1", 1.5, (1, 1))),
        Parameter("invert", (OMIT, True)),
    ),
    feeds=(
        Feed("matrix", Array((4, 3)), when=_has("mean")),
        Feed("adapted", Array((4, 3)), call={"$adapt": LEARNT}, when=_lacks("mean")),
        Feed("sequence", Array((2, 3, 3)), when=_has("mean")),
        Feed("whole numbers", Array((4, 3), dtype="int32", values="integers"), pairwise=False),
        Feed("double", Array((4, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((4, 3), dtype="float16"), pairwise=False),
        Feed("vector", Array((4,)), pairwise=False),
        Feed("batch of none", Array((0, 3)), pairwise=False),
        Feed("special", Array((4, 3), values="special"), pairwise=False),
        Feed("offset", Array((4, 3), values="offset"), pairwise=False),
        Feed("list", [[1.0, 2.0, 3.0]], pairwise=False),
    ),
    valid=lambda p: (
        _given_together(p) and not (p.get("axis", -1) is None and isinstance(p.get("mean"), list))
    ),
    extra=(
        *keywords((3,), mean=2.0, variance=4.0),
        {"mean": 2.0},
        {"variance": 4.0},
        {"mean": 2.0, "variance": 0.0},
        {},
    ),
    oracle=preprocessing.normalization,
    source=f"{SOURCE}numerical/normalization/",
)

BINNED = Array(dtype="float32", literal=[[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 2.0]])

DISCRETIZATION = Spec(
    subject="layers.Discretization",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "bin_boundaries",
            ([0.0, 1.0, 2.0], [0.5], OMIT, (0.0, 1.0), [0, 1, 2]),
            invalid=("0,1", 1.0, [2.0, 1.0], [], ["0", "1"]),
        ),
        Parameter("num_bins", (OMIT, 4, None), invalid=(0, -1, "4", 2.5)),
        Parameter("epsilon", (OMIT, 0.1), invalid=("0.1", -1.0)),
        Parameter("output_mode", (OMIT, "int", *MODES), invalid=("nope", None, "binary")),
        SPARSE,
    ),
    feeds=(
        Feed("matrix", BINNED, when=_has("bin_boundaries")),
        Feed("column", Array((3, 1)), when=_has("bin_boundaries")),
        Feed("adapted", BINNED, call={"$adapt": Array((50, 1))}, when=_has("num_bins")),
        Feed("whole numbers", Array((2, 4), dtype="int32", values="integers"), pairwise=False),
        Feed("double", Array((2, 4), dtype="float64"), pairwise=False),
        Feed("vector", Array((4,)), pairwise=False),
        Feed("batch of none", Array((0, 4)), pairwise=False),
        Feed("special", Array((2, 4), values="special"), pairwise=False),
        Feed("ragged", {"$ragged": [[-1.5, 1.0], [0.5]], "dtype": "float32"}, pairwise=False),
    ),
    valid=lambda p: (p.get("bin_boundaries") is None) != (p.get("num_bins") is None),
    extra=(
        *keywords((4,), bin_boundaries=[0.0, 1.0]),
        {},
        {"bin_boundaries": [0.0, 1.0], "num_bins": 4},
        {"num_bins": 4},
        {"bins": 4},
        {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot", "sparse": True},
        {"bin_boundaries": [0.0, 1.0], "output_mode": "int", "sparse": True},
        {"bin_boundaries": [0.0, 1.0], "dtype": "int32"},
    ),
    oracle=preprocessing.discretization,
    source=f"{SOURCE}numerical/discretization/",
)

RESCALING = Spec(
    subject="layers.Rescaling",
    family="layers",
    script="layer",
    parameters=(
        Parameter("scale", (0.5, 1 / 255, 2, 0.0, -1.5, [1.0, 2.0, 3.0]), invalid=("0.5", None, [1.0, 2.0])),
        Parameter("offset", (OMIT, -1.0, 1, [1.0, 2.0, 3.0]), invalid=("1", None, [1.0, 2.0])),
    ),
    feeds=(
        Feed("matrix", Array((4, 3))),
        Feed("pixels", Array((2, 4, 4, 3), dtype="uint8", values="integers", high=256)),
        Feed("whole numbers", Array((4, 3), dtype="int32", values="integers")),
        Feed("double", Array((4, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((4, 3), dtype="float16"), pairwise=False),
        Feed("bools", Array((4, 3), dtype="bool", values="bools"), pairwise=False),
        Feed("batch of none", Array((0, 3)), pairwise=False),
        Feed("large", Array((4, 3), values="large"), pairwise=False),
        Feed("special", Array((4, 3), values="special"), pairwise=False),
    ),
    extra=(*keywords((3,), scale=0.5), {"scale": 0.5, "dtype": "uint8"}, {"scale": 0.5, "dtype": "int32"}),
    oracle=preprocessing.rescaling,
    source=f"{SOURCE}image_preprocessing/rescaling/",
)

COUNTED = Array(dtype="int64", literal=[[0, 1], [0, 0], [1, 2], [3, 1]])

CATEGORY_ENCODING = Spec(
    subject="layers.CategoryEncoding",
    family="layers",
    script="layer",
    parameters=(
        Parameter("num_tokens", (4, 6), invalid=(0, -1, "4", 2.5, None)),
        Parameter("output_mode", (OMIT, *MODES), invalid=("nope", "int", None, "binary")),
        SPARSE,
    ),
    feeds=(
        Feed("matrix", COUNTED, when=lambda p: p.get("output_mode") != "one_hot"),
        Feed("column", Array(dtype="int64", literal=[[3], [2], [0], [1]])),
        Feed(
            "weights",
            COUNTED,
            call={
                "count_weights": Array(
                    dtype="float32", literal=[[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]]
                )
            },
            when=lambda p: p.get("output_mode") == "count",
        ),
        Feed("vector", Array(dtype="int32", literal=[3, 2, 0, 1])),
        Feed("floats", Array(dtype="float32", literal=[[0.0, 1.0], [2.0, 3.0]]), pairwise=False),
        Feed("batch of none", Array((0, 2), dtype="int32", values="integers"), pairwise=False),
        Feed("too high", Array(dtype="int32", literal=[[0, 4]]), pairwise=False),
        Feed("negative", Array(dtype="int32", literal=[[0, -1]]), pairwise=False),
        Feed("rank 3", Array((2, 3, 2), dtype="int32", values="integers", high=4), pairwise=False),
        Feed("number", Array(dtype="int32", literal=2), pairwise=False),
        Feed("ragged", {"$ragged": [[0, 1, 1], [3]], "dtype": "int64"}, pairwise=False),
    ),
    extra=(
        *keywords((2,), num_tokens=4),
        {"num_tokens": 4, "sparse": True},
        {"num_tokens": 4, "output_mode": "one_hot"},
        {"max_tokens": 4},
        {},
    ),
    oracle=categories.category_encoding,
    source=f"{SOURCE}categorical/category_encoding/",
)

LETTERS = _strings(["A"], ["B"], ["C"], ["D"], ["E"])

HASHING = Spec(
    subject="layers.Hashing",
    family="layers",
    script="layer",
    parameters=(
        Parameter("num_bins", (3, 10, 1), invalid=(0, -1, "3", 2.5, None)),
        Parameter("mask_value", (OMIT, "B", None)),
        Parameter("salt", (OMIT, 133, [133, 137], (133, 137), None), invalid=("133", 1.5, [1], [1, 2, 3])),
        Parameter("output_mode", (OMIT, "int", *MODES), invalid=("nope", None, "binary")),
        SPARSE,
    ),
    feeds=(
        Feed("letters", LETTERS),
        Feed("words", _strings(["omar", "stringer", ""], ["marlo", "wire street", "avon b."])),
        Feed(
            "whole numbers",
            Array((2, 3), dtype="int64", values="integers", high=1000),
            when=_lacks("mask_value"),
        ),
        Feed("short numbers", Array((2, 3), dtype="int32", values="integers"), pairwise=False),
        Feed("vector", _strings("A", "B", "C"), pairwise=False),
        Feed("floats", Array((2, 3)), pairwise=False),
        Feed("batch of none", Array((0, 3), dtype="int64", values="integers"), pairwise=False),
        Feed("ragged", {"$ragged": [["A", "B"], ["C"]], "dtype": "string"}, pairwise=False),
    ),
    valid=lambda p: p["num_bins"] > 1 or p.get("mask_value") is None,
    extra=(
        *keywords(num_bins=3),
        {"num_bins": 3, "output_mode": "one_hot", "sparse": True},
        {"num_bins": 3, "output_mode": "int", "sparse": True},
        {"num_bins": 3, "mask_value": 0},
        {"num_bins": 1, "mask_value": "B"},
        {"num_bins": 3, "dtype": "int32"},
        {"num_bins": 3, "dtype": "float32"},
    ),
    oracle=hashing.hashing,
    source=f"{SOURCE}categorical/hashing/",
)

CROSSED = [_strings("A", "B", "A", "B", "A"), Array(dtype="int64", literal=[101, 101, 101, 102, 102])]

HASHED_CROSSING = Spec(
    subject="layers.HashedCrossing",
    family="layers",
    script="layer",
    parameters=(
        Parameter("num_bins", (5, 1), invalid=(0, -1, "5", 2.5, None)),
        Parameter("output_mode", (OMIT, "int", "one_hot"), invalid=("multi_hot", "count", "nope", None)),
        SPARSE,
    ),
    feeds=(
        Feed("two features", CROSSED),
        Feed("columns", [_strings(["A"], ["B"]), Array(dtype="int64", literal=[[101], [102]])]),
        Feed("three", [*CROSSED, Array(dtype="int64", literal=[1, 2, 3, 4, 5])], pairwise=False),
        Feed("one feature", [CROSSED[0]], pairwise=False),
        Feed("no list", CROSSED[0], pairwise=False),
        Feed("floats", [Array((5,)), Array((5,))], pairwise=False),
        Feed("matrix", [Array((2, 3), dtype="int64", values="integers")] * 2, pairwise=False),
    ),
    extra=(
        *keywords(num_bins=5),
        {"num_bins": 5, "output_mode": "one_hot", "sparse": True},
        {"num_bins": 5, "sparse": True},
    ),
    no_oracle="The page calls it conceptually hash(concatenate(features)) and does not say how exactly.",
    source=f"{SOURCE}categorical/hashed_crossing/",
)


def _only_when_counting(parameters: Mapping[str, Any]) -> bool:
    """`invert` belongs to mode "int", padding to the others and needs a size, weights to tf_idf."""
    mode = parameters.get("output_mode", "int")
    if parameters.get("invert") and mode != "int":
        return False
    if parameters.get("pad_to_max_tokens") and (mode == "int" or parameters.get("max_tokens") is None):
        return False
    if mode == "tf_idf" and parameters.get("vocabulary") is not None:
        return parameters.get("idf_weights") is not None
    return parameters.get("idf_weights") is None


def _lookup_parameters(
    vocabularies: tuple[Any, ...], mask: Any, oov: Any, wrong: Any
) -> tuple[Parameter, ...]:
    """What both lookup layers take."""
    return (
        Parameter("vocabulary", vocabularies, invalid=([], [vocabularies[0][0]] * 2, wrong)),
        Parameter("max_tokens", (OMIT, 8, None), invalid=(0, -1, 1, "8", 2.5)),
        Parameter("num_oov_indices", (OMIT, 2, 0), invalid=(-1, "1", 1.5, None)),
        Parameter("mask_token", (OMIT, mask, None)),
        Parameter("oov_token", (OMIT, oov)),
        Parameter("idf_weights", (OMIT, [0.25, 0.75, 0.6, 0.4]), invalid=("nope",)),
        Parameter("invert", (OMIT, True)),
        Parameter(
            "output_mode", (OMIT, "int", "multi_hot", "count", "tf_idf", "one_hot"), invalid=("nope", None)
        ),
        SPARSE,
        Parameter("pad_to_max_tokens", (OMIT, True)),
    )


def _straight(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("vocabulary") is not None and not parameters.get("invert")


def _known_only(parameters: Mapping[str, Any]) -> bool:
    return _straight(parameters) and parameters.get("num_oov_indices") == 0


def _backwards(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("vocabulary") is not None and bool(parameters.get("invert"))


def _learning(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("vocabulary") is None and not parameters.get("invert")


def _with_buckets(parameters: Mapping[str, Any]) -> bool:
    return _straight(parameters) and parameters.get("num_oov_indices", 1) != 0


INDICES = Array(dtype="int64", literal=[[1, 3, 4], [2, 0, 1]])

STRING_LOOKUP = Spec(
    subject="layers.StringLookup",
    family="layers",
    script="layer",
    parameters=(
        *_lookup_parameters((["a", "b", "c", "d"], OMIT, ("a", "b", "c", "d")), "", "[OOV]", 5),
        Parameter("encoding", (OMIT, "utf-8"), invalid=("nope",)),
        one_sided("salt", "Keras 3"),
    ),
    feeds=(
        Feed("words", _strings(["a", "c", "z"], ["d", "q", "b"]), when=_with_buckets),
        Feed("known words", _strings(["a", "c", "d"], ["d", "b", "b"]), when=_straight),
        Feed("masked words", _strings(["a", "", "z"], ["", "b", ""]), when=_with_buckets),
        Feed("indices", INDICES, when=_backwards),
        Feed(
            "adapted",
            _strings(["a", "c"], ["z", "b"]),
            call={"$adapt": _strings(["a", "c"], ["d", "c"], ["a", "c"], ["b", "é"])},
            when=_learning,
        ),
        Feed("column", _strings(["a"], ["z"]), when=_with_buckets),
        Feed("vector", _strings("a", "z", "b"), pairwise=False),
        Feed("other letters", _strings(["é", "日本"], ["A", " a"]), pairwise=False),
        Feed("whole numbers", Array((2, 3), dtype="int64", values="integers"), pairwise=False),
        Feed("ragged", {"$ragged": [["a", "z"], ["c"]], "dtype": "string"}, pairwise=False),
    ),
    valid=_only_when_counting,
    extra=(
        *keywords(vocabulary=["a", "b"]),
        *alone("salt", 133, [133, 137], vocabulary=["a", "b"], num_oov_indices=2),
        {"vocabulary": ["[UNK]", "a", "b"]},
        {"vocabulary": ["", "[UNK]", "a", "b"], "mask_token": ""},
        {"vocabulary": ["a", "[UNK]"]},
        {"vocabulary": ["a", "b"], "output_mode": "multi_hot", "sparse": True},
        {"vocabulary": ["a", "b"], "output_mode": "tf_idf"},
        {"vocabulary": ["a", "b"], "idf_weights": [0.5, 0.5]},
        {"vocabulary": ["a", "b"], "invert": True, "output_mode": "count"},
        {"vocabulary": ["a", "b"], "max_tokens": 2},
        {"vocabulary": ["a", "b"], "pad_to_max_tokens": True},
        {"vocabulary": ["a", "b"], "dtype": "int32"},
        {},
    ),
    oracle=text.string_lookup,
    source=f"{SOURCE}categorical/string_lookup/",
)

INTEGER_LOOKUP = Spec(
    subject="layers.IntegerLookup",
    family="layers",
    script="layer",
    parameters=(
        *_lookup_parameters(([12, 36, 1138, 42], OMIT, (12, 36, 1138, 42)), 0, -2, "a"),
        Parameter("vocabulary_dtype", (OMIT, "int64"), invalid=("float32", "nope")),
        one_sided("oov_method", "Keras 3"),
        one_sided("salt", "Keras 3"),
    ),
    feeds=(
        Feed("numbers", Array(dtype="int64", literal=[[12, 1138, 7], [42, 1000, 36]]), when=_with_buckets),
        Feed("known numbers", Array(dtype="int64", literal=[[12, 1138], [42, 36]]), when=_straight),
        Feed("masked numbers", Array(dtype="int64", literal=[[12, 0, 7], [0, 36, 0]]), when=_with_buckets),
        Feed("indices", INDICES, when=_backwards),
        Feed(
            "adapted",
            Array(dtype="int64", literal=[[12, 42], [7, 36]]),
            call={"$adapt": Array(dtype="int64", literal=[[12, 1138, 42], [42, 1000, 36], [42, 12, 9]])},
            when=_learning,
        ),
        Feed("column", Array(dtype="int64", literal=[[12], [7]]), when=_with_buckets),
        Feed("short numbers", Array(dtype="int32", literal=[[12, 7], [42, 36]]), pairwise=False),
        Feed("vector", Array(dtype="int64", literal=[12, 7, 42]), pairwise=False),
        Feed("negative", Array(dtype="int64", literal=[[-1, -7], [12, -2]]), pairwise=False),
        Feed("floats", Array(dtype="float32", literal=[[12.0, 7.5], [42.0, 36.0]]), pairwise=False),
        Feed("batch of none", Array((0, 3), dtype="int64", values="integers"), pairwise=False),
        Feed("ragged", {"$ragged": [[12, 7], [42]], "dtype": "int64"}, pairwise=False),
    ),
    valid=_only_when_counting,
    extra=(
        *keywords(vocabulary=[12, 36]),
        *alone("oov_method", "floormod", "farmhash", "nope", vocabulary=[12, 36], num_oov_indices=2),
        {"vocabulary": [12, 36], "num_oov_indices": 2, "oov_method": "farmhash", "salt": 133},
        {"vocabulary": [-1, 12, 36]},
        {"vocabulary": [0, -1, 12, 36], "mask_token": 0},
        {"vocabulary": [12, 36], "output_mode": "multi_hot", "sparse": True},
        {"vocabulary": [12, 36], "output_mode": "tf_idf"},
        {"vocabulary": [12, 36], "invert": True, "output_mode": "count"},
        {"vocabulary": [12, 36], "max_values": 4},
        {"vocabulary": [12, 36], "dtype": "int32"},
        {},
    ),
    oracle=text.integer_lookup,
    source=f"{SOURCE}categorical/integer_lookup/",
)


def _text_valid(parameters: Mapping[str, Any]) -> bool:
    """Lengths and raggedness belong to mode "int"; the rest as for lookups."""
    if parameters.get("output_mode", "int") != "int" and (
        parameters.get("output_sequence_length") is not None or parameters.get("ragged")
    ):
        return False
    return _only_when_counting(parameters)


TEXTS = _strings("Earth and wind!", "the Fire, the fire", "WIND")

TEXT_VECTORIZATION = Spec(
    subject="layers.TextVectorization",
    family="layers",
    script="layer",
    parameters=(
        Parameter("vocabulary", (["earth", "wind", "and", "fire"], OMIT), invalid=([], ["a", "a"], 5)),
        Parameter("max_tokens", (OMIT, 8, None), invalid=(0, -1, "8", 2.5)),
        Parameter(
            "standardize",
            (OMIT, "lower_and_strip_punctuation", "lower", "strip_punctuation", None),
            invalid=("nope", 1),
        ),
        Parameter("split", (OMIT, "whitespace", "character", None), invalid=("nope", 1)),
        Parameter("ngrams", (OMIT, 2, (2,), (1, 3), None), invalid=(0, -1, "2", 1.5)),
        Parameter(
            "output_mode", (OMIT, "int", "multi_hot", "count", "tf_idf"), invalid=("nope", None, "one_hot")
        ),
        Parameter("output_sequence_length", (OMIT, 2, 5, None), invalid=(0, -1, "2", 1.5)),
        Parameter("pad_to_max_tokens", (OMIT, True)),
        Parameter("idf_weights", (OMIT, [0.25, 0.75, 0.6, 0.4]), invalid=("nope",)),
        SPARSE,
        Parameter("ragged", (OMIT, True)),
        Parameter("encoding", (OMIT, "utf-8"), invalid=("nope",)),
    ),
    feeds=(
        Feed("texts", TEXTS, when=_has("vocabulary")),
        Feed("column", _strings(["Earth and wind!"], ["the Fire, the fire"]), when=_has("vocabulary")),
        Feed(
            "adapted",
            TEXTS,
            call={"$adapt": _strings("foo bar", "bar baz", "baz bada Boom", "earth fire", "fire")},
            when=_lacks("vocabulary"),
        ),
        Feed("empty text", _strings("", "fire", "  "), pairwise=False),
        Feed("other letters", _strings("Éarth und WIND", "日本 earth"), pairwise=False),
        Feed("tabs and lines", _strings("earth\twind\nfire", "earth  wind"), pairwise=False),
        Feed("two texts a row", _strings(["earth", "wind"], ["fire", "and"]), pairwise=False),
        Feed("whole numbers", Array((2, 1), dtype="int64", values="integers"), pairwise=False),
    ),
    valid=_text_valid,
    extra=(
        *keywords(vocabulary=["earth", "wind"]),
        {"vocabulary": ["", "[UNK]", "earth", "wind"]},
        {"vocabulary": ["earth", "wind"], "output_mode": "tf_idf"},
        {"vocabulary": ["earth", "wind"], "output_mode": "multi_hot", "sparse": True},
        {"vocabulary": ["earth", "wind"], "output_mode": "count", "output_sequence_length": 3},
        {"vocabulary": ["earth", "wind"], "output_mode": "count", "ragged": True},
        {"vocabulary": ["earth", "wind"], "max_tokens": 2},
        {"vocabulary": ["earth", "wind"], "dtype": "string"},
        {},
    ),
    oracle=text.text_vectorization,
    source=f"{SOURCE}text/text_vectorization/",
)


def _sizes(first: int, second: int) -> tuple[Parameter, ...]:
    return (
        Parameter("height", (first, 8, 1), invalid=(0, -1, "4", 2.5, None)),
        Parameter("width", (second, 8, 1), invalid=(0, -1, "4", 2.5, None)),
    )


def _image_feeds() -> tuple[Feed, ...]:
    return (
        Feed("images", Array((2, 6, 8, 3))),
        Feed("one image", Array((6, 8, 3))),
        Feed("pixels", Array((2, 6, 8, 3), dtype="uint8", values="integers", high=256)),
        Feed("small", Array((1, 2, 3, 1)), pairwise=False),
        Feed("one pixel", Array((1, 1, 1, 1)), pairwise=False),
        Feed("batch of none", Array((0, 6, 8, 3)), pairwise=False),
        Feed("double", Array((2, 6, 8, 3), dtype="float64"), pairwise=False),
        Feed("half", Array((2, 6, 8, 3), dtype="float16"), pairwise=False),
        Feed("whole numbers", Array((2, 6, 8, 3), dtype="int32", values="integers"), pairwise=False),
        Feed("special", Array((2, 6, 8, 3), values="special"), pairwise=False),
        Feed("wrong rank", Array((6, 8)), pairwise=False),
    )


RESIZING = Spec(
    subject="layers.Resizing",
    family="layers",
    script="layer",
    parameters=(
        *_sizes(3, 4),
        Parameter(
            "interpolation",
            (OMIT, "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
            invalid=("nope", None, 1, "area", "gaussian", "mitchellcubic"),
        ),
        Parameter("crop_to_aspect_ratio", (OMIT, True)),
        *(
            one_sided(name, "Keras 3")
            for name in ("pad_to_aspect_ratio", "fill_mode", "fill_value", "antialias", "data_format")
        ),
    ),
    feeds=_image_feeds(),
    extra=(
        *keywords((6, 8, 3), height=3, width=4),
        *alone("pad_to_aspect_ratio", True, height=4, width=4),
        *alone("antialias", True, height=3, width=4),
        *alone("data_format", "channels_first", "channels_last", None, "nope", height=3, width=4),
        *alone("fill_value", 1.0, "1", height=4, width=4, pad_to_aspect_ratio=True),
        *alone("fill_mode", "constant", "reflect", height=4, width=4, pad_to_aspect_ratio=True),
        {"height": 4, "width": 4, "pad_to_aspect_ratio": True, "crop_to_aspect_ratio": True},
        {"height": 5, "width": 7, "crop_to_aspect_ratio": True},
        {"height": 3, "width": 4, "dtype": "uint8"},
    ),
    oracle=images.resizing,
    source=f"{SOURCE}image_preprocessing/resizing/",
)

CENTER_CROP = Spec(
    subject="layers.CenterCrop",
    family="layers",
    script="layer",
    parameters=(*_sizes(4, 6), one_sided("data_format", "Keras 3")),
    feeds=_image_feeds(),
    extra=(
        *keywords((6, 8, 3), height=4, width=6),
        *alone("data_format", "channels_first", "channels_last", None, "nope", height=4, width=2),
        {"height": 3, "width": 5},
        {"height": 6, "width": 8},
        {"height": 9, "width": 12},
        {"height": 4, "width": 4, "dtype": "uint8"},
    ),
    oracle=images.center_crop,
    source=f"{SOURCE}image_preprocessing/center_crop/",
)

SPECS: tuple[Spec, ...] = (
    NORMALIZATION,
    DISCRETIZATION,
    RESCALING,
    CATEGORY_ENCODING,
    HASHING,
    HASHED_CROSSING,
    STRING_LOOKUP,
    INTEGER_LOOKUP,
    TEXT_VECTORIZATION,
    RESIZING,
    CENTER_CROP,
)
