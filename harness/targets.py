"""The table of targets and named pairs, as records.

`harness/targets.toml` is read as it is; a user's own TOML (``--targets my.toml``) has the same form and
is laid over it. Standard library only: the noxfile reads the table before anything is installed.
"""

from __future__ import annotations

import fnmatch
import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from harness import rules
from harness.errors import WrongUse

TABLE = Path(__file__).with_name("targets.toml")
LOCKS = Path(__file__).with_name("locks")
PRELUDES = Path(__file__).with_name("preludes")

ENGINES = ("eager", "graph", "theano", "cntk", "jax", "torch", "numpy", "openvino", "mlx", "paddle")
"""How a value is computed. eager: TF 2 style; graph: sessions of TF 1 and of every keras <= 2.3.1."""

FLOAT64 = ("set_floatx", "dtype_policy", "none")
"""What makes a true float64 computation. dtype_policy: `set_floatx` and the global dtype policy."""

DEFAULT_PAIR = "modern"


@dataclass(frozen=True)
class Target:
    """One implementation at one version on one backend, and how to have it."""

    id: str
    implementation: str
    """``keras``, ``tf.keras``, ``tf.contrib.keras``, ``tf_keras`` or ``keras_core``."""
    version: str
    backend: str
    engine: str
    """One of `ENGINES`."""
    namespace: str
    """Dotted import path of the Keras API: ``tensorflow.keras``."""
    float64: str
    """One of `FLOAT64`."""
    python: tuple[str, ...] = ()
    """Python versions it runs on, best first; the running interpreter's own goes before all."""
    lock: Mapping[str, Path] = field(default_factory=dict)
    """Python version → complete list of pins to install without dependencies."""
    env: Mapping[str, str] = field(default_factory=dict)
    prelude: Path | None = None
    """Code to run in the target before Keras is imported."""
    engine_version: str = ""
    """Version of the backend's own package where it is not `version`."""
    lineage: tuple[str, ...] = ()
    """Histories it is a point of; along one of them a divergence can be dated."""
    order: tuple[int, ...] = ()
    """Its place in a lineage."""
    same_code_as: tuple[str, ...] = ()
    """Import paths that are the very same classes in this environment."""
    different_code_from: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    """Path below site-packages → name of the system library to link there."""
    alternatives: Mapping[str, str] = field(default_factory=dict)
    """Pin of the lock → requirement to install, with what it depends on, where the pin cannot be had."""
    system_packages: tuple[str, ...] = ()
    """Debian packages it needs from the system."""
    known_failures: tuple[str, ...] = ()
    note: str = ""
    interpreter: Path | None = None
    """An existing interpreter to use as it is; no environment is made."""
    pythonpath: tuple[Path, ...] = ()
    """Folders put before the environment's own packages: a local checkout."""
    requirements: tuple[str, ...] = ()
    """What to install where there is no lock: the newest of it, resolved when the environment is made."""
    overrides: tuple[str, ...] = ()
    """Requirements that stand for whatever its packages ask for of the same name."""
    environment: str = ""
    """Id of the target whose environment this one uses: its own, or that of its `base`."""

    @property
    def is_open(self) -> bool:
        """Whether what it consists of is resolved when its environment is made."""
        return bool(self.requirements)

    def lock_for(self, python: str) -> Path | None:
        """The lock for one Python version, or None when it does not run on it."""
        return self.lock.get(python)

    def digest(self, python: str) -> str:
        """Changes when what would be installed on `python` changes: an older environment is then stale."""
        lock = self.lock_for(python)
        parts = [python, lock.read_text() if lock else "", repr(sorted(self.links.items()))]
        parts.append(repr(sorted(self.alternatives.items())))
        if self.is_open:
            parts += [repr(self.requirements), repr(self.overrides)]
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Pair:
    """Two targets compared under a name."""

    name: str
    reference: str
    candidate: str
    about: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """Ids of both sides, one when they are the same."""
        return tuple(dict.fromkeys((self.reference, self.candidate)))


