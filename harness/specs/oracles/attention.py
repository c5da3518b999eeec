"""Attention layers: scores, a softmax over the positions allowed, a mean of the values.

https://keras.io/api/layers/attention_layers/; Luong et al. 2015 (dot product), Bahdanau et al. 2015
(additive), Vaswani et al. 2017 (several heads), Ainslie et al. 2023 (grouped heads).

A position that may not be attended to contributes nothing, as all pages say; where a query may
attend to no position at all, its coefficients are therefore zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def masked_softmax(scores: Floats, allowed: Bools | None) -> Floats:
    """Softmax over the last axis among the allowed positions; zero where none is allowed."""
    if allowed is None:
        allowed = np.ones(scores.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        reachable = np.where(allowed, scores, -np.inf)
        top = np.max(reachable, axis=-1, keepdims=True, initial=-np.inf)
        weights = np.where(allowed, np.exp(reachable - np.where(np.isneginf(top), 0.0, top)), 0.0)
        total = np.sum(weights, axis=-1, keepdims=True)
        return np.where(total == 0.0, 0.0, weights / np.where(total == 0.0, 1.0, total))


def causal(queries: int, keys: int) -> Bools:
    """Position i may attend to j when j ≤ i."""
    return np.arange(keys)[None, :] <= np.arange(queries)[:, None]


def window(queries: int, keys: int, size: int) -> Bools:
    """Position i may attend to j when they are at most size - 1 apart."""
    apart: Bools = np.abs(np.arange(keys)[None, :] - np.arange(queries)[:, None]) < size
    return apart


def _refuse_drawing(parameters: Mapping[str, Any], training: bool) -> None:
    if training and parameters.get("dropout"):
        raise NotCovered("Dropout draws at random while training.")


def _single(scores: Floats, value: Floats, call: Mapping[str, Any]) -> Any:
    """From scores of a single-headed layer to what its call returns."""
    query_mask, value_mask = _two(call.get("mask"))
    allowed = np.ones(scores.shape, dtype=bool)
    if value_mask is not None:
        allowed &= np.asarray(value_mask, dtype=bool)[:, None, :]
    if call.get("use_causal_mask"):
        allowed &= causal(scores.shape[1], scores.shape[2])
    distribution = masked_softmax(scores, allowed)
    output = distribution @ value
    if query_mask is not None:
        output = np.where(np.asarray(query_mask, dtype=bool)[..., None], output, 0.0)
    return (output, distribution) if call.get("return_attention_scores") else output


def _two(mask: Any) -> tuple[Any, Any]:
    if mask is None:
        return None, None
    if not isinstance(mask, (list, tuple)) or len(mask) < 2:
        raise NotCovered("The mask is described as a list of two.")
    return mask[0], mask[1]


def _three(inputs: Any) -> tuple[Floats, Floats, Floats]:
    """Query, value, key: the value serves as the key when there is none."""
    if not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3):
        raise NotCovered("The inputs are described as a list of two or three.")
    arrays = [np.asarray(x, dtype=np.float64) for x in inputs]
    return arrays[0], arrays[1], arrays[2] if len(arrays) == 3 else arrays[1]


def attention(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Luong: scores are dot products, times one learned scalar with use_scale."""
    _refuse_drawing(parameters, training)
    if parameters.get("score_mode", "dot") != "dot":
        raise NotCovered("The page does not give the formula of the scores by concatenation.")
    query, value, key = _three(inputs)
    scores = query @ np.swapaxes(key, 1, 2)
    return _single(scores * weights[0] if parameters.get("use_scale") else scores, value, call)


