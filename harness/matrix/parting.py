"""The two sides that part, and an example case of each cause: what dating and bisecting begin with.

Either an earlier run tells it, from the examples the store keeps with it; or some cases are performed on the
two sides at once, and no run is needed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass

from harness import examples, pipeline
from harness.classify.divergences import causes
from harness.errors import WrongUse
from harness.examples import Example
from harness.history import past_of
from harness.model import Fault
from harness.observing import Observer, Progress, Wanted
from harness.request import Request
from harness.store import Store


@dataclass(frozen=True)
class Parting:
    """Two sides and the causes by which they part, an example each."""

    pair: str
    reference: str
    """Id of the target."""
    candidate: str
    fingerprints: tuple[str, str]
    """Of both targets as they were observed: a date holds for the very same code only."""
    examples: tuple[Example, ...]

    @property
    def sides(self) -> tuple[str, str]:
        """Ids of the two sides."""
        return self.reference, self.candidate


def of_last_run(pair: str, store: Store, wanted: Sequence[str] = ()) -> Parting:
    """What the last run of a pair found; where patterns name causes, the last one that found such.

    Of a run that an older harness kept without examples these are worked out once, and kept.

    Raises:
        WrongUse: there is no run of the pair, or none that found a cause of that name.
    """
    last_run(pair, store)
    for name in reversed(store.runs()):
        content = store.run(name) or {}
        if content.get("pair") != pair or content.get("kind"):
            continue
        past = past_of(content)
        found = examples.of_run(content, store)
        if found is None:
            record = pipeline.rebuild(name, store, ())
            found = examples.of_causes(record.causes)
            kept = {examples.KEPT: examples.kept(found)}
            store.keep_run(name, content | kept, [case.hash for case in store.cases_of(name)])
        chosen = tuple(e for e in found if not wanted or any(named(e, pattern) for pattern in wanted))
        if chosen or not wanted:
            prints = past.reference.fingerprint, past.candidate.fingerprint
            return Parting(pair, past.reference.id, past.candidate.id, prints, chosen)
    raise WrongUse(
        "Expected `CAUSE` to name a cause of a run by fingerprint, title or subject (shell patterns). "
        f"Received: {', '.join(wanted)}. See divergences.json."
    )


def last_run(pair: str, store: Store) -> str:
    """The last run of a pair. Raises `WrongUse` where there is none."""
    for name in reversed(store.runs()):
        content = store.run(name) or {}
        if content.get("pair") == pair and not content.get("kind"):
            return name
    raise WrongUse(
        f"Expected the store {store.path} to hold a run of pair '{pair}'. Received: none. Run `harness "
        "compare` on the two first, or give `harness bisect` the case: `--only ADDRESS`."
    )


def of_cases(request: Request, store: Store, progress: Progress, wanted: Sequence[str] = ()) -> Parting:
    """What the cases a request asks for show, performed on its two sides now; the store keeps no run of it.

    Raises:
        WrongUse: the two sides do not part in these cases, or not by a cause of that name.
        HarnessFault: a side is not ready, or could not be observed.
    """
    cases = pipeline.cases_of(request)
    store.keep_cases(cases)
    both = (
        pipeline.ready_contestant(request.reference, request, 0),
        pipeline.ready_contestant(request.candidate, request, 1),
    )
    observer = Observer(store, jobs=request.jobs, progress=progress)
    observer.observe([Wanted(s.launch, tuple(cases), s.repeat) for s in both], "cases")
    faults: list[Fault] = []
    judged = pipeline.judge_all(
        cases, observer, *both, request.pair.name,
        gather=lambda asked: observer.observe(asked, "evidence"), faults=faults,
    )  # fmt: skip
    found = examples.of_causes(causes(d for j in judged for d in j.divergences))
    chosen = tuple(e for e in found if not wanted or any(named(e, pattern) for pattern in wanted))
    if not chosen:
        shown = "; ".join(e.title for e in found) or "no divergence"
        raise WrongUse(
            f"Expected the {len(cases)} cases of `--only` to show "
            f"{'a cause named ' + ', '.join(wanted) if wanted else 'a cause'}. Received: {shown}."
        )
    prints = both[0].launch.fingerprint, both[1].launch.fingerprint
    return Parting(request.pair.name, request.reference.id, request.candidate.id, prints, chosen)


def named(example: Example, pattern: str) -> bool:
    """Whether a pattern names a cause."""
    texts = (example.cause, example.title, *example.subjects)
    return any(text == pattern or fnmatch.fnmatchcase(text, pattern) for text in texts)
