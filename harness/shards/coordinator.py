"""The coordinator of shards that are performed elsewhere: answers workers, keeps what they send.

It knows what a shard still needs: when the cases of its slice are there, the store tells which of them have
to be observed again before rounding can be told from meaning.
"""

from __future__ import annotations

import json
import math
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from harness import judging, pipeline
from harness.errors import HarnessFault
from harness.history import module_of
from harness.judging import Contestant
from harness.model import Case, Fault, Outcome
from harness.observing import Archive, Progress
from harness.report.records import Timing
from harness.run.launch import Launch, script_digest
from harness.run.wire import FrameReader, Sighting
from harness.shards.describe import Errand, Shard, errand_cases
from harness.shards.perform import cases_of, sides_of
from harness.shards.union import Contradiction
from harness.store import Key, Store
from harness.targets import Catalogue


@dataclass
class _Part:
    """A shard on its way: its first observations, then its evidence."""

    shard: Shard
    cases: list[Case]
    errands: tuple[Errand, ...] = ()
    builds: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    asked: dict[Key, str] = field(default_factory=dict)
    """Every observation that was asked for → its target."""
    announced: set[str] = field(default_factory=set)
    late: list[str] = field(default_factory=list)
    """Targets whose environments could not be made in time."""
    started: str = ""


