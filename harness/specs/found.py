"""Cases that a search found and that belong into the corpus since: one JSON object a line in ``found.jsonl``.

`harness hunt --keep` adds to the file; a line may be taken out by hand. Cases of subjects that have no spec
any more are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.errors import WrongUse
from harness.model import Case, digest
from harness.specs.declaration import Spec

FILE = Path(__file__).with_name("found.jsonl")
LABEL = "found"
LEARNT = Path(__file__).with_name("learnt.jsonl")
"""Cases made of what upstream's own tests pass, where ours passed nothing of the kind: `harness upstream
--adopt`. Those marked ``full_only`` showed nothing that no other case shows, and stay out of `quick`."""
WITNESSES = Path(__file__).with_name("witnesses.jsonl")
"""Cases of `full` that stand in `quick` as well, for what they show: `harness witnesses`."""
FIELDS = ("subject", "script", "parameters", "feed", "observe", "why")


def found_cases(
    specs: Iterable[Spec], seed: int = 0, path: Path = FILE, *, label: str = LABEL, profile: str = "full"
) -> list[Case]:
    """The cases of the file that belong to one of the specs. Raises `WrongUse` for a line that is no case."""
    by_place = {(s.subject, script): s for s in specs for script in (s.script, *(f.script for f in s.feeds))}
    out = []
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.is_file() else (), 1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
            spec = by_place.get((content["subject"], content["script"]))
            if spec is None or (profile == "quick" and content.get("full_only")):
                continue
            out.append(
                Case(
                    subject=content["subject"],
                    script=content["script"],
                    parameters=content["parameters"],
                    feed=content["feed"],
                    label=content.get("label", f"{label} {digest(content['feed'])[:6]}"),
                    observe=tuple(content["observe"]),
                    seed=seed,
                    limit=spec.limit,
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise WrongUse(
                f"Expected line {number} of {path.name} to be a case with {', '.join(FIELDS)}. "
                f"Received: {line[:80]!r} ({error!r}). "
                "Take it out, or find it again: `harness hunt --keep`."
            ) from error
    return out


def keep(cases: Sequence[tuple[Case, str]], path: Path = FILE) -> int:
    """Add cases, each with what it shows, to the file; returns how many were not there before."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    known = {line_key(json.loads(line)) for line in lines if line.strip()}
    new = []
    for case, why in cases:
        content = {k: v for k, v in case.plain().items() if k in FIELDS} | {"why": why}
        if line_key(content) not in known:
            known.add(line_key(content))
            new.append(json.dumps(content, ensure_ascii=True, sort_keys=True))
    path.write_text("".join(f"{line}\n" for line in [*lines, *new]), encoding="utf-8", newline="\n")
    return len(new)


def line_key(content: dict[str, object]) -> str:
    """What makes two lines one case."""
    return digest([content["subject"], content["script"], content["parameters"], content["feed"]])
