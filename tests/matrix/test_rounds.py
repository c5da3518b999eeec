"""Evidence asked for in stages, until nothing is open."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness import environments, judging
from harness.matrix import running
from harness.matrix.crew import Alone
from harness.matrix.performing import Clock, by_repeat
from harness.matrix.room import Room
from harness.matrix.rounds import Rounds
from harness.observing import Observer
from harness.report.matrix_records import Column, MatrixRecord
from harness.run import memory
from harness.store import Key, Store
from harness.targets import load
from tests.fakes import lineage
from tests.matrix.conftest import Told

CASES = ("layers.Dense/layer[[]units=3,batch of one]", "layers.Dense/layer[[]units=3,large]")


class AtOnce(Alone):
    """Asks for all stages in one round."""

    @property
    def at_once(self) -> bool:
        """Always."""
        return True


@pytest.fixture
def request_(tmp_path: Path) -> running.MatrixRequest:
    """A release, one that rounds otherwise and one that drifts."""
    return running.MatrixRequest(load(lineage.write(tmp_path)).select(["fake-[1-3]"]), "full", CASES, jobs=1)


def performed(request: running.MatrixRequest, store: Store, crew: type[Alone] = Alone) -> MatrixRecord:
    """A matrix of fakes."""
    progress = Told()
    return running.run_with(
        crew(Observer(store, jobs=1, progress=progress), Clock(), Room(progress)), request
    )


def told(record: MatrixRecord) -> Any:
    """What a record says of the targets, whenever it was made."""
    return record.columns, record.cases, record.changes


@pytest.mark.parametrize(("columns", "marks"), [(2, "AA"), (3, "AAB")])
def test_one_stage_after_the_other_tells_what_both_at_once_tell(
    request_: running.MatrixRequest, tmp_path: Path, columns: int, marks: str
) -> None:
    """Less is performed for the same record, and made again it is the same, from either store."""
    with Store(tmp_path / "staged.sqlite") as staged, Store(tmp_path / "once.sqlite") as once:
        request_ = replace(request_, targets=request_.targets[:columns])
        record = performed(request_, staged)
        assert {row.marks for row in record.cases} == {marks}
        assert bool(record.changes) is ("B" in marks)
        assert told(performed(request_, once, AtOnce)) == told(record)
        asked, all_of_it = staged.fingerprint(), once.fingerprint()
        assert asked.items() <= all_of_it.items()
        assert (len(asked) < len(all_of_it)) is ("B" not in marks), "rounding is not repeated"
        content = staged.run(record.run) or {}
        assert told(running.rebuild(content, staged)) == told(record)
        once.keep_run(record.run, content, [row.hash for row in record.cases])
        assert told(running.rebuild(content, once)) == told(record)


def test_what_is_known_beyond_the_first_stage_does_not_undo_an_excuse(
    request_: running.MatrixRequest, tmp_path: Path
) -> None:
    """Another run has repeated the case, and seen a race: what the first stage calls rounding stays that."""
    with Store(tmp_path / "store.sqlite") as store:
        record = performed(replace(request_, targets=request_.targets[:2]), store)
        assert {(row.marks, row.unsure) for row in record.cases} == {("AA", False)}
        content = store.run(record.run) or {}
        for case in store.cases_of(record.run):
            once_more = judging.again(case, judging.DETERMINED)
            how = content["scripts"][case.script]
            other, mine = (
                Key(each.hash, column.fingerprint, how, repeat)
                for each, column, repeat in (
                    (judging.evidence_cases(case, judging.DETERMINED)[0], record.columns[0], 0),
                    (once_more, record.columns[1], 1),
                )
            )
            seen = store.get(other, record.columns[0].id)
            assert seen is not None
            assert not store.known([mine])
            store.keep_cases([once_more])
            store.add(mine, replace(seen, case_hash=once_more.hash, repeat=1))
        assert told(running.rebuild(content, store)) == told(record)


def columns_in(store: Store, request: running.MatrixRequest) -> tuple[Column, ...]:
    """Columns whose cases were observed, without any evidence."""
    observer = Observer(store, jobs=1, progress=Told())
    crew = Alone(observer, Clock(), Room(Told()))
    return tuple(crew.observe(request.targets, running.cases_of(request)).columns)


def test_evidence_that_cannot_be_had_ends_all_the_same(
    request_: running.MatrixRequest, tmp_path: Path
) -> None:
    """Each round asks for something new; in the end what nothing confirms is unsure, and nothing is told."""
    cases = running.cases_of(request_)
    with Store(tmp_path / "store.sqlite") as store:
        columns = columns_in(store, request_)
        rounds = Rounds(cases, columns, running.scripts_of(cases), store)
        asked: set[tuple[int, str, int]] = set()
        while wanted := rounds.lacking():
            now = {
                (each.place, case.hash, repeat)
                for each in wanted
                for repeat, some in by_repeat(each, "numpy")
                for case in some
            }
            assert now
            assert not now & asked, "nothing is asked for twice"
            asked |= now
        assert rounds.open == 0
        survey = rounds.settled()
    assert {(row.marks, row.unsure) for row in survey.rows.values()} == {("AAA", True)}
    assert survey.gathering.changes() == ()


@pytest.mark.parametrize(
    ("says", "disk", "starts"),
    [(100, None, {2}), (None, None, {3, 4}), (100, 10**12, {3, 4})],
    ids=["room to wait", "nobody knows of room", "a budget of disk"],
)
def test_workers_wait_for_the_evidence_where_there_is_room(
    request_: running.MatrixRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    says: int | None,
    disk: int | None,
    starts: set[int],
) -> None:
    """One worker of a target for what is performed first, one for its repeats; none waits beside a budget."""
    monkeypatch.setenv(environments.HOME_VARIABLE, str(tmp_path / "environments"))
    made: list[Observer] = []

    def observer(*arguments: Any, **more: Any) -> Observer:
        made.append(Observer(*arguments, **more))
        return made[-1]

    monkeypatch.setattr(running, "Observer", observer)
    monkeypatch.setattr(memory, "half", partial(memory.half, lambda: says))
    with Store(tmp_path / "store.sqlite") as store:
        running.run(replace(request_, disk=disk), store, Told())
    assert {tally.starts for tally in made[0].tallies.values()} <= starts