@dataclass(frozen=True)
class Unavailable:
    """A combination that was tried and cannot even predict."""

    id: str
    reason: str
    python: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Every target and every named pair there is."""

    targets: Mapping[str, Target]
    pairs: Mapping[str, Pair]
    unavailable: Mapping[str, Unavailable]
    selections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name → patterns of target ids: what a matrix takes when it is not told otherwise."""

    def target(self, id: str) -> Target:
        """The target with this id.

        Raises:
            WrongUse: no such target; says which were meant, or why it cannot be had.
        """
        if id in self.targets:
            return self.targets[id]
        if id in self.unavailable:
            known = self.unavailable[id]
            raise WrongUse(
                f"Expected `target` to be one that runs. Received: '{id}', which was tried on Python"
                f" {known.python} and fails: {known.reason}. See `harness targets`."
            )
        raise WrongUse(rules.unknown("target", id, self.targets, see="harness targets"))

    def pair(self, name: str) -> Pair:
        """The named pair.

        Raises:
            WrongUse: no such pair.
        """
        if name in self.pairs:
            return self.pairs[name]
        raise WrongUse(rules.unknown("pair", name, self.pairs, see="harness pairs"))

    def pair_of(self, *, name: str | None, reference: str | None, candidate: str | None) -> Pair:
        """The pair a person asked for: by name, by two ids, or the default.

        One id beside a name replaces that side of the named pair.

        Raises:
            WrongUse: an unknown name or id, or one id alone.
        """
        if name is None and (reference is None) != (candidate is None):
            given, lacking = ("reference", "candidate") if reference else ("candidate", "reference")
            raise WrongUse(
                f"Expected `--{lacking}` beside `--{given}`, or `--pair`. Received: only `--{given}`"
                f" '{reference or candidate}'. See `harness targets`."
            )
        if name is None and reference is not None and candidate is not None:
            pair = Pair(f"{reference}..{candidate}", reference, candidate)
        else:
            named = self.pair(name or DEFAULT_PAIR)
            sides = replace(
                named, reference=reference or named.reference, candidate=candidate or named.candidate
            )
            pair = named if sides == named else replace(sides, name=f"{sides.reference}..{sides.candidate}")
        for side in pair.targets:
            self.target(side)
        return pair

    def select(self, patterns: Iterable[str]) -> tuple[Target, ...]:
        """Targets whose id matches any of the glob `patterns`, in the order of the table.

        Raises:
            WrongUse: a pattern that matches nothing.
        """
        wanted: set[str] = set()
        for pattern in patterns:
            found = fnmatch.filter(self.targets, pattern)
            if not found:
                self.target(pattern)
            wanted.update(found)
        return tuple(t for t in self.targets.values() if t.id in wanted)

    def lineage(self, name: str) -> tuple[Target, ...]:
        """The targets of one lineage, oldest first.

        Raises:
            WrongUse: no such lineage.
        """
        names = sorted({line for t in self.targets.values() for line in t.lineage})
        if name not in names:
            raise WrongUse(rules.unknown("lineage", name, names, see="harness targets"))
        return tuple(sorted((t for t in self.targets.values() if name in t.lineage), key=lambda t: t.order))


def names_a_file(given: str) -> bool:
    """Whether what `--targets` was given is a file of further targets, not a pattern of ids."""
    return given.endswith(".toml")


