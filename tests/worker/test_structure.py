"""Walking structures."""

from collections import namedtuple

from harness_worker.engines.structure import leaves, replace, transform

Pair = namedtuple("Pair", "left right")
NESTED = {"b": [1, (2, 3)], "a": Pair(4, [5])}


def test_leaves_come_in_one_order():
    """Dicts are walked by sorted key, so two targets number the same leaves alike."""
    assert leaves(NESTED) == [4, 5, 1, 2, 3]


def test_replacing_keeps_the_structure():
    """Leaves put back land where they came from; containers keep their types and dicts their order."""
    made = replace(NESTED, [v * 10 for v in leaves(NESTED)])
    assert made == {"b": [10, (20, 30)], "a": Pair(40, [50])}
    assert list(made) == ["b", "a"]
    assert isinstance(made["a"], Pair)


def test_transforming_touches_every_leaf():
    """A function is applied to leaves and to nothing else."""
    assert transform(str, NESTED) == {"b": ["1", ("2", "3")], "a": Pair("4", ["5"])}
