"""Frames."""

import io
import os

import pytest
from harness_worker import wire


def framed(*frames):
    """The bytes of frames as they come out of a pipe."""
    read, write = os.pipe()
    for header, body in frames:
        wire.send(write, header, body)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        return stream.read()


def test_a_frame_comes_back_as_it_was_sent():
    """Header and body survive the wire, whatever bytes the body holds."""
    sent = [({"do": "batch", "n": 1, "text": "\u00e9\n"}, b"\0KCH1\xff"), ({"do": "end"}, b"")]
    stream = io.BytesIO(framed(*sent))
    assert [wire.receive(stream), wire.receive(stream)] == sent
    assert wire.receive(stream) is None


@pytest.mark.parametrize("place", [0, 5, 20, 30])
def test_a_changed_byte_is_noticed(place):
    """A frame with any byte changed is refused: it never becomes another message."""
    data = bytearray(framed(({"say": "observed"}, b"0123456789")))
    data[place] ^= 1
    with pytest.raises((wire.BadFrame, MemoryError, OverflowError)):
        wire.receive(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("length", [3, 19, 25])
def test_a_cut_frame_is_noticed(length):
    """A stream that ends inside a frame is not taken for its end."""
    data = framed(({"say": "observed"}, b"0123456789"))[:length]
    with pytest.raises(wire.BadFrame):
        wire.receive(io.BytesIO(data))
