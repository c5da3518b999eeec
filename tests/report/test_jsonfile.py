"""divergences.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import harness.report
from harness.model import Blame, CaseStatus, Kind, Severity, Verdict
from harness.report.files import write
from harness.report.records import RunRecord

from .records_of_a_run import aliased_record, run_record, unavailable_record

SCHEMA = json.loads(
    (Path(harness.report.__file__).parent / "schema" / "divergences.schema.json").read_text("utf-8")
)


def _refuse(token: str) -> None:
    raise AssertionError(f"{token} is not JSON")


def _written(run: RunRecord, directory: Path) -> Any:
    write(run, directory)
    return json.loads((directory / "divergences.json").read_text("ascii"), parse_constant=_refuse)


def test_the_schema_is_a_schema() -> None:
    """The schema in the repository is a valid JSON Schema."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("made", [run_record, aliased_record, unavailable_record], ids=lambda f: f.__name__)
def test_every_file_keeps_the_schema(made: Any, tmp_path: Path) -> None:
    """Strict JSON in plain ASCII that the schema describes, whatever the run."""
    Draft202012Validator(SCHEMA).validate(_written(made(), tmp_path))


def test_the_schema_has_the_words_of_the_glossary() -> None:
    """Kinds, severities, blames, verdicts and statuses in the schema are those of the model."""
    words = SCHEMA["$defs"]
    for name, enum in (("kind", Kind), ("severity", Severity), ("blame", Blame), ("verdict", Verdict)):
        assert words[name]["enum"] == [str(word) for word in enum]
    cases = SCHEMA["properties"]["counts"]["properties"]["cases"]
    assert cases["required"] == [str(status) for status in CaseStatus]


def test_the_schema_refuses_what_is_wrong(tmp_path: Path) -> None:
    """A missing field, an unknown word and another format are refused."""
    data = _written(run_record(), tmp_path)
    validator = Draft202012Validator(SCHEMA)
    first = data["divergences"][0]
    for change in (
        {"format": "other/1.0"},
        {"divergences": [{k: v for k, v in first.items() if k != "summary"}]},
        {"divergences": [first | {"severity": "bad"}]},
        {"extra": 1},
    ):
        assert not validator.is_valid(data | change)


def test_every_divergence_is_there_once(tmp_path: Path) -> None:
    """The file holds all divergences, also those without a page, and the pages it names exist."""
    run = run_record()
    data = _written(run, tmp_path)
    assert [d["id"] for d in data["divergences"]] == [d.id for d in run.divergences()]
    assert data["counts"]["divergences"] == len(data["divergences"]) == 144
    assert all((tmp_path / item["page"]).is_file() for item in [*data["divergences"], *data["causes"]])


def test_values_are_shortened(tmp_path: Path) -> None:
    """A megabyte on one side does not make the file large."""
    _written(run_record(), tmp_path)
    assert (tmp_path / "divergences.json").stat().st_size < 2_000_000


def test_a_target_not_run_says_why(tmp_path: Path) -> None:
    """A target that was not run stands there with its reason."""
    candidate = _written(unavailable_record(), tmp_path)["targets"]["candidate"]
    assert candidate == {
        "id": "keras-2.3.1-cntk",
        "ran": False,
        "reason": "No CPython 3.6 was found.",
        "fix": "Install CPython 3.6.",
    }
