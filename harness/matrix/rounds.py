"""Looking at the cases of a matrix, and the evidence they lack, round by round until nothing is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.matrix import columns as columns_
from harness.matrix import parallel
from harness.matrix.evidence import Gathered
from harness.matrix.shelf import Shelf
from harness.matrix.survey import Lacking, Survey, lacking
from harness.model import Case
from harness.report.matrix_records import Column
from harness.store import Store

STAGED = 3
"""Rounds that ask for one stage of evidence at a time. What is still open then are few cases, and a round
costs the start of every worker it concerns."""


class Rounds:
    """Classifies cases as far as what the store holds decides them.

    Every round asks an open case for evidence it was never asked for, so they come to an end: after two for
    each column at the worst, after three or four as a rule.

    processes: as many look at the cases at the most; the machine's cores where nothing is said.
    at_once: every round asks for all stages of evidence, for there is but one of them.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        columns: Sequence[Column],
        scripts: Mapping[str, str],
        store: Store,
        *,
        processes: int | None = None,
        at_once: bool = False,
    ) -> None:
        self.survey = Survey(Shelf(store, columns, scripts), columns_.lineages_of(columns))
        self.open = 0
        """Cases that only evidence decides, as of the last look."""
        self._cases = cases
        self._left = cases
        self._gathered = Gathered()
        self._processes = processes
        self._at_once = at_once
        self._rounds = 0

    def lacking(self) -> list[Lacking]:
        """The evidence that is lacking by now; from the next look on it counts as observed, if it can be."""
        found = parallel.look(self.survey, self._left, self._gathered, processes=self._processes)
        self._left = [case for case, _ in found]
        self.open = len(found)
        self._rounds += 1
        at_once = self._at_once or self._rounds > STAGED
        return lacking(found, self.survey.shelf, self._gathered, at_once=at_once)

    def settled(self) -> Survey:
        """Every case classified, with what evidence there is."""
        left = [case for case in self._cases if case.hash not in self.survey.rows]
        parallel.look(self.survey, left, None, processes=self._processes)
        return self.survey
