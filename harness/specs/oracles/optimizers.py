"""Update rules of the optimizers in float64, for dense gradients.

Each is written from the paper its Keras page cites and, where the paper leaves a choice, from that page
(https://keras.io/api/optimizers/). All share what the page documents for every optimizer: clipping, decoupled
weight decay, gradient accumulation, loss scaling. Every oracle returns, per variable, its values after each
step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles import schedules

Array = npt.NDArray[np.float64]
State = dict[str, Any]
Rule = Callable[[Array, Array, State, float, int, "Options"], Array]
"""(variable, gradient, its state, learning rate, step from 1, options) → what is subtracted."""

COMMON = frozenset(
    {
        "learning_rate", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema",
        "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps", "name",
    }
)  # fmt: skip


class Options:
    """The arguments of an optimizer, with its documented defaults beneath."""

    def __init__(self, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        unknown = set(given) - COMMON - set(defaults)
        if unknown:
            raise NotCovered(f"The documentation has no argument {', '.join(sorted(unknown))}.")
        self.values = {**defaults, **given}
        for name, value in self.values.items():
            if isinstance(value, str) and name != "name":
                raise NotCovered(f"`{name}` is documented as a number.")

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def number(self, name: str) -> float:
        """A numeric argument."""
        value = self.values[name]
        if value is None or value < 0:
            raise NotCovered(f"`{name}` is documented as a number that is not negative.")
        return float(value)

    def rate(self, step: int) -> float:
        """The learning rate at a step counted from 0."""
        value = self.values["learning_rate"]
        if isinstance(value, Mapping):
            return schedules.evaluate(value, step)
        return self.number("learning_rate")


def run(
    rule: Rule,
    defaults: Mapping[str, Any],
    inputs: Any,
    parameters: Mapping[str, Any],
    call: Mapping[str, Any],
) -> list[Array]:
    """Ten steps of a rule: per variable its values after each."""
    options = Options(parameters, defaults)
    _refuse(options, call)
    variables = [np.asarray(v, dtype=np.float64) for v in inputs["variables"]]
    gradients = [np.asarray(g, dtype=np.float64) for g in inputs["gradients"]]
    absent = set(call.get("$none", ()))
    if len(absent) == len(variables):
        raise NotCovered("Nothing is documented for a step without any gradient.")
    every = options["gradient_accumulation_steps"] or 1
    state: list[State] = [{} for _ in variables]
    sums = [np.zeros_like(v) for v in variables]
    seen: list[list[Array]] = []
    update = 0
    for number in range(len(gradients[0])):
        sums = [s + g[number] for s, g in zip(sums, gradients, strict=True)]
        if (number + 1) % every == 0:
            update += 1
            mean = [s / every for s in sums]
            variables = _step(rule, variables, mean, state, update, options, absent, call)
            sums = [np.zeros_like(v) for v in variables]
        seen.append(variables)
    return [np.stack(each) for each in zip(*seen, strict=True)]


def _refuse(options: Options, call: Mapping[str, Any]) -> None:
    if "$sparse" in call:
        raise NotCovered("The pages say nothing of sparse gradients.")
    if call.get("$apart"):
        raise NotCovered("A step is documented as one call with all gradients.")
    if options["use_ema"] and options["ema_overwrite_frequency"]:
        raise NotCovered("The pages do not say what the moving average starts from.")
    if sum(options[k] is not None for k in ("clipnorm", "clipvalue", "global_clipnorm")) > 1:
        raise NotCovered("Only one way of clipping is documented to be allowed.")
    if options["gradient_accumulation_steps"] is not None and options["gradient_accumulation_steps"] < 2:
        raise NotCovered("`gradient_accumulation_steps` is documented from 2.")


def _step(
    rule: Rule,
    variables: Sequence[Array],
    gradients: Sequence[Array],
    state: Sequence[State],
    step: int,
    options: Options,
    absent: set[int],
    call: Mapping[str, Any],
) -> list[Array]:
    """One update of all variables."""
    rate = options.rate(step - 1)
    used = [i for i in range(len(variables)) if i not in absent]
    clipped = dict(zip(used, clip([gradients[i] for i in used], options), strict=True))
    out = list(variables)
    for place in used:
        variable = variables[place]
        decay = options["weight_decay"]
        if decay and not _excluded(place, call):
            if rule is _ftrl or rule is _adafactor or rule is _lamb:
                raise NotCovered("Whether decay precedes a rule that reads the variable is not said.")
            if decay < 0:
                raise NotCovered("A negative weight decay is not documented.")
            variable = variable - rate * decay * variable
        out[place] = variable - rule(variable, clipped[place], state[place], rate, step, options)
    return out


def _excluded(place: int, call: Mapping[str, Any]) -> bool:
    """Whether weight decay leaves this variable alone; the worker names them in this order."""
    return ("kernel", "bias", "embeddings", "scale")[place] in call.get("$exclude", ())


def clip(gradients: Sequence[Array], options: Options) -> list[Array]:
    """Clipping by value, by each gradient's own norm, or by the norm of all; unscaled first."""
    factor = options["loss_scale_factor"]
    scaled = [g / factor for g in gradients] if factor else list(gradients)
    if options["clipvalue"] is not None:
        limit = options.number("clipvalue")
        if not limit:
            raise NotCovered("A value of zero to clip to is not documented.")
        return [np.clip(g, -limit, limit) for g in scaled]
    if options["clipnorm"] is not None:
        return [_shrink(g, float(np.linalg.norm(g)), options.number("clipnorm")) for g in scaled]
    if options["global_clipnorm"] is not None:
        norm = float(np.sqrt(sum(float(np.sum(g * g)) for g in scaled)))
        return [_shrink(g, norm, options.number("global_clipnorm")) for g in scaled]
    return scaled


