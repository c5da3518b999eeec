"""Utilities, written from their pages.

https://keras.io/api/utils/python_utils/, https://keras.io/api/data_loading/timeseries/ and
https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/preprocessing/sequence ; frequencies of the
sampling table: Zipf's law as that page gives it; hashing: MD5 (RFC 1321).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

Array = npt.NDArray[Any]
FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def to_categorical(y: Any, num_classes: int | None = None, dtype: Any = None) -> Array:
    """One row per label with a single one; a last axis of size one is dropped."""
    labels = np.asarray(y, dtype=np.int64)
    if labels.size == 0 or labels.min() < 0 or labels.ndim == 0:
        raise NotCovered("Labels are documented as numbers from 0.")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    count = int(labels.max()) + 1 if num_classes is None else num_classes
    if count <= labels.max():
        raise NotCovered("Labels are documented to be below `num_classes`.")
    return np.eye(count)[labels]


def normalize(x: Array, axis: int = -1, order: int = 2) -> Array:
    """Divided by the norm of the given order along an axis; a norm of zero counts as one."""
    if x.ndim == 1:
        raise NotCovered("The shape of the result of a vector is not documented.")
    if order < 1:
        raise NotCovered("Orders from 1 are documented.")
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    return np.asarray(x / np.where(norm == 0, 1.0, norm))


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: str = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float = 0.0,
) -> Array:
    """Rows of one length: longer ones lose values at one end, shorter ones gain `value` at one end."""
    if not isinstance(sequences, list) or not all(isinstance(s, list) for s in sequences):
        raise NotCovered("A list of lists is documented.")
    if not sequences or {padding, truncating} - {"pre", "post"} or (maxlen is not None and maxlen <= 0):
        raise NotCovered("Nothing is documented for no sequences, no room or other ends.")
    length = max(map(len, sequences)) if maxlen is None else maxlen
    inner = next((np.shape(s)[1:] for s in sequences if s), ())
    out = np.full((len(sequences), length, *inner), value, dtype=dtype)
    for row, given in zip(out, sequences, strict=True):
        kept = given[-length:] if truncating == "pre" else given[:length]
        if kept and padding == "post":
            row[: len(kept)] = kept
        elif kept:
            row[-len(kept) :] = kept
    return out


def windows(
    data: Array,
    targets: Array | None,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    start_index: int | None = None,
    end_index: int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> list[Any]:
    """Windows of consecutive rows in order; a target belongs to the window that starts at its index."""
    if shuffle or sequence_length < 1 or not 0 < sequence_stride < len(data) or batch_size == 0:
        raise NotCovered("Shuffled or impossible windows are not described.")
    if start_index is not None or end_index is not None or sampling_rate < 1:
        raise NotCovered("Whether the last window of a part may reach its end is not documented.")
    span = (sequence_length - 1) * sampling_rate
    last = len(data) - span if targets is None else min(len(data) - span, len(targets))
    starts = list(range(0, last, sequence_stride))
    if not starts:
        raise NotCovered("A window longer than the series is not documented.")
    rows = [data[i : i + span + 1 : sampling_rate] for i in starts]
    if batch_size is None:
        return rows if targets is None else [[r, targets[i]] for r, i in zip(rows, starts, strict=True)]
    out: list[Any] = []
    for begin in range(0, len(starts), batch_size):
        part = slice(begin, begin + batch_size)
        batch = np.stack(rows[part])
        out.append(batch if targets is None else [batch, np.stack([targets[i] for i in starts[part]])])
    return out


def generated(
    data: Array,
    targets: Array,
    length: int,
    sampling_rate: int = 1,
    stride: int = 1,
    start_index: int = 0,
    end_index: int | None = None,
    reverse: bool = False,
    batch_size: int = 128,
) -> list[Any]:
    """Windows that end before their target; `end_index` is the last that may be a target."""
    first, last = start_index + length, len(data) - 1 if end_index is None else end_index
    ends = list(range(first, last + 1, stride))
    if not ends or length < 1:
        raise NotCovered("A window longer than the series is refused.")
    out = []
    for begin in range(0, len(ends), batch_size):
        part = ends[begin : begin + batch_size]
        rows = np.stack([data[e - length : e : sampling_rate] for e in part])
        out.append([rows[:, ::-1] if reverse else rows, np.stack([targets[e] for e in part])])
    return out


def sampling_table(size: int, sampling_factor: float = 1e-5) -> Array:
    """min(1, sqrt(f / s) / (f / s)) with f the frequency of rank r by Zipf's law."""
    rank = np.arange(size, dtype=np.float64)
    rank[0] = 1.0
    gamma = 0.577
    inverse = rank * (np.log(rank) + gamma) + 0.5 - 1.0 / (12.0 * rank)
    ratio = sampling_factor * inverse
    return np.minimum(1.0, ratio / np.sqrt(ratio))


def words(text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """Lower case, filtered characters replaced by the separator, split, empty words dropped."""
    text = text.lower() if lower else text
    return [w for w in text.translate({ord(c): split for c in filters}).split(split) if w]


def hashed(
    text: str,
    n: int,
    hash_function: str = "hash",
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """Each word's hash in 1 … n - 1."""
    if hash_function != "md5":
        raise NotCovered("Python's own hash differs from process to process.")
    found = words(text, filters, lower, split)
    return [int(hashlib.md5(w.encode()).hexdigest(), 16) % (n - 1) + 1 for w in found]


def image_array(image: Array, data_format: str | None = None, dtype: Any = None) -> Array:
    """The image with a channel axis; Pillow's pixels are already channels last."""
    if data_format == "channels_first":
        raise NotCovered("An array is documented only as it comes.")
    if image.ndim not in (2, 3):
        raise NotCovered("Images have two or three axes.")
    if dtype == "uint8":
        raise NotCovered("Fractions as whole numbers are not documented.")
    return image[..., None] if image.ndim == 2 else image


def packed(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """A tuple of what is there; a single x stands for itself unless it is a list or tuple."""
    if y is None:
        if isinstance(x, list):
            raise NotCovered("A lone list is packed in a way that is not described.")
        return x
    return [x, y] if sample_weight is None else [x, y, sample_weight]


def unpacked(data: Any) -> list[Any]:
    """x, y and sample weight of a tuple, None for what is not there."""
    if not isinstance(data, tuple) or len(data) > 3:
        raise NotCovered("A tuple of up to three is documented.")
    return [*data, *[None] * (3 - len(data))]


def added(arrays: list[Array]) -> Array:
    """The sum of several arrays."""
    return np.asarray(sum(arrays[1:], arrays[0]))
