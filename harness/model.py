"""The records of the harness and the words they are called by.

============== ===================================================================================
implementation a lineage that claims the Keras API: `keras`, `tf.keras`, `tf.contrib.keras`,
               `tf_keras`, `keras_core`
target         one implementation at one version, on one backend, one interpreter, in one
               environment; has an id such as `keras-3.15.1-tensorflow`
pair           two targets compared: *reference* and *candidate*; neither is presumed right
spec           what Keras promises for one subject: parameters and their domains, inputs, what is
               observed, the oracle
case           one spec with one set of parameters, inputs and seed: plain data, with an address
               and a content hash
case script    the function in `harness/cases/` that performs a case on the namespace it is given
observation    what one target did with one case: outcome, steps, warnings, time
outcome        returned, raised, missing, unsupported, timed out, crashed
harness fault  we failed to observe; never an outcome, never agreement
oracle         the NumPy float64 reference of a spec: what the documentation says the result is
difference     one located mismatch between two observations: path, kind, both values, size
divergence     the differences of one case, for one pair, that share one fingerprint
fingerprint    one precise difference, without what is particular to one case
cause          a cluster of divergences with one root: one or many fingerprints
blame          which side departs from the oracle: reference, candidate, both, neither, unknown
expectation    a reviewed statement that a divergence is known
baseline       the committed set of expectations
verdict        agree, expected, new, changed, stale, inconclusive
run            one execution over a set of targets and cases
============== ===================================================================================

Everything here is a frozen record; nothing here does I/O.

Plain data
    Parameters, recipes and observed values are *plain data*: None, bool, int, float, str, list,
    dict with str keys, and tagged dicts for what JSON lacks: ``{"$tuple": [...]}``,
    ``{"$object": "initializers.Ones", "parameters": {...}}`` (make this Keras object),
    ``{"$attribute": "activations.relu"}`` (this Keras symbol itself), ``{"$dtype": "float32"}``.
    A decoded observation holds numpy arrays where a target gave tensors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

Plain = Any
"""Plain data as described in the module's docstring."""


class Outcome(StrEnum):
    """What a target did with a case."""

    RETURNED = "returned"
    RAISED = "raised"
    MISSING = "missing"
    UNSUPPORTED = "unsupported"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"


class Kind(StrEnum):
    """What sort of mismatch a difference is; each is a separate question put to the two sides."""

    OUTCOME = "outcome"
    ERROR = "error"
    STRUCTURE = "structure"
    DTYPE = "dtype"
    SHAPE = "shape"
    VALUE = "value"
    PRECISION = "precision"
    SPECIAL = "special values"
    DISTRIBUTION = "distribution"
    CONFIG = "config"
    SIGNATURE = "signature"
    NAMES = "names and order"
    WARNINGS = "warnings"
    EVENTS = "events"
    FILE = "file"


class Severity(StrEnum):
    """How bad a divergence is for a user, worst first."""

    NUMBERS = "silent different numbers"
    STRUCTURE = "silent different structure"
    CRASH = "crash or hang"
    RAISES = "one side raises"
    MISSING = "missing symbol or argument"
    CONFIG = "config or file format"
    EVENTS = "events and logs"
    NAMES = "names, messages, warnings"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