def load(extra: Path | None = None) -> Catalogue:
    """The table, with a user's own TOML laid over it.

    Raises:
        WrongUse: the user's file is missing, is no TOML, or breaks a rule of the table.
    """
    catalogue = _laid_over(Catalogue({}, {}, {}), _read(TABLE), TABLE)
    return catalogue if extra is None else _laid_over(catalogue, _read(extra), extra)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(
            f"Expected `--targets` to be a readable TOML file. Received: '{path}' ({error.strerror})."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse(
            f"Expected '{path}' to be TOML. Received: {error}. See docs/add-a-target.md."
        ) from error


def _laid_over(below: Catalogue, data: Mapping[str, Any], path: Path) -> Catalogue:
    rules.known_keys(data, ("target", "pair", "unavailable", "matrix"), where=str(path))
    targets = dict(below.targets)
    for row in _rows(data, "target", path):
        target = _target(row, Catalogue(targets, {}, below.unavailable), path)
        if target.id in targets:
            raise WrongUse(f"Expected each target `id` once. Received: '{target.id}' again in {path}.")
        targets[target.id] = target
    unavailable = dict(below.unavailable)
    for row in _rows(data, "unavailable", path):
        where = f"[[unavailable]] of {path}"
        rules.known_keys(row, ("id", "reason", "python"), where=where)
        rules.required(row, ("id", "reason"), where=where)
        unavailable[row["id"]] = Unavailable(**row)
    merged = Catalogue(targets, dict(below.pairs), unavailable, below.selections)
    pairs = dict(below.pairs)
    named = data.get("pair", {})
    rules.kind("pair", named, dict, where=str(path))
    for name, row in named.items():
        where = f"[pair.{name}] of {path}"
        rules.kind(name, row, dict, where=where)
        rules.known_keys(row, ("reference", "candidate", "about"), where=where)
        rules.required(row, ("reference", "candidate"), where=where)
        pairs[name] = Pair(name, row["reference"], row["candidate"], row.get("about", ""))
        for side in pairs[name].targets:
            merged.target(side)
    selections = {**below.selections, **_selections(data, merged, path)}
    return replace(merged, pairs=pairs, selections=selections)


def _selections(data: Mapping[str, Any], known: Catalogue, path: Path) -> dict[str, tuple[str, ...]]:
    """The named selections of a table, each with that of its `base`; every pattern matches a target."""
    named = data.get("matrix", {})
    rules.kind("matrix", named, dict, where=str(path))
    out: dict[str, tuple[str, ...]] = {}
    for name, row in named.items():
        where = f"[matrix.{name}] of {path}"
        rules.kind(name, row, dict, where=where)
        rules.known_keys(row, ("targets", "base"), where=where)
        rules.required(row, ("targets",), where=where)
        rules.kind("targets", row["targets"], list, where=where)
        known.select(row["targets"])
        before = {**known.selections, **out}
        if "base" in row:
            rules.one_of("base", row["base"], tuple(before), where=where)
        out[name] = (*before.get(row.get("base", ""), ()), *row["targets"])
    return out


def _rows(data: Mapping[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    rows = data.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongUse(f"Expected [[{key}]] (a list of tables) in {path}. Received: {rows!r}.")
    return rows


_KEYS = tuple(f.name for f in fields(Target) if f.name != "environment")
_LISTS = (
    *("python", "lineage", "order", "system_packages", "known_failures"),
    *("same_code_as", "different_code_from", "requirements", "overrides"),
)
_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys((*_LISTS, "pythonpath"), list),
    **dict.fromkeys(("env", "links", "alternatives"), dict),
    "lock": (str, dict),
}
"""What a key of a target holds, where it is not text."""

_REQUIRED = ("implementation", "version", "backend", "engine", "namespace", "float64")


def _target(row: Mapping[str, Any], known: Catalogue, path: Path) -> Target:
    """One row as a record; `base` gives what the row leaves out."""
    where = f"target '{row.get('id', '?')}' of {path}"
    rules.known_keys(row, (*_KEYS, "base"), where=where)
    rules.required(row, ("id",), where=where)
    for key, value in row.items():
        rules.kind(key, value, _KINDS.get(key, str), where=where)
    base = known.target(row["base"]) if "base" in row else None
    given = {key: row[key] for key in _KEYS if key in row}
    if base is None:
        rules.required(row, _REQUIRED, where=where, otherwise=" (or a `base` to take them from)")
        if "interpreter" not in row:
            rules.required(row, ("python",) if "requirements" in row else ("python", "lock"), where=where)
    own = given | {key: tuple(given[key]) for key in _LISTS if key in given}
    folder = path.parent
    for key in ("prelude", "interpreter"):
        if key in given:
            own[key] = _placed(given[key], PRELUDES if path == TABLE else folder)
    if "pythonpath" in given:
        own["pythonpath"] = tuple(_placed(entry, folder) for entry in given["pythonpath"])
    if "lock" in given:
        pythons = own.get("python", base.python if base else ())
        own["lock"] = _locks(given["lock"], pythons, LOCKS if path == TABLE else folder)
    if base is not None:
        own["env"] = {**base.env, **given.get("env", {})}
    if "requirements" in given and "lock" in given:
        raise WrongUse(
            f"Expected `lock` or `requirements` in {where}. Received: both. See docs/add-a-target.md."
        )
    of_its_own = {"python", "lock", "requirements", "overrides"} & given.keys()
    own["environment"] = base.environment if base and not of_its_own else row["id"]
    if base is not None and "requirements" in given:
        own["lock"] = {}
    if base is not None and "lock" in given:
        own["requirements"], own["overrides"] = (), ()
    target = replace(base, **own) if base else Target(**own)
    for python in target.python if target.interpreter is None and not target.is_open else ():
        rules.required(target.lock, (python,), where=f"`lock` of {where}")
    rules.one_of("engine", target.engine, ENGINES, where=where)
    rules.one_of("float64", target.float64, FLOAT64, where=where)
    return target


def _locks(given: str | Mapping[str, str], pythons: Sequence[str], folder: Path) -> dict[str, Path]:
    if isinstance(given, str):
        given = dict.fromkeys(pythons, given)
    return {python: _placed(name, folder) for python, name in given.items()}


def _placed(name: str, folder: Path) -> Path:
    """A path of the table, seen from the table's own folder; made absolute without following links."""
    return Path(folder.absolute(), Path(name).expanduser())
