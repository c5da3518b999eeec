"""A run as it might be, with everything hostile a target could send; made without any Keras."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.model import (
    ABSENT,
    Blame,
    Case,
    CaseStatus,
    Cause,
    Difference,
    Divergence,
    Fault,
    Judged,
    Kind,
    Outcome,
    Raised,
    Severity,
    Size,
    TargetInfo,
    Verdict,
    digest,
)
from harness.report.records import (
    NotCompared,
    NotRun,
    RunRecord,
    SameCode,
    Stale,
    SubjectFacts,
    Timing,
)

PAIR = "modern"

HOSTILE = (
    "<script>window.hurt = 1</script>",
    '"><img src=x onerror="window.hurt=1"><a href="javascript:window.hurt=1">x</a>',
    "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J",
    "right \u202e to left \u2066 isolated",
    "null \x00 byte, bell \x07, next line \x85, lone surrogate \ud800, end \uffff",
    "]]><!-- {{ 7 * 7 }} {% raw %} ${7*7} ",
    "M" * 1_000_000,
)

SUBJECTS = [
    "Dense",
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "ConvLSTM2D",
    "LSTM",
    "GRU",
    "SimpleRNN",
    "LayerNormalization",
    "BatchNormalization",
    "Embedding",
    "Dropout",
    "ELU",
    "LeakyReLU",
    "Softmax",
    "PReLU",
    "Flatten",
    "Reshape",
    "Permute",
    "RepeatVector",
    "Concatenate",
    "Add",
    "Dot",
    "Average",
    "Maximum",
    "Masking",
    "Bidirectional",
    "TimeDistributed",
    "MultiHeadAttention",
    "Attention",
    "Resizing",
    "Rescaling",
    "Normalization",
    "Discretization",
    "StringLookup",
    "RandomFlip",
]


def target(side: str) -> TargetInfo:
    """One target of the default pair."""
    legacy = side == "candidate"
    environment = {"TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONHASHSEED": "0"}
    return TargetInfo(
        id="tf.keras-2.21" if legacy else "keras-3.15.1-tensorflow",
        implementation="tf.keras" if legacy else "keras",
        version="2.21.0" if legacy else "3.15.1",
        backend="tensorflow",
        python="3.11.7",
        namespace="tensorflow.keras" if legacy else "keras",
        packages={"tensorflow": "2.21.0", "numpy": "2.2.6", "keras": "3.15.1", "h5py": "3.14.0"}
        | ({"tf-keras": "2.21.0"} if legacy else {}),
        identity={"tensorflow.keras": ["tf_keras"]} if legacy else {"keras": []},
        fingerprint=digest(side),
        settings={
            "engine": "eager",
            "floatx": "float32",
            "intra_op_threads": 1,
            "environment": environment | ({"TF_USE_LEGACY_KERAS": "1"} if legacy else {}),
        },
    )


def case(subject: str, number: int, **parameters: Any) -> Case:
    """One case of a layer."""
    return Case(
        subject=f"layers.{subject}",
        script="layer",
        parameters={"units": 1 + number % 7, "number": number, **parameters},
        feed={
            "inputs": {"$array": True, "dtype": "float32", "shape": [2, 3, 4], "values": "normal"},
            "call": {},
        },
        label="plain",
        seed=number,
    )


def divergence(
    made: Case, fingerprint: str, severity: Severity, *differences: Difference, **more: Any
) -> Divergence:
    """One divergence of a case."""
    first = differences[0]
    fields: dict[str, Any] = {
        "summary": f"{first.where} differs",
        "blame": Blame.UNKNOWN,
        "verdict": Verdict.NEW,
    } | more
    return Divergence(
        id=digest([made.hash, fingerprint])[:12],
        pair=PAIR,
        subject=made.subject,
        case=made,
        kind=first.kind,
        severity=severity,
        path=first.where,
        differences=differences,
        fingerprint=fingerprint,
        **fields,
    )


def _values(number: int, elements: int) -> Difference:
    random = np.random.RandomState(number)
    left = random.standard_normal((elements // 4 or 1, 4)).astype("float32")
    right = (left + random.standard_normal(left.shape) * 0.01).astype("float32")
    if number % 3 == 0:
        right[0, 0] = np.nan
        left[0, 1] = np.inf
    return Difference(
        step="forward",
        kind=Kind.VALUE,
        path="outputs[0]",
        reference=left,
        candidate=right,
        size=Size(0.08, 0.31, 1.2e6, left.size, left.size, 0.05, 1.2e-7, 0.08, 2.1e-8, float("nan")),
    )


def _template(
    kind: int, number: int, place: int
) -> tuple[str, Severity, tuple[Difference, ...], dict[str, Any]]:
    """Title, severity, differences and the rest for the kinds of cause the fixture has."""
    if kind == 0:
        return (
            "Outputs differ: hard_sigmoid has another slope",
            Severity.NUMBERS,
            (_values(number, 24), _values(number + 1, 400)),
            {
                "blame": Blame.CANDIDATE,
                "blame_evidence": "The error against the oracle is 0.083, the band of rounding 1.2e-07.",
                "summary": "forward outputs[0] differs by 0.083, in float64 too",
            },
        )
    if kind == 1:
        left = {"axis": -1, "epsilon": 0.001, "name": "x"}
        return (
            "Config key `epsilon`: 0.001 → 1e-07",
            Severity.CONFIG,
            (Difference("config", Kind.CONFIG, "epsilon", left, {**left, "epsilon": 1e-07}),),
            {"summary": "config epsilon is 0.001 against 1e-07", "blame": Blame.NEITHER},
        )
    if kind == 2:
        error = Raised("ValueError", ("ValueError", "Exception"), "Expected `units` positive. Received: 0")
        return (
            "ValueError where the candidate returns",
            Severity.RAISES,
            (Difference("construct", Kind.OUTCOME, "", error, "returned"),),
            {"summary": "construct raises ValueError, the candidate returns"},
        )
    if kind == 3:
        return (
            "Argument `activity_regularizer` is missing",
            Severity.MISSING,
            (Difference("construct", Kind.SIGNATURE, "signature", {"units": 1}, ABSENT),),
            {"blame": Blame.REFERENCE, "summary": "construct signature is absent on the candidate"},
        )
    if kind == 4:
        return (
            "Weight is called `bias` against `b`",
            Severity.NAMES,
            (Difference("weights", Kind.NAMES, "[1].name", "dense/bias", "dense_1/bias:0"),),
            {
                "verdict": Verdict.EXPECTED,
                "expectation": "names-of-weights",
                "summary": "weights[1].name differs",
            },
        )
    if kind == 5:
        return (
            "dtype of the output: float32 → float16",
            Severity.STRUCTURE,
            (Difference("forward", Kind.DTYPE, "outputs[0].dtype", np.dtype("float32").name, "float16"),),
            {"summary": "forward outputs[0] is float32 against float16", "blame": Blame.CANDIDATE},
        )
    text = HOSTILE[(number + place // len(HOSTILE)) % len(HOSTILE)]
    return (
        f"Hostile {text[:400]}",
        Severity.CRASH,
        (Difference(f"step {text[:60]}", Kind.ERROR, f"path {text[:60]}", text, text[::-1], note=text),),
        {"summary": f"hostile {text}", "blame_evidence": text},
    )


def run_record(
    *, subjects: Sequence[str] = SUBJECTS, per_subject: int = 12, diverging: int = 4, hostile: bool = True
) -> RunRecord:
    """A run of `len(subjects) × per_subject` cases, of which `diverging` per subject diverge."""
    judged: list[Judged] = []
    found: dict[tuple[str, str, Severity, Verdict, Blame, Kind], list[Divergence]] = {}
    for place, subject in enumerate(subjects):
        for number in range(per_subject):
            kind = (place + number) % (7 if hostile else 6)
            extra = (
                {"note": HOSTILE[(number + place // len(HOSTILE)) % len(HOSTILE)][:9000]}
                if hostile and kind == 6
                else {}
            )
            made = case(subject, number, **extra)
            divergences: tuple[Divergence, ...] = ()
            status, notes = CaseStatus.AGREE, ()
            if number < diverging:
                title, severity, differences, more = _template(kind, number, place)
                mark = hashlib.blake2b(title.encode("utf-8", "replace"), digest_size=8).hexdigest()
                one = divergence(made, mark, severity, *differences, **more)
                divergences, status = (one,), CaseStatus.DIVERGE
                key = (title, mark, severity, one.verdict, one.blame, one.kind)
                found.setdefault(key, []).append(one)
            elif number == per_subject - 1:
                status, notes = CaseStatus.INCONCLUSIVE, ("Both sides are non-deterministic beyond judging.",)
            elif number == per_subject - 2:
                status, notes = CaseStatus.ROUNDING, ("forward: rounding alone explains the difference.",)
            judged.append(Judged(made, status, Outcome.RETURNED, Outcome.RETURNED, divergences, notes))
    causes = [
        Cause(mark, title, kind_, severity, blame, verdict, tuple(divergences))
        for (title, mark, severity, verdict, blame, kind_), divergences in found.items()
    ]
    return RunRecord(
        run="2026-01-02T03-04-05-modern",
        started="2026-01-02T03:04:05Z",
        ended="2026-01-02T03:05:35Z",
        pair=PAIR,
        reference=target("reference"),
        candidate=target("candidate"),
        profile="quick",
        seed=0,
        settings={"jobs": 2, "only": None},
        judged=judged,
        causes=causes,
        faults=(Fault("tf.keras-2.21", HOSTILE[0], HOSTILE[2], "Run it again.", 3),) if hostile else (),
        stale=(Stale("gone-since-3.14", "LSTM's initial state is now right."),),
        subjects=[_facts(subject, hostile) for subject in subjects],
        not_compared=(
            NotCompared("symbols without a spec", "their family has no specs yet", 412),
            NotCompared("predict, jit", "asked for on the first two cases of a subject only", 340),
        ),
        timings=(
            Timing("keras-3.15.1-tensorflow", len(judged), 1.9, 21.4, 24.0),
            Timing("tf.keras-2.21", len(judged), 2.1, 30.2, 33.9, cached=12),
        ),
        previous=frozenset({causes[0].fingerprint, "0123456789abcdef"}) if causes else None,
    )


def _facts(subject: str, hostile: bool) -> SubjectFacts:
    bad = hostile and subject == "Dense"
    return SubjectFacts(
        subject=f"layers.{subject}",
        family="layers",
        source="javascript:window.hurt=1" if bad else "https://keras.io/api/layers/",
        oracle="" if subject == "RandomFlip" else f"core.{subject.lower()}",
        no_oracle="random by nature" if subject == "RandomFlip" else "",
        exercised={
            "units": ("1", "2", "3", "4"),
            "activation": ("default", "relu", HOSTILE[0] if bad else "softmax"),
        },
    )


def unavailable_record() -> RunRecord:
    """A run whose candidate could not be had."""
    fault = Fault("keras-2.3.1-cntk", "No CPython 3.6 was found.", "", "Install CPython 3.6.")
    return RunRecord(
        run="r",
        started="2026-01-02T03:04:05Z",
        ended="2026-01-02T03:04:06Z",
        pair="cntk",
        reference=target("reference"),
        candidate=NotRun("keras-2.3.1-cntk", fault),
        profile="quick",
        seed=0,
        faults=(fault,),
    )


def aliased_record() -> RunRecord:
    """A run whose sides are one code."""
    made = case("Dense", 1)
    return RunRecord(
        run="r",
        started="2026-01-02T03:04:05Z",
        ended="2026-01-02T03:04:06Z",
        pair="aliased",
        reference=target("reference"),
        candidate=target("candidate"),
        profile="quick",
        seed=0,
        judged=(Judged(made, CaseStatus.AGREE, Outcome.RETURNED, Outcome.RETURNED),),
        same_code=(SameCode("keras", "tensorflow.keras"),),
    )
