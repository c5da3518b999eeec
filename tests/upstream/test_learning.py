"""The command that holds upstream's tests against our domains."""

import pytest

from harness.cli import main
from harness.commands import learning
from harness.specs.registry import all_specs
from harness.upstream.facts import read

TEST = """
from keras.src import layers

def test_it():
    layers.Dense(3, activation="relu")
    layers.Dense(2, activation="no_such_name_anywhere")
"""


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Of all specs only Dense's; nothing is written into the package."""
    dense = [s for s in all_specs() if s.subject == "layers.Dense" and s.script == "layer"]
    monkeypatch.setattr(learning, "all_specs", lambda: dense)
    monkeypatch.setattr(learning, "STORED", tmp_path / "facts.jsonl")
    monkeypatch.setattr(learning, "LEARNT", tmp_path / "learnt.jsonl")
    return tmp_path


def test_a_checkout_is_read_and_what_lies_outside_is_shown(few, checkout, capsys):
    """With where it stands in upstream; the exit code says that something is outside."""
    (checkout / "keras/src/dense_test.py").write_text(TEST)
    assert main(["upstream", str(checkout), "--write"]) == 1
    said = capsys.readouterr().out
    assert "outside: layers.Dense parameter activation 'no_such_name_anywhere'" in said
    assert "inside: 3" in said
    assert "outside: 1" in said
    assert len(read(few / "facts.jsonl")[1]) == 4


def test_what_lies_outside_can_be_made_into_cases(few, checkout, capsys):
    """One line per case, each with the test that passes it."""
    (checkout / "keras/src/dense_test.py").write_text(TEST)
    main(["upstream", str(checkout), "--adopt"])
    assert "cases added to learnt.jsonl: 1" in capsys.readouterr().out
    assert "keras/src/dense_test.py" in (few / "learnt.jsonl").read_text()


def test_without_a_checkout_the_facts_that_are_kept_are_compared(few, monkeypatch, capsys):
    """Their sources are named."""
    sources, facts = read()
    dense = [f for f in facts if f.subject == "layers.Dense" and f.name == "use_bias"]
    monkeypatch.setattr(learning, "read", lambda: (sources, dense))
    assert main(["upstream"]) == 0
    said = capsys.readouterr().out
    assert f"read: {sources[0].repository} {sources[0].version}" in said