class Blame(StrEnum):
    """Which side departs from the oracle."""

    REFERENCE = "reference"
    CANDIDATE = "candidate"
    BOTH = "both"
    NEITHER = "neither"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What the baseline makes of a divergence, or of a case without one."""

    AGREE = "agree"
    EXPECTED = "expected"
    NEW = "new"
    CHANGED = "changed"
    STALE = "stale"
    INCONCLUSIVE = "inconclusive"


class StepStatus(StrEnum):
    """How one step of a case ended inside the target."""

    RETURNED = "returned"
    RAISED = "raised"
    MISSING = "missing"
    UNSUPPORTED = "unsupported"


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical(data: Plain) -> str:
    """Plain data as text that is the same for the same content, whatever the order of its keys."""
    return _ENCODER.encode(data)


def digest(data: Plain) -> str:
    """A content hash of plain data: 32 hexadecimal digits."""
    return hashlib.blake2b(canonical(data).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Case:
    """One spec with one set of parameters, inputs and seed. Plain data throughout.

    `variant` is None for the case itself, ``"shadow"`` for the case again in float64 and
    ``"jitter:K"`` for the case with inputs and weights moved by one unit in the last place.
    """

    subject: str
    """Dotted name below the implementation's namespace: ``layers.Conv2D``."""
    script: str
    """Name of the case script: a module of `harness/cases/` (``layer``) or ``module:function``."""
    parameters: Mapping[str, Plain]
    """Keyword arguments the subject is made or called with; a default left out is absent."""
    feed: Plain
    """What is fed: recipes of arrays (see `harness.specs.declaration.Array`), by role."""
    label: str = ""
    """What tells this case from others of the same subject besides parameters: the feed's name."""
    observe: tuple[str, ...] = ()
    """Dear observations asked for on top of the script's own: ``predict``, ``jit`` …"""
    seed: int = 0
    variant: str | None = None
    limit: float = 60.0
    """Seconds of processor time the case may take inside a target."""

    @cached_property
    def address(self) -> str:
        """A name a person can read and give to ``--only``."""
        inside = [f"{k}={short(v)}" for k, v in self.parameters.items()]
        if self.label:
            inside.append(self.label)
        return f"{self.subject}/{self.script}[{','.join(inside)}]"

    def plain(self) -> dict[str, Plain]:
        """The case as it goes over the wire; `limit` is left to the coordinator."""
        return {
            "subject": self.subject,
            "script": self.script,
            "parameters": dict(self.parameters),
            "feed": self.feed,
            "observe": list(self.observe),
            "seed": self.seed,
            "variant": self.variant,
        }

    @cached_property
    def hash(self) -> str:
        """Content hash: the same case has the same hash on every machine."""
        return digest(self.plain())


def short(value: Plain, limit: int = 40) -> str:
    """A parameter value in few characters, for an address."""
    if isinstance(value, dict):
        for tag in ("$object", "$attribute", "$dtype"):
            if tag in value:
                return str(value[tag]).rsplit(".", 1)[-1]
        if "$tuple" in value:
            return "(" + ",".join(short(v) for v in value["$tuple"]) + ")"
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(frozen=True)
class Raised:
    """An exception a target raised."""

    type: str
    """Class name: ``ValueError``."""
    bases: tuple[str, ...]
    """Names of its classes up to but without ``object``."""
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class Warned:
    """A Python warning a target issued."""

    category: str
    text: str