def _shrink(gradient: Array, norm: float, limit: float) -> Array:
    if limit == 0.0:
        raise NotCovered("A norm of zero to clip to is not documented.")
    return gradient * (limit / norm) if norm > limit else gradient


def _moment(state: State, name: str, gradient: Array, decay: float) -> Array:
    """An exponential average that starts from zero."""
    state[name] = decay * state.get(name, np.zeros_like(gradient)) + (1.0 - decay) * gradient
    found: Array = state[name]
    return found


def _sgd(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Momentum as the SGD page writes it: velocity = momentum * velocity - learning_rate * g."""
    if not o.number("momentum"):
        return rate * g
    velocity = o.number("momentum") * state.get("v", np.zeros_like(g)) - rate * g
    state["v"] = velocity
    return np.asarray(rate * g - o.number("momentum") * velocity if o["nesterov"] else -velocity)


def _adam(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Kingma and Ba 2014 with the epsilon of the formula before section 2.1; AMSGrad of Reddi et al. 2018."""
    first, second = o.number("beta_1"), o.number("beta_2")
    m, v = _moment(state, "m", g, first), _moment(state, "v", g * g, second)
    if o["amsgrad"]:
        v = state["vhat"] = np.maximum(state.get("vhat", np.zeros_like(v)), v)
    corrected = rate * np.sqrt(1.0 - second**step) / (1.0 - first**step)
    return np.asarray(corrected * m / (np.sqrt(v) + o.number("epsilon")))


def _adamax(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Kingma and Ba 2014, section 7.1."""
    m = _moment(state, "m", g, o.number("beta_1"))
    u = state["u"] = np.maximum(o.number("beta_2") * state.get("u", np.zeros_like(g)), np.abs(g))
    return np.asarray(rate / (1.0 - o.number("beta_1") ** step) * m / (u + o.number("epsilon")))


def _nadam(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Dozat 2015 with its warming schedule mu_t = beta_1 * (1 - 0.5 * 0.96 ** (t / 250))."""
    first, second = o.number("beta_1"), o.number("beta_2")
    now, following = (first * (1.0 - 0.5 * 0.96 ** (t / 250.0)) for t in (step, step + 1))
    product = state["mu"] = state.get("mu", 1.0) * now
    m, v = _moment(state, "m", g, first), _moment(state, "v", g * g, second)
    mean = following * m / (1.0 - product * following) + (1.0 - now) * g / (1.0 - product)
    return np.asarray(rate * mean / (np.sqrt(v / (1.0 - second**step)) + o.number("epsilon")))


def _adagrad(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Duchi et al. 2011, with the accumulator's documented start."""
    total = state["sum"] = state.get("sum", np.full_like(g, o.number("initial_accumulator_value"))) + g * g
    return np.asarray(rate * g / np.sqrt(total + o.number("epsilon")))


def _adadelta(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Zeiler 2012, algorithm 1, times the learning rate."""
    rho, epsilon = o.number("rho"), o.number("epsilon")
    squares = _moment(state, "g", g * g, rho)
    before = state.get("x", np.zeros_like(g))
    change = np.sqrt(before + epsilon) / np.sqrt(squares + epsilon) * g
    _moment(state, "x", change * change, rho)
    return np.asarray(rate * change)


def _rmsprop(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Hinton's lecture 6e; centred by the mean (Graves 2013); plain momentum on the step."""
    denominator = _moment(state, "v", g * g, o.number("rho"))
    if o["centered"]:
        denominator = denominator - np.square(_moment(state, "mean", g, o.number("rho")))
    change = rate * g / np.sqrt(denominator + o.number("epsilon"))
    if o.number("momentum"):
        change = state["mom"] = o.number("momentum") * state.get("mom", np.zeros_like(g)) + change
    return np.asarray(change)


def _ftrl(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """McMahan et al. 2013 as the Ftrl page writes it out."""
    if o["learning_rate_power"] > 0 or not rate:
        raise NotCovered("The learning rate power is documented as not positive, the rate as not zero.")
    power = -float(o["learning_rate_power"])
    shrunk = g + 2.0 * o.number("l2_shrinkage_regularization_strength") * w
    before = state.get("n", np.full_like(g, o.number("initial_accumulator_value")))
    n = state["n"] = before + g * g
    sigma = (n**power - before**power) / rate
    z = state["z"] = state.get("z", np.zeros_like(g)) + shrunk - sigma * w
    l1, l2 = o.number("l1_regularization_strength"), o.number("l2_regularization_strength")
    new = (np.sign(z) * l1 - z) / ((o.number("beta") + n**power) / rate + l2)
    return np.asarray(w - np.where(np.abs(z) < l1, 0.0, new))


def _adafactor(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Shazeer and Stern 2018, algorithm 4: row and column means of squares, clipped, relative step."""
    if g.ndim > 2:
        raise NotCovered("The paper factors matrices.")
    decay = 1.0 - step ** float(o["beta_2_decay"])
    relative = min(rate, 1.0 / np.sqrt(step)) if o["relative_step"] else rate
    alpha = max(o.number("epsilon_2"), _rms(w)) * relative
    square = g * g + o.number("epsilon_1")
    if g.ndim < 2:
        u = g / np.sqrt(_moment(state, "v", square, decay))
    else:
        rows = _moment(state, "r", square.mean(axis=1), decay)
        columns = _moment(state, "c", square.mean(axis=0), decay)
        u = g / np.sqrt(np.outer(rows, columns) / rows.mean())
    return np.asarray(alpha * u / max(1.0, _rms(u) / o.number("clip_threshold")))


def _rms(x: Array) -> float:
    return float(np.sqrt(np.mean(x * x)))


def _lion(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """Chen et al. 2023, algorithm 2."""
    m = state.get("m", np.zeros_like(g))
    first, second = o.number("beta_1"), o.number("beta_2")
    state["m"] = second * m + (1.0 - second) * g
    return np.asarray(rate * np.sign(first * m + (1.0 - first) * g))


def _lamb(w: Array, g: Array, state: State, rate: float, step: int, o: Options) -> Array:
    """You et al. 2019, algorithm 2, with the trust ratio of norms."""
    first, second = o.number("beta_1"), o.number("beta_2")
    m = _moment(state, "m", g, first) / (1.0 - first**step)
    v = _moment(state, "v", g * g, second) / (1.0 - second**step)
    r = m / (np.sqrt(v) + o.number("epsilon"))
    norms = float(np.linalg.norm(w)), float(np.linalg.norm(r))
    return np.asarray(rate * (norms[0] / norms[1] if all(norms) else 1.0) * r)


ADAM = {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False}
WITHOUT_AMSGRAD = {k: v for k, v in ADAM.items() if k != "amsgrad"}


def _oracle(rule: Rule, defaults: Mapping[str, Any]) -> Callable[..., list[Array]]:
    """An oracle of the shape specs ask for."""

    def oracle(
        inputs: Any, weights: Any, parameters: Mapping[str, Any], *, training: bool, call: Mapping[str, Any]
    ) -> list[Array]:
        try:
            with np.errstate(all="ignore"):
                return run(rule, defaults, inputs, parameters, call)
        except ZeroDivisionError as error:
            raise NotCovered("Averages that never forget have no documented correction.") from error

    return oracle


sgd = _oracle(_sgd, {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False})
adam = _oracle(_adam, ADAM)
adamw = _oracle(_adam, ADAM | {"weight_decay": 0.004})
adamax = _oracle(_adamax, WITHOUT_AMSGRAD)
nadam = _oracle(_nadam, WITHOUT_AMSGRAD)
adagrad = _oracle(_adagrad, {"learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7})
adadelta = _oracle(_adadelta, {"learning_rate": 0.001, "rho": 0.95, "epsilon": 1e-7})
rmsprop = _oracle(
    _rmsprop, {"learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False}
)
ftrl = _oracle(
    _ftrl,
    {
        "learning_rate": 0.001,
        "learning_rate_power": -0.5,
        "initial_accumulator_value": 0.1,
        "l1_regularization_strength": 0.0,
        "l2_regularization_strength": 0.0,
        "l2_shrinkage_regularization_strength": 0.0,
        "beta": 0.0,
    },
)
adafactor = _oracle(
    _adafactor,
    {
        "learning_rate": 0.001,
        "beta_2_decay": -0.8,
        "epsilon_1": 1e-30,
        "epsilon_2": 1e-3,
        "clip_threshold": 1.0,
        "relative_step": True,
    },
)
lion = _oracle(_lion, {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.99})
lamb = _oracle(_lamb, WITHOUT_AMSGRAD)
