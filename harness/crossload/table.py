"""What the matrix spans: targets, models and formats, written out."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache

from harness.run.launch import CASES

TARGETS = (
    "keras-2.2.4-tensorflow-1.15",
    "keras-2.3.1-tensorflow",
    "tf.keras-1.15",
    "tf.keras-2.3",
    "tf.keras-2.6",
    "tf.keras-2.11",
    "tf.keras-2.15",
    "tf.keras-2.21",
    "keras_core-0.1.7-tensorflow",
    "keras-3.0.5-tensorflow-2.21",
    "keras-3.5.0-tensorflow-2.21",
    "keras-3.15.1-tensorflow",
    "keras-3.15.1-jax",
    "keras-3.15.1-torch",
)
"""Writers and readers of the full matrix when none are selected, oldest first."""

LEFT_OUT = ("keras_core-0.1.7-tensorflow", "keras-3.15.1-torch")
"""What the quick matrix goes without: the forerunner of Keras 3.0, and a second backend beside TensorFlow."""

WEIGHTS, ARCHITECTURE, COMPILED, OPTIMIZER, PREDICTIONS = (
    "weights",
    "architecture",
    "compile arguments",
    "optimizer",
    "predictions",
)


@dataclass(frozen=True)
class Format:
    """One way to keep a model."""

    name: str
    """As in `harness/cases/crossload_formats.py`."""
    about: str
    subject: str
    """The API name that reads it."""
    writes: str
    """How it is written, for people."""
    reads: str
    carries: frozenset[str]
    """Which parts of a model it is documented to hold."""
    group: str = "files"
    """What is written in one case: `files`, or what is dear or may crash by itself."""
    same_target: bool = False
    """Read by its own writer only."""
    source: str = ""
    """Where the format's documentation says so."""


_WHOLE = frozenset({WEIGHTS, ARCHITECTURE, COMPILED, OPTIMIZER})
_SAVING = "https://keras.io/guides/serialization_and_saving/"
_LEGACY = "https://www.tensorflow.org/guide/keras/serialization_and_saving"

FORMATS = (
    Format(
        "keras", ".keras file", "models.load_model", "model.save('m.keras')", "load_model('m.keras')", _WHOLE,
        source=_SAVING,
    ),
    Format(
        "h5", ".h5 model", "models.load_model", "model.save('m.h5')", "load_model('m.h5')", _WHOLE,
        source=_LEGACY,
    ),
    Format(
        "keras-after-h5", ".keras file of a model that was saved as .h5 before", "Model.save",
        "model.save('m.h5'); model.save('m.keras')", "load_model('m.keras')", _WHOLE, source=_SAVING,
    ),
    Format(
        "folder", "path without extension (SavedModel)", "models.load_model", "model.save('m')",
        "load_model('m')", _WHOLE, group="folder", source=_LEGACY,
    ),
    Format(
        "h5-weights", ".h5 weights", "Model.load_weights", "model.save_weights('w.h5')",
        "model.load_weights('w.h5')", frozenset({WEIGHTS}), source=_LEGACY,
    ),
    Format(
        "weights.h5", ".weights.h5 weights", "Model.load_weights", "model.save_weights('w.weights.h5')",
        "model.load_weights('w.weights.h5')", frozenset({WEIGHTS}), source=_SAVING,
    ),
    Format(
        "tf-weights", "TensorFlow checkpoint of weights", "Model.load_weights", "model.save_weights('w')",
        "model.load_weights('w')", frozenset({WEIGHTS}), source=_LEGACY,
    ),
    Format(
        "checkpoint", "tf.train.Checkpoint", "Model.load_weights",
        "tf.train.Checkpoint(model=model, optimizer=model.optimizer).write('c')",
        "tf.train.Checkpoint(model=model, optimizer=model.optimizer).read('c')",
        frozenset({WEIGHTS, OPTIMIZER}), source="https://www.tensorflow.org/guide/checkpoint",
    ),
    Format(
        "export", "export for serving", "Model.export", "model.export('m')",
        "TFSMLayer('m', call_endpoint='serve') or tf.saved_model.load('m').serve",
        frozenset({PREDICTIONS}), group="export", source="https://keras.io/api/models/model_saving_apis/export/",
    ),
    Format(
        "json", "to_json", "models.model_from_json", "model.to_json()", "model_from_json(text)",
        frozenset({ARCHITECTURE}), source=_SAVING,
    ),
    Format(
        "yaml", "to_yaml", "models.model_from_yaml", "model.to_yaml()", "model_from_yaml(text)",
        frozenset({ARCHITECTURE}), source=_LEGACY,
    ),
    Format(
        "config", "get_config as plain data", "Model.from_config", "json.dumps(model.get_config())",
        "Model.from_config(json.loads(text))", frozenset({ARCHITECTURE}), source=_SAVING,
    ),
    Format(
        "pickle", "pickle", "Model", "pickle.dump(model, file)", "pickle.load(file)", _WHOLE,
        same_target=True,
    ),
    Format(
        "copy", "copy.deepcopy", "Model", "copy.deepcopy(model)", "", _WHOLE, group="copy",
        same_target=True,
    ),
)  # fmt: skip


