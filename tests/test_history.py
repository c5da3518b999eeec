"""What the store keeps of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import cli, history, pipeline
from harness.commands.options import request_of
from harness.errors import StoreFault
from harness.history import Party, Past, past_of, previous
from harness.model import Case, Fault
from harness.report.records import Timing
from harness.run.launch import script_digest
from harness.store import Store

PARTY = Party("fake", "keras", "1.0", "numpy", "fake_keras", True, 0, "abc")
PAST = Past(
    run="20260101T000000000-p-1",
    started="2026-01-01T00:00:00+00:00",
    ended="2026-01-01T00:00:01+00:00",
    pair="p",
    profile="quick",
    seed=0,
    settings={"only": ["layers.*"], "jobs": 2, "cache": True},
    reference=PARTY,
    candidate=replace(PARTY, id="other", repeat=1, fingerprint="def"),
    scripts={"layer": "123"},
    extra=("own.py",),
    faults=(Fault("fake", "what", "evidence", "fix", 2),),
    timings=(Timing("fake", 1, 0.5, 0.25, 1.0, 3),),
)
CASE = Case("layers.Dense", "layer", {}, None)


def test_a_run_comes_back_as_it_was() -> None:
    """Kept as JSON and read again, nothing of a run is lost."""
    assert past_of(json.loads(json.dumps(PAST.plain()))) == PAST


@pytest.mark.parametrize("lacks", ["reference", "scripts", "faults"])
def test_a_run_of_which_too_little_is_kept_is_refused(lacks: str) -> None:
    """What is missing is named, with the way out."""
    content = PAST.plain()
    del content[lacks]
    with pytest.raises(StoreFault, match=f"without '{lacks}'.*Perform the run again"):
        past_of(content)


def test_observations_are_found_by_the_keys_they_were_made_under() -> None:
    """A worker or a target that changed since does not hide what a run of the past observed."""
    contestant = PAST.candidate.contestant()
    assert contestant is not None
    key = PAST.key(contestant.launch, CASE, contestant.repeat)
    assert (key.fingerprint, key.script, key.repeat) == ("def", "123", 1)
    assert key.script != script_digest("layer")


def test_a_side_that_could_not_be_had_has_no_observations() -> None:
    """Without a fingerprint there is nothing to look up."""
    assert replace(PARTY, fingerprint="").contestant() is None


def kept(store: Store, moment: str, **more: object) -> Past:
    """A run kept with one cause, named by its moment."""
    past = replace(PAST, run=f"{moment}-p-1", **more)  # type: ignore[arg-type]
    store.keep_run(past.run, past.plain() | {"causes": [moment]}, ["a", "b"])
    return past


def test_the_run_before_is_the_last_that_asked_the_same(tmp_path: Path) -> None:
    """Another pair, profile or choice of cases says nothing of what is new; neither does a later run."""
    with Store(tmp_path / "s.sqlite") as store:
        first = kept(store, "1")
        kept(store, "2", pair="q")
        kept(store, "3", profile="full")
        kept(store, "4", settings={"only": []})
        kept(store, "5", extra=())
        last = kept(store, "6")
        kept(store, "7")
        store.keep_run("55", {"pair": "p"})
        assert previous(store, last) == {"1"}
        assert previous(store, first) is None


def test_runs_of_the_same_cases_share_their_list(tmp_path: Path) -> None:
    """A thousand runs of an unchanged corpus keep one list of its cases."""
    cases = [replace(CASE, seed=seed) for seed in range(9)]
    with Store(tmp_path / "s.sqlite") as store:
        store.keep_cases(cases)
        for run in ("1", "2"):
            store.keep_run(run, {}, [c.hash for c in cases])
        assert store._db.execute("SELECT count(*) FROM payloads").fetchone() == (1,)
        assert store.cases_of("2") == cases
        store.keep_run("3", {}, [])
        assert store.cases_of("3") == []


def test_a_run_whose_cases_are_gone_is_said(tmp_path: Path) -> None:
    """A case or a list that is not in the store is a fault, not a shorter report."""
    with Store(tmp_path / "s.sqlite") as store:
        store.keep_run("1", {}, ["f" * 32])
        with pytest.raises(StoreFault, match="lacks 1 of them"):
            store.cases_of("1")
        with pytest.raises(StoreFault, match="lacks the list of them"):
            store.cases_of("2")


def test_every_script_of_a_run_is_kept_once() -> None:
    """Scripts are told by the file they are in."""
    request = request_of(cli.parser().parse_args(["bench", "--pair", "same"]))
    own = [replace(CASE, script=f"scenarios_models:{name}") for name in "ab"]
    assert history.scripts([CASE, *own], request) == {
        "layer": script_digest("layer"),
        "scenarios_models": script_digest("scenarios_models"),
    }


def test_a_store_without_that_run_is_wrong_use(tmp_path: Path) -> None:
    """The last run is the default; the runs there are are named."""
    with Store(tmp_path / "s.sqlite") as store:
        with pytest.raises(pipeline.WrongUse, match="to hold a run"):
            pipeline.rebuild(None, store, ())
        kept(store, "1")
        with pytest.raises(pipeline.WrongUse, match="Did you mean 1-p-1"):
            pipeline.rebuild("1-p-2", store, ())
