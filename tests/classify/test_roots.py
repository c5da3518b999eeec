"""Which divergences share a root."""

import numpy as np

from harness.classify.roots import roots
from harness.compare.numbers import size
from harness.compare.values import SIGN_OF_ZERO
from harness.model import ABSENT, Case, Difference, Kind, Severity

RETURNED = {"status": "returned", "step": "s"}


def raised(kind="ValueError", step="s", message="no"):
    """A side that raised."""
    return {"status": "raised", "step": step, "type": kind, "bases": [kind], "message": message}


def missing(step="s"):
    """A side that lacks something."""
    return {"status": "missing", "step": step, "reason": "no such thing"}


def value(step="forward", kind=Kind.VALUE, note=""):
    """Numbers that differ."""
    one, two = np.ones(2), np.zeros(2)
    return Difference(step, kind, "", one, two, size=size(one, two), note=note)


def key(difference, subject="layers.Dense", script="layer", label="", **parameters):
    """The root of one difference."""
    return keys([difference], subject, script, label, **parameters)[0]


def keys(differences, subject="layers.Dense", script="layer", label="", **parameters):
    """The roots of the differences of one case."""
    found = roots(Case(subject, script, parameters, None, label=label), differences)
    assert all(root.title for root, _ in found)
    return [root.key for root, _ in found]


def test_every_root_begins_with_its_severity():
    """A mild difference never stands before a severe one."""
    for difference, severity in (
        (value(), "numbers"),
        (Difference("s", Kind.DTYPE, "", "float32", "int32"), "structure"),
        (Difference("s", Kind.OUTCOME, "", raised(), RETURNED), "raises"),
        (Difference("s", Kind.OUTCOME, "", missing(), RETURNED), "missing"),
        (Difference("s", Kind.OUTCOME, "", {"status": "crashed"}, RETURNED), "crash"),
        (Difference("config", Kind.CONFIG, "units", 1, 2), "config"),
        (Difference("s", Kind.EVENTS, "a", 1, 2), "events"),
        (Difference("s", Kind.NAMES, "a", "x", "y"), "names"),
        (value(kind=Kind.SPECIAL, note=SIGN_OF_ZERO), "names"),
    ):
        assert key(difference).split("|")[0] == severity


def test_numbers_are_one_cause_per_formula_and_two_formulas_are_two():
    """Silent different numbers are told apart by what computes them."""
    assert key(value(), "losses.Huber", "loss") == key(value(), "losses.huber", "loss")
    assert key(value(), "losses.Huber", "loss") != key(value(), "losses.Hinge", "loss")
    assert key(value(), "losses.get", "lookup", identifier="huber") == key(value(), "losses.Huber", "loss")
    assert key(value(kind=Kind.DISTRIBUTION)) != key(value())


def test_a_feed_or_a_step_that_an_area_shares_is_the_root_of_all_its_subjects():
    """Sparse gradients, whole numbers, penalties: one root in many subjects."""
    feeds = [key(value(), f"optimizers.{name}", "optimizer", "sparse") for name in ("Adam", "Ftrl")]
    assert len(set(feeds)) == 1
    whole = [key(value(), f"layers.{name}", label="whole numbers") for name in ("A", "B")]
    assert len(set(whole)) == 1
    assert key(value("functional call"), "layers.A") == key(value("functional call"), "layers.B")
    asked = [key(value(), f"metrics.{name}", "metric", dtype="float64") for name in ("A", "B")]
    assert len(set(asked)) == 1
    assert key(value(), "metrics.A", "metric", dtype="float32") != asked[0]
    ranks = [key(value(), f"metrics.{name}", "metric", "rank 3") for name in ("A", "B")]
    assert len(set(ranks)) == 1


def test_numbers_that_part_in_training_alone_are_a_cause_of_their_own() -> None:
    """A model that computes alike and trains otherwise has another fault than one that computes otherwise."""
    assert key(value("train SGD"), "Model") != key(value("forward"), "Model")
    assert key(value("train SGD"), "Model") != key(value("train Adam"), "Model")


