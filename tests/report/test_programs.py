"""A case as a program."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from harness.model import Case, TargetInfo
from harness.report.layer_program import UNCALLED, UNWEIGHTED, WEIGHT
from harness.report.literals import FUNCTIONS, NotWritable, Writer, array_code, function_source, place_seed
from harness.report.programs import environment, program, style_of
from harness.specs.declaration import VALUES, Array

from .records_of_a_run import HOSTILE, case, target

ROOT = Path(__file__).parents[2]
RECIPE = {"$array": True, "dtype": "float32", "shape": [2, 3], "values": "normal"}


def _loaded(path: Path) -> ModuleType:
    """A module of the worker, by path: it is never imported from outside."""
    spec = importlib.util.spec_from_file_location(f"loaded_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECIPES = _loaded(ROOT / "harness" / "worker" / "recipes.py")


def _evaluated(code: str) -> Any:
    return eval(code, {"np": np})


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("shape", [(4, 5), (2, 3, 7), (1, 1), (0, 5), (2, 6, 3, 2)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32", "bool"])
def test_the_program_draws_what_the_case_was_fed(values: str, shape: tuple[int, ...], dtype: str) -> None:
    """For every kind of values, the written code gives the very array the worker makes."""
    recipe = Array(shape, dtype, values).plain()
    with np.errstate(all="ignore"):
        made = RECIPES.make(recipe, 3, None, 2)
        written = _evaluated(array_code(recipe, 3, 2))
    assert written.dtype == made.dtype
    np.testing.assert_array_equal(written, made)


@pytest.mark.parametrize(
    "array",
    [
        Array((3, 4), scale=2.5, shift=-1.0),
        Array((3, 4), "float64", scale=0.1),
        Array((3,), "int32", "integers", high=9),
        Array(dtype="string", literal=[["a", "b\n"], ["ü", ""]]),
        Array(dtype="float32", literal=[1.0, float("nan"), float("-inf")]),
        Array((5,)),
        Array((6,), values="padded"),
    ],
    ids=str,
)
def test_scaled_and_literal_arrays(array: Array) -> None:
    """Scale, shift, range and literals are as the worker has them."""
    made = RECIPES.make(array.plain(), 7, None, 1)
    np.testing.assert_array_equal(_evaluated(array_code(array.plain(), 7)), made)


def test_an_unknown_kind_of_values_has_no_code() -> None:
    """A recipe the report does not know is not guessed at."""
    with pytest.raises(NotWritable, match="values is called 'nope'"):
        array_code({"$array": True, "shape": [1], "values": "nope"}, 0)


@pytest.mark.parametrize(
    ("shape", "name"),
    [((3, 4), "kernel"), ((4,), "bias"), ((2,), "bn/moving_variance:0"), ((), "x"), ((2, 0), "k")],
)
def test_the_program_sets_the_weights_the_harness_sets(shape: tuple[int, ...], name: str) -> None:
    """Weights in the program are those of the worker's recipe."""
    names: dict[str, Any] = {"np": np}
    function = WEIGHT[: WEIGHT.index("names =")].replace("{seed}", "5")
    exec(function, names)
    made = RECIPES.weight(shape, "float32", name, 3, 5)
    np.testing.assert_array_equal(names["weight"](np.zeros(shape, "float32"), name, 3), made)


def test_weights_that_are_no_numbers_stay() -> None:
    """Tables of integers keep their values."""
    names: dict[str, Any] = {"np": np}
    exec(WEIGHT[: WEIGHT.index("names =")].replace("{seed}", "5"), names)
    table = np.array([3, 4])
    assert names["weight"](table, "table", 0) is table


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        ({"$tuple": [1, "a"]}, "(1, 'a')"),
        ({"$tuple": [1]}, "(1,)"),
        (
            {"$object": "initializers.Constant", "parameters": {"value": 0.5}},
            "keras.initializers.Constant(value=0.5)",
        ),
        ({"$attribute": "activations.relu"}, "keras.activations.relu"),
        ({"$dtype": "float16"}, "'float16'"),
        ({"$function": "double"}, "double"),
        ({"$ragged": [[1], [2, 3]], "dtype": "int32"}, "tf.ragged.constant([[1], [2, 3]], dtype='int32')"),
        ({"a": [None, True, float("inf")]}, "{'a': [None, True, float(\"inf\")]}"),
    ],
    ids=str,
)
def test_tags_become_code(plain: Any, text: str) -> None:
    """Every tag of plain data has its form as code."""
    assert Writer(0).value(plain) == text


