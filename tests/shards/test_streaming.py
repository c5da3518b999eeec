"""What a worker sends: events as frames, in chunks, by number or by time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.model import Fault, Outcome
from harness.run.launch import Launch
from harness.run.performing import Ended, Event, Started
from harness.run.wire import Frame, FrameReader, Sighting
from harness.shards.streaming import CHUNK, CHUNK_SECONDS, Sender, version_of_code

BUILDS = {"t": {"fingerprint": "f", "version": "1"}}
SEEN = Sighting("hash", "t", Outcome.RETURNED, b"body", False, "", "", 0.5, 0.25, 0)


def sender(clock: Callable[[], float] = lambda: 0.0) -> tuple[Sender, list[list[Frame]]]:
    """A sender, and what it sent: the frames of each chunk."""
    chunks: list[list[Frame]] = []

    def send(message: bytes) -> None:
        (outer,) = FrameReader().feed(message)
        assert outer.header == {"say": "chunk", "shard": "s"} | {
            key: outer.header[key] for key in outer.header.keys() - {"say", "shard"}
        }
        chunks.append(list(FrameReader().feed(zlib.decompress(outer.body))))

    return Sender(send, "s", BUILDS, clock), chunks


def test_a_full_chunk_is_sent_and_the_rest_when_asked_for() -> None:
    """Nothing is lost at the end, and an empty chunk is never sent."""
    made, chunks = sender()
    for _ in range(CHUNK + 3):
        made.take(SEEN)
    assert [len(chunk) for chunk in chunks] == [CHUNK]
    made.flush()
    made.flush()
    assert [len(chunk) for chunk in chunks] == [CHUNK, 3]


def test_what_there_is_goes_out_after_a_while() -> None:
    """A slow target costs a worker that dies no more than some seconds' work."""
    moments: Iterator[float] = iter([0.0, 1.0, CHUNK_SECONDS + 0.5, 3.0, 3.5])
    made, chunks = sender(lambda: next(moments))
    made.take(SEEN)
    assert not chunks
    made.take(SEEN)
    assert [len(chunk) for chunk in chunks] == [2]


def test_every_event_has_a_frame_of_its_own() -> None:
    """With the build of its target where it is about one; bodies travel as they are."""
    made, chunks = sender()
    launch = Launch("t", Path("python"), "keras", "eager", "x")
    events: list[Event] = [SEEN, Started(launch, {"peak_mb": 1.0}, 0.5), Ended("t", 9.0), Fault("t", "broke")]
    for event in events:
        made.take(event)
    made.flush()
    seen, started, ended, fault = chunks[0]
    assert (seen.says, seen.header["fingerprint"], bytes(seen.body)) == ("seen", "f", b"body")
    assert seen.header["outcome"] == "returned"
    assert (started.says, started.header["hello"]["peak_mb"]) == ("started", 1.0)
    assert (ended.says, ended.header["peak_mb"]) == ("ended", 9.0)
    assert (fault.says, fault.header["what"]) == ("fault", "broke")


def test_the_version_of_the_code_is_that_of_the_case_scripts() -> None:
    """The same twice: it is what coordinator and workers are held against each other by."""
    assert version_of_code() == version_of_code()
    assert len(version_of_code()) == 32
