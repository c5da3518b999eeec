"""Scenarios: what their files declare is read without importing them, and what they see is recorded."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import WrongUse
from harness.model import Case
from harness.plan import PROFILES, cases_of
from harness.specs import scenarios

OWN = scenarios.own_scenarios()
WORKER = Path(scenarios.__file__).parent.parent / "worker"


def file(folder: Path, text: str) -> Path:
    """A file of scenarios."""
    path = folder / "my_cases.py"
    path.write_text("from harness_cases.scenario import about\n" + text)
    return path


def test_a_scenario_declares_its_names_values_and_promise(tmp_path: Path) -> None:
    """The first name is the subject, keywords are values to try, the docstring is the promise."""
    text = '@about("Model.fit", "History", n=(1, 2))\ndef one(keras, record, n):\n    """Fits."""\n'
    path = file(tmp_path, text)
    (found,) = scenarios.scenarios_of(path)
    assert found.script == "my_cases:one"
    assert found.subjects == ("Model.fit", "History")
    assert found.values == {"n": (1, 2)}
    assert found.promise == "Fits."


def test_reading_a_file_runs_nothing_of_it(tmp_path: Path) -> None:
    """A file of scenarios is read, never executed."""
    path = file(tmp_path, 'raise SystemExit\n@about("Model")\ndef one(keras, record):\n    """One."""\n')
    assert len(scenarios.scenarios_of(path)) == 1


def test_a_constant_of_the_file_may_stand_for_values(tmp_path: Path) -> None:
    """A decorator may use a name the file gives a literal value to."""
    path = file(
        tmp_path, 'N = ("a", "b")\n@about("Model", n=N)\ndef one(keras, record, n):\n    """One."""\n'
    )
    assert scenarios.scenarios_of(path)[0].values == {"n": ("a", "b")}


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ("@about()\ndef one(keras, record): pass", "what it is about"),
        ("@about(3)\ndef one(keras, record): pass", "what it is about"),
        ('@about("Model", n=f())\ndef one(keras, record, n): pass', "literal"),
        ('@about("Model", limit="long")\ndef one(keras, record): pass', "seconds"),
        ('@about("Model", limit=0)\ndef one(keras, record): pass', "seconds"),
        ('@about("Model", n=3)\ndef one(keras, record, n): pass', "tuple of values"),
        ('@about("Model", n=())\ndef one(keras, record, n): pass', "tuple of values"),
        ('@about("Model", n=(1,))\ndef one(keras, record): pass', "to take"),
        ('@about("Model")\ndef one(keras, record, n): pass', "to take"),
        ("def broken(:", "Python file"),
    ],
)
def test_a_wrong_declaration_is_told_with_its_place(tmp_path: Path, declared: str, complaint: str) -> None:
    """A declaration that cannot be used is the user's mistake, named with file and rule."""
    with pytest.raises(WrongUse, match=complaint):
        scenarios.scenarios_of(file(tmp_path, declared + "\n"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A path to nothing is the user's mistake."""
    with pytest.raises(WrongUse, match="Python file"):
        scenarios.scenarios_of(tmp_path / "nothing.py")


def test_values_become_parameters_and_combinations_cases(tmp_path: Path) -> None:
    """Two values of one keyword and three of another make six cases with addresses of their own."""
    declared = '@about("Model.fit", "Model", a=(1, 2), b=("x", "y", None))\n'
    text = declared + 'def one(keras, record, a, b):\n    """One."""\n'
    (spec,) = scenarios.specs_of(file(tmp_path, text))
    cases = cases_of(spec, profile="full")
    assert len({case.address for case in cases}) == len({case.hash for case in cases}) == 6
    assert cases[0].address == "Model.fit/my_cases:one[a=1,b=x]"
    assert scenarios.subjects_of(cases[0]) == ("Model.fit", "Model")


def test_the_quick_profile_tries_every_value(tmp_path: Path) -> None:
    """Every value of every keyword appears in the quick profile, without every combination."""
    text = '@about("Model", a=(1, 2), b=("x", "y", "z"))\ndef one(keras, record, a, b):\n    """One."""\n'
    (spec,) = scenarios.specs_of(file(tmp_path, text))
    cases = cases_of(spec, profile="quick")
    assert {c.parameters["a"] for c in cases} == {1, 2}
    assert {c.parameters["b"] for c in cases} == {"x", "y", "z"}
    assert len(cases) < 6


def test_a_scenario_without_values_is_one_case(tmp_path: Path) -> None:
    """A scenario without keywords is one case in every profile."""
    text = '@about("Model")\ndef one(keras, record):\n    """One."""\n'
    (spec,) = scenarios.specs_of(file(tmp_path, text))
    assert [len(cases_of(spec, profile=p)) for p in PROFILES] == [1, 1]


def test_a_limit_is_seconds_and_not_a_value_to_try(tmp_path: Path) -> None:
    """`limit` bounds the time of a scenario's cases."""
    text = '@about("Model", limit=20)\ndef one(keras, record):\n    """One."""\n'
    (spec,) = scenarios.specs_of(file(tmp_path, text))
    assert [case.limit for case in cases_of(spec, profile="quick")] == [20.0]


def test_the_subject_of_another_case_is_all_it_is_about() -> None:
    """A case that is no scenario is about its subject."""
    assert scenarios.subjects_of(Case("layers.Dense", "layer", {}, {"inputs": None})) == ("layers.Dense",)


def test_there_are_at_least_150_scenarios_with_names_of_their_own() -> None:
    """The harness has at least 150 scenarios, and no two are called the same."""
    assert len(OWN) >= 150
    assert len({s.script for s in OWN}) == len(OWN)


@pytest.mark.parametrize("scenario", OWN, ids=lambda s: s.script)
def test_every_scenario_says_what_for(scenario: scenarios.Scenario) -> None:
    """Every scenario has a sentence as its docstring and names what it is about."""
    assert scenario.promise.endswith(".")
    assert all(name.strip() == name and " " not in name for name in scenario.subjects)


@pytest.mark.parametrize("name", [*scenarios.FILES, "scenario"])
def test_scenario_files_import_no_keras_at_the_top(name: str) -> None:
    """At its top level a scenario file imports the standard library, numpy and its vocabulary only."""
    tree = ast.parse((scenarios.CASES / f"{name}.py").read_text(encoding="utf-8"))
    allowed = {*sys.stdlib_module_names, "numpy", "harness_worker", "scenario", "members"}
    for node in tree.body:
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= allowed
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] in allowed


class FakeEngine:
    """Values are plain; weights are those of fake layers."""

    name = "fake"
    backend = "fake"

    def is_tensor(self, value: object) -> bool:
        return False

    def get_weights(self, layer: Any) -> list[np.ndarray]:
        return [w.value for w in layer.weights]

    def set_weights(self, layer: Any, values: list[np.ndarray]) -> None:
        for weight, value in zip(layer.weights, values, strict=True):
            weight.value = value


class FakeContext:
    """What `scenario.play` uses of a worker's context."""

    def __init__(self, recorder: Any, known: tuple[str, ...] = ("Model.fit",)) -> None:
        self.keras = types.SimpleNamespace()
        self.engine = recorder.engine
        self.record = recorder
        self.known = known
        self.make = types.SimpleNamespace(
            parameters=dict, array=lambda recipe: np.zeros(recipe["shape"], recipe["dtype"])
        )

    def has(self, name: str) -> bool:
        return name in self.known

    def symbol(self, name: str) -> str:
        return name

    def make_weight(self, shape: tuple[int, ...], dtype: str, name: str, place: int) -> np.ndarray:
        return np.full(shape, place, dtype)


@pytest.fixture(name="worker")
def _worker() -> Iterator[types.SimpleNamespace]:
    """The worker's recorder and the scenarios' vocabulary, loaded as a target loads them."""
    before = set(sys.modules)
    load("harness_worker", WORKER)
    load("harness_cases", scenarios.CASES)
    recorder = importlib.import_module("harness_worker.recorder")
    vocabulary = importlib.import_module("harness_cases.scenario")
    yield types.SimpleNamespace(recorder=recorder, scenario=vocabulary)
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("harness_worker", "harness_cases"):
            del sys.modules[name]


def load(name: str, folder: Path) -> None:
    """A folder as a package under another name."""
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def played(worker: types.SimpleNamespace, function: Callable[..., None], **case: Any) -> list[dict[str, Any]]:
    """The steps of a scenario performed on the fakes."""
    recorder = worker.recorder.Recorder(FakeEngine())
    perform = worker.scenario.about(case.pop("subject", "Model.fit"))(function)
    with contextlib.suppress(worker.recorder.Stop):
        perform({"parameters": case}, FakeContext(recorder))
    steps: list[dict[str, Any]] = recorder.steps
    return steps


def test_what_a_scenario_raises_is_its_last_step(worker: types.SimpleNamespace) -> None:
    """An exception that escapes a scenario is recorded as what the implementation did."""

    def raises(keras: Any, record: Any) -> None:
        record.note("before", "value", 1)
        raise ValueError("no")

    steps = played(worker, raises)
    assert [s["step"] for s in steps] == ["before", "scenario"]
    assert steps[-1]["status"] == "raised"
    assert steps[-1]["error"]["type"] == "ValueError"


def test_a_misspelt_name_in_a_scenario_is_not_blamed_on_the_implementation(
    worker: types.SimpleNamespace,
) -> None:
    """A NameError of the scenario's own lines escapes as the script's fault."""

    def misspelt(keras: Any, record: Any) -> None:
        kears.layers  # type: ignore[name-defined]  # noqa: B018, F821

    with pytest.raises(NameError):
        played(worker, misspelt)


def test_a_name_error_inside_the_implementation_is_recorded(worker: types.SimpleNamespace) -> None:
    """A NameError from other files is something the implementation did."""
    elsewhere: dict[str, Any] = {}
    exec(compile("def broken(): return nowhere", "keras.py", "exec"), elsewhere)

    def calls(keras: Any, record: Any) -> None:
        elsewhere["broken"]()

    assert played(worker, calls)[-1]["error"]["type"] == "NameError"


def test_values_of_a_case_reach_the_scenario(worker: types.SimpleNamespace) -> None:
    """The parameters of a case are the scenario's keyword arguments."""

    def notes(keras: Any, record: Any, size: int) -> None:
        record.note("size", "value", size)

    assert played(worker, notes, size=3)[0]["value"] == 3


def test_a_subject_that_is_not_there_ends_the_case_as_missing(worker: types.SimpleNamespace) -> None:
    """A scenario about a symbol the namespace lacks is missing, not performed."""
    with pytest.raises(worker.recorder.Missing, match=r"callbacks\.Nope"):
        played(worker, lambda keras, record: None, subject="callbacks.Nope")


@pytest.mark.parametrize(
    "subjects", [("Model.optimizer",), ("Model",), ("callbacks.Nope", "callbacks.Known.method"), ("pickle",)]
)
def test_members_and_other_names_of_the_module_keep_a_case_alive(
    worker: types.SimpleNamespace, subjects: tuple[str, ...]
) -> None:
    """A member of a class is looked for by the scenario itself; one known name of a module is enough."""
    recorder = worker.recorder.Recorder(FakeEngine())
    context = FakeContext(recorder, known=("callbacks.Known",))
    worker.scenario.about(*subjects)(lambda keras, record: None)({"parameters": {}}, context)
    assert recorder.steps[-1]["step"] == "scenario"


def test_what_needs_tensorflow_is_unsupported_elsewhere(worker: types.SimpleNamespace) -> None:
    """On another backend a scenario of TensorFlow says so."""
    steps = played(worker, lambda keras, record: record.tensorflow())
    assert steps[-1]["status"] == "unsupported"


def test_weights_are_given_layer_by_layer_inner_models_first_and_shared_ones_once(
    worker: types.SimpleNamespace,
) -> None:
    """Each layer's weights get the values of their places, whatever order the model lists them in."""

    def layer(*sizes: int) -> Any:
        weights = [types.SimpleNamespace(name="w", value=np.zeros(n, "float32")) for n in sizes]
        return types.SimpleNamespace(weights=weights)

    a, b = layer(1, 2), layer(3)
    inner = types.SimpleNamespace(layers=[b], weights=b.weights)
    model = types.SimpleNamespace(layers=[inner, a, b], weights=[])

    def gives(keras: Any, record: Any) -> None:
        record.give_weights(model)

    played(worker, gives)
    assert [w.value[0] for w in (*b.weights, *a.weights)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["Layer (type)     Output Shape   Param #", "=====", "d (Dense)        (None, 2)      8"], 2),
        (["┃ Layer (type) ┃ Output Shape ┃ Param # ┃", "│ d (Dense) │ (None, 2) │ 8 │"], 2),
    ],
)
def test_a_summary_is_read_as_rows_of_cells(
    worker: types.SimpleNamespace, lines: list[str], rows: int
) -> None:
    """The tables of every Keras parse into the same cells."""
    model = types.SimpleNamespace(
        summary=lambda print_fn: [print_fn(line) for line in [*lines, "Total params: 8"]]
    )
    told = worker.scenario.summary_table(model)
    assert told["rows"][-1] == ["d (Dense)", "(None, 2)", "8"]
    assert len(told["rows"]) == rows
    assert told["lines"] == ["Total params: 8"]


def test_event_files_are_listed_without_times_and_hosts(
    worker: types.SimpleNamespace, tmp_path: Path
) -> None:
    """Files of a folder are sorted, and what differs from run to run in their names is left out."""
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "events.out.tfevents.1712.host.9.0.v2").touch()
    (tmp_path / "a").touch()
    assert worker.scenario.files(str(tmp_path)) == ["a", "train/events.out.tfevents.v2"]
