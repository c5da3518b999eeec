"""The coordinator's side of the worker protocol (written down in `harness/worker/__init__.py`)."""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import ml_dtypes
import numpy as np

from harness.errors import WireFault
from harness.model import Kind, Observation, Outcome, Raised, Step, StepStatus, Warned

MAGIC = b"KCH1"
HEAD = struct.Struct("<4sIQI")
LARGEST_HEADER = 64 << 20
LARGEST_BODY = 1 << 32
ENTRY = re.compile(r'\{"\$array": \["(\w+)", \[([\d, ]*)\], (\d+)\]\}')
"""An array in the JSON of a step. Inside a string its quotes would be escaped: nothing else looks like it."""

KINDS = {str(kind): kind for kind in Kind}
STATUSES = {str(status): status for status in StepStatus}
_DECODER = json.JSONDecoder()

Known = MutableMapping[tuple[str, bytes], Step]
"""Steps that were decoded before, by what is on the wire of them."""


@dataclass(frozen=True)
class Frame:
    """One frame of the protocol."""

    header: Mapping[str, Any]
    body: bytes

    @property
    def says(self) -> str:
        """What the worker says with it."""
        return str(self.header.get("say", ""))


def pack(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """A frame as bytes."""
    head = json.dumps(header).encode()
    crc = zlib.crc32(body, zlib.crc32(head))
    return HEAD.pack(MAGIC, len(head), len(body), crc) + head + body


class FrameReader:
    """Turns bytes as they arrive into frames. Raises `WireFault` on what is not a frame."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take more bytes; yield every frame that is complete."""
        self._pending += data
        while len(self._pending) >= HEAD.size:
            magic, head_length, body_length, crc = HEAD.unpack_from(self._pending)
            if magic != MAGIC or head_length > LARGEST_HEADER or body_length > LARGEST_BODY:
                raise WireFault(
                    f"Expected a frame of the protocol. Received bytes that start with {magic!r}."
                )
            end = HEAD.size + head_length + body_length
            if len(self._pending) < end:
                return
            head = bytes(self._pending[HEAD.size : HEAD.size + head_length])
            body = bytes(self._pending[HEAD.size + head_length : end])
            del self._pending[:end]
            if zlib.crc32(body, zlib.crc32(head)) != crc:
                raise WireFault("Expected a frame whose checksum is right. Received one that was damaged.")
            yield Frame(header_of(head), body)


def header_of(head: bytes) -> dict[str, Any]:
    """The header of a frame. Raises `WireFault` when it is not a JSON object."""
    try:
        header = json.loads(head)
    except ValueError as error:
        raise WireFault(f"Expected a header in JSON. Received one that is not: {error}.") from error
    if not isinstance(header, dict):
        raise WireFault(f"Expected a header that is an object. Received: {type(header).__name__}.")
    return header


@cache
def _dtype(name: str) -> np.dtype[Any]:
    """A type by the name the wire has for it."""
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def array_of(entry: list[Any], blob: bytes) -> np.ndarray[Any, Any]:
    """An array from its entry ``[dtype, shape, offset]`` and the bytes behind the JSON."""
    name, shape, offset = entry
    dtype = _dtype(name)
    count = math.prod(shape)
    if count == 0:
        return np.zeros(shape, dtype)
    return np.frombuffer(blob, dtype=dtype, count=count, offset=offset).reshape(shape)


def value_of(plain: Any, blob: bytes) -> Any:
    """Plain data from the wire with numpy arrays in place of their entries."""
    if isinstance(plain, list):
        return [value_of(v, blob) for v in plain]
    if not isinstance(plain, dict):
        return plain
    if "$array" in plain and len(plain) == 1:
        return array_of(plain["$array"], blob)
    if "$strings" in plain and len(plain) == 1:
        shape, flat = plain["$strings"]
        out = np.empty(len(flat), dtype=object)
        out[:] = flat
        return out.reshape(shape)
    return {k: value_of(v, blob) for k, v in plain.items()}


def step_of(entry: Mapping[str, Any], blob: bytes) -> Step:
    """One step from its JSON."""
    error = entry.get("error")
    return Step(
        name=entry["step"],
        kind=KINDS[entry["kind"]],
        status=STATUSES[entry["status"]],
        value=value_of(entry.get("value"), blob),
        raised=None if error is None else Raised(error["type"], tuple(error["bases"]), error["message"]),
        reason=entry.get("reason", ""),
        warnings=tuple(Warned(w["category"], w["text"]) for w in entry.get("warnings", ())),
    )


def steps_of(body: bytes, known: Known | None = None) -> tuple[Step, ...]:
    """The steps of an observation's body. Raises `WireFault` for one that is not in the protocol's form.

    known: steps decoded before; one that is the same to the last bit is not decoded again but the very same
    object, so that whoever compares the two sees it at once. Takes in what is new.
    """
    text, _, blob = body.partition(b"\0")
    try:
        if known is None:
            return tuple(step_of(entry, blob) for entry in json.loads(text or b"[]"))
        return tuple(_known_step(entry, said, blob, known) for entry, said in _entries(text or b"[]"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WireFault(
            f"Expected the steps of an observation. Received a body that cannot be read: {error!r}. "
            "Run again with `--no-cache`."
        ) from error


def _entries(text: bytes) -> list[tuple[Any, str]]:
    """The steps of a body as plain data, each with its own JSON.

    That of our encoder is cut where a step ends; what is put otherwise is put again as our encoder does.
    """
    said = text.decode()
    out = []
    place = 1 if said[0] == "[" else len(said)
    while place < len(said) and said[place] == "{":
        entry, end = _DECODER.raw_decode(said, place)
        out.append((entry, said[place:end]))
        if said[end:] == "]":
            return out
        place = end + 2 if said.startswith(", ", end) else len(said)
    return [(entry, json.dumps(entry)) for entry in json.loads(text)]


def _known_step(entry: Mapping[str, Any], said: str, blob: bytes, known: Known) -> Step:
    """A step from its JSON, or the one there is already with the same content."""
    key = content_of(said, blob)
    found = known.get(key)
    if found is None:
        found = known[key] = step_of(entry, blob)
    return found


def content_of(said: str, blob: bytes) -> tuple[str, bytes]:
    """All that the wire says of a step: its JSON without the places of its arrays, and their bytes."""
    if "$array" not in said:
        return said, b""
    parts: list[bytes] = []

    def taken(match: re.Match[str]) -> str:
        name, shape, offset = match.groups()
        count = math.prod(int(length) for length in shape.split(",") if length.strip())
        parts.append(blob[int(offset) : int(offset) + count * _dtype(name).itemsize])
        return f"{name}[{shape}]"

    text = ENTRY.sub(taken, said)
    if (
        "$array" in text
    ):  # an array told in a way our encoder does not: where its bytes are, it may say as it likes
        parts.append(blob)
    return text, b"".join(parts)


@dataclass(frozen=True)
class Sighting:
    """An observation as it came: the body still packed, so that equal ones are never unpacked."""

    case_hash: str
    target: str
    outcome: Outcome
    body: bytes = b""
    stopped: bool = False
    evidence: str = ""
    traces: str = ""
    seconds: float = 0.0
    inside_seconds: float = 0.0
    repeat: int = 0

    @property
    def payload(self) -> str:
        """Digest of everything that is compared."""
        hasher = hashlib.blake2b(f"{self.outcome}|{self.stopped}|".encode(), digest_size=16)
        hasher.update(self.body)
        return hasher.hexdigest()

    def unpack(self, known: Known | None = None) -> Observation:
        """The observation with its steps decoded; those that are `known` are not decoded again."""
        evidence = self.evidence + (("\n" + self.traces) if self.traces else "")
        return Observation(
            case_hash=self.case_hash,
            target=self.target,
            outcome=self.outcome,
            steps=steps_of(self.body, known),
            stopped=self.stopped,
            evidence=evidence,
            seconds=self.seconds,
            inside_seconds=self.inside_seconds,
            payload=self.payload,
        )


def sighting_of(frame: Frame, target: str, repeat: int) -> Sighting:
    """What an ``observed`` frame says. Raises `WireFault` when it does not say all of it."""
    header = frame.header
    try:
        traces = "\n".join(f"{step}:\n{trace}" for step, trace in header.get("traces", {}).items())
        return Sighting(
            case_hash=header["case"],
            target=target,
            outcome=Outcome(header["outcome"]),
            body=frame.body,
            stopped=bool(header["stopped"]),
            evidence=header["evidence"],
            traces=traces,
            seconds=float(header["seconds"]),
            inside_seconds=float(header["inside"]),
            repeat=repeat,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WireFault(f"Expected a whole reply about a case. Received one with {error!r}.") from error