PROFILES = ("quick", "full")
"""Which models go through which formats: `QUICK`, or all through all."""

QUICK = {
    "keras": (
        "dense", "sequential", "nested", "lambda_layer", "custom_registered", "batch_normalization",
        "mixed_precision", "text_vectorization",
    ),
    "h5": (
        "dense", "swish", "strings", "custom_loss", "nested", "lambda_layer", "lstm_hard", "gru", "slashed",
        "string_lookup",
    ),
    "keras-after-h5": ("dense", "sequential"),
    "folder": ("dense", "heads", "custom_unknown", "normalization"),
    "h5-weights": ("nested", "gru_before", "unnamed", "separable"),
    "weights.h5": ("shared", "wrappers", "unnamed", "duplicates"),
    "tf-weights": ("shared", "dotted"),
    "checkpoint": ("dense", "unnamed"),
    "export": ("dense", "masked"),
    "json": ("custom_objects", "lstm", "gru_reset_after", "attention"),
    "yaml": ("dense", "stateful"),
    "config": ("swish", "heads", "mixed_precision"),
    "pickle": ("dense", "lambda_layer"),
    "copy": ("dense", "stateful"),
}  # fmt: skip
"""Format → the models whose feature it has got wrong, by the reported divergences and by the full matrix.

Every format has a model that every target can build, so that no cell of writer, format and reader stays
without a file that could have been there; and every model goes through one format at least.
"""


@dataclass(frozen=True)
class Model:
    """A model of the matrix: its name and the feature that files get wrong."""

    name: str
    about: str


@cache
def models() -> tuple[Model, ...]:
    """The models in the order of the report, read from the file of their builders without importing it."""
    tree = ast.parse((CASES / "crossload_models.py").read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    listed = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "MODELS"
    )
    assert isinstance(listed, ast.Tuple)
    names = [node.id for node in listed.elts if isinstance(node, ast.Name)]
    return tuple(Model(name, (ast.get_docstring(functions[name]) or "").split("\n")[0]) for name in names)


def targets_of(profile: str) -> tuple[str, ...]:
    """Ids of the targets that write and read in a profile."""
    return TARGETS if profile == "full" else tuple(t for t in TARGETS if t not in LEFT_OUT)


def models_of(profile: str) -> dict[str, tuple[str, ...]]:
    """Format → the models that go through it, in the order of the report."""
    names = tuple(m.name for m in models())
    if profile == "full":
        return {f.name: names for f in FORMATS}
    return {f.name: tuple(n for n in names if n in QUICK[f.name]) for f in FORMATS}


def format_named(name: str) -> Format:
    """The format with this name."""
    return next(each for each in FORMATS if each.name == name)