def test_a_feed_that_merging_layers_share_is_told_by_their_own_names_of_feeds():
    """A column broadcasts in a merging layer; in a loss it is the shape of its targets."""
    merged = [key(value(), f"layers.{name}", label="column") for name in ("Add", "Average")]
    assert len(set(merged)) == 1
    assert key(value(), "layers.Add", label="one masked input") not in merged
    losses = [key(value(), f"losses.{name}", "loss", "column") for name in ("A", "B")]
    assert len(set(losses)) == 2


def test_ranks_that_differ_are_one_root_of_losses_and_metrics():
    """Both squeeze targets and predictions by one rule."""
    loss = key(value(), "losses.Huber", "loss", "column for vector")
    assert loss == key(value(), "metrics.hinge", "metric", "vector for column")
    assert loss != key(value(), "losses.Huber", "loss")


def test_state_that_differs_under_the_same_results_is_one_root_of_all_metrics():
    """Where the results differ too, the state follows from the formula."""
    mean, accuracy = (keys([value("state")], f"metrics.{name}", "metric") for name in ("Mean", "Accuracy"))
    assert mean == accuracy
    both = keys([value("forward"), value("state")], "metrics.Mean", "metric")
    assert both[1] == both[0] != mean[0]
    assert keys([value("state")], "layers.Normalization") != mean


def test_a_function_that_is_another_formula_is_the_root_wherever_it_is_given():
    """An activation that a layer is given by name, or inside an object, computes as it does alone."""
    alone = key(value(), "activations.hard_sigmoid", "activation")
    assert alone == key(value(), "layers.Dense", activation="hard_sigmoid")
    cell = {"$object": "layers.GRUCell", "parameters": {"recurrent_activation": "hard_sigmoid"}}
    assert alone == key(value(), "layers.RNN", cell=[cell])
    assert alone == key(value(), "layers.Dense", activation={"$attribute": "activations.hard_sigmoid"})
    assert alone != key(value(), "layers.Dense", activation="sigmoid")
    assert alone != key(value(kind=Kind.PRECISION), "layers.Dense", activation="hard_sigmoid")


def test_short_names_of_losses_are_those_losses():
    """`bce` is documented as binary crossentropy."""
    short = key(value(), "losses.get", "lookup", identifier="bce")
    assert short == key(value(), "losses.BinaryCrossentropy", "loss")


def test_a_step_one_side_never_came_to_has_the_root_and_the_severity_of_the_failure():
    """What follows from a raise is no silent difference of structure."""
    failed = Difference("save", Kind.OUTCOME, "", raised(), RETURNED)
    follows = Difference("load", Kind.OUTCOME, "", ABSENT, RETURNED, note="no such step")
    case = Case("Model.save", "scenarios_serialization:places", {}, None)
    (first, second) = roots(case, [failed, follows])
    assert first == second
    assert second[1] is Severity.RAISES
    ((alone, severity),) = roots(case, [follows])
    assert severity is Severity.STRUCTURE
    assert alone.key.startswith("structure")
    plain = Difference("load", Kind.OUTCOME, "", RETURNED, ABSENT, note="no such step")
    assert key(plain).endswith("reference")


def test_a_state_that_a_failed_call_left_as_it_was_belongs_to_that_failure():
    """A layer that raises while training changes no weight; nothing else makes such a state its own."""
    failed = Difference("training", Kind.OUTCOME, "", RETURNED, raised())
    elsewhere = Difference("predict", Kind.OUTCOME, "", RETURNED, raised())
    state = Difference("state", Kind.STRUCTURE, "2", np.ones(3), ABSENT, note="only in the reference")
    here, there = keys([failed, state]), keys([elsewhere, state])
    assert here[0] == here[1]
    assert "state" in there[1]
    other = Difference("state", Kind.STRUCTURE, "2", ABSENT, np.ones(3), note="only in the candidate")
    assert "state" in keys([failed, other])[1]


def test_state_in_another_order_is_one_root_only_where_the_names_are_the_same():
    """Values at other positions follow from the arrangement; a renamed variable does not prove that."""
    swapped = [
        Difference("variables", Kind.STRUCTURE, f"[{i}].name", one, two)
        for i, (one, two) in enumerate([("tp", "fp"), ("fp", "tp")])
    ]
    state = value("state")
    assert "state order" in keys([*swapped, state], "metrics.AUC", "metric")[-1]
    assert "state order" not in keys([swapped[0], state], "metrics.AUC", "metric")[-1]
    assert "state order" not in keys([state], "metrics.AUC", "metric")[-1]


