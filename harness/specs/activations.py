"""Activations: each function, by every name it goes by.

https://keras.io/api/layers/activations/
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.specs.declaration import OMIT, Array, Feed, NotCovered, Oracle, Parameter, Spec, attribute
from harness.specs.oracles.activation_functions import ACTIVATIONS
from harness.specs.oracles.describing import described_only

SOURCE = "https://keras.io/api/layers/activations/"


def oracle_of(name: str) -> Oracle:
    """The float64 function of a name as an oracle; keywords it does not document are not covered."""
    function = ACTIVATIONS[name]
    known = list(inspect.signature(function).parameters)[1:]

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Mapping[str, Any], **more: Any) -> Any:
        given = dict(parameters)
        if name == "relu" and "alpha" in given:  # Keras 2's word for it
            given["negative_slope"] = given.pop("alpha")
        if set(given) - set(known) or any(isinstance(v, str | list | dict) for v in given.values()):
            raise NotCovered(f"{name} documents no such argument: {given}.")
        result = function(np.asarray(inputs, dtype=np.float64), **given)
        if result.dtype != np.float64:
            raise NotCovered(f"{name} documents numbers only. Received: {given}.")
        return result

    return oracle


FEEDS = (
    Feed("kinks", Array((3, 13), values="kinks")),
    Feed("normal", Array((4, 6))),
    Feed("large", Array((2, 6), values="large")),
    Feed("tiny", Array((2, 6), values="tiny")),
    Feed("special", Array((2, 6), values="special")),
    Feed("integers", Array((2, 4), dtype="int32", values="integers", high=9)),
    Feed("float16", Array((3, 13), dtype="float16", values="kinks")),
    Feed("float64", Array((3, 4), dtype="float64")),
    Feed("rank 3", Array((2, 3, 4))),
    Feed("rank 4", Array((2, 3, 2, 4))),
)
"""Inputs every activation takes."""

PECULIAR = (
    Feed("vector", Array((5,)), pairwise=False),
    Feed("scalar", Array(literal=-1.5), pairwise=False),
    Feed("empty batch", Array((0, 4)), pairwise=False),
    Feed("empty axis", Array((2, 0)), pairwise=False),
    Feed("one", Array((1, 1)), pairwise=False),
    Feed("bools", Array((2, 4), dtype="bool", values="bools"), pairwise=False),
    Feed("uint8", Array((2, 4), dtype="uint8", values="integers"), pairwise=False),
    Feed("int64", Array((2, 4), dtype="int64", values="integers"), pairwise=False),
    Feed("offset", Array((2, 4), values="offset"), pairwise=False),
    Feed("overflow in float16", Array((2, 4), dtype="float16", values="large", scale=20.0), pairwise=False),
    Feed("numpy array", Array((2, 4)), call={"$as": "numpy"}, pairwise=False),
    Feed("list", Array((2, 4)), call={"$as": "list"}, pairwise=False),
    Feed("text", Array(literal=[["a", "b"]], dtype="string"), pairwise=False),
)
"""Inputs tried once per activation."""

UNKNOWN: tuple[Mapping[str, Any], ...] = ({"unknown": 1},)


def activation(
    name: str,
    *parameters: Parameter,
    extra: tuple[Mapping[str, Any], ...] = (),
    page: str = "",
    feeds: tuple[Feed, ...] = FEEDS + PECULIAR,
) -> Spec:
    """The spec of one activation."""
    return Spec(
        subject=f"activations.{name}",
        family="activations",
        script="activation",
        parameters=parameters,
        feeds=feeds,
        extra=(*UNKNOWN, *extra),
        oracle=oracle_of(name),
        source=SOURCE + (page or f"#{name.replace('_', '')}-function"),
        dear=("names", "jit"),
    )


AXIS = Parameter("axis", (OMIT, -1, 0, 1), invalid=(2, -3, "1", 1.0, None))
SHRINK = Parameter("threshold", (OMIT, 1.0, 0.0), invalid=("1", None))


def _softmax_extra() -> tuple[Mapping[str, Any], ...]:
    return ({"axis": (0, 1)}, {"axis": (1,)}, {"axis": [0, 1]}, {"axis": (-1, -2)}, {"axis": True})


SPECS: tuple[Spec, ...] = (
    activation("celu", Parameter("alpha", (OMIT, 0.5, 2), invalid=("1", None, 0.0))),
    activation("elu", Parameter("alpha", (OMIT, 0.5, 2), invalid=("1", None))),
    activation("exponential"),
    activation("gelu", Parameter("approximate", (OMIT, True, False), invalid=("yes", None))),
    activation(
        "glu",
        Parameter("axis", (OMIT, -1, 1), invalid=(2, "1", 1.0, None)),
        feeds=(Feed("halves", Array((4, 6))), *FEEDS[2:], *PECULIAR, Feed("odd axis", FEEDS[0].inputs)),
    ),
    activation("hard_shrink", SHRINK),
    activation("hard_sigmoid"),
    activation("hard_silu"),
    activation("hard_swish"),
    activation("hard_tanh"),
    activation(
        "leaky_relu",
        Parameter("negative_slope", (OMIT, 0.5, 0.0), invalid=("1", None)),
        extra=({"alpha": 0.5},),
    ),
    activation("linear"),
    activation("log_sigmoid"),
    activation("log_softmax", AXIS),
    activation("mish"),
    activation(
        "relu",
        Parameter("negative_slope", (OMIT, 0.5, 1), invalid=("1", None)),
        Parameter("max_value", (OMIT, 2.5, 6, None), invalid=("1", -1.0)),
        Parameter("threshold", (OMIT, 1.0, -1), invalid=("1", None)),
        extra=(
            {"alpha": 0.5},
            {"alpha": 0.0, "max_value": 1.0},
            {"alpha": 0.5, "max_value": 2.0, "threshold": 0.5},
            {"max_value": 2.5},
            {"max_value": 6.0, "threshold": 0.5},
            {"max_value": 0.0},
            {"threshold": 0.5},
        ),
    ),
    activation("relu6"),
    activation("selu"),
    activation("sigmoid"),
    activation("silu"),
    activation("soft_shrink", SHRINK),
    activation("softmax", AXIS, extra=_softmax_extra()),
    activation("softplus"),
    activation("softsign"),
    activation("sparse_plus"),
    activation("sparse_sigmoid"),
    activation("sparsemax", AXIS),
    activation("squareplus", Parameter("b", (OMIT, 1.0, 0), invalid=("1", None))),
    activation("swish"),
    activation("tanh"),
    activation("tanh_shrink"),
    activation(
        "threshold",
        Parameter("threshold", (0.5, 1), invalid=("1", None)),
        Parameter("default_value", (0.0, -2), invalid=("1", None)),
    ),
)

NAMES = tuple(ACTIVATIONS)
"""Strings that some Keras takes for an activation."""

NEITHER: tuple[Any, ...] = (
    None,
    1,
    2.5,
    "nope",
    "",
    "ReLU",
    "Softmax",
    "GELU",
    {},
    [],
    {"class_name": "ReLU", "config": {}},
)
"""What is no activation's name: other types, other spellings, things to deserialize."""

