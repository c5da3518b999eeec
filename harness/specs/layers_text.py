"""Layers with a vocabulary: StringLookup, IntegerLookup, TextVectorization.

https://keras.io/api/layers/preprocessing_layers/categorical/ and …/text/. ``$adapt`` in a feed's
call arguments is the data that `adapt` gets before the layer is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_keywords import alone, keywords, one_sided
from harness.specs.oracles import text

SOURCE = "https://keras.io/api/layers/preprocessing_layers/"

SPARSE = Parameter("sparse", (OMIT, False))


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


def _only_when_counting(parameters: Mapping[str, Any]) -> bool:
    """`invert` belongs to mode "int", padding needs a size, weights belong to tf_idf."""
    mode = parameters.get("output_mode", "int")
    if parameters.get("invert") and mode != "int":
        return False
    if parameters.get("pad_to_max_tokens") and parameters.get("max_tokens") is None:
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
        {"vocabulary": OMIT},
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
        {"vocabulary": OMIT},
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
        {"vocabulary": OMIT},
    ),
    oracle=text.text_vectorization,
    source=f"{SOURCE}text/text_vectorization/",
)


SPECS: tuple[Spec, ...] = (STRING_LOOKUP, INTEGER_LOOKUP, TEXT_VECTORIZATION)
