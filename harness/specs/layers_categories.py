"""Layers that turn categories into numbers: encoding, hashing, crossing.

https://keras.io/api/layers/preprocessing_layers/categorical/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_keywords import keywords
from harness.specs.oracles import categories, hashing

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
        {"num_tokens": OMIT, "max_tokens": 4},
        {"num_tokens": OMIT},
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


SPECS: tuple[Spec, ...] = (CATEGORY_ENCODING, HASHING, HASHED_CROSSING)
