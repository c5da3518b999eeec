"""The quick matrix leaves out models, never a cell of writer, format and reader, and never a feature."""

from __future__ import annotations

from harness.crossload import table
from harness.targets import load

EVERYWHERE = {"dense", "sequential", "nested", "heads", "shared", "unnamed", "lstm"}
"""Models of layers that every Keras has had."""
ASKED = (
    "keras-2.2.4", "keras-2.3.1", "tf.keras-1.15", "tf.keras-2.3", "tf.keras-2.6", "tf.keras-2.11",
    "tf.keras-2.15", "tf.keras-2.21", "keras-3.0", "keras-3.5", "keras-3.15", "keras-3.15.1-jax",
)  # fmt: skip


def test_quick_names_formats_and_models_that_exist() -> None:
    """A misspelt name would leave a hole without a word."""
    assert set(table.QUICK) == {f.name for f in table.FORMATS}
    assert {m for names in table.QUICK.values() for m in names} <= {m.name for m in table.models()}
    for names in table.QUICK.values():
        assert len(set(names)) == len(names)


def test_every_model_goes_through_a_format_that_crosses_targets() -> None:
    """Each feature is in cells of the quick matrix, read by other targets than its writer."""
    crossing = {m for f in table.FORMATS if not f.same_target for m in table.QUICK[f.name]}
    assert crossing == {m.name for m in table.models()}


def test_every_format_has_a_model_that_every_target_can_build() -> None:
    """A writer that has the format has a file in it."""
    for name, models in table.models_of("quick").items():
        assert EVERYWHERE & set(models), name


def test_full_is_every_model_in_every_format_and_holds_quick() -> None:
    """What quick observes is found in the store by full."""
    full, quick = table.models_of("full"), table.models_of("quick")
    assert all(names == tuple(m.name for m in table.models()) for names in full.values())
    assert all(set(names) <= set(full[format]) for format, names in quick.items())
    assert set(table.targets_of("quick")) < set(table.targets_of("full"))


def test_quick_spans_the_targets_it_is_asked_to() -> None:
    """Every system of the matrix is a target of the catalogue and is in the quick profile."""
    catalogue = load()
    ids = [catalogue.target(each).id for each in table.targets_of("quick")]
    for wanted in ASKED:
        assert any(each.startswith(wanted) for each in ids), wanted
