"""Frames on a file descriptor; see the package's docstring for their form."""

import json
import os
import struct
import zlib

MAGIC = b"KCH1"
HEAD = struct.Struct("<4sIQI")


class BadFrame(Exception):
    """The bytes received are not a frame."""


def write_all(fd, data):
    """Write every byte, however many calls it takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def send(fd, header, body=b""):
    """Send one frame."""
    head = json.dumps(header).encode("utf-8")
    crc = zlib.crc32(body, zlib.crc32(head)) & 0xFFFFFFFF
    write_all(fd, HEAD.pack(MAGIC, len(head), len(body), crc) + head + body)


def read_exactly(stream, count):
    """Read `count` bytes from a binary stream; None at a clean end of file."""
    data = stream.read(count)
    if not data and count:
        return None
    while len(data) < count:
        more = stream.read(count - len(data))
        if not more:
            raise BadFrame("the stream ended inside a frame")
        data += more
    return data


def receive(stream):
    """The next frame as (header, body), or None at end of file."""
    head = read_exactly(stream, HEAD.size)
    if head is None:
        return None
    magic, header_length, body_length, crc = HEAD.unpack(head)
    if magic != MAGIC:
        raise BadFrame("a frame starts with %r" % (magic,))
    rest = read_exactly(stream, header_length + body_length) or b""
    if zlib.crc32(rest) & 0xFFFFFFFF != crc:
        raise BadFrame("the checksum of a frame is wrong")
    return json.loads(rest[:header_length].decode("utf-8")), rest[header_length:]
