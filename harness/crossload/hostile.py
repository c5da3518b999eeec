"""Untrusted files: what each reader does with them. Made and opened inside targets' children only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.crossload.planning import SEED
from harness.crossload.records import Opened, Treated
from harness.model import Case, Observation, Outcome, StepStatus
from harness.observing import Archive, Wanted
from harness.run.launch import Launch

LIMIT = 60.0
DIGEST = re.compile(r"[0-9a-f]{32}")
SUBSTITUTE = "keras-3.15.1-tensorflow"
"""Makes the files that a reader cannot make itself."""


@dataclass(frozen=True)
class Trap:
    """One kind of untrusted file."""

    name: str
    """As in `harness/cases/crossload_hostile.py`."""
    about: str


TRAPS = (
    Trap("lambda.h5", "an .h5 model with a Lambda layer, whose bytecode would leave a marker"),
    Trap("lambda.keras", "a .keras model with such a Lambda layer"),
    Trap("class.keras", "a .keras file whose configuration names a function of `os` as its class"),
    Trap("function.keras", "a .keras file in whose graph a function of `os` is a layer, with an argument"),
    Trap("climbing.keras", "a .keras file with members called `../…`, beside assets that are unpacked"),
    Trap("climbing.tar.gz", "a tar file with a member called `../…`, for `utils.get_file(extract=True)`"),
    Trap("pickle.keras", "a .keras file whose weights are a numpy archive with a pickled object"),
    Trap("huge.h5", "an .h5 model in which weights claim terabytes"),
    Trap("huge.keras", "a .keras file in which weights claim terabytes"),
    Trap("huge.json", "a JSON configuration with a layer of terabytes"),
    Trap("truncated.h5", "the first half of an .h5 model"),
    Trap("truncated.keras", "the first half of a .keras file"),
)


def make_case(trap: str) -> Case:
    """The case that makes a file."""
    return Case("Model.save", "crossload_hostile:make", {"file": trap}, {}, seed=SEED, limit=LIMIT)


def open_case(trap: str, digest: str) -> Case:
    """The case that opens it."""
    parameters = {"file": trap, "digest": digest}
    return Case("models.load_model", "crossload_hostile:open_file", parameters, {}, seed=SEED, limit=LIMIT)


def making(launches: Mapping[str, Launch]) -> list[Wanted]:
    """Every target makes every file it can make."""
    return [Wanted(launch, tuple(make_case(t.name) for t in TRAPS)) for launch in launches.values()]


def opening(archive: Archive, launches: Mapping[str, Launch]) -> list[Wanted]:
    """Every reader opens every file that `chosen` finds for it."""
    picked = chosen(archive, launches)
    return [
        Wanted(launch, tuple(open_case(t, c[1]) for (i, t), c in picked.items() if i == id and c is not None))
        for id, launch in launches.items()
    ]


def chosen(archive: Archive, launches: Mapping[str, Launch]) -> dict[tuple[str, str], tuple[str, str] | None]:
    """(Reader, trap) → maker and digest of the file: its own where it can make one, else the substitute's."""
    files = {(id, t.name): made(archive, launch, t.name) for id, launch in launches.items() for t in TRAPS}
    return {
        (id, t.name): next(
            ((maker, digest) for maker in (id, SUBSTITUTE) if (digest := files.get((maker, t.name), ""))),
            None,
        )
        for id in launches
        for t in TRAPS
    }


def opened(archive: Archive, launches: Mapping[str, Launch]) -> tuple[Opened, ...]:
    """What every reader did with every file, from the store."""
    out: list[Opened] = []
    for (id, trap), choice in chosen(archive, launches).items():
        if choice is None:
            out.append(Opened(id, "", trap, "load", Treated.NOT_MADE, "no target of the matrix can make it"))
        else:
            seen = archive.observation(launches[id], open_case(trap, choice[1]))
            out += treated(id, choice[0], trap, seen)
    return tuple(out)


def made(archive: Archive, launch: Launch, trap: str) -> str:
    """Digest of a file that a target has made, or nothing."""
    seen = archive.observation(launch, make_case(trap))
    save = seen.step("save") if seen is not None else None
    if save is None or save.status is not StepStatus.RETURNED or not isinstance(save.value, dict):
        return ""
    digest = str(save.value.get("digest", ""))
    return digest if DIGEST.fullmatch(digest) else ""


def treated(reader: str, maker: str, trap: str, seen: Observation | None) -> Sequence[Opened]:
    """What a reader did with one file, for each way it was opened."""
    if seen is None:
        return [Opened(reader, maker, trap, "load", Treated.NOT_MADE, "not observed")]
    if seen.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT):
        told = seen.evidence.splitlines()[0] if seen.evidence else ""
        return [Opened(reader, maker, trap, "load", Treated.CRASHED, f"{seen.outcome}: {told}")]
    out = []
    for step in seen.steps:
        if step.name.endswith(": payload ran"):
            continue
        ran = seen.step(f"{step.name}: payload ran")
        if ran is not None and ran.value is True:
            result, how = Treated.EXECUTED, "the marker is there"
        elif step.raised is not None:
            first = (step.raised.message.strip().splitlines() or [""])[0][:300]
            result, how = Treated.REFUSED, f"{step.raised.type}: {first}"
        elif step.status is StepStatus.RETURNED:
            result, how = Treated.LOADED, f"gives {step.value!r}" if step.value else "nothing ran"
        else:
            result, how = Treated.NO_WAY, step.reason
        out.append(Opened(reader, maker, trap, step.name, result, how))
    return out
