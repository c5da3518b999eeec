"""Looking at the cases of a matrix, and the evidence they lack, round by round until nothing is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.matrix import columns as columns_
from harness.matrix import parallel
from harness.matrix.shelf import Shelf
from harness.matrix.survey import Gathered, Lacking, Survey, lacking
from harness.model import Case
from harness.report.matrix_records import Column
from harness.store import Store


class Rounds:
    """Classifies cases as far as what the store holds decides them.

    processes: as many look at the cases at the most; the machine's cores where nothing is said.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        columns: Sequence[Column],
        scripts: Mapping[str, str],
        store: Store,
        *,
        processes: int | None = None,
    ) -> None:
        self.survey = Survey(Shelf(store, columns, scripts), columns_.lineages_of(columns))
        self.open = 0
        """Cases that only evidence decides, as of the last look."""
        self._cases = cases
        self._left = cases
        self._gathered = Gathered()
        self._processes = processes

    def lacking(self) -> list[Lacking]:
        """The evidence that is lacking by now; from the next look on it counts as observed, if it can be."""
        found = parallel.look(self.survey, self._left, self._gathered, processes=self._processes)
        self._left = [case for case, _ in found]
        self.open = len(found)
        return list(lacking(found, self.survey.shelf, self._gathered))

    def settled(self) -> Survey:
        """Every case classified, with what evidence there is."""
        left = [case for case in self._cases if case.hash not in self.survey.rows]
        parallel.look(self.survey, left, None, processes=self._processes)
        return self.survey
