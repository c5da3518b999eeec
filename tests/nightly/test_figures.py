"""What is kept of each night: figures, what is new, what went; not run is never zero."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessFault
from harness.model import CaseStatus, Severity, Verdict
from harness.nightly import figures
from harness.nightly.figures import Figures, History, Seen
from harness.report.records import RunRecord
from tests.report.records_of_a_run import run_record, unavailable_record


@pytest.fixture
def record() -> RunRecord:
    """A run of two subjects, with causes of several verdicts."""
    return run_record(subjects=["Dense", "LSTM"], hostile=False)


def remembered(record: RunRecord, *nights: str) -> History:
    """A history of these nights, each of which found what the record has."""
    history = History()
    for night in nights:
        found = (figures.figures(record, history), figures.titles(record))
        figures.remember(history, night, {"about": "x"}, [found])
    return history


def test_a_night_counts_cases_by_how_they_ended(record: RunRecord) -> None:
    """Compared are those in which something was; what was inconclusive is not."""
    found = figures.figures(record, History())
    assert found.planned == len(record.judged)
    assert found.compared == sum(j.status in figures.COMPARED for j in record.judged)
    assert found.compared < found.planned
    assert found.ran
    assert found.causes == len({c.fingerprint for c in record.causes})
    assert found.faults == 0


def test_a_target_that_was_not_run_has_no_figures() -> None:
    """None, not zero: nothing is known of its causes, and the reason is kept."""
    found = figures.figures(unavailable_record(), History())
    assert not found.ran
    assert found.not_run == {"keras-2.3.1-cntk": "No CPython 3.6 was found."}
    assert (found.causes, found.unexpected, found.new, found.gone) == (None, None, None, None)
    assert figures.nothing_compared(found) is None


def test_a_pair_of_which_nothing_was_compared_is_a_fault(record: RunRecord) -> None:
    """Both sides ran, and yet nothing is known: never a pass."""
    none = replace(record, judged=[replace(j, status=CaseStatus.INCONCLUSIVE) for j in record.judged])
    fault = figures.nothing_compared(figures.figures(none, History()))
    assert fault is not None
    assert fault.target == record.pair
    assert figures.nothing_compared(figures.figures(record, History())) is None


def test_new_is_what_no_night_has_seen_and_nobody_expects(record: RunRecord) -> None:
    """Each fingerprint once, worst first; the second night has nothing new."""
    new = figures.new_causes(record, History())
    assert new
    assert len({c.fingerprint for c in new}) == len(new)
    assert all(c.verdict in (Verdict.NEW, Verdict.CHANGED) for c in new)
    assert [c.severity.rank for c in new] == sorted(c.severity.rank for c in new)
    history = remembered(record, "1")
    assert figures.new_causes(record, history) == []
    assert figures.figures(record, history).new == 0


def test_a_cause_of_the_last_night_that_is_not_there_is_gone(record: RunRecord) -> None:
    """Where the night left cases out nobody knows, which is no number at all."""
    history = remembered(record, "1", "2")
    fewer = replace(record, causes=record.causes[1:])
    went = {record.causes[0].fingerprint} - {c.fingerprint for c in fewer.causes}
    assert figures.figures(fewer, history).gone == len(went)
    cut = replace(fewer, judged=[*fewer.judged, replace(fewer.judged[0], status=CaseStatus.NOT_RUN)])
    assert figures.figures(cut, history).gone is None
    assert figures.figures(record, History()).gone is None


def test_what_went_earlier_is_not_gone_again(record: RunRecord) -> None:
    """Only the last night counts."""
    history = remembered(record, "1")
    history.seen[record.pair]["long ago"] = Seen("0", "0", "a cause of an earlier night")
    figures.remember(history, "2", {}, [(figures.figures(record, history), figures.titles(record))])
    assert figures.figures(record, history).gone == 0


def test_a_cause_keeps_the_night_it_was_first_seen(record: RunRecord, tmp_path: Path) -> None:
    """And the last one; the file gives back what was put there."""
    history = remembered(record, "1", "2")
    path = tmp_path / "folder" / "history.json"
    figures.save(history, path)
    again = figures.load(path)
    assert again == history
    assert {(s.first, s.last) for s in again.seen[record.pair].values()} == {("1", "2")}
    assert [night for night, _ in again.of_pair(record.pair)] == ["1", "2"]
    assert again.of_pair("another") == []
    assert again.nights[0]["about"] == "x"


@pytest.mark.parametrize(
    "content",
    ["no json", "[]", '{"format": "another/9"}', json.dumps({"format": figures.FORMAT, "seen": 3})],
    ids=["text", "a list", "another format", "half of it"],
)
def test_what_is_no_history_is_refused(tmp_path: Path, content: str) -> None:
    """It is named, and stays as it is."""
    path = tmp_path / "history.json"
    path.write_text(content)
    with pytest.raises(HarnessFault, match="to be a history of nights"):
        figures.load(path)
    assert path.read_text() == content
    assert figures.load(tmp_path / "none.json") == History()


def test_the_gate_is_what_is_unexpected_or_stale(record: RunRecord) -> None:
    """From the severity named on; an expectation that matches nothing fails at any."""
    known: dict[str, Any] = {
        "stale": (),
        "causes": [replace(c, verdict=Verdict.EXPECTED) for c in record.causes],
    }
    assert not figures.failing(replace(record, **known), Severity.NAMES)
    assert figures.failing(replace(record, stale=()), Severity.NAMES)
    mild = [replace(c, severity=Severity.NAMES, verdict=Verdict.NEW) for c in record.causes]
    assert not figures.failing(replace(record, stale=(), causes=mild), Severity.CRASH)
    assert figures.failing(replace(record, causes=known["causes"]), Severity.NUMBERS)


def test_figures_are_plain_data(record: RunRecord) -> None:
    """They survive JSON as they are."""
    found = figures.figures(record, History())
    night = History([{"night": "1", "pairs": {}}])
    figures.remember(night, "2", {}, [(found, {})])
    kept = json.loads(json.dumps(night.plain()))["nights"][1]["pairs"][record.pair]
    assert Figures(**kept).compared == found.compared
