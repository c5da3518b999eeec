"""Frames of the worker protocol: what arrives whole is read whole, and nothing else is believed."""

from __future__ import annotations

import contextlib
import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import WireFault
from harness.model import Kind, Outcome, StepStatus
from harness.run.wire import (
    HEAD,
    MAGIC,
    Frame,
    FrameReader,
    Sighting,
    array_of,
    pack,
    sighting_of,
    steps_of,
    value_of,
)

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FRAMES = st.lists(st.tuples(st.dictionaries(st.text(max_size=8), PLAIN, max_size=4), st.binary(max_size=99)))


def read(data: bytes, size: int = 1 << 20) -> list[Frame]:
    """Every frame of some bytes that arrive in pieces."""
    reader = FrameReader()
    return [f for i in range(0, len(data), size) for f in reader.feed(data[i : i + size])]


@given(FRAMES, st.integers(1, 50))
def test_frames_arrive_as_they_were_sent(frames: list[tuple[dict[str, Any], bytes]], size: int) -> None:
    """Whatever the pieces they come in, frames are read in order and whole."""
    data = b"".join(pack(header, body) for header, body in frames)
    assert [(f.header, f.body) for f in read(data, size)] == frames


@given(st.binary(max_size=60), st.data())
def test_a_frame_that_is_cut_is_not_read(body: bytes, data: st.DataObject) -> None:
    """A frame whose end is missing is waited for, not guessed."""
    whole = pack({"say": "hello"}, body)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert read(whole[:cut]) == []


@given(st.data())
def test_a_damaged_byte_is_never_believed(data: st.DataObject) -> None:
    """One changed byte makes a fault, or a frame that never ends; never another frame."""
    whole = bytearray(pack({"say": "observed", "case": "x"}, b"body"))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(WireFault):
        assert read(bytes(whole)) == []


@given(st.binary(min_size=HEAD.size, max_size=200).filter(lambda b: not b.startswith(MAGIC)))
def test_garbage_is_a_fault(garbage: bytes) -> None:
    """Bytes that do not start like a frame are refused at once, and shown."""
    with pytest.raises(WireFault, match="Received bytes that start with"):
        read(garbage)


def test_a_frame_of_absurd_length_is_refused() -> None:
    """A header that announces more than can be is refused before anything is kept for it."""
    with pytest.raises(WireFault):
        read(HEAD.pack(MAGIC, 1 << 31, 0, 0))
    with pytest.raises(WireFault):
        read(HEAD.pack(MAGIC, 2, 1 << 60, 0))


def test_a_header_that_is_no_json_is_a_fault() -> None:
    """A frame whose checksum is right and whose header is not JSON is refused, too."""
    for head in (b"{nope", b"[1]", b"\xff"):
        with pytest.raises(WireFault, match="Expected a header"):
            read(HEAD.pack(MAGIC, len(head), 0, zlib.crc32(b"", zlib.crc32(head))) + head)


@pytest.mark.parametrize("lacks", ["case", "outcome", "seconds"])
def test_a_reply_that_is_not_whole_is_a_fault(lacks: str) -> None:
    """A reply that says nothing of its case, outcome or time is not taken for an observation."""
    header = {"case": "c", "outcome": "returned", "stopped": False, "evidence": "", "seconds": 1, "inside": 0}
    del header[lacks]
    with pytest.raises(WireFault, match=lacks):
        sighting_of(Frame(header, b""), "t", 0)


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'[{"step": 1}]', b'[{"step": "a", "kind": "?", "status": "?"}]']
)
def test_a_body_that_is_no_list_of_steps_is_a_fault(body: bytes) -> None:
    """What cannot be read as steps is not read as an observation without any."""
    with pytest.raises(WireFault, match="Expected the steps"):
        Sighting("c", "t", Outcome.RETURNED, body).unpack()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint64", "bool", "complex64", "float16"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 3), (2, 3)])
def test_arrays_come_back_bit_for_bit(dtype: str, shape: tuple[int, ...]) -> None:
    """An array is its dtype, its shape and its bytes, wherever they begin."""
    made = np.arange(int(np.prod(shape)), dtype="int64").reshape(shape).astype(dtype)
    again = array_of([dtype, list(shape), 3], b"abc" + made.tobytes() + b"more")
    assert again.dtype == made.dtype
    assert again.shape == made.shape
    assert again.tobytes() == made.tobytes()


def test_bfloat16_comes_back() -> None:
    """The one dtype numpy lacks has the bits it had."""
    again = array_of(["bfloat16", [2], 0], struct.pack("<2H", 0x3F80, 0xC000))
    assert again.astype("float32").tolist() == [1.0, -2.0]


def test_tags_of_arrays_become_arrays() -> None:
    """Arrays and strings are found at any depth; other tags stay."""
    blob = np.float32([1, 2]).tobytes()
    plain = {
        "a": [{"$array": ["float32", [2], 0]}],
        "b": {"$strings": [[1, 2], ["x", None]]},
        "c": {"$tuple": [1]},
    }
    value = value_of(plain, blob)
    assert value["a"][0].tolist() == [1.0, 2.0]
    assert value["b"].tolist() == [["x", None]]
    assert value["c"] == {"$tuple": [1]}


