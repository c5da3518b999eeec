"""Shapes and dtypes of the arrays that tests make, as far as they can be read off the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.upstream.values import Name, Tensor, Unknown

DOUBLE_MAKERS = frozenset(
    {"random", "rand", "randn", "random_sample", "normal", "uniform", "standard_normal"}
)
SHAPED = frozenset({"ones", "zeros", "full", "empty"})
LIKE = frozenset(
    {"ones_like", "zeros_like", "full_like", "abs", "copy", "asarray", "array", "identity", "square"}
)
FROM_VALUES = frozenset(
    {"array", "asarray", "constant", "convert_to_tensor", "variable", "Variable", "cast", "to_dense"}
)
ARRAY_MODULES = (
    "numpy",
    "tensorflow",
    "keras.src.ops",
    "keras.src.backend",
    "keras.src.random",
    "keras.ops",
    "keras.backend",
    "keras.random",
    "tf_keras.backend",
    "tf_keras.src.backend",
)
METHODS_KEEPING = frozenset({"astype", "numpy", "copy", "round"})


def made_by(dotted: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Tensor | Unknown:
    """What a call of numpy, TensorFlow or Keras's own operations makes."""
    if not dotted.startswith(ARRAY_MODULES):
        return Unknown()
    maker = dotted.rsplit(".", 1)[-1]
    double = dotted.startswith("numpy")
    first = arguments[0] if arguments else keywords.get("shape", keywords.get("size", keywords.get("value")))
    dtype = dtype_name(keywords.get("dtype", arguments[1] if len(arguments) > 1 else None))
    if maker in ("SparseTensor", "RaggedTensor"):
        return Tensor(
            _shape(keywords.get("dense_shape", arguments[2] if len(arguments) > 2 else None)), form="sparse"
        )
    if dotted.endswith("ragged.constant"):
        return Tensor(_unknown(first), dtype or _leaf_dtype(first, double=False), "ragged")
    if maker in ("from_dense", "dense_to_sparse"):
        return _formed(first, "sparse")
    if maker in ("from_tensor", "from_row_splits", "from_row_lengths", "from_value_rowids"):
        return _formed(first, "ragged")
    if maker in FROM_VALUES | LIKE and (known := of_values(first, double=double)):
        return Tensor(known.shape, dtype or known.dtype, known.form)
    if maker == "arange":
        size = first if isinstance(first, int) and len(arguments) == 1 else None
        return Tensor((size,), dtype or "int64")
    if maker in SHAPED:
        return Tensor(_shape(first), dtype or ("float64" if double else "float32"))
    if maker in ("rand", "randn"):
        return Tensor(_shape(tuple(arguments)), "float64")
    if maker == "randint":
        return Tensor(_shape(keywords.get("size", arguments[2] if len(arguments) > 2 else None)), "int64")
    if maker in DOUBLE_MAKERS:
        shape = keywords.get(
            "size", keywords.get("shape", first if maker != "normal" or not double else None)
        )
        return Tensor(_shape(shape), "float64" if double else "float32")
    if maker == "eye":
        return Tensor((None, None), "float64")
    return Unknown()


def of_values(values: Any, *, double: bool = True) -> Tensor | None:
    """The array that nested literal values make; None where they are not known."""
    if isinstance(values, Tensor):
        return values
    shape = _lengths(values)
    dtype = _leaf_dtype(values, double=double)
    return (
        None
        if dtype is None
        else Tensor(
            _unknown(values) if shape is None else shape, dtype, "dense" if shape is not None else "ragged"
        )
    )


def method_of(tensor: Tensor, name: str, arguments: Sequence[Any]) -> Any:
    """What a method of an array gives."""
    if name == "astype":
        return Tensor(tensor.shape, dtype_name(arguments[0]) if arguments else None, tensor.form)
    if name == "reshape":
        shape = tuple(arguments) if len(arguments) > 1 else arguments[0] if arguments else None
        return Tensor(_shape(shape), tensor.dtype, tensor.form)
    return tensor if name in METHODS_KEEPING else Unknown()


def symbolic(keywords: Mapping[str, Any]) -> Tensor:
    """What ``Input(…)`` stands for."""
    shape = _shape(keywords.get("batch_shape"))
    if shape is None and (inner := _shape(keywords.get("shape"))) is not None:
        shape = (keywords.get("batch_size") if isinstance(keywords.get("batch_size"), int) else None, *inner)
    form = (
        "sparse"
        if keywords.get("sparse") is True
        else "ragged"
        if keywords.get("ragged") is True
        else "symbolic"
    )
    return Tensor(shape, dtype_name(keywords.get("dtype")) or "float32", form)


def dtype_name(value: Any) -> str | None:
    """The name of a dtype given as a string or as a numpy or TensorFlow symbol."""
    if isinstance(value, str):
        return value
    if isinstance(value, Name):
        return value.dotted.rsplit(".", 1)[-1].rstrip("_")
    return None


def _formed(value: Any, form: str) -> Tensor:
    known = of_values(value, double=False)
    return Tensor(known.shape if known else None, known.dtype if known else None, form)


def _shape(value: Any) -> tuple[int | None, ...] | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if not isinstance(value, list | tuple):
        return None
    return tuple(v if isinstance(v, int) and v >= 0 else None for v in value)


def _unknown(values: Any) -> tuple[int | None, ...]:
    """As many unknown lengths as nested lists are deep."""
    if not isinstance(values, list | tuple):
        return ()
    below: list[tuple[int | None, ...]] = [_unknown(v) for v in values]
    return (None, *max(below, default=(), key=len))


def _lengths(values: Any) -> tuple[int | None, ...] | None:
    if not isinstance(values, list | tuple):
        return values.shape if isinstance(values, Tensor) else ()
    inner = {_lengths(v) for v in values} or {()}
    first = inner.pop()
    return None if inner or first is None else (len(values), *first)


def _leaf_dtype(values: Any, *, double: bool) -> str | None:
    """The dtype numpy (``double``) or TensorFlow gives literal values; None where a leaf is not known."""
    if isinstance(values, list | tuple):
        kinds = {_leaf_dtype(v, double=double) for v in values} or {"float64" if double else "float32"}
        order = ("string", "float64", "float32", "int64", "int32", "bool")
        return None if None in kinds else next((k for k in order if k in kinds), kinds.pop())
    if isinstance(values, bool):
        return "bool"
    if isinstance(values, int):
        return "int64" if double else "int32"
    if isinstance(values, float):
        return "float64" if double else "float32"
    if isinstance(values, str):
        return "string"
    return values.dtype if isinstance(values, Tensor) else None