def test_parameters_that_are_no_names_are_passed_in_a_dict() -> None:
    """A keyword that Python cannot write as one is unpacked."""
    assert Writer(0).keywords({"units": 1, "class": 2, "a b": 3}) == "units=1, **{'class': 2, 'a b': 3}"


def test_the_functions_of_the_cases_come_along() -> None:
    """A program holds the definition of each function it passes."""
    text = program(case("Dense", 1, activation={"$function": "double"}), target("reference"))
    assert "def double(x):" in text
    assert "activation=double" in text
    assert "double" in FUNCTIONS.read_text("utf-8")
    with pytest.raises(NotWritable, match="no function called 'nope'"):
        function_source("nope")


def test_an_unknown_tag_is_not_guessed_at() -> None:
    """A tag the report does not know has no code."""
    with pytest.raises(NotWritable, match=r"'\$secret'"):
        Writer(0).value({"$secret": 1})


STEPS = (
    "",
    *UNCALLED,
    *UNWEIGHTED,
    "forward",
    "second call",
    "training",
    "state",
    "gradients",
    "losses",
    "mask",
)


@pytest.mark.parametrize("step", [*STEPS, "functional", "functional call", "predict", "jit"])
@pytest.mark.parametrize("side", ["reference", "candidate"])
@pytest.mark.parametrize("engine", ["eager", "graph", "jax"])
def test_every_step_has_a_program(step: str, side: str, engine: str) -> None:
    """For each step of the layer script the program is valid Python and makes the subject."""
    one = target(side)
    one = replace(
        one, settings={**one.settings, "engine": engine}, backend="jax" if engine == "jax" else "tensorflow"
    )
    made = case("Conv2D", 4, kernel_size={"$tuple": [2, 2]})
    if engine == "jax" and step == "gradients":
        with pytest.raises(NotWritable, match="backend 'jax'"):
            program(made, one, step=step)
        return
    text = program(made, one, step=step)
    ast.parse(text)
    assert "keras.layers.Conv2D(" in text


def test_the_environment_is_set_before_anything_is_imported() -> None:
    """Variables that decide which implementation a name means come first; private ones never."""
    text = program(case("Dense", 1), target("candidate"))
    assert text.index("TF_USE_LEGACY_KERAS") < text.index("from tensorflow import keras")
    one = replace(
        target("candidate"), settings={"environment": {"KERAS_HOME": "/x", "HOME": "/x", "TF_A": "1"}}
    )
    assert environment(one) == {"TF_A": "1"}
    assert environment(replace(one, settings={"environment": "x"})) == {}


def test_the_packages_are_pinned_in_the_first_comment() -> None:
    """The program says which versions it was seen with, in the form tools read."""
    text = program(case("Dense", 1), target("candidate"))
    head = text[: text.index("# ///\n")]
    assert '#     "tf-keras==2.21.0",' in head
    assert '# requires-python = "==3.11.*"' in head


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        ({"inputs": {"$arguments": [RECIPE, RECIPE]}, "call": {"mask": RECIPE}}, "layer(x0, x1, mask=mask)"),
        (
            {"inputs": [RECIPE, RECIPE], "call": {"$masking": True}},
            "layer([keras.layers.Masking()(a) for a in x])",
        ),
        ({"inputs": RECIPE, "call": {"$masking": True}}, "layer(keras.layers.Masking()(x))"),
        ({"inputs": RECIPE, "call": {"$adapt": RECIPE}}, "layer.adapt(np.random"),
    ],
    ids=["arguments", "several masked", "masking", "adapt"],
)
def test_ways_of_calling(feed: Any, expected: str) -> None:
    """The ways a case can call a layer have their form; graphs take the plain one only."""
    made = replace(case("Dense", 1), feed=feed)
    text = program(made, target("reference"), step="forward")
    ast.parse(text)
    assert expected in text


