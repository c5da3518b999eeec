"""What initializers give: fixed values in float64, and the law random ones draw from.

https://keras.io/api/layers/initializers/. The oracle of a random initializer gives a *sample without chance*:
the quantiles (i + ½) / n of the documented law, which two-sample tests compare with what a target drew. It
scatters less around the law than a drawn sample, so such a test raises no more false alarms than one between
two drawn samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.describing import described_only

Floats = npt.NDArray[np.float64]
Parameters = Mapping[str, Any]

QUANTILES = 5000
"""How many values a sample without chance has: the tests that meet it are exact up to 10,000."""

TRUNCATION = 2.0
"""A truncated normal keeps what is within two standard deviations, as documented."""

TRUNCATED_DEVIATION = float(stats.truncnorm.std(-TRUNCATION, TRUNCATION))
"""0.8796: what truncation leaves of the standard deviation; variance scaling divides by it."""


@dataclass(frozen=True)
class Law:
    """A documented distribution: kind, location and scale (of a uniform: its bounds)."""

    kind: str
    one: float
    two: float

    def quantiles(self, count: int = QUANTILES) -> Floats:
        """Evenly spaced quantiles."""
        at = (np.arange(count) + 0.5) / count
        if self.kind == "uniform":
            return np.asarray(self.one + (self.two - self.one) * at)
        if self.kind == "normal":
            return np.asarray(stats.norm.ppf(at, self.one, self.two))
        return np.asarray(stats.truncnorm.ppf(at, -TRUNCATION, TRUNCATION, self.one, self.two))

    @property
    def bounds(self) -> tuple[float, float]:
        """No value lies outside these."""
        if self.kind == "uniform":
            return self.one, self.two
        if self.kind == "normal":
            return -math.inf, math.inf
        return self.one - TRUNCATION * self.two, self.one + TRUNCATION * self.two

    @property
    def deviation(self) -> float:
        """Standard deviation."""
        if self.kind == "uniform":
            return (self.two - self.one) / math.sqrt(12.0)
        return self.two * (TRUNCATED_DEVIATION if self.kind == "truncated_normal" else 1.0)


def fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """Fan-in and fan-out of a weight: of a kernel, its receptive field times its channels.

    Source: https://arxiv.org/abs/1502.01852 for kernels; a vector's fans are its length, a scalar's 1.
    """
    if len(shape) < 1:
        return 1.0, 1.0
    if len(shape) == 1:
        return float(shape[0]), float(shape[0])
    field = math.prod(shape[:-2])
    return float(field * shape[-2]), float(field * shape[-1])


def variance_scaling(shape: tuple[int, ...], scale: float, mode: str, distribution: str) -> Law:
    """Variance scale / n, where n is fan-in, fan-out or their mean.

    Source: https://keras.io/api/layers/initializers/#variancescaling-class.
    """
    fan_in, fan_out = fans(shape)
    modes = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}
    if mode not in modes or scale <= 0:
        raise NotCovered(f"No documented mode is called {mode!r}, or the scale {scale} is not positive.")
    variance = scale / max(1.0, modes[mode])
    if distribution == "uniform":
        limit = math.sqrt(3.0 * variance)
        return Law("uniform", -limit, limit)
    if distribution == "untruncated_normal":
        return Law("normal", 0.0, math.sqrt(variance))
    if distribution in ("truncated_normal", "normal"):
        return Law("truncated_normal", 0.0, math.sqrt(variance) / TRUNCATED_DEVIATION)
    raise NotCovered(f"No documented distribution is called {distribution!r}.")


SCALED: Mapping[str, tuple[float, str, str]] = {
    "glorot_uniform": (1.0, "fan_avg", "uniform"),
    "glorot_normal": (1.0, "fan_avg", "truncated_normal"),
    "he_uniform": (2.0, "fan_in", "uniform"),
    "he_normal": (2.0, "fan_in", "truncated_normal"),
    "lecun_uniform": (1.0, "fan_in", "uniform"),
    "lecun_normal": (1.0, "fan_in", "truncated_normal"),
}
"""By name. Sources: Glorot & Bengio 2010; arXiv:1502.01852; LeCun et al. 1998, section 4.6."""


def law(name: str, shape: tuple[int, ...], parameters: Parameters) -> Law:
    """The documented law of a random initializer for a shape."""
    given = {k: v for k, v in parameters.items() if k != "seed"}
    if any(isinstance(v, list | tuple | dict) or v is None for v in given.values()):
        raise NotCovered(f"Numbers are documented. Received: {given}.")
    if name in SCALED:
        if given:
            raise NotCovered(f"Only a seed is documented. Received: {given}.")
        return variance_scaling(shape, *SCALED[name])
    if name == "variance_scaling":
        return variance_scaling(
            shape,
            given.get("scale", 1.0),
            str(given.get("mode", "fan_in")).lower(),
            str(given.get("distribution", "truncated_normal")).lower(),
        )
    if name == "random_uniform":
        return Law("uniform", given.get("minval", -0.05), given.get("maxval", 0.05))
    kind = {"random_normal": "normal", "truncated_normal": "truncated_normal"}[name]
    deviation = given.get("stddev", 0.05)
    if deviation <= 0:
        raise NotCovered("A law with no spread is no law to test.")
    return Law(kind, given.get("mean", 0.0), deviation)


def shape_of(inputs: Any) -> tuple[int, ...]:
    """The shape a feed asks for."""
    return tuple(inputs["shape"])


def random_oracle(name: str) -> Oracle:
    """The oracle of a random initializer: one sample without chance."""

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Any:
        shape = shape_of(inputs)
        call = dict(more.get("call", {}))
        if call.get("dtype", "float32") not in ("float16", "float32", "float64", "bfloat16"):
            raise NotCovered("Random initializers document floating-point dtypes only.")
        dtype = call.get("dtype", "float32")
        return [{"shape": list(shape), "dtype": dtype, "sample": law(name, shape, parameters).quantiles()}]

    return oracle


def fixed_oracle(function: Callable[..., Floats], *known: str) -> Oracle:
    """The oracle of an initializer that leaves nothing to chance."""

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Any:
        if set(parameters) - set(known) or any(isinstance(v, str) for v in parameters.values()):
            raise NotCovered(
                f"Only {', '.join(known) or 'no keyword'} is documented. Received: {parameters}."
            )
        dtype = more.get("call", {}).get("dtype", "float32")
        if dtype in ("string", "nope"):
            raise NotCovered(f"Only numbers are documented. Received: {dtype}.")
        values = function(shape_of(inputs), **parameters)
        return values != 0 if dtype == "bool" else np.trunc(values) if "int" in str(dtype) else values

    return oracle


def zeros(shape: tuple[int, ...]) -> Floats:
    """0 everywhere."""
    return np.zeros(shape)


def ones(shape: tuple[int, ...]) -> Floats:
    """1 everywhere."""
    return np.ones(shape)


def constant(shape: tuple[int, ...], value: float = 0.0) -> Floats:
    """One value everywhere; a list of values fills the shape if it has as many."""
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), shape))


def identity(shape: tuple[int, ...], gain: float = 1.0) -> Floats:
    """gain on the diagonal of a matrix."""
    if len(shape) != 2:
        raise NotCovered("An identity is documented for matrices only.")
    return np.asarray(gain * np.eye(*shape))
