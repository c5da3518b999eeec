"""Releases that are not in the table: asked for, ordered, and made of their neighbours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import interpreters, releases
from harness.errors import HarnessFault
from harness.targets import Target

ANSWER = """keras (3.15.1)
Available versions: 3.10.0, 3.9.2, 3.9.0
  INSTALLED: 3.9.2
"""
Make = Callable[..., Target]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes a target with a lock."""
    monkeypatch.setattr(interpreters, "find", lambda python: None if python == "3.6" else Path("python"))

    def made(version: str, *lines: str, implementation: str = "keras", id: str = "") -> Target:
        lock = tmp_path / f"{implementation}-{version}.txt"
        lock.write_text("\n".join(lines))
        return Target(
            id=id or f"{implementation}-{version}",
            implementation=implementation,
            version=version,
            backend="numpy",
            engine="numpy",
            namespace="keras",
            float64="none",
            python=("3.6", "3.11"),
            lock={"3.6": lock, "3.11": lock},
        )

    return made


def test_pins_are_those_of_a_python_this_machine_has(make: Make) -> None:
    """A Python that is not here is passed over; without any lock there is no neighbour to make."""
    target = make("3.9.2", "keras==3.9.2", "numpy==2.0")
    assert releases.pins(target) == ("3.11", ["keras==3.9.2", "numpy==2.0"])
    assert releases.version_of(target) == "3.9.2"
    bare = Target("x", "keras", "3", "numpy", "numpy", "keras", "none")
    with pytest.raises(HarnessFault, match="to have a lock"):
        releases.pins(bare)
    assert releases.version_of(bare) == "3"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("keras==3.9", "keras"),
        ("tf_keras==2.18", "tf-keras"),
        ("Keras @ file:x", "keras"),
        ("numpy", "numpy"),
    ],
)
def test_a_line_of_a_lock_names_a_distribution(line: str, name: str) -> None:
    """Written as indexes write it."""
    assert releases.name_of(line) == name


def test_a_lock_without_the_implementation_has_no_distribution(make: Make) -> None:
    """It is said which were looked for."""
    with pytest.raises(HarnessFault, match="tensorflow-cpu, tensorflow"):
        releases.distribution(make("2.15", "numpy==1.26", implementation="tf.keras"))


def test_what_pip_answers_is_read_oldest_first(make: Make) -> None:
    """By version, not by text; what is no answer holds none."""
    asked: list[tuple[str, str]] = []

    def run(name: str, python: str) -> str:
        asked.append((name, python))
        return ANSWER

    assert releases.published(make("3.9.2", "keras==3.9.2"), run) == ["3.9.0", "3.9.2", "3.10.0"]
    assert asked == [("keras", "3.11")]
    assert releases.versions_in("nothing of the kind") == []


