"""What was observed, on disk: SQLite in WAL mode, one row per observation, equal payloads kept once.

An observation is keyed by content: case hash × target fingerprint × digest of how the case is performed ×
repeat. An unchanged case is therefore never performed again, an interrupted run continues where it stopped,
and two stores are merged by union. What arrives is committed at once, with what arrives in the same moment.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import StoreFault
from harness.model import Case, Outcome
from harness.run.wire import Sighting

VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS targets (
    fingerprint TEXT PRIMARY KEY, id TEXT NOT NULL, hello TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cases (hash TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payloads (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS observations (
    case_hash TEXT NOT NULL, fingerprint TEXT NOT NULL, script TEXT NOT NULL, repeat INTEGER NOT NULL,
    outcome TEXT NOT NULL, stopped INTEGER NOT NULL, evidence TEXT NOT NULL, traces TEXT NOT NULL,
    seconds REAL NOT NULL, inside REAL NOT NULL, payload TEXT NOT NULL,
    PRIMARY KEY (case_hash, fingerprint, script, repeat)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shards (name TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dates (
    reference TEXT NOT NULL, candidate TEXT NOT NULL, cause TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (reference, candidate, cause)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS findings (
    sort TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (sort, key)
) WITHOUT ROWID;
"""
TABLES = ("targets", "cases", "payloads", "observations", "runs")
LATER = ("shards", "dates", "findings")
"""What a union takes over; a store of an older harness may lack those that came later."""
BUSY_SECONDS = 60.0
OUTCOMES = {str(outcome): outcome for outcome in Outcome}
LIST = "cases"
"""Key of a run's content: digest of the payload that lists the hashes of its cases."""


@dataclass(frozen=True)
class Key:
    """What identifies an observation."""

    case_hash: str
    fingerprint: str
    script: str
    repeat: int = 0


class Row(NamedTuple):
    """One observation as the store lists it, without what was observed."""

    case_hash: str
    fingerprint: str
    script: str
    repeat: int
    outcome: Outcome
    stopped: bool
    evidence: str
    seconds: float
    payload: str


