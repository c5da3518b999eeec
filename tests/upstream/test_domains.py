"""What our cases try, as kinds."""

from harness.model import Case
from harness.upstream.domains import domains
from harness.upstream.kinds import fed_kind, kind_of

ARRAY = {"$array": True, "shape": [2, 3], "dtype": "float32", "values": "normal"}


def case(subject, script, inputs, call=None, **parameters):
    """A case that feeds that."""
    feed = {"inputs": inputs} | ({"call": call} if call else {})
    return Case(subject=subject, script=script, parameters=parameters, feed=feed)


def test_a_domain_holds_the_kinds_of_parameters_of_what_is_fed_and_what_is_left_out():
    """Over all cases of a subject; the layer script calls with and without training."""
    found = domains(
        [
            case("layers.Dense", "layer", ARRAY, {"mask": [True, False]}, units=3),
            case("layers.Dense", "layer", [ARRAY]),
        ]
    )["layers.Dense"]
    assert kind_of(9, "units") in found.parameters["units"]
    assert found.omitted == {"units"}
    assert found.inputs == {fed_kind(ARRAY), fed_kind([ARRAY])}
    assert fed_kind([False, True]) in found.call["mask"]
    assert fed_kind(True) in found.call["training"]


def test_each_script_feeds_in_its_own_way():
    """Updates of a metric, steps of a schedule, the shape of an initializer, arguments by position."""
    metric = domains([case("metrics.Mean", "metric", [[ARRAY], [ARRAY]])])["metrics.Mean"]
    assert fed_kind(ARRAY) in metric.inputs
    schedule = domains([case("optimizers.schedules.X", "schedule", {"steps": ARRAY})])[
        "optimizers.schedules.X"
    ]
    assert schedule.inputs == {fed_kind(5), fed_kind(ARRAY)}
    initializer = domains([case("initializers.Ones", "initializer", {"shape": {"$tuple": [2, 3]}})])
    assert initializer["initializers.Ones"].inputs == {fed_kind({"$tuple": [4, 5]})}
    function = domains([case("layers.add", "function", {"$arguments": [[ARRAY, ARRAY]]})])["layers.add"]
    assert function.inputs == {fed_kind([ARRAY, ARRAY])}
    two = domains([case("utils.x", "function", {"$arguments": [ARRAY, 2]})])["utils.x"]
    assert two.inputs == {fed_kind([ARRAY, 2])}
    nothing = domains([case("losses.get", "lookup", None), Case("losses.get", "lookup", {}, None)])[
        "losses.get"
    ]
    assert kind_of(None) in nothing.inputs


def test_scripts_that_do_not_call_their_subject_say_nothing_of_its_domain():
    """A signature is no value that was passed."""
    assert domains([case("layers.Dense", "signature", None, units=3)]) == {}


def test_a_value_of_ours_that_has_no_kind_of_upstreams_is_left_out():
    """Such as a mark of the case scripts."""
    assert (
        domains([case("layers.Dense", "layer", ARRAY, units=b"")])["layers.Dense"].parameters["units"]
        == set()
    )
