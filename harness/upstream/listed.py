"""Facts that stay outside our domains, and why: reviewed statements, matched by shell patterns."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from harness.model import canonical
from harness.upstream.facts import Fact


@dataclass(frozen=True)
class Reason:
    """Why facts that match stay outside."""

    subject: str
    role: str
    name: str
    value: str
    """A pattern on the value as canonical JSON."""
    why: str


def reason_for(fact: Fact, reasons: Iterable[Reason]) -> Reason | None:
    """The first reason that speaks of a fact."""
    value = canonical(fact.value)
    for reason in reasons:
        patterns = ((fact.subject, reason.subject), (fact.role, reason.role), (fact.name, reason.name))
        if all(fnmatch.fnmatchcase(a, p) for a, p in patterns) and fnmatch.fnmatchcase(value, reason.value):
            return reason
    return None


ANY = "*"
SPARSE = (
    "No case script feeds a sparse tensor: each backend makes them its own way. "
    "The scenario `scenarios_inputs:ragged_and_sparse` feeds them to models."
)
VARIABLE = "A variable is fed as the array it holds: each Keras makes variables of its own class."
CODE = "The value is code that upstream's test holds: a class, or a function of more than an array."
FOREIGN = "A function of TensorFlow, which no case can name for all backends; Keras's own is tried."
WRAPS = "Wraps a program of another library (JAX, Flax, torch, a SavedModel): not what both sides share."
COLUMNS = "Takes TensorFlow's feature columns, which no Keras 3 reads; TensorFlow advises against them."
LEFT_OUT = "Experimental in tf_keras, in no other implementation."
CALLABLE = "A number given as a function: `scenarios_details:kinds_of_learning_rates` has it."
ALONE = "Keras 3 alone has it; its signature is compared, and there is no other side to perform it."
MADE = "Not called on arrays; `scenarios_inputs:input_arguments` makes inputs with every argument."
SPECS = "Not called on arrays; `scenarios_layers:input_specs` gives layers their own."
BASE = "A base class: `scenarios_layers:keywords_every_layer_takes` has its arguments."
WRAPPED = "A base class: `scenarios_layers:wrapped_custom_layers` has it, and so have its children."
CELL = "Its cell is a class of the test; `layers.RNN` is wrapped as the forward layer."
RAGGED = "Ragged strings, and ranks the recipes do not make; ragged numbers of rank 2 and 3 are fed."

LISTED: tuple[Reason, ...] = (
    Reason("layers.*", "input", ANY, '*"form":"sparse"*', SPARSE),
    Reason("layers.CategoryEncoding", "call", "count_weights", '*"form":"sparse"*', SPARSE),
    Reason("*", "input", ANY, '*"$object":"Variable"*', VARIABLE),
    Reason("layers.JaxLayer", ANY, ANY, ANY, WRAPS),
    Reason("layers.FlaxLayer", ANY, ANY, ANY, WRAPS),
    Reason("layers.TorchModuleWrapper", ANY, ANY, ANY, WRAPS),
    Reason("layers.TFSMLayer", ANY, ANY, ANY, WRAPS),
    Reason("layers.DenseFeatures", ANY, ANY, ANY, COLUMNS),
    Reason("layers.serialize", "parameter", "layer", "*SequenceFeatures*", COLUMNS),
    Reason("layers.experimental.Dynamic*", ANY, ANY, ANY, LEFT_OUT),
    Reason(
        "layers.InputLayer",
        ANY,
        ANY,
        ANY,
        MADE,
    ),
    Reason(
        "layers.InputSpec",
        ANY,
        ANY,
        ANY,
        SPECS,
    ),
    Reason(
        "layers.Layer",
        ANY,
        ANY,
        ANY,
        BASE,
    ),
    Reason(
        "layers.Wrapper",
        ANY,
        ANY,
        ANY,
        WRAPPED,
    ),
    Reason("optimizers.legacy.Optimizer", ANY, ANY, ANY, "A base class that cannot update anything."),
    Reason("optimizers.*", "parameter", ANY, '{"$function":*', CALLABLE),
    Reason("optimizers.legacy.SGD", "parameter", "gradient_transformers", ANY, CODE),
    Reason(
        "optimizers.MultiOptimizer",
        ANY,
        ANY,
        ANY,
        ALONE,
    ),
    Reason(
        "optimizers.OptimizerMap",
        ANY,
        ANY,
        ANY,
        ALONE,
    ),
    Reason("*", "parameter", "custom_objects", ANY, CODE),
    Reason("metrics.MeanMetricWrapper", "parameter", "fn", '{"$function":*', CODE),
    Reason("layers.TextVectorization", "parameter", "split", '{"$function":*', CODE),
    Reason("layers.TextVectorization", "parameter", "standardize", "*tensorflow*", FOREIGN),
    Reason("layers.TextVectorization", "parameter", "standardize", '{"$function":*', CODE),
    Reason("layers.BatchNormalization", "parameter", "adjustment", ANY, CODE + " Only Keras 2 took it."),
    Reason("layers.Lambda", "parameter", "output_shape", '{"$function":*', CODE),
    Reason("layers.LSTM", "parameter", "*activation", "*tensorflow*", FOREIGN),
    Reason("layers.GRU", "parameter", "*activation", "*tensorflow*", FOREIGN),
    Reason(
        "layers.experimental.RandomFourierFeatures",
        "parameter",
        "kernel_initializer",
        "*tensorflow*",
        FOREIGN,
    ),
    Reason(
        "layers.Bidirectional",
        "parameter",
        "backward_layer",
        '*"layers.RNN"*',
        CELL,
    ),
    Reason("layers.*", "call", "steps", ANY, "An argument of `adapt` for data sets; ours adapt to arrays."),
    Reason(
        "*",
        "input",
        ANY,
        '*"form":"ragged"*',
        RAGGED,
    ),
    Reason(
        "metrics.AUC",
        "call",
        "sample_weight",
        ANY,
        "Weights per label, with `multi_label`, of which ours are floats.",
    ),
)
