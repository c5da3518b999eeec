"""Whether the last report of a comparison still stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness import standing
from harness.request import Request
from harness.store import Store
from harness.targets import load
from tests.fakes import table
from tests.report.records_of_a_run import run_record


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    """A comparison of two fakes."""
    catalogue = load(table.write(tmp_path))
    pair = catalogue.pair("drifts")
    return Request(pair, catalogue.target(pair.reference), catalogue.target(pair.candidate))


def asked(request: Request, folder: Path, **options: bool) -> str | None:
    """The key of a comparison with a baseline in `folder`."""
    return standing.asked(request, options, folder)


def test_the_same_question_has_the_same_key(request_: Request, tmp_path: Path) -> None:
    """Whatever the number of workers: they decide how long it takes, and nothing that is said."""
    key = asked(request_, tmp_path / "baseline")
    assert key is not None
    assert asked(replace(request_, jobs=7), tmp_path / "baseline") == key


def test_whatever_decides_a_report_is_part_of_the_question(request_: Request, tmp_path: Path) -> None:
    """Targets as their table has them, words, options, a user's own file, the baseline."""
    folder = tmp_path / "baseline"
    mine = tmp_path / "mine.py"
    mine.write_text("x = 1\n")
    without_float64 = replace(request_.candidate, float64="none")
    keys = [
        asked(request_, folder),
        asked(replace(request_, candidate=without_float64), folder),
        asked(replace(request_, profile="full"), folder),
        asked(replace(request_, only=("layers.*",)), folder),
        asked(replace(request_, seed=1), folder),
        asked(request_, folder, minimise=False),
        asked(replace(request_, extra_scripts=(mine,)), folder),
    ]
    mine.write_text("x = 2\n")
    keys.append(asked(replace(request_, extra_scripts=(mine,)), folder))
    folder.mkdir()
    (folder / "mine.toml").write_text("")
    keys.append(asked(request_, folder))
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_nothing_stands_without_a_store_to_rest_on(request_: Request, tmp_path: Path) -> None:
    """Everything is performed again on demand, and a target that cannot be had has no key."""
    assert asked(replace(request_, use_cache=False), tmp_path) is None
    gone = replace(request_.candidate, interpreter=tmp_path / "nowhere")
    assert asked(replace(request_, candidate=gone), tmp_path) is None


def test_what_is_kept_stands_until_something_moves(tmp_path: Path) -> None:
    """The pages and the store have to be as they were; a run with a fault is never kept."""
    record = run_record(hostile=False)
    pages = tmp_path / record.run
    pages.mkdir()
    for name in ("index.html", "divergences.json"):
        (pages / name).write_text(name)
    with Store(tmp_path / "store.sqlite") as store:
        where = {"reports": tmp_path, "stamp": store.stamp(standing.SORT)}
        standing.keep("faulty", store, run_record(), "told", 0, **where)  # type: ignore[arg-type]
        assert standing.found("faulty", store, tmp_path) is None
        standing.keep("key", store, record, "told", 1, **where)  # type: ignore[arg-type]
        stands = standing.found("key", store, tmp_path)
        assert stands is not None
        assert (stands.run, stands.told, stands.code) == (record.run, "told", 1)
        assert [t.cases for t in stands.timings()] == [0, 0]
        (pages / "index.html").write_text("made again")
        assert standing.found("key", store, tmp_path) is None
        (pages / "index.html").write_text("index.html")
        assert standing.found("key", store, tmp_path) == stands
        store.keep_run("another", {})
        assert standing.found("key", store, tmp_path) is None
        assert standing.found(None, store, tmp_path) is None