def test_numbers_after_a_result_of_another_shape_follow_from_it():
    """A gradient cannot agree where the result has another shape."""
    shape = Difference("forward", Kind.SHAPE, "", [2], [3])
    after = keys([shape, value("gradients")], "backend.argmax", "function")[-1]
    assert "another shape" in after
    assert after.startswith("numbers")
    assert keys([shape, value("gradients", Kind.SPECIAL)], "backend.argmax", "function")[-1] == after
    assert "another shape" not in keys([value("gradients"), shape], "backend.argmax", "function")[0]


def test_failures_gather_by_area_by_what_was_being_done_and_by_the_side():
    """All constructors of an area that are checked on one side are one cause."""
    construct = Difference("construct", Kind.OUTCOME, "", raised(), RETURNED)
    other = Difference("construct", Kind.OUTCOME, "", raised("TypeError"), RETURNED)
    turned = Difference("construct", Kind.OUTCOME, "", RETURNED, raised())
    assert key(construct, "layers.A") == key(other, "layers.B")
    assert key(construct) != key(turned)
    assert key(construct) != key(construct, "losses.A", "loss")
    assert key(construct) != key(Difference("build", Kind.OUTCOME, "", raised(), RETURNED))
    assert key(Difference("config", Kind.OUTCOME, "", raised(), RETURNED)).startswith("raises|serialize")
    script = "scenarios_models:attributes"
    gone = Difference("x", Kind.OUTCOME, "", raised("AttributeError"), RETURNED)
    assert key(gone, "Model", script) == key(gone, "Layer", "scenarios_layers:attributes")
    assert key(construct, "Model", script) != key(gone, "Model", script)


def test_what_is_missing_gathers_by_namespace_and_by_member():
    """A symbol, a method and a parameter are three things to lack."""
    symbol = Difference("case", Kind.OUTCOME, "", RETURNED, missing())
    member = Difference("merge", Kind.OUTCOME, "", missing(), RETURNED)
    assert key(symbol, "losses.A", "function") == key(symbol, "losses.B", "signature")
    assert key(symbol, "losses.A", "function") != key(symbol, "metrics.A", "signature")
    assert key(symbol, "ops.abs", "function") == key(symbol, "random.beta", "signature")
    turned = Difference("case", Kind.OUTCOME, "", missing(), RETURNED)
    assert key(symbol, "ops.abs", "function") != key(turned, "ops.abs", "function")
    assert key(symbol, "Variable", "signature") != key(symbol, "ops.abs", "function")
    assert key(member, "metrics.A", "metric") == key(member, "metrics.B", "metric")
    assert key(symbol, "metrics.A", "metric") != key(member, "metrics.A", "metric")
    assert key(symbol, "Model", "scenarios_models:a").startswith("missing|models scenarios")


def test_signatures_gather_by_what_became_of_the_parameter():
    """Gone, moved, another default, another kind; common parameters by their name."""

    def parameter(path, one, two):
        return key(Difference("parameters", Kind.SIGNATURE, path, one, two), "layers.A", "signature")

    only = parameter("alpha", ABSENT, {"kind": 1})
    assert only == parameter("beta", ABSENT, {"kind": 1})
    assert only != parameter("alpha", {"kind": 1}, ABSENT)
    assert parameter("name", ABSENT, {}) not in (only, parameter("seed", ABSENT, {}))
    assert parameter("kwargs", ABSENT, {}) == parameter("args", ABSENT, {})
    aspects = {parameter(f"alpha.{aspect}", 1, 2) for aspect in ("place", "default", "kind", "other")}
    assert len(aspects) == 4