def additive_attention(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Bahdanau: scores = Σ scale · tanh(query + key), with a learned scale unless use_scale=False."""
    _refuse_drawing(parameters, training)
    query, value, key = _three(inputs)
    scale = weights[0] if parameters.get("use_scale", True) else 1.0
    scores = np.sum(scale * np.tanh(query[:, :, None, :] + key[:, None, :, :]), axis=-1)
    return _single(scores, value, call)


def _projections(weights: Sequence[Any], *, use_bias: bool) -> list[tuple[Floats, Floats]]:
    """Kernel and bias of the query, key, value and output projection, in that order."""
    if use_bias:
        return [(weights[2 * i], weights[2 * i + 1]) for i in range(4)]
    return [(weights[i], np.zeros(())) for i in range(4)]


def _project(x: Floats, projection: tuple[Floats, Floats]) -> Floats:
    """(…, features) by (features, heads, size)."""
    return np.tensordot(x, projection[0], axes=1) + projection[1]


def _allowed(
    parameters: Mapping[str, Any], call: Mapping[str, Any], shape: tuple[int, ...], *, plain: bool
) -> Bools | None:
    """Which positions the scores of this shape, (batch, …, heads, queries, keys), may attend to."""
    unknown = {"query_mask", "value_mask", "key_mask"} & set(call)
    if unknown:
        raise NotCovered(f"{', '.join(sorted(unknown))} are not among the documented call arguments.")
    rules: list[Bools] = []
    if call.get("attention_mask") is not None:
        mask = np.asarray(call["attention_mask"], dtype=bool)
        rules.append(mask[:, None] if mask.ndim == 3 else mask)
    if call.get("use_causal_mask"):
        rules.append(causal(shape[-2], shape[-1]))
    if parameters.get("sliding_window") is not None:
        rules.append(window(shape[-2], shape[-1], parameters["sliding_window"]))
    if rules and not plain:
        raise NotCovered("How a mask meets several attention axes is not described.")
    allowed = np.ones(shape, dtype=bool)
    for rule in rules:
        allowed &= rule
    return allowed if rules else None


def _arguments(inputs: Any) -> tuple[Floats, Floats, Floats]:
    given = inputs["$arguments"] if isinstance(inputs, Mapping) else [inputs]
    if len(given) < 2:
        raise NotCovered("A query and a value are described as the least.")
    return _three(list(given[:3]))


def multi_head_attention(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """softmax(Q·Kᵀ / √key_dim)·V per head over the attention axes, then the output projection."""
    _refuse_drawing(parameters, training)
    if parameters.get("use_gate"):
        raise NotCovered("The order of the gate's weights is not documented.")
    query, value, key = _arguments(inputs)
    wq, wk, wv, wo = _projections(weights, use_bias=parameters.get("use_bias", True))
    axes = parameters.get("attention_axes")
    axes = range(1, query.ndim - 1) if axes is None else [axes] if isinstance(axes, int) else axes
    over = tuple(a % query.ndim for a in axes)
    if any(not 0 < a < query.ndim - 1 for a in over):
        raise NotCovered("Attention is described over axes that are neither batch nor features.")
    q, k, v = (_Heads(_project(x, w), over) for x, w in ((query, wq), (key, wk), (value, wv)))
    scores = q.flat @ np.swapaxes(k.flat, -1, -2) / np.sqrt(parameters["key_dim"])
    plain = len(over) == 1 and query.ndim == 3
    distribution = masked_softmax(scores, _allowed(parameters, call, scores.shape, plain=plain))
    mixed = q.back(distribution @ v.flat)
    output = np.tensordot(mixed, wo[0], axes=2) + wo[1]
    if not call.get("return_attention_scores"):
        return output
    return output, distribution.reshape((*scores.shape[:-2], *q.lengths, *k.lengths))


class _Heads:
    """(batch, …, heads, size) seen as (batch, kept…, heads, positions, size), and back."""

    def __init__(self, x: Floats, over: tuple[int, ...]) -> None:
        rank = x.ndim
        kept = [a for a in range(rank - 2) if a not in over]
        self._order = [*kept, rank - 2, *over, rank - 1]
        moved = np.transpose(x, self._order)
        self.lengths = tuple(x.shape[a] for a in over)
        self._moved = moved.shape[:-1]
        self.flat = moved.reshape((*moved.shape[: len(kept) + 1], int(np.prod(self.lengths)), x.shape[-1]))

    def back(self, x: Floats) -> Floats:
        """An array of positions like `flat`, in the original order of axes."""
        return np.transpose(x.reshape((*self._moved, x.shape[-1])), np.argsort(self._order))


def group_query_attention(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Heads of the query share heads of key and value, neighbours together (Ainslie et al. 2023)."""
    _refuse_drawing(parameters, training)
    if parameters.get("use_gate"):
        raise NotCovered("The order of the gate's weights is not documented.")
    query, value, key = _arguments(inputs)
    wq, wk, wv, wo = _projections(weights, use_bias=parameters.get("use_bias", True))
    repeats = parameters["num_query_heads"] // parameters["num_key_value_heads"]
    q = np.swapaxes(_project(query, wq), 1, 2)
    k = np.repeat(np.swapaxes(_project(key, wk), 1, 2), repeats, axis=1)
    v = np.repeat(np.swapaxes(_project(value, wv), 1, 2), repeats, axis=1)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(parameters["head_dim"])
    distribution = masked_softmax(scores, _allowed(parameters, call, scores.shape, plain=True))
    output = np.tensordot(np.swapaxes(distribution @ v, 1, 2), wo[0], axes=2) + wo[1]
    return (output, distribution) if call.get("return_attention_scores") else output