LOOKUPS: tuple[Spec, ...] = (
    Spec(
        subject="activations.get",
        family="activations",
        script="lookup",
        parameters=(
            Parameter(
                "identifier",
                (
                    "relu",
                    *(n for n in NAMES if n != "relu"),
                    attribute("activations.relu"),
                    {"$function": "double"},
                ),
                invalid=NEITHER,
            ),
        ),
        feeds=(Feed("matrix", Array((2, 4))),),
        extra=(
            {"identifier": {"$object": "layers.ReLU", "parameters": {}}},
            {"identifier": {"$object": "layers.LeakyReLU", "parameters": {}}},
            {"identifier": attribute("layers.ReLU")},
        ),
        no_oracle="A name or an object is returned; the function found has the oracle of its own subject.",
        source=SOURCE + "#get-function",
    ),
    Spec(
        subject="activations.serialize",
        family="activations",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                (
                    attribute("activations.relu"),
                    *(attribute(f"activations.{n}") for n in NAMES if n != "relu"),
                ),
                invalid=({"$function": "double"}, None, "relu", 1),
            ),
        ),
        feeds=(Feed("nothing", None),),
        no_oracle="The result is a name, not a number.",
        source=SOURCE + "#serialize-function",
    ),
    Spec(
        subject="activations.deserialize",
        family="activations",
        script="lookup",
        parameters=(
            Parameter(
                "$first", ("relu", "swish", "silu", "linear", "softmax", "leaky_relu"), invalid=NEITHER
            ),
            Parameter("custom_objects", (OMIT, None, {"mine": {"$function": "double"}})),
        ),
        feeds=(Feed("matrix", Array((2, 4))),),
        extra=({"$first": "mine", "custom_objects": {"mine": {"$function": "double"}}}, {"$first": "mine"}),
        no_oracle="What is read is a function; it has the oracle of its own subject.",
        source=SOURCE,
    ),
)

SPECS = (*SPECS, *LOOKUPS)

ALIASES: Mapping[str, str] = {}
"""None: `swish` is one function with `silu` in Keras 3 only, so each has a spec."""

NOT_CALLABLE: Mapping[str, str] = {}
