"""A case as a short program that anyone can run, for one target.

The program depends on nothing but the implementation and NumPy. Its first comment lists the packages
in the form `uv run` and other tools read (https://packaging.python.org/en/latest/specifications/inline-script-metadata/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from harness.model import Case, Plain, TargetInfo
from harness.report.layer_program import layer_lines
from harness.report.literals import NotWritable, Writer, is_name
from harness.report.untrusted import one_line

Style = Literal["layer", "object", "function", "signature"]

STYLE: Mapping[str, Style] = {
    "layer": "layer",
    "losses": "object",
    "metrics": "object",
    "activations": "function",
    "ops": "function",
    "function": "function",
    "signature": "signature",
}
"""How the subject of a case script is used: a layer with weights; an object made from the parameters
and called with the inputs; a function called with inputs and parameters; or only its signature is read.
By script, then by family."""

PACKAGES = (
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "keras-nightly",
    "keras-core",
    "tf-keras",
    "jax",
    "torch",
    "theano",
    "cntk",
    "h5py",
    "protobuf",
    "numpy",
)
"""Distributions that decide what a program does; a freeze holds many more."""

VARIABLES = ("TF_", "KERAS_", "JAX_", "XLA_", "THEANO_", "MKL_", "CUDA_")
"""Beginnings of the environment variables a program sets before it imports anything."""

PRIVATE = ("KERAS_HOME", "THEANO_BASE_COMPILEDIR")
"""Variables that name a folder of the machine the run was made on."""

IMPORTS: Mapping[str, str] = {
    "keras": "import keras",
    "tensorflow.keras": "from tensorflow import keras",
    "tensorflow.contrib.keras": "from tensorflow.contrib import keras",
    "tf_keras": "import tf_keras as keras",
    "keras_core": "import keras_core as keras",
    "tensorflow.python.keras": "from tensorflow.python import keras",
}

EAGER = ("eager", "jax", "torch", "numpy", "")
"""Engines on which a layer that is called gives its value at once; elsewhere a graph is built."""


def program(case: Case, target: TargetInfo, *, step: str = "", comment: str = "") -> str:
    """The case as a program for `target`; `step` is what the divergence is about.

    Raises `NotWritable` where the case cannot be told in a short program.
    """
    style = style_of(case)
    writer = Writer(case.seed)
    if style == "layer":
        body = layer_lines(case, writer, step=step, graph=is_graph(target), backend=target.backend)
    elif style == "signature":
        body = ["import inspect", "", f"print(inspect.signature({writer.symbol(case.subject)}))"]
    elif style == "object":
        body = _object(case, target, writer)
    else:
        body = _function(case, target, writer)
    functions = [line for source in writer.functions.values() for line in ["", *source.splitlines(), "", ""]]
    lines = [*_header(case, target, comment), *writer.imports, "", *functions, *body]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)) + "\n"


def style_of(case: Case) -> Style:
    """How the subject is used; an unknown script goes by the subject's family."""
    family = case.subject.split(".", 1)[0]
    style = STYLE.get(case.script.split(":")[0]) or STYLE.get(family)
    if style is None:
        raise NotWritable(f"Cases of the script {case.script[:60]!a} have no short form as a program.")
    return style


def environment(target: TargetInfo) -> dict[str, str]:
    """The environment variables of a target that change what an implementation does."""
    variables = target.settings.get("environment", {})
    if not isinstance(variables, Mapping):
        return {}
    return {
        name: str(value)
        for name, value in sorted(variables.items())
        if name.startswith(VARIABLES) and name not in PRIVATE
    }


def is_graph(target: TargetInfo) -> bool:
    """Whether the target builds graphs, so that a value must be asked for through a model."""
    return target.settings.get("engine", "") not in EAGER


def _header(case: Case, target: TargetInfo, comment: str) -> list[str]:
    names = {name.lower(): version for name, version in target.packages.items()}
    wanted = [f'"{name}=={names[name]}"' for name in PACKAGES if name in names and is_plain(names[name])]
    lines = ["# /// script"]
    if is_plain(target.python) and target.python.count(".") >= 1:
        lines.append(f'# requires-python = "=={".".join(target.python.split(".")[:2])}.*"')
    lines += ["# dependencies = [", *(f"#     {name}," for name in wanted), "# ]", "# ///"]
    lines += [f"# {one_line(case.address, 300)}", f"# on {one_line(target.id)}"]
    if comment:
        lines.append(f"# {one_line(comment, 300)}")
    variables = environment(target)
    if variables:
        lines += ["import os", ""]
        lines += [f"os.environ[{name!a}] = {value!a}" for name, value in variables.items()]
        lines.append("")
    lines += ["import numpy as np", import_line(target.namespace)]
    return lines


def is_plain(text: str) -> bool:
    """Whether a version can stand in a comment that tools read."""
    return bool(text) and all(c.isascii() and (c.isalnum() or c in ".+!-_") for c in text)


def import_line(namespace: str) -> str:
    """The line that imports a namespace as ``keras``. Raises `NotWritable` for what is no name."""
    if namespace in IMPORTS:
        return IMPORTS[namespace]
    if not all(is_name(part) for part in namespace.split(".")):
        raise NotWritable(f"{namespace[:80]!a} is not a name that can be imported.")
    return f"import {namespace} as keras"


def _object(case: Case, target: TargetInfo, writer: Writer) -> list[str]:
    made = f"{writer.symbol(case.subject)}({writer.keywords(case.parameters)})"
    arguments = _positional(case.feed, writer)
    return [f"subject = {made}", *_shown(f"subject({arguments})", target)]


def _function(case: Case, target: TargetInfo, writer: Writer) -> list[str]:
    keywords = writer.keywords(case.parameters)
    arguments = _positional(case.feed, writer)
    inside = ", ".join(part for part in (arguments, keywords) if part)
    return _shown(f"{writer.symbol(case.subject)}({inside})", target)


def _positional(feed: Plain, writer: Writer) -> str:
    """Inputs as positional arguments, the call's arguments as keywords."""
    if not isinstance(feed, Mapping) or "$array" in feed:
        return ", ".join(writer.value(v) for v in feed) if isinstance(feed, list) else writer.value(feed)
    inputs = feed.get("inputs")
    listed = inputs if isinstance(inputs, list) else [inputs]
    parts = [writer.value(v) for v in listed]
    call = writer.keywords(feed.get("call") or {})
    return ", ".join([*parts, call] if call else parts)


def _shown(expression: str, target: TargetInfo) -> list[str]:
    if is_graph(target):
        return [f"print(keras.backend.eval({expression}))"]
    return [f"print({expression})"]
