"""Reviewed statements that a divergence is known, and what they make of a run.

`harness.classify.baseline` reads them from their files.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

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
        if not self.locates(divergence):
            return None
        if self.fingerprint and divergence.fingerprint != self.fingerprint:
            return Verdict.CHANGED if self.kind is not None and self.path else None
        if self.size is not None and not self.size[0] <= size_of(divergence) <= self.size[1]:
            return Verdict.CHANGED
        return Verdict.EXPECTED


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
    relevant = [e for e in expectations if e.speaks_for(reference, candidate)]
    return tuple(_judged(d, relevant) for d in divergences)


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
) -> tuple[Expectation, ...]:
    """Expectations of this pair that covered no divergence although their cases were compared.

    An expectation none of whose cases was compared in this run is not stale: nobody looked.
    """
    cases = tuple(compared)
    return tuple(
        e
        for e in expectations
        if e.speaks_for(reference, candidate)
        and any(e.covers_case(case) for case in cases)
        and not any(e.verdict(d) is not None for d in divergences)
    )
