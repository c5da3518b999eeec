"""What is inside a file, as lines that can be compared: observed by the target that wrote it."""

import io
import json
import os
import zipfile

from .crossload_formats import below

LONGEST = 2000
"""Lines of one listing."""


def listing(folder):
    """Every file below a folder and what is inside it, as sorted-in-place lines."""
    lines = []
    for path in below(folder):
        full = os.path.join(folder, path)
        with open(full, "rb") as file:
            content = file.read()
        lines.append(path)
        lines.extend(path + " " + line for line in inside(content))
    return lines[:LONGEST]


def inside(content):
    """Lines for the content of one file, told by how it begins."""
    if content[:8] == b"\x89HDF\r\n\x1a\n":
        return hdf5(content)
    if content[:2] == b"PK":
        return archive(content)
    if content[:1] == b"{":
        return schema(content)
    return []


def archive(content):
    """Members of a zip file, and what is inside them."""
    lines = []
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        for name in sorted(opened.namelist()):
            lines.append("/" + name)
            lines.extend("/" + name + " " + line for line in inside(opened.read(name)))
    return lines


def schema(content):
    """Keys of a JSON text with the types of their values; elements of lists of layers by their class."""
    try:
        found = json.loads(content.decode("utf-8"))
    except ValueError:
        return []
    lines = []
    keys(found, "", lines)
    return sorted(set(lines))


def keys(value, place, lines):
    """Collect ``place: type`` for every leaf."""
    if isinstance(value, dict) and value:
        mark = "<%s>" % value["class_name"] if isinstance(value.get("class_name"), str) else ""
        for key in value:
            keys(value[key], place + mark + "." + str(key), lines)
    elif isinstance(value, list) and value:
        for each in value:
            keys(each, place + "[]", lines)
    else:
        lines.append("%s: %s" % (place, type(value).__name__))


def hdf5(content):
    """Groups, datasets with shape and type, and attributes of an HDF5 file."""
    import h5py

    lines = []
    path = "inside.h5"
    with open(path, "wb") as file:
        file.write(content)

    def visit(name, thing):
        if isinstance(thing, h5py.Dataset):
            lines.append("/%s %s %s" % (name, list(thing.shape), thing.dtype))
        else:
            lines.append("/%s/" % name)
        attributes("/" + name, thing, lines)

    try:
        with h5py.File(path, "r") as opened:
            attributes("/", opened, lines)
            opened.visititems(visit)
    finally:
        os.remove(path)
    return lines


def attributes(name, thing, lines):
    """Attributes of a group or dataset: JSON by its keys, everything else by its value."""
    for key in sorted(thing.attrs):
        value = thing.attrs[key]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and value[:1] == "{":
            lines.extend("%s@%s %s" % (name, key, line) for line in schema(value.encode("utf-8")))
        else:
            lines.append("%s@%s = %s" % (name, key, shown(value)))


def shown(value):
    """An attribute's value as text; lists of names as a list."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in value]
    return value
