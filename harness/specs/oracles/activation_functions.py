"""Every Keras activation in float64, by name: what https://keras.io/api/layers/activations/ says.

Where the documentation of Keras 2 and of Keras 3 differ, today's page is followed and the
difference is noted in the function's docstring.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

Floats = npt.NDArray[np.float64]
Activation = Callable[..., Floats]

_quiet = np.errstate(all="ignore")
"""Overflow to infinity and NaN for infinity minus infinity are results here, not accidents."""

_erf = np.vectorize(math.erf, otypes=[np.float64])


def linear(x: Floats) -> Floats:
    """f(x) = x."""
    return x


@_quiet
def relu(
    x: Floats, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Floats:
    """max_value from max_value on, x from the threshold on, negative_slope · (x − threshold) below.

    Source: https://keras.io/api/layers/activation_layers/relu/, which gives x to the threshold
    itself ("threshold <= x"). Keras 2 calls `negative_slope` `alpha` in the function.
    """
    below = negative_slope * (x - threshold) if negative_slope else np.where(np.isnan(x), x, 0.0)
    y = np.where(x >= threshold, x, below)
    return y if max_value is None else np.where(y >= max_value, max_value, y)


def relu6(x: Floats) -> Floats:
    """min(max(x, 0), 6)."""
    return relu(x, max_value=6.0)


@_quiet
def leaky_relu(x: Floats, negative_slope: float = 0.2) -> Floats:
    """x from 0 on, negative_slope · x below. Source: Maas et al. 2013."""
    return np.where(x >= 0, x, negative_slope * x)


@_quiet
def elu(x: Floats, alpha: float = 1.0) -> Floats:
    """x above 0, alpha · (exp(x) − 1) below. Source: https://arxiv.org/abs/1511.07289."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@_quiet
def celu(x: Floats, alpha: float = 1.0) -> Floats:
    """x from 0 on, alpha · (exp(x / alpha) − 1) below. Source: https://arxiv.org/abs/1704.07483."""
    return np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0.0) / alpha))


SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def selu(x: Floats) -> Floats:
    """scale · elu(x, alpha) with the fixed point of mean 0 and variance 1.

    Source: https://arxiv.org/abs/1706.02515, equation 14 (Keras documents eight digits of each).
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


@_quiet
def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(−x))."""
    return 1.0 / (1.0 + np.exp(-x))


def log_sigmoid(x: Floats) -> Floats:
    """log(1 / (1 + exp(−x)))."""
    return -softplus(-x)


@_quiet
def hard_sigmoid(x: Floats) -> Floats:
    """0 up to −3, 1 from 3 on, x / 6 + 0.5 between.

    Source: https://keras.io/api/layers/activations/#hardsigmoid-function. Keras 2 documented
    another line: 0 below −2.5, 1 above 2.5, 0.2 · x + 0.5 between.
    """
    return np.clip(x / 6.0 + 0.5, 0.0, 1.0)


def tanh(x: Floats) -> Floats:
    """Hyperbolic tangent."""
    return np.tanh(x)


@_quiet
def tanh_shrink(x: Floats) -> Floats:
    """x − tanh(x)."""
    return x - np.tanh(x)


def hard_tanh(x: Floats) -> Floats:
    """x clipped to [−1, 1]."""
    return np.clip(x, -1.0, 1.0)


@_quiet
def softplus(x: Floats) -> Floats:
    """log(exp(x) + 1)."""
    return np.logaddexp(0.0, x)


@_quiet
def softsign(x: Floats) -> Floats:
    """x / (|x| + 1)."""
    return x / (np.abs(x) + 1.0)


@_quiet
def squareplus(x: Floats, b: float = 4.0) -> Floats:
    """(x + √(x² + b)) / 2, in a form that does not cancel below 0. Source: arXiv:2112.11687."""
    root: Floats = np.sqrt(x * x + b)
    return np.where(x >= 0, (x + root) / 2.0, b / 2.0 / (root - np.minimum(x, 0.0)))


@_quiet
def silu(x: Floats) -> Floats:
    """x · sigmoid(x), also called swish. Source: https://arxiv.org/abs/1710.05941."""
    return x * sigmoid(x)


@_quiet
def hard_silu(x: Floats) -> Floats:
    """x · relu6(x + 3) / 6, also called hard swish. Source: https://arxiv.org/abs/1905.02244."""
    return np.where(x < -3, 0.0, np.where(x > 3, x, x * (x + 3.0) / 6.0))


@_quiet
def mish(x: Floats) -> Floats:
    """x · tanh(softplus(x)). Source: https://arxiv.org/abs/1908.08681."""
    return x * np.tanh(softplus(x))


@_quiet
def gelu(x: Floats, approximate: bool = False) -> Floats:
    """x · P(X ≤ x) for a standard normal X, or its tanh approximation.

    Source: https://arxiv.org/abs/1606.08415, section 2.
    """
    if approximate:
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    if x.size == 0:
        return x
    below: Floats = 0.5 * (1.0 + _erf(x / math.sqrt(2.0)))
    return x * below


@_quiet
def exponential(x: Floats) -> Floats:
    """exp(x)."""
    return np.exp(x)


@_quiet
def softmax(x: Floats, axis: int | tuple[int, ...] = -1) -> Floats:
    """exp(x) / Σ exp(x) along the axis (or axes)."""
    powers: Floats = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
    total: Floats = np.sum(powers, axis=axis, keepdims=True)
    return powers / total