def test_the_shape_of_an_output_is_asked_with_the_shape_of_every_input() -> None:
    """A layer of several inputs is given a list of shapes."""
    several = program(
        replace(case("Add", 1), feed={"inputs": [RECIPE, RECIPE]}), target("reference"), step="output shape"
    )
    assert "layer.compute_output_shape([a.shape for a in x])" in several
    one = program(case("Dense", 1), target("reference"), step="output shape")
    assert "layer.compute_output_shape(x.shape)" in one


def test_an_argument_that_is_no_name_has_no_program() -> None:
    """A keyword of the call that Python cannot write is refused."""
    made = replace(case("Dense", 1), feed={"inputs": RECIPE, "call": {"a b": 1}})
    with pytest.raises(NotWritable, match="not a Python name"):
        program(made, target("reference"), step="forward")


def test_a_graph_has_no_program_for_peculiar_calls() -> None:
    """What a short program cannot do on a target that builds graphs has a reason instead."""
    one = replace(target("reference"), settings={"engine": "graph"})
    made = replace(case("Dense", 1), feed={"inputs": RECIPE, "call": {"mask": RECIPE}})
    with pytest.raises(NotWritable, match="builds graphs"):
        program(made, one, step="forward")


def _other(subject: str, script: str, feed: Any, **parameters: Any) -> Case:
    return Case(subject, script, parameters, feed)


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (
            _other(
                "losses.Huber",
                "losses",
                {"inputs": [RECIPE, RECIPE], "call": {"sample_weight": 1}},
                delta=2.0,
            ),
            ", sample_weight=1))",
        ),
        (_other("activations.relu", "function", RECIPE, max_value=6), ", max_value=6))"),
        (_other("metrics.Mean", "metric", [RECIPE]), ".astype('float32')))"),
        (_other("ops.add", "ops", [RECIPE, RECIPE]), ".astype('float32')))"),
    ],
    ids=["loss", "activation", "metric", "op"],
)
def test_objects_and_functions(made: Case, last: str) -> None:
    """Losses and metrics are made and called; activations and operations are called."""
    text = program(made, target("reference"))
    ast.parse(text)
    assert text.rstrip().endswith(last)
    graph = program(made, replace(target("reference"), settings={"engine": "graph"}))
    assert "print(keras.backend.eval(" in graph


def test_a_signature_is_printed() -> None:
    """What a signature case observes is shown by its program."""
    text = program(_other("layers.Dense", "signature", {}), target("reference"))
    ast.parse(text)
    assert text.endswith("print(inspect.signature(keras.layers.Dense))\n")


def test_a_script_without_a_short_form_says_so() -> None:
    """A case of an unknown script has a reason, not a wrong program."""
    with pytest.raises(NotWritable, match="'callback'"):
        style_of(_other("callbacks.EarlyStopping", "callback", {}))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_cannot_leave_its_string(text: str) -> None:
    """Text from a target stands in a string or a comment and never runs."""
    made = replace(case("Dense", 1, note=text, **{text[:50]: 1}), label=text)
    one = replace(target("reference"), id=text, packages={"numpy": text}, python=text)
    source = program(made, one, step=text, comment=text + "\nimport os; os.abort()")
    tree = ast.parse(source)
    assert "abort" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "hurt" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    source.encode("utf-8")


@pytest.mark.parametrize("field", ["subject", "namespace"])
def test_names_that_are_not_python_have_no_program(field: str) -> None:
    """A symbol or namespace that is not a dotted name is refused."""
    made, one = case("Dense", 1), target("reference")
    if field == "subject":
        made = replace(made, subject="layers.x; import os")
    else:
        one = replace(one, namespace="os; import sys")
    with pytest.raises(NotWritable):
        program(made, one)


def test_streams_are_those_of_the_worker() -> None:
    """The seed of an array's stream fits numpy's range for any case seed."""
    assert 0 <= place_seed(2**40, 99) < 2**32


def test_other_namespaces_are_imported_under_one_name() -> None:
    """Whatever the namespace, the program calls it keras."""
    one: TargetInfo = replace(target("reference"), namespace="my.keras.fork")
    assert "import my.keras.fork as keras" in program(case("Dense", 1), one)
