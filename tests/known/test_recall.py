"""The list of publicly reported differences and the tool that looks for them in a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.known import recall

SHOWN = {
    "subject": "layers.Dense",
    "subjects": ["layers.Dense", "Layer.weights"],
    "case": "layers.Dense/layer[units=3]",
    "kind": "names and order",
    "path": "weights[*].variable",
    "reference": "kernel",
    "candidate": "kernel:0",
}
ENTRY = """
[[known]]
id = "names"
pair = "modern"
api = "layers.Dense"
title = "Names of weights."
source = "https://keras.io"
[[known.shown_by]]
subject = "Layer.*"
path = "weights[*].variable"
candidate = "*:0"
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "divergences.json").write_text(json.dumps({"pair": "modern", "divergences": [SHOWN]}))
    return tmp_path


def entries(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "known.toml"
    path.write_text(text)
    return path


def test_an_entry_is_found_by_a_divergence_whose_every_field_matches(tmp_path, report, capsys):
    """Subject, place and sides of one divergence must match; any of its API names may be the subject."""
    assert recall.main([str(report), "--known", str(entries(tmp_path, ENTRY))]) == 0
    said = capsys.readouterr().out
    assert "found      names: layers.Dense/layer[units=3] at weights[*].variable" in said
    assert "1 of 1" in said


@pytest.mark.parametrize("change", ['candidate = "*:1"', 'candidate = "kernel"', 'kind = "value"'])
def test_an_entry_is_not_found_when_one_field_does_not_match(tmp_path, report, capsys, change):
    """A loose match is no match, and losing an entry that was shown is an error."""
    text = ENTRY.replace('candidate = "*:0"', change)
    assert recall.main([str(report), "--known", str(entries(tmp_path, text))]) == 1
    assert "NOT FOUND  names" in capsys.readouterr().out


def test_an_entry_that_is_known_not_to_be_shown_says_why(tmp_path, report, capsys):
    """What is not found is told with its reason, and is no error."""
    head = ENTRY.split("[[known.shown_by]]")[0] + 'not_found = "needs a GPU"\n'
    assert recall.main([str(report), "--known", str(entries(tmp_path, head))]) == 0
    assert "needs a GPU" in capsys.readouterr().out


def test_entries_of_another_pair_are_left_alone(tmp_path, report, capsys):
    """A report of one pair says nothing about differences of another."""
    text = ENTRY.replace('"modern"', '"transition"')
    assert recall.main([str(report), "--known", str(entries(tmp_path, text))]) == 0
    assert "0 of 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [ENTRY.split("[[known.shown_by]]")[0], ENTRY.replace('subject = "Layer.*"', ""), ENTRY + 'place = "x"\n'],
)
def test_an_entry_that_says_too_little_or_too_much_is_refused(tmp_path, text):
    """An entry has rules or a reason, a rule has a subject and no field of its own invention."""
    with pytest.raises(ValueError, match="Expected"):
        recall.known([entries(tmp_path, text)])


def test_a_report_that_is_not_there_is_said(tmp_path, capsys):
    """Without a report there is nothing to look in."""
    assert recall.main([str(tmp_path)]) == 2
    assert "nox -s compare" in capsys.readouterr().out


def test_the_table_names_api_source_and_case(tmp_path, report, capsys):
    """The documentation's rows are made from the same findings."""
    recall.main([str(report), "--known", str(entries(tmp_path, ENTRY)), "--table"])
    assert "| `layers.Dense` | Names of weights. | [link](https://keras.io) |" in capsys.readouterr().out


def test_what_performs_the_cases_of_entries_is_told(tmp_path, capsys):
    """One comparison for each pair, with the cases of its rules as patterns that a shell leaves alone."""
    ruled = ENTRY + 'case = "layers.Dense/layer[units=3]"\n'
    text = ruled + ruled.replace('"modern"', '"one..two"') + ENTRY.split("[[known.shown_by]]")[0]
    text += 'not_found = "needs a GPU"\n'
    assert recall.main(["--commands", "--known", str(entries(tmp_path, text))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{recall.PERFORM} --pair modern --only 'layers.Dense/layer[[]units=3]'",
        f"{recall.PERFORM} --reference one --candidate two --only 'layers.Dense/layer[[]units=3]'",
    ]


def test_the_entries_of_the_project_are_well_formed():
    """Every entry has an id of its own, a fact, a source, and rules that name its API's family."""
    all_entries = recall.known(sorted(recall.HERE.glob("*.toml")))
    assert len({entry.id for entry in all_entries}) == len(all_entries)
    for entry in all_entries:
        assert all((entry.title, entry.source, entry.api)), entry.id
