"""A checkout read as a whole."""

import subprocess

import pytest

from harness.errors import WrongUse
from harness.upstream.gathering import all_facts, gather

TEST = "from keras.src import layers, ops\n\ndef test_it():\n    layers.Dense(3)\n    ops.add(1, 2)\n"


def test_a_checkout_gives_its_source_its_facts_and_its_calls(checkout):
    """Of the families that are compared; the commit is empty where there is no repository."""
    (checkout / "keras/src/dense_test.py").write_text(TEST)
    found = gather(checkout)
    assert (found.source.repository, found.source.version) == ("keras-team/keras", "3.0.0")
    assert [(f.subject, f.value, f.file) for f in found.facts] == [
        ("layers.Dense", 3, "keras/src/dense_test.py")
    ]
    assert [p.parameters for p in found.programs] == [{"units": 3}]
    assert all_facts([found, found]) == list(found.facts)


def test_the_commit_is_the_one_checked_out(checkout):
    """Facts without a commit could not be checked."""
    git = ["git", "-C", str(checkout), "-c", "user.name=x", "-c", "user.email=x@y"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    assert len(gather(checkout).source.commit) == 40


def test_what_is_no_checkout_is_refused(tmp_path):
    """With what was expected."""
    with pytest.raises(WrongUse, match="keras-team/tf-keras"):
        gather(tmp_path)