class Coordinator:
    """Answers workers, keeps what they send, and knows what a shard still needs."""

    def __init__(
        self,
        shards: Sequence[Shard],
        catalogue: Catalogue,
        store: Store,
        progress: Progress,
        *,
        until: float = math.inf,
    ) -> None:
        self.store = store
        self.catalogue = catalogue
        self.progress = progress
        self.until = until
        self.parts = {shard.name: _Part(shard, cases_of(shard), shard.errands) for shard in shards}
        self.contradictions: list[Contradiction] = []
        self.attempts: dict[str, int] = {}
        self._payloads: dict[Key, str] = {}

    def heed(self, message: bytes, answer: Callable[[str, str], None]) -> None:
        """Take one message of a worker. answer: sends text to an attempt."""
        for frame in FrameReader().feed(message):
            part = self.parts[frame.header["shard"]]
            if frame.says == "ask":
                answer(frame.header["attempt"], json.dumps(self._missing(part, frame.header["builds"])))
                continue
            for inner in FrameReader().feed(zlib.decompress(frame.body)):
                self._keep(part, inner.header, inner.body)

    def _missing(self, part: _Part, builds: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """What a worker with these builds is to perform."""
        name = part.shard.name
        self.attempts[name] = self.attempts.get(name, 0) + 1
        part.started = part.started or pipeline.now().isoformat(timespec="microseconds")
        self._one_build(part, builds)
        missing: dict[str, dict[str, list[str]]] = {}
        for errand in self.wanted(part):
            if errand.target not in builds:
                continue
            keys = {self._key(part, errand.target, case, errand.repeat): case.hash for case in errand.cases}
            known = self.store.known(keys)
            part.asked.update(dict.fromkeys(keys, errand.target))
            self.store.keep_cases(errand.cases)
            what = "evidence" if part.errands else "cases"
            mark = f"{errand.target} {errand.repeat} {what}"
            if mark not in part.announced:
                part.announced.add(mark)
                self.progress.begin(errand.target, what, len(keys), len(known))
                self._time(part, errand.target, cached=len(known))
            hashes = [h for key, h in keys.items() if key not in known]
            if hashes:
                missing.setdefault(errand.target, {})[str(errand.repeat)] = hashes
        left = self.until - time.monotonic()
        return {"missing": missing, "seconds": None if math.isinf(left) else max(0.0, left)}

    def _one_build(self, part: _Part, builds: Mapping[str, Mapping[str, Any]]) -> None:
        for id, build in builds.items():
            mine = part.builds.setdefault(id, dict(build))
            if mine["fingerprint"] != build["fingerprint"]:
                what = "two workers have different builds of it; only what the first observed is judged"
                part.faults.append(Fault(id, what, fix="Give all workers the same lock and the same system."))

    def wanted(self, part: _Part) -> list[Errand]:
        """What a part is about now: its evidence when that is known, else its cases."""
        if part.errands:
            return list(part.errands)
        cases = tuple(part.cases)
        return [Errand(id, repeat, cases) for id in part.shard.targets for repeat in part.shard.repeats(id)]

    def _key(self, part: _Part, target: str, case: Case, repeat: int) -> Key:
        return Key(case.hash, part.builds[target]["fingerprint"], script_digest(case.script), repeat)

    def _keep(self, part: _Part, header: Mapping[str, Any], body: bytes) -> None:
        says = header["say"]
        if says == "fault":
            fault = Fault(**{k: v for k, v in header.items() if k != "say"})
            part.faults.append(fault)
            self.progress.say(f"harness fault: {fault.target}: {fault.what}")
            return
        if says == "seen":
            self._seen(part, header, body)
            return
        id = header["target"]
        if says == "started":
            self.store.keep_target(header["fingerprint"], id, header["hello"])
            self._time(part, id, start=float(header["seconds"]), total=float(header["seconds"]))
            part.peaks[id] = max(part.peaks.get(id, 0.0), float(header["hello"]["peak_mb"]))
        else:
            part.peaks[id] = max(part.peaks.get(id, 0.0), float(header["peak_mb"]))

    def _seen(self, part: _Part, header: Mapping[str, Any], body: bytes) -> None:
        names = (
            "case_hash",
            "target",
            "stopped",
            "evidence",
            "traces",
            "seconds",
            "inside_seconds",
            "repeat",
        )
        sighting = Sighting(
            outcome=Outcome(header["outcome"]), body=body, **{name: header[name] for name in names}
        )
        case = self.store.case(sighting.case_hash)
        if case is None:
            raise HarnessFault(f"A worker sent a case that nobody asked for: {sighting.case_hash}.")
        key = Key(case.hash, header["fingerprint"], script_digest(case.script), sighting.repeat)
        before = self._payloads.setdefault(key, sighting.payload)
        if before != sighting.payload:
            self.contradictions.append(
                Contradiction(key, sighting.target, case.subject, Path(part.shard.name))
            )
            return
        self.store.add(key, sighting)
        self._time(part, sighting.target, cases=1, inside=sighting.inside_seconds, total=sighting.seconds)
        self.progress.advance(sighting.target)

    def _time(
        self,
        part: _Part,
        id: str,
        *,
        cases: int = 0,
        start: float = 0.0,
        inside: float = 0.0,
        total: float = 0.0,
        cached: int = 0,
    ) -> None:
        old = part.timings.get(id, Timing(id, 0, 0.0, 0.0, 0.0))
        spent = old.start + start, old.inside + inside, old.total + total
        part.timings[id] = Timing(id, old.cases + cases, *spent, old.cached + cached)

    def ended(self, name: str, result: Mapping[str, Any] | None, trouble: str = "") -> Shard | None:
        """A task of a shard has ended; the next one the shard needs, or None when it is complete."""
        part = self.parts[name]
        part.late = list((result or {}).get("late", part.late))
        for found in (result or {}).get("faults", ()):
            fault = Fault(**found)
            if fault not in part.faults:
                part.faults.append(fault)
                self.progress.say(f"harness fault: {fault.target}: {fault.what}")
        if trouble:
            for id in part.shard.targets:
                what = f"shard {name} was given up by the cluster: {trouble}"
                part.faults.append(Fault(id, what, fix="See the logs of the Dask workers."))
        if not part.errands and not trouble and time.monotonic() < self.until:
            part.errands = self._evidence(part)
            if part.errands:
                return replace(part.shard, pairs=(), errands=part.errands)
        self._record(part)
        return None

    def abandon(self, name: str) -> None:
        """The time is over before a shard has ended: what came of it is recorded, if it was begun at all."""
        if self.parts[name].started:
            self._record(self.parts[name])

    def _evidence(self, part: _Part) -> tuple[Errand, ...]:
        """What has to be observed once more, told from the store."""
        archive = Archive(
            self.store, lambda launch, case, repeat: self._key(part, launch.target, case, repeat)
        )
        found: dict[tuple[str, int], dict[str, Case]] = {}
        for pair in part.shard.pairs:
            if not all(id in part.builds for id in pair.targets):
                continue
            sides = sides_of(pair, {id: self._contestant(id) for id in pair.targets})
            _, open_cases = judging.first_look(part.cases, archive, *sides)
            for each in judging.evidence_wanted(open_cases, *sides):
                cases = found.setdefault((each.launch.target, each.repeat), {})
                cases.update({case.hash: case for case in each.cases})
        return tuple(Errand(id, repeat, tuple(c.values())) for (id, repeat), c in found.items() if c)

    def _contestant(self, id: str) -> Contestant:
        """A target for looking things up only."""
        target = self.catalogue.target(id)
        return Contestant(
            Launch(id, Path(), target.namespace, "", target.backend), 0, target.float64 != "none"
        )

    def _record(self, part: _Part) -> None:
        known = self.store.known(part.asked)
        left: dict[str, int] = {}
        for key, id in part.asked.items():
            left[id] = left.get(id, 0) + (key not in known)
        for fault in part.faults:
            left[fault.target] = max(0, left.get(fault.target, 0) - fault.cases)
        now = pipeline.now().isoformat(timespec="microseconds")
        every = [*part.cases, *errand_cases(part.shard)]
        modules = dict.fromkeys(module_of(case) for case in every)
        record = {
            "shard": part.shard.plain() | {"errands": []},
            "started": part.started or now,
            "ended": now,
            "cases": len(every),
            "targets": part.builds,
            "scripts": {module: script_digest(module) for module in modules},
            "faults": [asdict(fault) for fault in dict.fromkeys(part.faults)],
            "timings": [asdict(timing) for timing in part.timings.values()],
            "peak_mb": part.peaks,
            "left": {id: number for id, number in left.items() if number},
            "late": part.late,
        }
        self.store.keep_shard(part.shard.name, record)
