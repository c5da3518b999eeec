"""The baseline on disk."""

import datetime
from pathlib import Path

import pytest

from harness.classify.accepted import Entry, Key
from harness.classify.baseline import load, parse
from harness.classify.expectations import Condition
from harness.errors import WrongUse
from harness.model import Kind

WHOLE = """
[[expectation]]
id = "dtype-policy"
subjects = ["layers.*"]
fingerprint = "config|config.dtype|str"
kind = "config"
path = "config.*.weights[*]"
parameters = { units = 3 }
size = [0, 0.5]
reason = "Known."
link = "https://keras.io"
date = 2026-11-23

[expectation.reference]
id = "tf.keras-*"

[expectation.candidate]
backend = "tensorflow"
packages = { Keras_Hub = ">=3.12,<4" }
"""


def entry(**changes):
    """The TOML of an entry with fields replaced (None: left out)."""
    fields = {
        "id": '"a"',
        "subjects": '["layers.*"]',
        "fingerprint": '"f"',
        "reason": '"r"',
        "link": '"https://x"',
        "date": "2026-01-01",
    } | changes
    return "[[expectation]]\n" + "\n".join(f"{k} = {v}" for k, v in fields.items() if v is not None)


def test_every_field_is_read():
    """What the README of the baseline describes is what is read."""
    (found,) = parse(WHOLE, "known.toml")
    assert (found.id, found.subjects, found.kind) == ("dtype-policy", ("layers.*",), Kind.CONFIG)
    assert (found.parameters, found.size) == ({"units": 3}, (0.0, 0.5))
    assert found.date == datetime.date(2026, 11, 23)
    assert found.reference == Condition(id="tf.keras-*")
    assert found.candidate == Condition(backend="tensorflow", packages={"keras-hub": ">=3.12,<4"})


def test_the_readmes_example_is_a_valid_entry():
    """The example in the documentation is read by the code it documents."""
    readme = Path(__file__).parents[2] / "reports" / "baseline" / "README.md"
    example = readme.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert parse(example, "README.md")[0].id == "dtype-policy-in-config"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x =", "Expected TOML"),
        ("other = 1", "Received: other"),
        ("expectation = 3", "an array of tables"),
        (entry(id=None), "number 1"),
        (entry(id='"a b"'), "letters, digits"),
        (entry(subjects="[]"), "at least one"),
        (entry(subjects='"layers.*"'), "at least one"),
        (entry(subjects=None), "Received: 'nothing'"),
        (entry(fingerprint=None), "a `cause`, or a `fingerprint`"),
        (entry(fingerprint=None, kind='"config"'), "a `cause`, or a `fingerprint`"),
        (entry(fingerprint='""'), "`fingerprint` to be a text"),
        (entry(kind='"confg"'), "Received: 'confg'"),
        (entry(path='"a[b"'), "a glob of paths"),
        (entry(path="3"), "a glob of paths"),
        (entry(reason='" "'), "a sentence"),
        (entry(link='"file:///x"'), "http(s)"),
        (entry(date='"2026-01-01"'), "a TOML date"),
        (entry(date="2026-01-01T00:00:00"), "a TOML date"),
        (entry(size="[2, 1]"), "[smallest, largest]"),
        (entry(size="[-1, 1]"), "[smallest, largest]"),
        (entry(size="[true, 1]"), "[smallest, largest]"),
        (entry(size="[1]"), "[smallest, largest]"),
        (entry(parameters='"x"'), "a table of parameter values"),
        (entry(cause='"c"'), "leave the rest to the accepted file"),
        (entry(link=None), "Received: 'nothing'"),
        (entry(documented='"no"'), "true or false"),
        (entry(parametres="{}"), "Received: ['parametres']"),
        (entry(reference='"tf.keras-*"'), "a table of target conditions"),
        (entry(reference='{ ids = "x" }'), "Received: ['ids']"),
        (entry(reference="{ id = 3 }"), "`reference.id` to be a glob"),
        (entry(candidate='{ packages = { keras = "3.12 or so" } }'), "`candidate.packages`"),
        (entry(candidate="{ packages = { keras = 3.12 } }"), "`candidate.packages`"),
        (entry(candidate='{ packages = { keras = "" } }'), "`candidate.packages`"),
        (entry(candidate='{ packages = "keras" }'), "`candidate.packages`"),
    ],
)
def test_a_broken_entry_is_refused_with_file_rule_and_what_was_received(text, words):
    """Nothing is guessed: the message names the file and what to write instead."""
    with pytest.raises(WrongUse) as caught:
        parse(text, "known.toml")
    message = str(caught.value)
    assert message.startswith("known.toml:")
    assert "Expected" in message
    assert "Received" in message
    assert words in message


def test_a_kind_and_a_path_do_for_a_fingerprint():
    """Where a fingerprint would be too narrow."""
    (found,) = parse(entry(fingerprint=None, kind='"value"', path='"forward.*"'), "f")
    assert (found.fingerprint, found.kind, found.path) == ("", Kind.VALUE, "forward.*")


def test_all_files_of_the_folder_are_read_in_order(tmp_path):
    """Other files are left alone; an empty or absent folder holds no expectations."""
    (tmp_path / "b.toml").write_text(entry(id='"b"'))
    (tmp_path / "a.toml").write_text(entry(id='"a1"') + "\n" + entry(id='"a2"'))
    (tmp_path / "README.md").write_text("not TOML")
    assert [e.id for e in load(tmp_path)] == ["a1", "a2", "b"]
    assert load(tmp_path / "nowhere") == ()


def test_an_id_used_twice_is_refused(tmp_path):
    """An id names one expectation over all files; the message names both files."""
    (tmp_path / "a.toml").write_text(entry())
    (tmp_path / "b.toml").write_text(entry())
    with pytest.raises(WrongUse, match=r"b\.toml.*a\.toml"):
        load(tmp_path)


CAUSE = """
[reference]
id = "keras-*"

[[expectation]]
id = "sigmoid"
cause = "numbers|hard_sigmoid"
reason = "Another formula."
documented = false
root = "hard-sigmoid"
date = 2026-11-25

[[expectation]]
id = "other"
cause = "numbers|other"
reason = "Another formula."
link = "https://x"
date = 2026-11-25
reference = { id = "mine" }
"""


def test_an_entry_for_a_cause_speaks_of_every_subject_and_of_the_targets_of_its_file():
    """Without an official source it says so; an entry's own condition goes before the file's."""
    one, two = parse(CAUSE, "known.toml")
    assert (one.cause, one.subjects, one.documented, one.link) == ("numbers|hard_sigmoid", ("*",), False, "")
    assert (one.root, two.documented) == ("hard-sigmoid", True)
    assert (one.reference, two.reference) == (Condition(id="keras-*"), Condition(id="mine"))


def test_the_accepted_file_beside_is_read_with_its_expectations(tmp_path):
    """Each expectation gets the lines under its id; without a file there are none."""
    (tmp_path / "known.toml").write_text(CAUSE)
    assert [e.accepted for e in load(tmp_path)] == [{}, {}]
    (tmp_path / "known.accepted").write_text("== sigmoid\n-- value|a|forward\na.b 12ab 00ff 0.5 ±0.1\n")
    one, two = load(tmp_path)
    assert one.accepted == {Key("value|a|forward", "a.b", "12ab"): Entry("12ab", "00ff", 0.5, 0.1)}
    assert two.accepted == {}