def test_an_observed_frame_becomes_an_observation() -> None:
    """Outcome, steps, errors, warnings and evidence are all there, and equal bodies have equal payloads."""
    steps = [
        {
            "step": "construct",
            "kind": "structure",
            "status": "returned",
            "warnings": [{"category": "A", "text": "b"}],
        },
        {"step": "forward", "kind": "value", "status": "returned", "value": {"$array": ["float32", [1], 0]}},
        {
            "step": "x",
            "kind": "config",
            "status": "raised",
            "error": {"type": "E", "bases": ["E"], "message": "m"},
        },
        {"step": "y", "kind": "config", "status": "missing", "reason": "no such thing"},
    ]
    header = {
        "case": "c", "outcome": "raised", "stopped": True, "evidence": "said", "seconds": 2, "inside": 1,
        "traces": {"x": "line 1"},
    }  # fmt: skip
    body = json.dumps(steps).encode() + b"\0" + np.float32([5]).tobytes()
    sighting = sighting_of(Frame(header, body), "target", 1)
    seen = sighting.unpack()
    assert seen.outcome is Outcome.RAISED
    assert seen.stopped
    assert [s.status for s in seen.steps] == [
        StepStatus.RETURNED, StepStatus.RETURNED, StepStatus.RAISED, StepStatus.MISSING,
    ]  # fmt: skip
    forward, failed = seen.step("forward"), seen.step("x")
    assert forward is not None
    assert forward.kind is Kind.VALUE
    assert forward.value.tolist() == [5.0]
    assert failed is not None
    assert failed.raised is not None
    assert failed.raised.message == "m"
    assert seen.evidence == "said\nx:\nline 1"
    assert seen.steps[0].warnings[0].category == "A"
    assert Sighting("c", "other", Outcome.RAISED, body, True).payload == sighting.payload
    assert Sighting("c", "other", Outcome.RETURNED, body, True).payload != sighting.payload


def test_an_observation_without_steps_is_one() -> None:
    """A crash has no body, and that is no fault of the wire."""
    assert Sighting("c", "t", Outcome.CRASHED, evidence="SIGSEGV").unpack().steps == ()


def _forward(
    values: list[float], offset: int, *, shape: list[int] | None = None, dtype: str = "float32"
) -> Any:
    blob = b"\x07" * offset + np.asarray(values, np.float32).tobytes()
    entry = {"$array": [dtype, [len(values)] if shape is None else shape, offset]}
    step = {"step": "forward", "kind": "value", "status": "returned", "value": [entry]}
    return json.dumps([step]).encode() + b"\0" + blob


def test_steps_that_are_the_same_are_one_object() -> None:
    """Wherever their arrays lie; another bit, shape or type is another step, and so is another text."""
    known: Any = {}
    first, moved = (steps_of(_forward([1.0, 2.0], offset), known)[0] for offset in (0, 12))
    assert first is moved
    others = (
        _forward([1.0, np.nextafter(np.float32(2), np.float32(3))], 0),
        _forward([1.0, 2.0], 0, shape=[1, 2]),
        _forward([1.0, 2.0], 0, dtype="int32"),
        _forward([1.0, 2.0], 0).replace(b"forward", b"another"),
    )
    assert len({id(steps_of(body, known)[0]) for body in (_forward([1.0, 2.0], 0), *others)}) == 5
    assert len(known) == 5
    zeros = [steps_of(_forward([value], 0), known)[0] for value in (0.0, -0.0)]
    assert zeros[0] is not zeros[1]


@pytest.mark.parametrize(
    "put",
    [
        lambda steps: json.dumps(steps, separators=(",", ":")),
        lambda steps: json.dumps(steps, indent=1),
        lambda steps: f" {json.dumps(steps)}\n",
        lambda steps: "[" + " , ".join(map(json.dumps, steps)) + "]",
    ],
    ids=["dense", "indented", "surrounded", "parted"],
)
def test_steps_are_the_same_however_their_text_is_put(put: Any) -> None:
    """What is not put as our encoder does is read all the same, and one object with the like of it."""
    steps = [{"step": f"s{n}", "kind": "config", "status": "returned", "value": {"a": n}} for n in range(3)]
    bodies = [text.encode() + b"\0" for text in (put(steps), json.dumps(steps))]
    assert steps_of(bodies[0], {}) == steps_of(bodies[0]) == steps_of(bodies[1])
    known: Any = {}
    assert all(a is b for a, b in zip(*(steps_of(body, known) for body in bodies), strict=True))


@pytest.mark.parametrize("text", ["[", "[{}", "[{} {}]", "[{}]]", "[{},]", '["a"]', "7"])
def test_a_damaged_text_is_a_fault_of_the_wire(text: str) -> None:
    """With or without steps that are known."""
    for known in (None, {}):
        with pytest.raises(WireFault):
            steps_of(text.encode() + b"\0", known)


def test_a_text_that_looks_like_an_array_is_a_text() -> None:
    """What a target writes into a string is never taken for the place of an array."""
    known: Any = {}
    told = [json.dumps({"$array": ["float32", [1], offset]}) for offset in (0, 4)]
    steps = [
        steps_of(
            json.dumps([{"step": "s", "kind": "config", "status": "returned", "value": text}]).encode()
            + b"\0",
            known,
        )[0]
        for text in told
    ]
    assert [step.value for step in steps] == told


def test_a_damaged_array_is_a_fault_of_the_wire_here_too() -> None:
    """Bytes that are not there, and a type that is none."""
    for body in (_forward([1.0], 0, shape=[9]), _forward([1.0], 0, dtype="nonsense")):
        with pytest.raises(WireFault):
            steps_of(body, {})