@dataclass(frozen=True)
class Step:
    """One thing a case script did, and what came of it.

    `kind` says what a differing leaf of `value` would be (a config, a name, a number …): the
    worker says it, so that nothing is guessed from text later. `value` is decoded plain data
    with numpy arrays.
    """

    name: str
    kind: Kind
    status: StepStatus
    value: Any = None
    raised: Raised | None = None
    reason: str = ""
    """Why the step is unsupported or what is missing."""
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True)
class Observation:
    """What one target did with one case."""

    case_hash: str
    target: str
    outcome: Outcome
    steps: tuple[Step, ...] = ()
    """In the order the script took them. A script stops at a step that others depend on."""
    stopped: bool = False
    """True when the script ended early because a step the rest depends on did not return."""
    evidence: str = ""
    """Last lines of output, signal, traceback: filled for crashes, time-outs and the like."""
    seconds: float = 0.0
    """Wall time of the case inside the target."""
    inside_seconds: float = 0.0
    """The part of `seconds` spent inside the implementation's own calls."""
    payload: str = ""
    """Digest of everything above that is compared; equal payloads are equal observations."""

    def step(self, name: str) -> Step | None:
        """The step called `name`, or None."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Step]:
        """The steps by their names; of two with one name the first."""
        return {step.name: step for step in reversed(self.steps)}


@dataclass(frozen=True)
class Size:
    """How far apart two arrays are, and what rounding could account for."""

    max_abs: float
    max_rel: float
    max_ulp: float
    """In units in the last place of the coarser of the two dtypes."""
    elements: int
    differing: int
    tolerance: float
    """Smallest relative-to-the-largest-value tolerance under which the two would pass."""
    band: float | None = None
    """Largest change one unit in the last place of the inputs caused on either side (jitter)."""
    shadow: float | None = None
    """Largest absolute difference of the same value in float64, where valid."""
    reference_error: float | None = None
    """Largest absolute distance of the reference from the truth (oracle or shadow)."""
    candidate_error: float | None = None


@dataclass(frozen=True)
class Difference:
    """One located mismatch between two observations."""

    step: str
    kind: Kind
    path: str
    """Inside the step: ``outputs[0]``, ``weights[1].name``, ``config.dtype``; empty for the step itself."""
    reference: Any
    candidate: Any
    """Plain data or arrays; `ABSENT` where one side has no such key."""
    size: Size | None = None
    note: str = ""

    @property
    def where(self) -> str:
        """Step and path as one string."""
        if not self.path:
            return self.step
        return self.step + ("" if self.path.startswith("[") else ".") + self.path


class Absent:
    """What stands where one side has no value at all."""

    _only: Absent | None = None

    def __new__(cls) -> Absent:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True)
class Divergence:
    """The differences of one case, for one pair, that share one fingerprint."""

    id: str
    pair: str
    subject: str
    case: Case
    kind: Kind
    severity: Severity
    path: str
    """Generalised place: step and path of the first difference."""
    differences: tuple[Difference, ...]
    fingerprint: str
    summary: str
    blame: Blame = Blame.UNKNOWN
    blame_evidence: str = ""
    verdict: Verdict = Verdict.NEW
    expectation: str = ""
    """Id of the expectation that covers it."""
    subjects: tuple[str, ...] = ()
    """Every API name the case is about, `subject` first; a scenario is about several."""
    origin: str = ""
    """Of a graph: in which node, gradient or step of training the two sides part, in sentences."""
    cause: str = ""
    """Fingerprint of the cause it belongs to: of the root, not of this precise difference."""
    root: str = ""
    """The root in one sentence."""
    looked_at: bool = True
    """Whether a closer look was taken where its numbers called for one; see `harness/reviewed.py`."""


@dataclass(frozen=True)
class Cause:
    """A cluster of divergences with one root and one verdict."""

    fingerprint: str
    """Of the root: `Divergence.cause`."""
    title: str
    kind: Kind
    severity: Severity
    blame: Blame
    verdict: Verdict
    divergences: tuple[Divergence, ...]
    blame_evidence: str = ""
    """What the blame rests on; where there is none, the reason why."""
    expectation: str = ""
    """Id of the expectation that covers it."""

    @cached_property
    def fingerprints(self) -> tuple[str, ...]:
        """Every precise difference that is part of it, sorted."""
        return tuple(sorted({d.fingerprint for d in self.divergences}))

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """Every subject the cause touches, sorted."""
        return tuple(sorted({d.subject for d in self.divergences}))


@dataclass(frozen=True)
class Fault:
    """A harness fault as a record: what we failed to observe, and the way out."""

    target: str
    what: str
    evidence: str = ""
    fix: str = ""
    cases: int = 0
    """How many cases were not observed because of it."""


class CaseStatus(StrEnum):
    """How a case of a pair ended, for counting."""

    AGREE = "agree"
    ROUNDING = "agree within rounding"
    DIVERGE = "diverge"
    INCONCLUSIVE = "inconclusive"
    """Nothing was compared: unsupported on a side, or non-deterministic beyond judging."""
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Judged:
    """One case of a pair after comparing."""

    case: Case
    status: CaseStatus
    reference: Outcome | None
    candidate: Outcome | None
    divergences: tuple[Divergence, ...] = ()
    notes: tuple[str, ...] = ()
    """What was said out loud: steps not compared and why, rounding that was explained."""


@dataclass(frozen=True)
class TargetInfo:
    """What a target said of itself when its worker started."""

    id: str
    implementation: str
    version: str
    backend: str
    python: str
    namespace: str
    packages: Mapping[str, str] = field(default_factory=dict)
    """Every installed distribution and its version: the full freeze."""
    identity: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Name a user can import → names that are the very same code object."""
    fingerprint: str = ""
    settings: Mapping[str, Plain] = field(default_factory=dict)
    """Threads, environment variables, floatx and the like."""
    start_seconds: float = 0.0
    peak_mb: float = 0.0
