"""Bringing stores together, and saying what a union lacks or what two stores tell differently.

Observations are keyed by content. Where two stores hold one key with different payloads (another processor,
or a case that a target does not say twice alike), the one that was there stays and the other is said: it
is never dropped in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreFault
from harness.model import Fault
from harness.store import Key, Store

EXAMPLES = 20
"""How many contradictions are listed one by one."""


@dataclass(frozen=True)
class Contradiction:
    """One key, two payloads."""

    key: Key
    target: str
    subject: str
    store: Path
    """The store whose payload was not taken."""


@dataclass(frozen=True)
class Union:
    """What taking in one store brought."""

    new: int
    contradictions: tuple[Contradiction, ...]


_SAME_KEY = """
    FROM other.observations AS o JOIN main.observations AS m
    ON o.case_hash = m.case_hash AND o.fingerprint = m.fingerprint
    AND o.script = m.script AND o.repeat = m.repeat
"""


def take_in(store: Store, other: Path) -> Union:
    """Take in everything another store holds, and tell where the two contradict each other.

    Raises:
        StoreFault: there is no such store.
    """
    if not other.is_file():
        raise StoreFault(f"Expected {other} to be a store. Received: nothing of that name.")
    with store.beside(other) as db:
        rows = db.execute(
            "SELECT o.case_hash, o.fingerprint, o.script, o.repeat"
            f"{_SAME_KEY} WHERE o.payload <> m.payload ORDER BY 1, 2, 3, 4"
        ).fetchall()
        names = dict(db.execute("SELECT fingerprint, id FROM other.targets").fetchall())
        contents = [
            db.execute("SELECT content FROM other.cases WHERE hash = ?", (row[0],)).fetchone() for row in rows
        ]
    new = store.merge(other)
    found = [
        Contradiction(
            Key(*row), names.get(row[1], row[1]), json.loads(content[0])["subject"] if content else "", other
        )
        for row, content in zip(rows, contents, strict=True)
    ]
    with Store(other) as opened:
        for name, content in opened.shards().items():
            mine = store.shards().get(name)
            if mine is None or mine["ended"] < content["ended"]:
                store.keep_shard(name, content)
    return Union(new, tuple(found))


def take_known(store: Store, other: Path, keys: Iterable[Key]) -> int:
    """Take in just the observations of these keys, with what belongs to them; how many there were."""
    wanted = [(k.case_hash, k.fingerprint, k.script, k.repeat) for k in keys]
    if not other.is_file() or not wanted:
        return 0
    with store.beside(other) as db:
        db.execute("CREATE TEMP TABLE wanted (case_hash, fingerprint, script, repeat)")
        db.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?)", wanted)
        before = db.execute("SELECT count(*) FROM main.observations").fetchone()[0]
        db.execute(
            "INSERT OR IGNORE INTO main.payloads SELECT p.* FROM other.payloads AS p WHERE p.digest IN "
            "(SELECT payload FROM other.observations WHERE "
            "(case_hash, fingerprint, script, repeat) IN (SELECT * FROM wanted))"
        )
        db.execute(
            "INSERT OR IGNORE INTO main.observations SELECT o.* FROM other.observations AS o WHERE "
            "(case_hash, fingerprint, script, repeat) IN (SELECT * FROM wanted)"
        )
        db.execute(
            "INSERT OR IGNORE INTO main.targets SELECT * FROM other.targets "
            "WHERE fingerprint IN (SELECT fingerprint FROM wanted)"
        )
        after = db.execute("SELECT count(*) FROM main.observations").fetchone()[0]
        db.execute("DROP TABLE wanted")
        return int(after) - int(before)


def as_faults(found: Sequence[Contradiction]) -> list[Fault]:
    """Contradictions as harness faults, one per target."""
    by_target: dict[str, list[Contradiction]] = {}
    for each in found:
        by_target.setdefault(each.target, []).append(each)
    return [
        Fault(
            target,
            f"{len(group)} observations were made in two shards and are not the same",
            "\n".join(
                f"{c.subject} {c.key.case_hash} repeat {c.key.repeat}: {c.store}" for c in group[:EXAMPLES]
            ),
            "The first was kept. A case that is not the same twice, or machines whose processors compute "
            "differently: perform these subjects again on one machine.",
        )
        for target, group in by_target.items()
    ]
