"""The cases of the matrix say everything that decides what is observed."""

from __future__ import annotations

from harness.crossload import planning, table


def test_another_file_is_another_case() -> None:
    """The digest of a file is part of the case that reads it, so the store never mixes them up."""
    one, two = (planning.read_case("dense", "h5", digest * 32) for digest in "ab")
    assert one.hash != two.hash


def test_what_damages_a_live_model_is_saved_last() -> None:
    """`.h5` comes after every other format but the one that is about just that."""
    assert planning.write_case("dense", "files").parameters["formats"][-2:] == ["h5", "keras-after-h5"]


def test_a_jitter_of_a_writer_saves_nothing() -> None:
    """What is moved by one unit in the last place never becomes a file."""
    for case in planning.jittered(planning.write_case("dense", "files")):
        assert case.parameters["formats"] == []
        assert case.variant is not None


def test_every_model_says_what_it_is_about() -> None:
    """The models are read from the builders' file and each has its sentence."""
    assert len(table.models()) >= 30
    assert all(m.about for m in table.models())
    assert {"dense", "nested", "lambda_layer", "text_vectorization"} <= {m.name for m in table.models()}