@pytest.mark.parametrize("uv", [Path("uv"), None])
def test_an_index_that_does_not_answer_is_a_harness_fault(
    uv: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last line is the reason; a program that cannot be started or takes too long is one as well."""
    monkeypatch.setattr(interpreters, "find_uv", lambda: uv)
    done = subprocess.CompletedProcess([], 0, ANSWER, "")
    answers: list[Any] = [
        done,
        subprocess.CompletedProcess([], 1, "", "a\nno index\n"),
        subprocess.CompletedProcess([], 1, "", ""),
        OSError("no pip"),
    ]

    def run(words: list[str], **more: Any) -> Any:
        assert words[-4:] == ["versions", "keras", "--python-version", "3.11"]
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(subprocess, "run", run)
    assert releases.ask_index("keras", "3.11") == ANSWER
    for reason in ("no index", "no reason was given", "no pip"):
        with pytest.raises(HarnessFault, match=reason):
            releases.ask_index("keras", "3.11")


def test_between_leaves_both_ends_out() -> None:
    """Oldest first, by version."""
    assert releases.between(["3.10.0", "3.9.0", "3.9.1", "3.11.0"], "3.9.0", "3.11.0") == ["3.9.1", "3.10.0"]


def test_a_release_is_made_from_its_own_minor_release_else_from_the_one_before(make: Make) -> None:
    """Its neighbour's pins fit it best."""
    low, high = make("3.9.2", "keras==3.9.2"), make("3.11.0", "keras==3.11.0")
    assert releases.nearest([low, high], "3.11.2") is high
    assert releases.nearest([low, high], "3.10.0") is low
    assert releases.nearest([low, high], "3.8.0") is low


def test_only_the_pin_of_the_version_is_exchanged(make: Make, tmp_path: Path) -> None:
    """The new target has its own environment and lock, and says what it is made of."""
    made = releases.made_from(make("3.9.2", "keras==3.9.2", "numpy==2.0"), "3.10.0", tmp_path / "made")
    assert (made.id, made.version, made.python, made.order) == (
        "keras-3.10.0",
        "3.10.0",
        ("3.11",),
        (3, 10, 0),
    )
    assert made.lock["3.11"].read_text() == "keras==3.10.0\nnumpy==2.0\n"
    assert "made from keras-3.9.2" in made.note


def test_what_comes_in_step_with_tensorflow_is_exchanged_with_it(make: Make, tmp_path: Path) -> None:
    """Keras and the estimator of another minor release; within one they stay as they are."""
    lines = ("tensorflow-cpu==2.11.0", "keras==2.11.0", "tensorflow-estimator==2.11.0", "numpy==1.24")
    low = make("2.11", *lines, implementation="tf.keras")
    made = releases.made_from(low, "2.12.1", tmp_path)
    assert made.lock["3.11"].read_text().split() == [
        "keras==2.12.*", "numpy==1.24", "tensorflow-cpu==2.12.1", "tensorflow-estimator==2.12.*",
    ]  # fmt: skip
    patch = releases.made_from(low, "2.11.1", tmp_path)
    assert "keras==2.11.0" in patch.lock["3.11"].read_text()


def test_an_id_without_the_version_gets_it_appended(make: Make, tmp_path: Path) -> None:
    """Two releases never share an environment."""
    made = releases.made_from(make("3.9.2", "keras==3.9.2", id="mine"), "3.10.0", tmp_path)
    assert (made.id, made.environment) == ("mine@3.10.0", "mine@3.10.0")


@pytest.mark.parametrize(
    ("name", "before", "after", "address"),
    [
        ("keras", "2.4.3", "2.6.0", "keras-team/keras/compare/2.4.3...v2.6.0"),
        ("tensorflow-cpu", "2.15.0", "2.15.1", "tensorflow/tensorflow/compare/v2.15.0...v2.15.1"),
    ],
)
def test_two_releases_can_be_read_side_by_side(name: str, before: str, after: str, address: str) -> None:
    """Keras began to write a v with 2.6."""
    assert releases.comparison(name, before, after).endswith(address)


def test_an_answer_of_the_index_is_kept_as_long_as_the_process_lives(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two targets of one Python ask once."""
    asked: list[list[str]] = []

    def run(words: list[str], **more: Any) -> Any:
        asked.append(words)
        return subprocess.CompletedProcess(words, 0, ANSWER, "")

    monkeypatch.setattr(interpreters, "find_uv", lambda: None)
    monkeypatch.setattr(subprocess, "run", run)
    releases.ask_once.cache_clear()
    for version in ("3.9.2", "3.10.0"):
        assert releases.published(make(version, f"keras=={version}"))[0] == "3.9.0"
    releases.ask_once.cache_clear()
    assert len(asked) == 1


def test_a_release_is_taken_apart_by_the_distributions_that_carry_a_keras(make: Make, tmp_path: Path) -> None:
    """The older one with one of the newer's, one at a time; what else differs stays as the older has it."""
    low = make("2.16", "tensorflow==2.16.2", "tf-keras==2.16.0", "numpy==1.26", implementation="tf.keras")
    high = make("2.17", "tensorflow-cpu==2.17.1", "tf-keras==2.17.0", "numpy==2.0", implementation="tf.keras")
    found = releases.parts(low, high, tmp_path)
    assert {name: target.lock["3.11"].read_text().split() for name, target in found.items()} == {
        "tensorflow-cpu": ["numpy==1.26", "tensorflow-cpu==2.17.1", "tf-keras==2.16.0"],
        "tf-keras": ["numpy==1.26", "tensorflow==2.16.2", "tf-keras==2.17.0"],
    }
    assert len({target.environment for target in found.values()}) == 2
    assert releases.comparisons(low, high) == (
        "https://github.com/tensorflow/tensorflow/compare/v2.16.2...v2.17.1",
        "https://github.com/keras-team/tf-keras/compare/v2.16.0...v2.17.0",
    )


def test_releases_that_differ_by_one_distribution_have_nothing_to_take_apart(make: Make) -> None:
    """A version left open, or a local part of one, is no tag to read."""
    low, high = make("3.9.0", "keras==3.9.0", "numpy==1"), make("3.9.2", "keras==3.9.2", "numpy==2")
    assert releases.parts(low, high) == {}
    wild = make("3.10.0", "keras==3.10.*", "tensorflow==2.1+cpu")
    assert releases.comparisons(low, wild) == ()
    assert releases.carried(wild, wild)["tensorflow"] == ("2.1", "2.1")
