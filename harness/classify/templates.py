"""What stays of a text or a change once everything particular to one subject or run is taken out.

Two divergences have one cause when what stays is the same, so that "131 subjects now keep a dict
under `dtype`" is found once and not 131 times.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from harness.compare import paths
from harness.compare.values import same_float32, type_name
from harness.model import ABSENT, Plain

LONGEST = 160
"""Characters of a message template that are kept: the first sentences, where the reason stands."""

_READ = 2000
"""Characters of a text that are looked at at all: what comes from a target may be a megabyte long."""

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \d{4}\b"), "{time}"),
    (re.compile(r"\bno answer within [^;]*;"), "no answer in time;"),
    (re.compile(r"\bArguments received by.*", re.DOTALL), ""),
    (re.compile(r"\{\{.*?\}\}"), "{node}"),
    (re.compile(r"\barray\(.*", re.DOTALL), "{array} …"),
    (re.compile(r"\b(?:Received|Got):.*", re.DOTALL), "Received …"),
    (re.compile(r"<class '[^']*'>"), "{class}"),
    (re.compile(r"<[^<>\n]*(?:0x[0-9a-fA-F.]+|object|function)[^<>\n]*>"), "{object}"),
    (re.compile(r"\b0x[0-9a-fA-F.]+"), "{address}"),
    (re.compile(r"\b\w+\.call\(\)"), "{class}.call()"),
    (re.compile(r"\b(?:[A-Z]+[a-z0-9]+){2,}\w*"), "{class}"),
    (re.compile(r"[(\[]\s*(?:None|\?|-?\d+)(?:\s*,\s*(?:None|\?|-?\d+))*\s*,?\s*[)\]]"), "{shape}"),
    (re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"), "#"),
)
_KERNELS = re.compile(
    r"\b(?:KernelDef|Registered kernels|Available kernels|Registered devices):.*", re.DOTALL
)
"""Where TensorFlow lists kernels: in the order of a hash table, another one in every process."""
_FRAMES = re.compile(r"^([ \t]*)File \"[^\n]*(?:\n\1[ \t]+\S[^\n]*)?\n?", re.MULTILINE)
_TRACES = ("defined at (most recent call last):", "in user code:")
"""Before TensorFlow lists frames, and AutoGraph frames and source lines: ours and its own, in another release
others. The reason stands behind them."""
_QUOTED = re.compile(r"""(?<!\w)(['"`])(.*?)\1(?!\w)""", re.DOTALL)


@cache
def snake(name: str) -> str:
    """A class name as Keras makes instance names of it: ``Conv2DTranspose`` → ``conv2d_transpose``."""
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


def without_subject(text: str, subject: str) -> str:
    """A text with the subject's own class name and its snake-case form replaced."""
    name = subject.rsplit(".", 1)[-1]
    if not name:
        return text
    if name in text:
        text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![a-z])", "{Subject}", text)
    if (snaked := snake(name)) in text:
        text = re.sub(rf"(?<![a-z]){re.escape(snaked)}(?![a-z])", "{subject}", text)
    return text


def message(text: str, subject: str, keep: Collection[str] = ()) -> str:
    """The template of an exception's or a warning's message.

    keep: words that stay although they are quoted, such as the names of the case's parameters:
    ``unexpected keyword argument 'alpha'`` is another cause than ``… 'units'``.
    """
    return _message(text[: 2 * _READ], subject, frozenset(keep))


@lru_cache(maxsize=2048)  # one target after the other says the same of one case
def _message(text: str, subject: str, keep: frozenset[str]) -> str:
    if any(trace in text[:_READ] for trace in _TRACES):
        text = _FRAMES.sub("", text[: 2 * _READ])
    text = without_subject(_KERNELS.sub("{kernels}", _ANSI.sub("", text[:_READ])), subject)
    text = _QUOTED.sub(lambda m: m.group(0) if m.group(2) in keep or _is_prose(m.group(2)) else "'…'", text)
    for pattern, placeholder in _RULES:
        text = pattern.sub(placeholder, text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _is_prose(quoted: str) -> bool:
    """Whether a quotation is the message itself, three words or more: ``('Not known here:', 'x')``."""
    return len(re.findall(r"[A-Za-z]{2,}", quoted)) >= 3


def change(reference: Any, candidate: Any, subject: str, *, names: bool = False) -> str:
    """What turns the reference's value into the candidate's, without what is particular to one subject.

    names: texts are names that are made by a rule, so that what both have in common is left out.
    """
    if isinstance(reference, str) and isinstance(candidate, str):
        one, two = leaf(reference, subject), leaf(candidate, subject)
        return edit(one, two) if names else f"{one} → {two}"
    if isinstance(reference, float) and isinstance(candidate, float) and same_float32(reference, candidate):
        return "a number → the same number in float32"
    if reference is ABSENT or candidate is ABSENT:
        return f"{sketch(reference)} → {sketch(candidate)}"
    if is_scalar(reference) and is_scalar(candidate):
        return " → ".join(
            f"'{leaf(v, subject)}'" if isinstance(v, str) else repr(v) for v in (reference, candidate)
        )
    return f"{sketch(reference)} → {sketch(candidate)}"


def is_scalar(value: Any) -> bool:
    """Whether a value is one number, bool, None or a short text."""
    if isinstance(value, str):
        return len(value) <= 80
    return value is None or isinstance(value, bool | int | float)


def leaf(value: Any, subject: str) -> str:
    """One scalar as it stands in a change: numbers exactly, texts without counters and the subject."""
    if isinstance(value, str):
        text = re.sub(r"(?<=[_:/])\d+", "#", without_subject(value[:_READ], subject))
        return text if len(text) <= 80 else text[:79] + "…"
    return repr(value)


@lru_cache(maxsize=4096)
def edit(reference: str, candidate: str) -> str:
    """A change of text with the longest run of words that both have left out.

    ``dense_#/kernel → kernel`` and ``dense_#/bias → bias`` are one change: ``dense_#/… → …``.
    """
    one, two = (re.findall(r"\{\w+\}|[A-Za-z]+|.", t, re.DOTALL) for t in (reference, candidate))
    match = difflib.SequenceMatcher(None, one, two, autojunk=False).find_longest_match()
    common = one[match.a : match.a + match.size]
    if any(len(word) > 1 for word in common):
        one[match.a : match.a + match.size] = ["…"]
        two[match.b : match.b + match.size] = ["…"]
    return f"{''.join(one)} → {''.join(two)}"


def sketch(value: Any, depth: int = 1) -> str:
    """The make of a value: its type, and for a dict its keys."""
    inner = paths.untagged(value)
    if inner is not value:
        return "tuple"
    if isinstance(value, dict):
        if depth <= 0 or len(value) > 12:
            return "dict"
        return "dict{" + ",".join(sorted(str(k)[:24] for k in value)) + "}"
    return type_name(value)


SERIALISED = frozenset(
    {"module", "class_name", "config", "registered_name", "build_config", "shared_object_id"}
)
"""Keys of the dict an object is serialised to: what differs at them differs wherever an object stands."""


def place(step: str, path: str) -> str:
    """Step and path with positions as ``[*]`` and, inside a serialised object, its holder as ``*``.

    A config inside what a step serialised is the same place as the config itself:
    ``serialize.config.dtype`` is ``config.dtype``.
    ``config.kernel_initializer.module`` and ``config.layer.config.bias_initializer.module`` are one
    place: ``config.*.module``.
    """
    parts = ["[*]" if isinstance(s, int) else s for s in paths.segments(path)]
    if parts[:1] == ["config"]:
        step, parts = "config", parts[1:]
    last = max((i for i, part in enumerate(parts) if part in SERIALISED), default=0)
    if last:
        parts = ["*", *parts[last:]]
    text = step
    for part in parts:
        text += part if part == "[*]" else "." + part
    return text


def told(side: Plain, subject: str, keep: Collection[str] = ()) -> str:
    """One side of an outcome difference: what happened, and the template of what was said."""
    if not isinstance(side, dict):
        return "nothing"
    words = [str(side.get("status", "nothing"))]
    if "type" in side:
        words.append(str(side["type"])[:60])
    said = str(side.get("message") or side.get("reason") or "")
    if not said and side.get("evidence"):
        said = str(side["evidence"]).strip().rsplit("\n", 1)[-1]
    if said:
        words.append(message(said, subject, keep))
    return " ".join(words)
