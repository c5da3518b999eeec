"""What `get`, `serialize` and `deserialize` of optimizers, schedules and layers make of names and configs.

https://keras.io/api/optimizers/, https://keras.io/api/layers/ and
https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/optimizers/get
"""

from __future__ import annotations

from typing import Any

from harness.specs.declaration import OMIT, Feed, Parameter, Spec, attribute, tagged

OPTIMIZERS = (
    "SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Adafactor", "Nadam", "Ftrl", "Lion",
)  # fmt: skip

CONFIGS: tuple[Any, ...] = (
    {"class_name": "SGD", "config": {"learning_rate": 0.5}},
    {"class_name": "sgd", "config": {"learning_rate": 0.5, "momentum": 0.9}},
    {"class_name": "SGD", "config": {"lr": 0.5}},
    {"class_name": "Adam", "config": {"learning_rate": 0.5, "decay": 0.0}},
    {"class_name": "Adam", "config": {"learning_rate": 0.5, "decay": 0.1}},
    {"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.5, "is_legacy_optimizer": False}},
    {"class_name": "Adam", "config": {"learning_rate": 0.5, "jit_compile": True}},
    {
        "class_name": "SGD",
        "config": {
            "learning_rate": {
                "class_name": "ExponentialDecay",
                "config": {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5},
            }
        },
    },
)
"""Configs of several generations, as older files hold them."""

WRONG: tuple[Any, ...] = ("nope", 1, {}, {"class_name": "Nope", "config": {}})

SCHEDULE = tagged(
    "optimizers.schedules.ExponentialDecay", initial_learning_rate=0.1, decay_steps=3, decay_rate=0.5
)
SCHEDULES: tuple[Any, ...] = (
    {
        "class_name": "ExponentialDecay",
        "config": {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5},
    },
    {"class_name": "PiecewiseConstantDecay", "config": {"boundaries": [1], "values": [0.1, 0.2]}},
)

LAYERS: tuple[Any, ...] = (
    {"class_name": "Dense", "config": {"units": 2}},
    {"class_name": "Dense", "config": {"units": 2, "name": "d", "dtype": "float32", "trainable": True}},
    {"class_name": "Dense", "config": {"units": 2, "batch_input_shape": [None, 3]}},
    {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3], "name": "x"}},
    {"class_name": "InputLayer", "config": {"batch_shape": [None, 3], "name": "x"}},
    {"class_name": "DepthwiseConv2D", "config": {"kernel_size": 2, "groups": 1}},
    {"class_name": "Conv2DTranspose", "config": {"filters": 2, "kernel_size": 2, "groups": 1}},
    {"class_name": "LeakyReLU", "config": {"alpha": 0.1}},
    {"class_name": "LSTM", "config": {"units": 2, "implementation": 2, "time_major": False}},
    {"class_name": "BatchNormalization", "config": {"axis": [3], "momentum": 0.9}},
    {"class_name": "LayerNormalization", "config": {"axis": [1]}},
    {"class_name": "Activation", "config": {"activation": "swish"}},
    {"class_name": "Dropout", "config": {"rate": 0.5, "noise_shape": None, "seed": None}},
    {"class_name": "Embedding", "config": {"input_dim": 3, "output_dim": 2, "input_length": 4}},
    {"class_name": "Reshape", "config": {"target_shape": [2, 2]}},
    {"class_name": "TFOpLambda", "config": {"function": "math.add"}},
    {"class_name": "RandomContrast", "config": {"factor": 0.1, "rng_type": "legacy_stateful"}},
)
"""Configs of layers as Keras 2 and Keras 3 write them."""


def lookup(subject: str, family: str, parameters: tuple[Parameter, ...]) -> Spec:
    """One function that reads or writes configs."""
    return Spec(
        subject=subject,
        family=family,
        script="lookup",
        parameters=parameters,
        feeds=(Feed("nothing", None),),
        no_oracle="An object or a config is returned; it has the oracle of its own subject.",
        source="https://keras.io/api/",
        dear=(),
    )


SPECS: tuple[Spec, ...] = (
    lookup(
        "optimizers.get",
        "optimizers",
        (
            Parameter(
                "identifier",
                (
                    *OPTIMIZERS,
                    *(name.lower() for name in OPTIMIZERS),
                    "RMSPROP",
                    *CONFIGS,
                    tagged("optimizers.SGD", learning_rate=0.5),
                    attribute("optimizers.SGD"),
                    None,
                ),
                invalid=WRONG,
            ),
        ),
    ),
    lookup(
        "optimizers.serialize",
        "optimizers",
        (
            Parameter(
                "$first",
                (
                    *(tagged(f"optimizers.{name}") for name in OPTIMIZERS),
                    tagged("optimizers.SGD", learning_rate=SCHEDULE),
                ),
                invalid=(None, 1),
            ),
        ),
    ),
    lookup("optimizers.deserialize", "optimizers", (Parameter("config", CONFIGS, invalid=WRONG),)),
    lookup(
        "optimizers.schedules.serialize",
        "schedules",
        (Parameter("learning_rate_schedule", (SCHEDULE,), why_few="one stands for all", invalid=(None,)),),
    ),
    lookup("optimizers.schedules.deserialize", "schedules", (Parameter("config", SCHEDULES, invalid=WRONG),)),
    lookup(
        "layers.serialize",
        "layers",
        (
            Parameter(
                "layer",
                (
                    tagged("layers.Dense", units=2),
                    tagged("layers.LSTM", units=2),
                    tagged("layers.Bidirectional", layer=tagged("layers.LSTM", units=2)),
                    tagged("layers.LeakyReLU"),
                ),
                invalid=(None, 1),
            ),
        ),
    ),
    lookup(
        "layers.deserialize",
        "layers",
        (
            Parameter("config", LAYERS, invalid=WRONG),
            Parameter("custom_objects", (OMIT, {}), why_few="what is registered has cases of its own"),
        ),
    ),
)
