"""Which targets a matrix holds."""

from __future__ import annotations

import re

import pytest

from harness.errors import WrongUse
from harness.matrix.columns import ALONE, chosen, column_of, from_plain, lineages_of, not_run, plain
from harness.model import Fault
from harness.targets import load

CATALOGUE = load()


def test_the_default_selection_covers_every_lineage_and_backend_of_an_engine() -> None:
    """At least forty targets; tf.contrib.keras, both old and new tf.keras, every keras, every backend."""
    found = chosen(CATALOGUE)
    assert len(found) >= 40
    assert {"tf.contrib.keras", "tf.keras", "tf_keras", "keras", "keras_core"} == {
        t.implementation for t in found
    }
    assert {"tensorflow", "theano", "cntk", "jax", "torch", "numpy"} <= {t.backend for t in found}
    assert {"tf.keras", "tf_keras", "keras", "keras_core"} <= {line for t in found for line in t.lineage}


def test_whole_lineages_and_patterns_are_chosen_together() -> None:
    """`--lineage` takes all of a lineage, `--targets` adds by pattern; the order is the table's."""
    found = [t.id for t in chosen(CATALOGUE, lineages=["tf_keras"], patterns=["keras-3.15.1-j*x"])]
    assert "tf_keras-2.21" in found
    assert "keras-3.15.1-jax" in found
    assert len(found) == len(CATALOGUE.lineage("tf_keras")) + 1
    named = chosen(CATALOGUE, patterns=["tf.keras-2.1"], selection="default")
    assert len(named) == len(chosen(CATALOGUE)) + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"lineages": ["tf.kears"]}, "lineage"),
        ({"patterns": ["nothing-*"]}, "target"),
        ({"selection": "mine"}, "selection"),
    ],
    ids=["lineage", "pattern", "selection"],
)
def test_what_matches_nothing_is_wrong_use(words: dict[str, object], said: str) -> None:
    """The message names what was expected and what was received."""
    with pytest.raises(WrongUse, match=re.escape(f"`{said}`")):
        chosen(CATALOGUE, **words)  # type: ignore[arg-type]


def test_lineages_are_in_the_order_of_time_and_the_longest_first() -> None:
    """Columns are ordered by release, not by their place in the table; a column without a lineage is kept."""
    ids = ("tf.keras-2.10", "tf.keras-2.9", "keras-3.15.1-jax-x64", "tf_keras-2.16")
    found = lineages_of(column_of(CATALOGUE.target(id)) for id in ids)
    assert [(line.name, line.columns) for line in found] == [
        ("tf.keras", ("tf.keras-2.9", "tf.keras-2.10")),
        ("tf_keras", ("tf_keras-2.16",)),
        (ALONE, ("keras-3.15.1-jax-x64",)),
    ]


def test_a_column_survives_the_store() -> None:
    """What is kept of a column is all of it, its fault and its way out included."""
    column = not_run(
        column_of(CATALOGUE.target("tf.keras-2.9")), Fault("tf.keras-2.9", "broken", "why", "mend it")
    )
    assert not column.ran
    assert from_plain(plain([column])) == (column,)