@_quiet
def log_softmax(x: Floats, axis: int = -1) -> Floats:
    """log softmax(x)."""
    shifted: Floats = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    total: Floats = np.sum(np.exp(shifted), axis=axis, keepdims=True)
    return shifted - np.log(total)


@_quiet
def sparsemax(x: Floats, axis: int = -1) -> Floats:
    """Euclidean projection onto the simplex: max(x − τ, 0).

    Source: https://arxiv.org/abs/1602.02068, algorithm 1: τ = (Σ of the k largest − 1) / k with
    the largest k for which 1 + k · z_k > Σ of the k largest.
    """
    z = np.moveaxis(x, axis, -1)
    descending = -np.sort(-z, axis=-1)
    total = np.cumsum(descending, axis=-1)
    rank = np.arange(1, z.shape[-1] + 1)
    support = np.sum(1.0 + rank * descending > total, axis=-1, keepdims=True)
    tau = (np.take_along_axis(total, np.maximum(support, 1) - 1, axis=-1) - 1.0) / support
    return np.moveaxis(np.maximum(z - tau, 0.0), -1, axis)


@_quiet
def glu(x: Floats, axis: int = -1) -> Floats:
    """a · sigmoid(b) where a and b are the halves of x along the axis. Source: arXiv:1612.08083."""
    a, b = np.split(x, 2, axis=axis)
    return np.asarray(a * sigmoid(b))


def hard_shrink(x: Floats, threshold: float = 0.5) -> Floats:
    """x where |x| > threshold, else 0 (for NaN too, read literally)."""
    return np.where(np.abs(x) > threshold, x, 0.0)


@_quiet
def soft_shrink(x: Floats, threshold: float = 0.5) -> Floats:
    """x moved towards 0 by the threshold, 0 otherwise (for NaN too, read literally)."""
    return np.where(x > threshold, x - threshold, np.where(x < -threshold, x + threshold, 0.0))


def threshold(x: Floats, threshold: float, default_value: float) -> Floats:
    """x above the threshold, else the default value."""
    return np.where(x > threshold, x, default_value)


@_quiet
def sparse_plus(x: Floats) -> Floats:
    """0 up to −1, x from 1 on, (x + 1)² / 4 between."""
    return np.where(x <= -1, 0.0, np.where(x >= 1, x, (x + 1.0) ** 2 / 4.0))


@_quiet
def sparse_sigmoid(x: Floats) -> Floats:
    """0 up to −1, 1 from 1 on, (x + 1) / 2 between. Source: https://arxiv.org/abs/1901.02324."""
    return np.clip(0.5 * (x + 1.0), 0.0, 1.0)


ACTIVATIONS: Mapping[str, Activation] = {
    "celu": celu,
    "elu": elu,
    "exponential": exponential,
    "gelu": gelu,
    "glu": glu,
    "hard_shrink": hard_shrink,
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": hard_silu,
    "hard_swish": hard_silu,
    "hard_tanh": hard_tanh,
    "leaky_relu": leaky_relu,
    "linear": linear,
    "log_sigmoid": log_sigmoid,
    "log_softmax": log_softmax,
    "mish": mish,
    "relu": relu,
    "relu6": relu6,
    "selu": selu,
    "sigmoid": sigmoid,
    "silu": silu,
    "soft_shrink": soft_shrink,
    "softmax": softmax,
    "softplus": softplus,
    "softsign": softsign,
    "sparse_plus": sparse_plus,
    "sparse_sigmoid": sparse_sigmoid,
    "sparsemax": sparsemax,
    "squareplus": squareplus,
    "swish": silu,
    "tanh": tanh,
    "tanh_shrink": tanh_shrink,
    "threshold": threshold,
}
"""Public name below ``keras.activations`` → the function."""

NAMED: Mapping[str, Callable[[Floats], Floats]] = {
    "double": lambda x: x * 2.0,
    "add_one": lambda x: x + 1.0,
    "negate": lambda x: -x,
    "identity": linear,
    "first_two": lambda x: x[:, :2],
}
"""The functions a case may hand to Keras as ``{"$function": name}``; see `harness/cases/functions.py`."""

_LAYERS: Mapping[str, Callable[[Floats, Mapping[str, Any]], Floats]] = {
    "layers.ReLU": lambda x, p: relu(x, **p),
    "layers.LeakyReLU": lambda x, p: leaky_relu(x, p.get("negative_slope", p.get("alpha", 0.3))),
    "layers.ELU": lambda x, p: elu(x, **p),
    "layers.Softmax": lambda x, p: softmax(x, **p),
}


def activation(identifier: Any) -> Activation:
    """The function an `activation` argument stands for: None, a name, a tagged symbol, layer or function.

    Raises `NotCovered` for what this module does not describe.
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str) and identifier in ACTIVATIONS:
        return ACTIVATIONS[identifier]
    if isinstance(identifier, Mapping):
        name = str(identifier.get("$attribute", ""))
        if name.startswith("activations.") and name.removeprefix("activations.") in ACTIVATIONS:
            return ACTIVATIONS[name.removeprefix("activations.")]
        if identifier.get("$function") in NAMED:
            return NAMED[str(identifier["$function"])]
        layer = _LAYERS.get(str(identifier.get("$object", "")))
        if layer is not None:
            given = dict(identifier.get("parameters", {}))
            return lambda x: layer(x, given)
    raise NotCovered(f"No activation {identifier!r} among {', '.join(sorted(ACTIVATIONS))}.")
