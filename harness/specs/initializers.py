"""Initializers: fixed ones by value, random ones by law, seed and shape.

https://keras.io/api/layers/initializers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Feed, Oracle, Parameter, Spec, attribute, tagged
from harness.specs.oracles import initializers as oracles

SOURCE = "https://keras.io/api/layers/initializers/"


def shaped(name: str, *shape: int, pairwise: bool = True, **call: Any) -> Feed:
    """A feed that asks for a shape."""
    return Feed(name, {"shape": shape}, call=call, pairwise=pairwise)


def dtypes(shape: tuple[int, ...], *names: str) -> tuple[Feed, ...]:
    """Feeds that ask for a dtype."""
    return tuple(shaped(n, *shape, dtype=n, pairwise=n in ("float64", "float16")) for n in names)


ODD = (
    shaped("none", pairwise=False),
    shaped("empty", 0, 3, pairwise=False),
    shaped("one", 1, 1, pairwise=False),
    Feed("shape as list", {"shape": [4, 3]}, pairwise=False),
    Feed("shape as number", {"shape": 4}, pairwise=False),
    Feed("unknown keyword", {"shape": (4, 3)}, call={"unknown": 1}, pairwise=False),
    shaped("negative", -1, 3, pairwise=False),
)
"""Shapes and arguments tried once."""

FIXED_FEEDS = (
    shaped("matrix", 4, 3),
    shaped("vector", 5),
    shaped("kernel", 3, 3, 2, 4),
    shaped("wide", 3, 5),
    *dtypes((4, 3), "float64", "float16", "bfloat16", "int32", "bool", "nope"),
    shaped("string", 4, 3, dtype="string", pairwise=False),
    shaped("no dtype", 4, 3, dtype=None, pairwise=False),
    *ODD,
)

RANDOM_FEEDS = (
    shaped("matrix", 100, 60),
    shaped("vector", 4000),
    shaped("rank 3", 5, 20, 60),
    shaped("kernel", 3, 3, 20, 30),
    shaped("rank 5", 2, 3, 3, 12, 20),
    shaped("one input", 1, 4000),
    shaped("one output", 4000, 1),
    shaped("large matrix", 160, 250, pairwise=False),  # a spread that is 12 % off shows at 1e-9 from here on
    *dtypes((100, 60), "float64", "float16", "bfloat16", "int32"),
    *ODD,
)

MATRICES = (
    shaped("square", 12, 12),
    shaped("tall", 20, 7),
    shaped("wide", 7, 20),
    shaped("kernel", 3, 3, 4, 5),
    shaped("flat kernel", 1, 1, 4, 30),
    shaped("rank 3", 3, 4, 5),
    *dtypes((12, 12), "float64", "float16", "int32"),
    shaped("vector", 5, pairwise=False),
    *ODD,
)

SEED = Parameter("seed", (1234, OMIT, None, 0), invalid=("1", 1.5, [1]))


def fixed(
    name: str, oracle: Oracle, *parameters: Parameter, feeds: tuple[Feed, ...] = FIXED_FEEDS, **more: Any
) -> Spec:
    """The spec of an initializer that leaves nothing to chance."""
    return Spec(
        subject=f"initializers.{name}",
        family="initializers",
        script="initializer",
        parameters=parameters,
        feeds=feeds,
        extra=({"unknown": 1}, *more.pop("extra", ())),
        oracle=oracle,
        source=SOURCE + f"#{name.lower()}-class",
        dear=("names", "layers"),
        **more,
    )


def drawn(
    name: str,
    oracle: Oracle | None,
    *parameters: Parameter,
    feeds: tuple[Feed, ...] = RANDOM_FEEDS,
    extra: tuple[Mapping[str, Any], ...] = (),
    why: str = "",
) -> Spec:
    """The spec of an initializer that draws."""
    return Spec(
        subject=f"initializers.{name}",
        family="initializers",
        script="initializer",
        parameters=(*parameters, SEED),
        feeds=feeds,
        extra=({"unknown": 1}, *extra),
        oracle=oracle,
        no_oracle=why,
        random=True,
        source=SOURCE + f"#{name.replace('_', '').lower()}-class",
        dear=("names", "layers"),
    )


MEAN = Parameter("mean", (OMIT, 1.0, -2), invalid=("0", None))
STDDEV = Parameter("stddev", (OMIT, 1.0, 2), invalid=("1", None, -1.0, 0.0))
AXES: tuple[Mapping[str, Any], ...] = (
    {"input_axes": 0, "output_axes": 1},
    {"input_axes": [0], "output_axes": [-1]},
)
"""Keywords only the newest Keras 3 knows: which axes are fans."""

SCALED_NAMES = {
    "GlorotUniform": "glorot_uniform",
    "GlorotNormal": "glorot_normal",
    "HeUniform": "he_uniform",
    "HeNormal": "he_normal",
    "LecunUniform": "lecun_uniform",
    "LecunNormal": "lecun_normal",
}


def _scaled() -> tuple[Spec, ...]:
    """Classes, and the functions of the same name in lower case that are all the oldest Kerases have."""
    classes = [drawn(name, oracles.random_oracle(law), extra=AXES) for name, law in SCALED_NAMES.items()]
    few = tuple(f for f in RANDOM_FEEDS if f.name in ("matrix", "kernel", "vector"))
    functions = [drawn(law, oracles.random_oracle(law), feeds=few) for law in SCALED_NAMES.values()]
    return (*classes, *functions)


IDENTIFIERS: tuple[Any, ...] = (
    *SCALED_NAMES,
    *SCALED_NAMES.values(),
    *("zeros", "Zeros", "zero", "ones", "Ones", "one", "constant", "Constant", "identity", "Identity"),
    *("IdentityInitializer", "orthogonal", "Orthogonal", "OrthogonalInitializer"),
    *("normal", "random_normal", "RandomNormal", "uniform", "random_uniform", "RandomUniform"),
    *("truncated_normal", "TruncatedNormal", "variance_scaling", "VarianceScaling", "stft", "STFT"),
    None,
    {"class_name": "Constant", "config": {"value": 2.0}},
    {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out", "distribution": "normal"}},
    tagged("initializers.Constant", value=3.0),
    attribute("initializers.Zeros"),
    {"$function": "double"},
)
WRITTEN = (
    *(*SCALED_NAMES, "Zeros", "Ones", "Constant", "Identity", "Orthogonal"),
    *("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling"),
)
"""Classes whose default objects are written down."""
NO_IDENTIFIER: tuple[Any, ...] = (1, 0.5, "nope", "", [], {}, {"class_name": "Nope", "config": {}})

LOOKUPS = (
    Spec(
        subject="initializers.get",
        family="initializers",
        script="lookup",
        parameters=(Parameter("identifier", IDENTIFIERS, invalid=NO_IDENTIFIER),),
        feeds=(shaped("matrix", 3, 3),),
        no_oracle="An object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
    Spec(
        subject="initializers.serialize",
        family="initializers",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                tuple(tagged(f"initializers.{n}") for n in WRITTEN),
                invalid=(None, "zeros", 1, {"$function": "double"}),
            ),
        ),
        feeds=(Feed("nothing", None),),
        no_oracle="A config is returned.",
        source=SOURCE,
    ),
    Spec(
        subject="initializers.deserialize",
        family="initializers",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                ({"class_name": "Constant", "config": {"value": 2.0}}, "zeros", "Zeros", "glorot_uniform"),
                invalid=NO_IDENTIFIER,
            ),
        ),
        feeds=(shaped("matrix", 3, 3),),
        no_oracle="An object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
)

SPECS: tuple[Spec, ...] = (
    fixed("Zeros", oracles.fixed_oracle(oracles.zeros)),
    fixed("Ones", oracles.fixed_oracle(oracles.ones)),
    fixed(
        "Constant",
        oracles.fixed_oracle(oracles.constant, "value"),
        Parameter("value", (OMIT, 2.5, -1, [1.0, 2.0, 3.0]), invalid=("a", None, [[1.0], [2.0]])),
    ),
    fixed(
        "Identity",
        oracles.fixed_oracle(oracles.identity, "gain"),
        Parameter("gain", (OMIT, 2.5, -1), invalid=("1", None)),
    ),
    drawn("RandomNormal", oracles.random_oracle("random_normal"), MEAN, STDDEV),
    drawn(
        "RandomUniform",
        oracles.random_oracle("random_uniform"),
        Parameter("minval", (OMIT, -1.0, -3), invalid=("0", None, 1.0)),
        Parameter("maxval", (OMIT, 1.0, 2), invalid=("0", None)),
    ),
    drawn("TruncatedNormal", oracles.random_oracle("truncated_normal"), MEAN, STDDEV),
    *_scaled(),
    drawn(
        "VarianceScaling",
        oracles.random_oracle("variance_scaling"),
        Parameter("scale", (OMIT, 2.0, 3), invalid=("1", None, 0.0, -1.0)),
        Parameter("mode", (OMIT, "fan_out", "fan_avg", "fan_in"), invalid=("nope", None, "FAN_IN")),
        Parameter(
            "distribution",
            (OMIT, "uniform", "untruncated_normal", "truncated_normal", "normal"),
            invalid=("nope", None, "UNIFORM"),
        ),
        extra=AXES,
    ),
    drawn(
        "Orthogonal",
        None,
        Parameter("gain", (OMIT, 2.5), invalid=("1", None)),
        feeds=MATRICES,
        why="Drawn at random; that it is orthogonal is what the step `orthogonality` says.",
    ),
    Spec(
        subject="initializers.STFT",
        family="initializers",
        script="initializer",
        parameters=(
            Parameter("side", (OMIT, "imag"), invalid=("nope", None)),
            Parameter("window", (OMIT, "hamming", None), invalid=("nope", 1)),
            Parameter("scaling", (OMIT, "spectrum", None), invalid=("nope",)),
            Parameter("periodic", (OMIT, True)),
        ),
        feeds=(shaped("filters", 8, 1, 5), shaped("long", 16, 1, 9), shaped("rank 2", 8, 5, pairwise=False)),
        extra=({"unknown": 1},),
        no_oracle="The documentation does not say how the coefficients are scaled.",
        source=SOURCE,
        dear=("names",),
    ),
    Spec(
        subject="initializers.Initializer",
        family="initializers",
        script="initializer:subclass",
        feeds=(shaped("matrix", 4, 3), shaped("vector", 5)),
        no_oracle="The class of the case is the case's own.",
        source=SOURCE + "#creating-custom-initializers",
        dear=(),
    ),
    *LOOKUPS,
)

ALIASES: Mapping[str, str] = {
    "initializers.zeros": "initializers.Zeros",
    "initializers.zero": "initializers.Zeros",
    "initializers.ones": "initializers.Ones",
    "initializers.one": "initializers.Ones",
    "initializers.constant": "initializers.Constant",
    "initializers.identity": "initializers.Identity",
    "initializers.IdentityInitializer": "initializers.Identity",
    "initializers.orthogonal": "initializers.Orthogonal",
    "initializers.OrthogonalInitializer": "initializers.Orthogonal",
    "initializers.random_normal": "initializers.RandomNormal",
    "initializers.normal": "initializers.RandomNormal",
    "initializers.random_uniform": "initializers.RandomUniform",
    "initializers.uniform": "initializers.RandomUniform",
    "initializers.truncated_normal": "initializers.TruncatedNormal",
    "initializers.variance_scaling": "initializers.VarianceScaling",
    "initializers.stft": "initializers.STFT",
    "initializers.STFTInitializer": "initializers.STFT",
}

NOT_CALLABLE: Mapping[str, str] = {}