class Store:
    """The observations of all runs. Raises `StoreFault` for anything the disk or SQLite refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._guard("opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(place(path), timeout=BUSY_SECONDS, isolation_level=None, uri=True)
            self._write_ahead()
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._check()
            self._db.executescript(SCHEMA)
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", (str(VERSION),))

    def _write_ahead(self) -> None:
        """Have SQLite write ahead.

        Two that begin one store at a time get in each other's way here, and SQLite gives up at once instead
        of waiting as it does everywhere else.
        """
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def _check(self) -> None:
        tables = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "meta" not in tables:
            return
        row = self._db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        if row and row[0] != str(VERSION):
            raise StoreFault(
                f"Expected the store {self.path} to have version {VERSION}. Received version {row[0]}. "
                "Nothing was changed; move it away or use the harness that wrote it."
            )

    @contextmanager
    def _guard(self, done: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, zlib.error) as error:
            raise StoreFault(
                f"The store {self.path} cannot be {done}: {error}. What it held before is untouched. "
                f"Free some disk, or move {self.path.name} away to begin a new store, and run again."
            ) from error

    @contextmanager
    def together(self) -> Iterator[None]:
        """Within it what is added is one transaction: many small ones cost more than what is in them.

        Whatever interrupts it, what was added until then stays.
        """
        with self._guard("written"):
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield  # what fails here by itself is no matter of the store
        finally:
            if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                with self._guard("written"):
                    self._db.execute("COMMIT")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, or part of the one it is called in: all of it or nothing."""
        if self._db.in_transaction:
            with self._guard("written"):
                yield
            return
        with self._guard("written"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the database; what was added is already there."""
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def add(self, key: Key, sighting: Sighting, *, replace: bool = False) -> None:
        """Keep one observation; one that is there already stays, unless it is to be replaced."""
        with self._writing():
            self._insert(key, sighting, "REPLACE" if replace else "IGNORE")

    def add_all(self, observed: Iterable[tuple[Key, Sighting]]) -> int:
        """Keep many observations that are at hand, all of them or none; returns how many were given."""
        count = 0
        with self._writing():
            for key, sighting in observed:
                self._insert(key, sighting, "IGNORE")
                count += 1
        return count

    def _insert(self, key: Key, sighting: Sighting, conflict: str) -> None:
        payload = sighting.payload
        if sighting.body:
            self._db.execute(
                "INSERT OR IGNORE INTO payloads VALUES (?, ?)", (payload, zlib.compress(sighting.body, 1))
            )
        self._db.execute(
            f"INSERT OR {conflict} INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key.case_hash, key.fingerprint, key.script, key.repeat,
                str(sighting.outcome), int(sighting.stopped), sighting.evidence, sighting.traces,
                sighting.seconds, sighting.inside_seconds, payload,
            ),
        )  # fmt: skip

    def known(self, keys: Iterable[Key]) -> set[Key]:
        """Which of these observations are there."""
        wanted: dict[tuple[str, str, int], dict[str, Key]] = {}
        for key in keys:
            wanted.setdefault((key.fingerprint, key.script, key.repeat), {})[key.case_hash] = key
        found: set[Key] = set()
        with self._guard("read"):
            for (fingerprint, script, repeat), by_hash in wanted.items():
                rows = self._db.execute(
                    "SELECT case_hash FROM observations WHERE fingerprint = ? AND script = ? AND repeat = ?",
                    (fingerprint, script, repeat),
                )
                found.update(by_hash[h] for (h,) in rows if h in by_hash)
        return found

    def get(self, key: Key, target: str) -> Sighting | None:
        """One observation, or None."""
        with self._guard("read"):
            row = self._db.execute(
                "SELECT outcome, stopped, evidence, traces, seconds, inside, data FROM observations "
                "LEFT JOIN payloads ON payload = digest "
                "WHERE case_hash = ? AND fingerprint = ? AND script = ? AND repeat = ?",
                (key.case_hash, key.fingerprint, key.script, key.repeat),
            ).fetchone()
            if row is None:
                return None
            outcome, stopped, evidence, traces, seconds, inside, data = row
            try:
                body = zlib.decompress(data) if data is not None else b""
            except zlib.error as error:
                raise StoreFault(
                    f"The store {self.path} is damaged: the payload of case {key.case_hash} cannot be "
                    f"unpacked ({error}). Move it away to begin a new store; the old one stays readable "
                    "row by row."
                ) from error
        return Sighting(
            key.case_hash,
            target,
            Outcome(outcome),
            body,
            bool(stopped),
            evidence,
            traces,
            seconds,
            inside,
            key.repeat,
        )

    def rows(self, case_hashes: Sequence[str], script: str) -> list[Row]:
        """Every observation of cases that were performed so, by every target, without what it observed."""
        marks = ",".join("?" * len(case_hashes))
        with self._guard("read"):
            found = self._db.execute(
                "SELECT case_hash, fingerprint, repeat, outcome, stopped, evidence, seconds, payload "
                f"FROM observations WHERE case_hash IN ({marks}) AND script = ?",
                (*case_hashes, script),
            ).fetchall()
        return [Row(h, f, script, r, OUTCOMES[o], bool(stop), e, t, p) for h, f, r, o, stop, e, t, p in found]

    def bodies(self, payloads: Sequence[str]) -> dict[str, bytes]:
        """What was observed, still packed, by payload; empty where one says no more than its row does."""
        marks = ",".join("?" * len(payloads))
        with self._guard("read"):
            found = self._db.execute(f"SELECT digest, data FROM payloads WHERE digest IN ({marks})", payloads)
            return dict.fromkeys(payloads, b"") | {digest: zlib.decompress(data) for digest, data in found}

    def keep_date(self, reference: str, candidate: str, cause: str, content: Mapping[str, Any]) -> None:
        """Keep since when two targets, named by their fingerprints, differ by a cause."""
        with self._writing():
            self._db.execute(
                "INSERT OR REPLACE INTO dates VALUES (?, ?, ?, ?)",
                (reference, candidate, cause, json.dumps(content)),
            )

    def dates(self, reference: str, candidate: str) -> dict[str, dict[str, Any]]:
        """What is known of since when two targets differ, by cause."""
        with self._guard("read"):
            found = self._db.execute(
                "SELECT cause, content FROM dates WHERE reference = ? AND candidate = ?",
                (reference, candidate),
            ).fetchall()
        return {cause: json.loads(content) for cause, content in found}

    def keep_cases(self, cases: Iterable[Case]) -> None:
        """Keep the content of cases, so that a report can be made from the store alone."""
        rows = [
            (c.hash, json.dumps(c.plain() | {"label": c.label, "limit": c.limit}, separators=(",", ":")))
            for c in cases
        ]
        with self._writing():
            self._db.executemany("INSERT OR IGNORE INTO cases VALUES (?, ?)", rows)

    def case(self, case_hash: str) -> Case | None:
        """A case by its hash."""
        with self._guard("read"):
            row = self._db.execute("SELECT content FROM cases WHERE hash = ?", (case_hash,)).fetchone()
        return None if row is None else case_from(json.loads(row[0]))

    def keep_target(self, fingerprint: str, target: str, hello: Mapping[str, Any]) -> None:
        """Keep what a target said of itself."""
        with self._guard("written"):
            self._db.execute(
                "INSERT OR REPLACE INTO targets VALUES (?, ?, ?)", (fingerprint, target, json.dumps(hello))
            )

    def hello(self, fingerprint: str) -> dict[str, Any] | None:
        """What a target said of itself, or None when it never did."""
        with self._guard("read"):
            row = self._db.execute(
                "SELECT hello FROM targets WHERE fingerprint = ?", (fingerprint,)
            ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def keep_run(self, run: str, content: Mapping[str, Any], cases: Iterable[str] = ()) -> None:
        """Keep what a run was, and the hashes of its cases; runs of the same cases share one list of them."""
        hashes = "\n".join(cases).encode()
        listed = hashlib.blake2b(hashes, digest_size=16).hexdigest()
        with self._writing():
            self._db.execute(
                "INSERT OR IGNORE INTO payloads VALUES (?, ?)", (listed, zlib.compress(hashes, 1))
            )
            self._db.execute(
                "INSERT OR REPLACE INTO runs VALUES (?, ?)", (run, json.dumps({**content, LIST: listed}))
            )

    def cases_of(self, run: str) -> list[Case]:
        """The cases of a run, in its order. Raises `StoreFault` when one of them is not there."""
        content = self.run(run) or {}
        with self._guard("read"):
            row = self._db.execute(
                "SELECT data FROM payloads WHERE digest = ?", (content.get(LIST, ""),)
            ).fetchone()
            hashes = zlib.decompress(row[0]).decode().split() if row else []
        found = [self.case(h) for h in hashes]
        whole = [case for case in found if case is not None]
        if row is None or len(whole) < len(hashes):
            raise StoreFault(
                f"Expected the store {self.path} to hold the cases of run {run!r}. Received one that lacks "
                f"{len(hashes) - len(whole) or 'the list'} of them. Perform the run again."
            )
        return whole

    def run(self, run: str) -> dict[str, Any] | None:
        """A run by its id."""
        with self._guard("read"):
            row = self._db.execute("SELECT content FROM runs WHERE id = ?", (run,)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def runs(self) -> list[str]:
        """Ids of the runs, oldest first (an id begins with its time)."""
        with self._guard("read"):
            return [row[0] for row in self._db.execute("SELECT id FROM runs ORDER BY id")]

    def keep_shard(self, name: str, content: Mapping[str, Any]) -> None:
        """Keep what came of a shard; what is known of an earlier run of it is replaced."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO shards VALUES (?, ?)", (name, json.dumps(content)))

    def shards(self) -> dict[str, dict[str, Any]]:
        """What came of every shard whose observations are here, by name."""
        with self._guard("read"):
            rows = self._db.execute("SELECT name, content FROM shards ORDER BY name").fetchall()
        return {name: dict(json.loads(content)) for name, content in rows}

    def keep_finding(self, sort: str, key: str, content: Mapping[str, Any]) -> None:
        """Keep something worked out from observations, such as a minimal case, by what decides it."""
        with self._guard("written"):
            self._db.execute(
                "INSERT OR REPLACE INTO findings VALUES (?, ?, ?)", (sort, key, json.dumps(content))
            )

    def finding(self, sort: str, key: str) -> dict[str, Any] | None:
        """Something worked out before, or None."""
        with self._guard("read"):
            row = self._db.execute(
                "SELECT content FROM findings WHERE sort = ? AND key = ?", (sort, key)
            ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def seconds(self) -> dict[str, float]:
        """Case → how many seconds performing it once took, the mean of the targets that did."""
        once = (
            "SELECT case_hash, max(seconds) AS most FROM observations WHERE repeat = 0 "
            "GROUP BY case_hash, fingerprint"
        )
        with self._guard("read"):
            rows = self._db.execute(f"SELECT case_hash, avg(most) FROM ({once}) GROUP BY case_hash")
            return dict(rows.fetchall())

    def stamp(self, without: str) -> str:
        """A digest that changes when anything is added that a report depends on.

        without: a sort of findings that does not count. Nothing is ever taken out of a store; what
        replaces an observation took another time.
        """
        hasher = hashlib.blake2b(digest_size=16)
        with self._guard("read"):
            counts = (
                "SELECT (SELECT count(*) FROM observations), (SELECT total(seconds) FROM observations), "
                "(SELECT count(*) FROM runs)"
            )
            kept = "SELECT * FROM findings WHERE sort != ? ORDER BY sort, key"
            dates = "SELECT * FROM dates ORDER BY reference, candidate, cause"
            for row in (
                *self._db.execute(counts),
                *self._db.execute(kept, (without,)),
                *self._db.execute(dates),
            ):
                hasher.update(repr(row).encode())
        return hasher.hexdigest()

    @contextmanager
    def beside(self, other: Path) -> Iterator[sqlite3.Connection]:
        """One transaction over this store and another, which is called ``other`` and only read."""
        with self._guard("merged"):
            self._db.execute("ATTACH DATABASE ? AS other", (place(other, "?mode=ro"),))
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._db.execute("DETACH DATABASE other")

    def merge(self, other: Path) -> int:
        """Take in everything another store holds; returns how many observations were new."""
        with self.beside(other) as db:
            before = db.execute("SELECT count(*) FROM observations").fetchone()[0]
            there = {
                row[0] for row in db.execute("SELECT name FROM other.sqlite_master WHERE type = 'table'")
            }
            for table in (*TABLES, *(name for name in LATER if name in there)):
                db.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}")
            return int(db.execute("SELECT count(*) FROM observations").fetchone()[0]) - int(before)

    def fingerprint(self) -> dict[tuple[str, str, str, int], tuple[str, str]]:
        """Every observation's key with its outcome and payload: what two equal stores have equal."""
        with self._guard("read"):
            rows = self._db.execute(
                "SELECT case_hash, fingerprint, script, repeat, outcome, payload FROM observations"
            ).fetchall()
        return {(a, b, c, d): (e, f) for a, b, c, d, e, f in rows}


def place(path: Path, query: str = "") -> str:
    """A path as SQLite takes it where it also takes options."""
    return path.absolute().as_uri() + query


def case_from(content: Mapping[str, Any]) -> Case:
    """A case from its plain form."""
    return Case(
        subject=content["subject"],
        script=content["script"],
        parameters=content["parameters"],
        feed=content["feed"],
        label=content.get("label", ""),
        observe=tuple(content["observe"]),
        seed=content["seed"],
        variant=content["variant"],
        limit=content.get("limit", 60.0),
    )
