"""Reviewed statements that a divergence is known, and what they make of a run.

`harness.classify.baseline` reads them from their files.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from harness.classify.accepted import DIGITS, Entry, Key, entry_of, key_of, same_size
from harness.classify.divergences import size_of
from harness.model import Case, Divergence, Kind, Plain, TargetInfo, Verdict, canonical


@dataclass(frozen=True)
class Condition:
    """For which targets an expectation speaks, on one side of the pair. Empty: for any."""

    id: str = "*"
    """Glob of target ids: ``tf.keras-*``."""
    backend: str = "*"
    """Glob of backends: ``tensorflow``."""
    packages: Mapping[str, str] = field(default_factory=dict)
    """Installed distribution → version specifier: ``{"keras": ">=3.12,<4"}``."""

    def holds(self, target: TargetInfo) -> bool:
        """Whether `target` is one the expectation speaks for."""
        if not fnmatchcase(target.id, self.id) or not fnmatchcase(target.backend, self.backend):
            return False
        installed = {name.lower().replace("_", "-"): version for name, version in target.packages.items()}
        return all(_satisfies(installed.get(name), wanted) for name, wanted in self.packages.items())


def _satisfies(version: str | None, specifier: str) -> bool:
    if version is None:
        return False
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


@dataclass(frozen=True)
class Expectation:
    """One entry of the baseline."""

    id: str
    subjects: tuple[str, ...]
    """Globs of subjects: ``layers.Conv*``."""
    reason: str
    link: str
    date: datetime.date
    fingerprint: str = ""
    kind: Kind | None = None
    path: str = ""
    """Glob of a divergence's generalised path: ``config.dtype``, ``config.*``."""
    parameters: Mapping[str, Plain] = field(default_factory=dict)
    """Values the case's parameters must have; others may be anything."""
    size: tuple[float, float] | None = None
    """Accepted range of the largest relative difference; beyond it the divergence has changed."""
    reference: Condition = Condition()
    candidate: Condition = Condition()
    cause: str = ""
    """Fingerprint of a cause: covers what `accepted` lists of it, and nothing else."""
    documented: bool = True
    """Whether `link` is a place where the implementations' own people say so."""
    root: str = ""
    """A name that causes share which are known to have one root."""
    accepted: Mapping[Key, Entry] = field(default_factory=dict)
    """What was accepted under it, line by line."""

    def speaks_for(self, reference: TargetInfo, candidate: TargetInfo) -> bool:
        """Whether the pair is one the expectation was written for."""
        return self.reference.holds(reference) and self.candidate.holds(candidate)

    def covers_case(self, case: Case) -> bool:
        """Whether a case is one in which the divergence is expected."""
        named = any(fnmatchcase(case.subject, glob) for glob in self.subjects)
        return named and all(
            name in case.parameters and canonical(case.parameters[name]) == canonical(value)
            for name, value in self.parameters.items()
        )

    def locates(self, divergence: Divergence) -> bool:
        """Whether a divergence is at the place the expectation names (case, kind and path)."""
        if not self.covers_case(divergence.case) or self.kind not in (None, divergence.kind):
            return False
        return not self.path or _glob(divergence.path, self.path)

    def verdict(self, divergence: Divergence) -> Verdict | None:
        """`EXPECTED`, `CHANGED` (same place, other change or size), or None: it says nothing of it."""
        if self.cause:
            return self._listed(divergence)
        if not self.locates(divergence):
            return None
        if self.fingerprint and divergence.fingerprint != self.fingerprint:
            return Verdict.CHANGED if self.kind is not None and self.path else None
        if self.size is not None and not self.size[0] <= size_of(divergence) <= self.size[1]:
            return Verdict.CHANGED
        return Verdict.EXPECTED

    def _listed(self, divergence: Divergence) -> Verdict | None:
        entry = self.accepted.get(key_of(divergence)) if divergence.cause == self.cause else None
        if entry is None:
            return None
        return Verdict.EXPECTED if same_size(entry, entry_of(divergence)) else Verdict.CHANGED

    def gone(self, found: Collection[Key], compared: Collection[str]) -> tuple[Key, ...]:
        """The accepted lines whose case was compared and which nothing that was found matches any more."""
        return tuple(k for k, e in self.accepted.items() if k not in found and e.witness in compared)


def _glob(text: str, pattern: str) -> bool:
    """A glob in which only ``*`` and ``?`` are special: ``[*]`` in a path means itself."""
    return fnmatchcase(text, pattern.replace("[*]", "[[]*]"))


def apply(
    divergences: Iterable[Divergence],
    expectations: Sequence[Expectation],
    reference: TargetInfo,
    candidate: TargetInfo,
) -> tuple[Divergence, ...]:
    """Every divergence with its verdict: expected, changed or new, and the expectation that says so."""
    review = Review.of(expectations, reference, candidate)
    return tuple(review.judged(d) for d in divergences)


@dataclass(frozen=True)
class Review:
    """The expectations that speak for one pair, found by cause."""

    by_cause: Mapping[str, Sequence[Expectation]]
    others: Sequence[Expectation]

    @classmethod
    def of(cls, expectations: Iterable[Expectation], reference: TargetInfo, candidate: TargetInfo) -> Review:
        """Those that speak for a pair."""
        by_cause: dict[str, list[Expectation]] = {}
        others: list[Expectation] = []
        for expectation in expectations:
            if expectation.speaks_for(reference, candidate):
                (by_cause.setdefault(expectation.cause, []) if expectation.cause else others).append(
                    expectation
                )
        return cls(by_cause, others)

    def judged(self, divergence: Divergence) -> Divergence:
        """A divergence with its verdict."""
        return _judged(divergence, (*self.by_cause.get(divergence.cause, ()), *self.others))


def _judged(divergence: Divergence, expectations: Sequence[Expectation]) -> Divergence:
    changed = ""
    for expectation in expectations:
        verdict = expectation.verdict(divergence)
        if verdict is Verdict.EXPECTED:
            return replace(divergence, verdict=Verdict.EXPECTED, expectation=expectation.id)
        if verdict is Verdict.CHANGED and not changed:
            changed = expectation.id
    if changed:
        return replace(divergence, verdict=Verdict.CHANGED, expectation=changed)
    return replace(divergence, verdict=Verdict.NEW, expectation="")


def stale(
    expectations: Sequence[Expectation],
    divergences: Sequence[Divergence],
    compared: Iterable[Case],
    reference: TargetInfo,
    candidate: TargetInfo,
) -> tuple[tuple[Expectation, str], ...]:
    """Expectations of this pair that cover less than they say, each with what is gone.

    An expectation, or a line of what was accepted, none of whose cases was compared in this run is not stale:
    nobody looked.
    """
    cases = tuple(compared)
    hashes = {case.hash[:DIGITS] for case in cases}
    found = {key_of(d) for d in divergences}
    out = []
    for e in expectations:
        if not e.speaks_for(reference, candidate):
            continue
        if e.cause:
            gone = e.gone(found, hashes)
            if gone:
                out.append((e, _gone(gone, len(e.accepted))))
        elif any(e.covers_case(case) for case in cases) and all(e.verdict(d) is None for d in divergences):
            out.append((e, "nothing that was compared shows it any more"))
    return tuple(out)


def _gone(gone: Sequence[Key], of: int) -> str:
    first = min(gone, key=lambda k: (k.subject, k.fingerprint))
    return (
        f"{len(gone)} of {of} accepted {'line' if of == 1 else 'lines'} did not show although the case was "
        f"compared; first {first.subject}: {first.fingerprint}"
    )
