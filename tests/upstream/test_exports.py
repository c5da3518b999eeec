"""What a checkout makes public, read from its source."""

from harness.upstream.exports import read_exports


def test_public_names_come_with_the_order_of_parameters_and_literal_defaults(checkout):
    """A decorator names what is public; a constructor that is inherited is found in the base."""
    exports = read_exports(checkout, "keras/src")
    dense = exports.find("keras.src.layers.core.dense.Dense")
    assert dense.parameters == ("units", "activation", "use_bias", "rate")
    assert dense.defaults == {"activation": None, "use_bias": True, "rate": 0.5}
    assert exports.by_name["layers.Wider"].parameters == dense.parameters
    assert exports.by_name["layers.Empty"].parameters == ()


def test_the_name_under_spec_is_preferred(checkout):
    """Where a thing has several public names, the one our specs use stands for it."""
    assert read_exports(checkout, "keras/src").by_name["layers.Wider"].subject == "layers.Wide"
    exports = read_exports(checkout, "keras/src", frozenset({"layers.Wider"}))
    assert exports.by_name["layers.Wide"].subject == "layers.Wider"


def test_a_thing_is_found_by_where_it_is_defined_by_its_public_name_and_through_a_package(checkout):
    """Tests import from all three; what is not public is not found."""
    exports = read_exports(checkout, "keras/src")
    for dotted in ("keras.src.layers.Dense", "keras.layers.Dense", "keras.src.layers.core.Dense"):
        assert exports.find(dotted).subject == "layers.Dense"
    assert exports.find("keras.src.layers.Hidden") is None


def test_constants_are_known_by_their_path_and_where_only_one_can_be_meant(checkout):
    """A mode given as a class's constant is the string it stands for."""
    exports = read_exports(checkout, "keras/src")
    assert exports.constant("keras.src.layers.core.wide.Modes.SUM") == "sum"
    assert exports.constant("keras.src.elsewhere.SUM") == "sum"
    assert exports.constant("keras.src.elsewhere.nothing") is None