def test_configs_gather_by_the_side_that_has_the_key_and_by_common_keys():
    """An object inside a config is serialised in one way, wherever it stands."""

    def config(path, one, two, step="config", subject="layers.A", script="layer"):
        return key(Difference(step, Kind.CONFIG, path, one, two), subject, script)

    assert config("a", ABSENT, 1) == config("b", ABSENT, 2)
    assert config("a", ABSENT, 1) != config("a", 1, ABSENT)
    assert config("dtype", {"a": 1}, "float32") != config("dtype", "float32", "float64")
    assert config("name", "a", "b") == config("name", "a", None, subject="losses.B")
    assert config("padding", "a", "b") != config("activation", "a", "b")
    assert config("units", 1, 2.0) == config("bias", True, None)
    assert config("init.module", "a", "b") == config("init.config.scale", 1, 2, subject="losses.B")
    assert config("trainable", ABSENT, True) == config("trainable", ABSENT, True, subject="losses.B")
    assert config("a", 1, 2, subject="Model", script="scenarios_models:x").startswith("config|config|scen")


def test_warnings_errors_and_names_gather_by_area_or_by_what_they_are():
    """A warning of NumPy is one cause, wherever it comes up."""

    def warned(category, subject="layers.A", script="layer"):
        found = [{"category": category, "text": "t"}]
        return key(Difference("s", Kind.WARNINGS, "warnings", [], found), subject, script)

    assert warned("DeprecationWarning") == warned("DeprecationWarning", "losses.B", "loss")
    assert warned("UserWarning") != warned("UserWarning", "optimizers.B", "optimizer")
    error = Difference("construct", Kind.ERROR, "", raised(), raised("TypeError"))
    assert key(error) == key(error, "losses.A", "loss")
    assert key(error) != key(error, "Model", "scenarios_models:x")
    name = Difference("weights", Kind.NAMES, "[0].name", "a", "b")
    assert key(name) == key(name, "layers.Other")
    assert key(name, "Model", "scenarios_models:x") == key(name, "Layer", "scenarios_layers:y")


def test_dtypes_shapes_and_structure_gather_by_area():
    """Another width of a float is another matter than a float that became a whole number."""
    wide = Difference("forward", Kind.DTYPE, "", "float32", "float64")
    whole = Difference("forward", Kind.DTYPE, "", "float32", "int32")
    text = Difference("forward", Kind.DTYPE, "", "string", "int32")
    assert len({key(d, "metrics.A", "metric") for d in (wide, whole, text)}) == 3
    assert key(wide, "metrics.A", "metric") == key(wide, "metrics.B", "metric")
    assert key(whole, "losses.A", "loss", "integers") == key(whole, "layers.A", label="whole numbers")
    assert key(whole, "layers.A", label="whole numbers") != key(whole, "layers.A")
    assert key(whole, "losses.A", "loss", "int64") != key(whole, "metrics.A", "metric", "int64")
    assert key(wide, "losses.A", "loss") != key(wide, "layers.A")
    shape = Difference("forward", Kind.SHAPE, "", [1], [2])
    assert key(shape, "losses.A", "loss") == key(shape, "losses.B", "loss")
    assert key(shape, "layers.A") != key(shape, "layers.B")
    slots = Difference("slots", Kind.STRUCTURE, "a", ABSENT, 1)
    assert key(slots, "optimizers.A", "optimizer") == key(slots, "optimizers.B", "optimizer")
    inside = Difference("s", Kind.STRUCTURE, "a", 1, 2)
    assert key(inside, "Model", "scenarios_models:x") == key(wide, "Model", "scenarios_models:y")
    assert key(inside, "Model", "scenarios_models:x") != key(inside)
    kept = Difference("s", Kind.FILE, "a", 1, 2)
    assert key(kept, "Model", "scenarios_models:x") != key(kept, "utils.get_file", "utility")


def test_members_of_instances_are_no_parameters():
    """A member one side lacks is a matter of its family and side; what a member holds, of the API."""
    alone = Difference("members", Kind.SIGNATURE, "updates", ABSENT, "method")
    assert key(alone) == "missing|members|layers|candidate"
    assert (
        key(Difference("members", Kind.SIGNATURE, "path", "x", ABSENT)) == "missing|members|layers|reference"
    )
    inside = Difference("members", Kind.SIGNATURE, "variables[2]", {"shape": [1]}, ABSENT)
    assert key(inside, "metrics.AUC") == "missing|members|held"
    assert key(alone, "metrics.AUC") == "missing|members|other families|candidate"
    assert key(Difference("members", Kind.SIGNATURE, "units", 1, 2)) == "config|members|held"
