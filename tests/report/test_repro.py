"""One program for both targets."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Case, Kind
from harness.report.literals import NotWritable
from harness.report.object_program import BODIES
from harness.report.repro import issue, repro, with_outputs
from harness.specs.declaration import Array

from .records_of_a_run import HOSTILE, case, target

SIDES = (target("reference"), target("candidate"))
ARRAY = Array((4, 3)).plain()
PAIR = [ARRAY, ARRAY]
STEPPED = {"variables": PAIR, "gradients": PAIR}


def told(one: Case, step: str, kind: Kind = Kind.VALUE, **more: Any) -> str:
    """The program, which is valid Python."""
    text = repro(one, *SIDES, step=step, kind=kind, title="what differs", **more)
    ast.parse(text)
    return text


def of(script: str, subject: str, inputs: Any, call: Any = None, **parameters: Any) -> Case:
    """A case of a script."""
    return Case(subject, script, parameters, {"inputs": inputs} | ({"call": call} if call else {}))


CASES = {
    "loss": of("loss", "losses.Huber", PAIR, delta=0.5),
    "loss function": of("loss", "losses.huber", PAIR, delta=0.5),
    "metric": of("metric", "metrics.AUC", [PAIR, PAIR], {"sample_weight": ARRAY}),
    "metric function": of("metric", "metrics.mse", [PAIR]),
    "activation": of("activation", "activations.relu", ARRAY, alpha=0.1),
    "initializer": of("initializer", "initializers.Zeros", {"shape": [2, 3]}),
    "penalty": of("penalty", "regularizers.L2", ARRAY, l2=0.1),
    "schedule": of("schedule", "optimizers.schedules.CosineDecay", {"steps": Array(literal=[1, 2]).plain()}),
    "optimizer": of("optimizer", "optimizers.SGD", {"variables": PAIR, "gradients": PAIR}, momentum=0.9),
    "function": of("function", "ops.tile", ARRAY, {"$also": {"backend.tile": {"repeats": "n"}}}, repeats=2),
    "signature": of("signature", "layers.Dense", None, {"defaults": True}, units=2),
    "lookup": of("lookup", "losses.get", PAIR, identifier="mse"),
    "members": of("members", "layers.Dense", None, units=2),
}
STEPS = {
    "loss": "construct,attributes,config,forward,without reduction,gradients,jit,round trip,serialize,"
    "deserialize,get what is written,get the object,get by name,get by symbol",
    "loss function": "forward,gradients,jit,serialize,deserialize,get by name,get by symbol",
    "metric": "construct,attributes,config,result before,variables,forward,state,variables after,call,reset,"
    "reset_states,merge,round trip",
    "metric function": "forward,gradients",
    "activation": "forward,gradients,jit,layer by name,layer by function,layer config,get by name",
    "initializer": "construct,attributes,config,forward,round trip",
    "penalty": "construct,attributes,config,forward,gradients,jit",
    "schedule": "construct,config,forward,python steps,float steps,serialize,in an optimizer",
    "optimizer": "construct,config,learning rate,forward,slots,slot names,slot values,iterations,variables,"
    "lr read,lr set,get by name,get by config,minimize",
    "function": "symbol,parameters,forward,gradients",
    "signature": "nature,parameters,defaults,default instance",
    "lookup": "parameters,returned,forward",
    "members": "parameters,construct",
}
EVERY = [(name, step) for name, steps in STEPS.items() for step in steps.split(",")]


@pytest.mark.parametrize(("name", "step"), EVERY)
@pytest.mark.parametrize("kind", [Kind.VALUE, Kind.OUTCOME, Kind.WARNINGS])
def test_every_step_of_every_script_has_a_program(name: str, step: str, kind: Kind) -> None:
    """Each is valid Python, imports either implementation, and names the subject."""
    one = CASES[name]
    text = told(one, step, kind)
    assert "from tensorflow import keras" in text
    assert "import keras\n" in text
    assert one.subject.rsplit(".", 1)[-1].lower() in text.lower()
    assert "harness" not in text


def test_every_script_with_bodies_is_tried_here() -> None:
    """No script is left out of the test above but the kinds of optimizer cases, which share one."""
    assert {b.partition(":")[0] for b in BODIES} == {c.script for c in CASES.values()}


def test_a_step_without_a_short_form_is_refused() -> None:
    """What the bodies do not know is not guessed at, nor are inputs only the case script understands."""
    with pytest.raises(NotWritable, match="no short form"):
        told(CASES["metric"], "unheard of")
    with pytest.raises(NotWritable, match="the case script's own"):
        told(of("optimizer", "optimizers.SGD", STEPPED, {"$exclude": ["bias"]}), "forward")
    for one, step in ((of("loss", "losses.Huber", PAIR, {"$mask": ARRAY}), "gradients"),):
        with pytest.raises(NotWritable, match="no short form"):
            told(one, step)
    with pytest.raises(NotWritable, match="no short form"):
        told(CASES["members"], "members", path="not a name")
    with pytest.raises(NotWritable, match="no short form"):
        told(of("members", "layers.Dense", ARRAY, units=2), "members", path="units")


def test_a_member_is_looked_up_by_its_name() -> None:
    """The program prints what the object has under the name, or that it has nothing."""
    text = told(CASES["members"], "members", Kind.SIGNATURE, path="metrics_names[0]")
    assert "held = getattr(made, 'metrics_names') if 'metrics_names' in dir(made) else 'absent'" in text


def test_gradients_may_be_absent_or_name_rows() -> None:
    """As the optimizer of a training loop gets them."""
    absent = told(of("optimizer", "optimizers.SGD", STEPPED, {"$none": [1]}), "forward")
    assert "None if place in (1,) else tf.constant(g[step])" in absent
    rows = told(of("optimizer", "optimizers.SGD", STEPPED, {"$sparse": [0, 0]}), "slots")
    assert "tf.IndexedSlices(g[step], [0, 0], v.shape)" in rows
    assert "enumerate" not in told(CASES["optimizer"], "forward")


def test_an_optimizer_that_scales_shows_every_step() -> None:
    """What it does at a step that overflows is seen at that step."""
    scaling = of("optimizer:scaling", "mixed_precision.LossScaleOptimizer", STEPPED)
    assert "seen.append([v.numpy() for v in variables])" in told(scaling, "forward")
    assert "seen" not in told(CASES["optimizer"], "forward")


def test_predictions_carry_a_mask() -> None:
    """The mask that a layer would have left on them."""
    text = told(of("loss", "losses.Huber", PAIR, {"$mask": ARRAY, "sample_weight": ARRAY}), "forward")
    assert "y_pred._keras_mask = tf.constant(" in text
    assert "sample_weight=sample_weight" in text


def test_what_is_drawn_is_settled_where_that_is_asked_for() -> None:
    """With the seed of the case, on TensorFlow; each backend has its own way."""
    seeded = told(CASES["loss"], "forward", form="seeded arrays")
    assert "tf.random.set_seed(0)" in seeded
    assert "set_seed" not in told(CASES["loss"], "forward")
    scenario = Case("Model.fit", "scenarios_training:loss_weights", {}, {"inputs": None}, seed=7)
    assert "tf.random.set_seed(7)" in told(scenario, "history", form="seeded script")
    jax = replace(SIDES[1], backend="jax")
    with pytest.raises(NotWritable, match="by each backend"):
        repro(CASES["loss"], jax, jax, step="forward", kind=Kind.VALUE, title="", form="seeded arrays")


def test_a_layer_may_be_told_that_it_is_not_trained() -> None:
    """As the case script tells those that ask; no other case has this form."""
    text = told(case("Dropout", 1), "forward", form="without training")
    assert "training = False" in text
    assert "training=training)" in text
    for one, step in ((CASES["loss"], "forward"), (case("Dropout", 1), "training")):
        with pytest.raises(NotWritable, match="without training"):
            told(one, step, form="without training")


def test_a_round_trip_is_held_against_the_config_it_was_made_from() -> None:
    """As it is afterwards: reading a config may change it."""
    text = told(CASES["loss"], "round trip")
    assert text.index("config = loss.get_config()") < text.index("from_config(config)")
    assert "print(told(again) == told(config))" in text


def test_dtypes_and_digits_are_printed_where_they_are_what_differs() -> None:
    """Numpy prints neither the dtype of a number nor all digits of a double."""
    assert "print([str(getattr(v, 'dtype'" in told(CASES["loss"], "forward", Kind.DTYPE)
    scenario = Case("Model.fit", "scenarios_training:loss_weights", {}, {"inputs": None})
    flat = "tf.nest.flatten(engine.fetch("
    assert flat in told(scenario, "step", Kind.DTYPE, form="script")
    assert flat not in told(scenario, "step", form="script")
    assert "precision=17" in told(CASES["loss"], "forward", exact=True)
    assert "precision" not in told(CASES["loss"], "forward")


def test_a_layers_program_is_short() -> None:
    """At most 25 lines of code without weights; with weights it sets them."""
    text = told(case("Conv2D", 4), "forward", weights=False)
    code = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(code) <= 25
    assert "set_weights" not in text
    assert "set_weights" in told(case("Conv2D", 4), "forward")


def test_a_subject_that_a_side_lacks_is_only_named() -> None:
    """For a missing symbol the program does no more than name it."""
    text = told(CASES["loss"], "case", Kind.OUTCOME)
    assert "print(keras.losses.Huber)" in text
    assert "except Exception as error" in text


def test_lists_are_handed_over_as_lists() -> None:
    """A case that feeds nested lists does so in its program."""
    assert ".tolist()" in told(of("loss", "losses.Huber", PAIR, {"$as": "list"}), "forward")


def test_inputs_as_tensors() -> None:
    """In this form every array is handed over as a tensor; where there is none, there is no such form."""
    assert "y_pred = tf.constant(" in told(CASES["loss"], "forward", form="tensors")
    with pytest.raises(NotWritable, match="no arrays"):
        told(CASES["loss"], "config", form="tensors")


def test_a_form_that_fits_one_side_only_is_refused() -> None:
    """Graphs and eager calls, or tensors of two backends, have no common program."""
    graph = replace(SIDES[1], settings={**SIDES[1].settings, "engine": "graph"})
    asked: dict[str, Any] = {"step": "forward", "kind": Kind.VALUE, "title": ""}
    with pytest.raises(NotWritable, match="builds graphs"):
        repro(CASES["loss"], SIDES[0], graph, **asked)
    jax = replace(SIDES[1], backend="jax")
    with pytest.raises(NotWritable, match="several backends"):
        repro(CASES["loss"], SIDES[0], jax, form="tensors", **asked)
    with pytest.raises(NotWritable, match="not a name that can be imported"):
        repro(CASES["loss"], SIDES[0], replace(SIDES[1], namespace="a;b"), **asked)


def test_two_targets_that_are_imported_alike_need_no_argument() -> None:
    """Two releases of one implementation share the import; the environment tells them apart."""
    older = replace(SIDES[0], id="keras-3.0", version="3.0")
    text = repro(CASES["loss"], SIDES[0], older, step="forward", kind=Kind.VALUE, title="")
    assert "sys.argv" not in text
    assert "# uv run" in text


def test_the_comment_says_how_to_run_it_and_what_it_prints() -> None:
    """One line of `uv run` per target with exact versions, and the outputs of both, shortened."""
    text = with_outputs(told(CASES["loss"], "forward"), {"one": "1\n" * 30, "two": ""})
    assert "--with tf-keras==2.21.0" in text
    assert "# Printed on one:\n#     1" in text
    assert "18 more lines" in text
    assert "#     (nothing)" in text
    ast.parse(text)


def test_hostile_texts_stay_in_comments_and_fences() -> None:
    """A title or an output cannot become code, or end its fence in the issue text."""
    text = repro(
        CASES["loss"],
        *SIDES,
        step="forward",
        kind=Kind.VALUE,
        title="".join(map(str, HOSTILE)) + "\nimport this",
    )
    shown = with_outputs(text, {"one": "".join(map(str, HOSTILE)) + "\nimport this"})
    assert [line for line in ast.unparse(ast.parse(shown)).splitlines() if "this" in line] == []
    written = issue("t", text, {"one": "```\n# not a heading"}, SIDES, ["remark"])
    assert "````" in written
    assert "| tf-keras |" in written
    assert "* remark" in written
