"""What a run was, as plain data the store keeps: its report can be made again from the store alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.errors import StoreFault
from harness.judging import Contestant
from harness.model import Case, Fault
from harness.report.past import before
from harness.report.records import Before, Timing
from harness.request import Request
from harness.run.launch import Launch, script_digest
from harness.store import Key, Store
from harness.targets import Target

KEPT = "told"
"""Where a run's content has what a later report holds itself against."""


@dataclass(frozen=True)
class Party:
    """One side of a run."""

    id: str
    implementation: str
    version: str
    backend: str
    namespace: str
    float64: bool
    """Whether it is known to compute in float64 when asked to."""
    repeat: int = 0
    fingerprint: str = ""
    """Of the target as it was observed; empty when it could not be had."""

    def contestant(self) -> Contestant | None:
        """The side as judging takes it, for looking things up only; None when it could not be had."""
        if not self.fingerprint:
            return None
        launch = Launch(self.id, Path(), self.namespace, "", self.backend)
        return Contestant(launch, self.repeat, self.float64)


@dataclass(frozen=True)
class Past:
    """A run that was performed."""

    run: str
    started: str
    ended: str
    pair: str
    profile: str
    seed: int
    settings: Mapping[str, Any]
    reference: Party
    candidate: Party
    scripts: Mapping[str, str]
    """Module of case scripts → digest of how its cases were performed."""
    extra: tuple[str, ...] = ()
    """The user's own files of scenarios."""
    faults: tuple[Fault, ...] = ()
    timings: tuple[Timing, ...] = ()
    stood: tuple[str, ...] = ()
    """Hashes of cases of which no closer look was taken, for they were as reviewed."""

    def plain(self) -> dict[str, Any]:
        """The run as plain data."""
        return asdict(self)

    def key(self, launch: Launch, case: Case, repeat: int) -> Key:
        """What identifies an observation as this run made it."""
        fingerprint = next(p.fingerprint for p in (self.reference, self.candidate) if p.id == launch.target)
        return Key(case.hash, fingerprint, self.scripts.get(module_of(case), ""), repeat)


def module_of(case: Case) -> str:
    """The module a case's script is in."""
    return case.script.partition(":")[0]


def party(target: Target, side: Contestant | None) -> Party:
    """One side as it is kept."""
    return Party(
        id=target.id,
        implementation=target.implementation,
        version=target.version,
        backend=target.backend,
        namespace=target.namespace,
        float64=target.float64 != "none",
        repeat=side.repeat if side else 0,
        fingerprint=side.launch.fingerprint if side else "",
    )


def scripts(cases: Iterable[Case], request: Request) -> dict[str, str]:
    """How the cases of a run are performed, by module of case scripts."""
    modules = dict.fromkeys(module_of(case) for case in cases)
    return {module: script_digest(module, request.extra_scripts) for module in modules}


def past_of(content: Mapping[str, Any]) -> Past:
    """A run from its plain form. Raises `StoreFault` for one an older harness kept too little of."""
    try:
        return Past(
            run=content["run"],
            started=content["started"],
            ended=content["ended"],
            pair=content["pair"],
            profile=content["profile"],
            seed=content["seed"],
            settings=content["settings"],
            reference=Party(**content["reference"]),
            candidate=Party(**content["candidate"]),
            scripts=content["scripts"],
            extra=tuple(content["extra"]),
            faults=tuple(Fault(**fault) for fault in content["faults"]),
            timings=tuple(Timing(**timing) for timing in content["timings"]),
            stood=tuple(content.get("stood", ())),
        )
    except (KeyError, TypeError) as error:
        raise StoreFault(
            f"Expected what the store keeps of a run to be complete. Received one without {error}: another "
            "version of the harness kept it. Perform the run again; what was observed is reused."
        ) from error


def previous(store: Store, past: Past) -> frozenset[str] | None:
    """Fingerprints of the causes of the last run before that asked the same of the same pair."""
    run = last_alike(store, past)
    return None if run is None else frozenset(run["causes"])


def earlier(store: Store, past: Past) -> Before | None:
    """What was kept of that run; None where there is none, or an older harness kept too little."""
    run = last_alike(store, past)
    return None if run is None or KEPT not in run else before(run["run"], run["started"], run[KEPT])


def last_alike(store: Store, past: Past) -> dict[str, Any] | None:
    """The content of the last run before that asked the same of the same pair."""
    alike = (past.pair, past.profile, past.settings.get("only"), list(past.extra))
    for name in reversed(store.runs()):
        run = store.run(name) if name < past.run else None
        if run is None or "causes" not in run:
            continue
        asked = (run["pair"], run.get("profile"), run.get("settings", {}).get("only"), run.get("extra"))
        if asked == alike:
            return run
    return None
