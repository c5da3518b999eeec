"""Values of a target as plain data plus the bytes of its arrays; nothing is ever pickled."""

import json
import math
import re

import numpy as np

LONGEST = 1 << 20
PROTOBUF = re.compile(r"goo\.gle/debug[a-z]+ +")
"""With what protobuf begins a message that it writes out; word and spaces are drawn anew in each process."""
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
PACKAGES = re.compile(r"(?:/[\w.+@~ -]+)+/(?:site-packages|dist-packages|harness)/")
ROOMS = re.compile(r"/[^\s'\"]*harness-(?:child|zygote)-[^/\s'\"]+(?:/(?:work|home|keras))?")
TRUSTED_KINDS = "biuf"


class Blob(object):
    """The arrays of one observation, one after the other."""

    def __init__(self):
        self.parts = []
        self.size = 0
        self.shared = {}

    def ordinal(self, address):
        """A number for an object that is named by its address: the first one named is 0."""
        return self.shared.setdefault(address, len(self.shared))

    def add(self, array):
        """Keep an array; returns its entry for the JSON."""
        array = np.asarray(array)
        name = array.dtype.name
        if array.dtype.kind not in TRUSTED_KINDS and name != "bfloat16":
            return self.strings(array)
        data = np.ascontiguousarray(array)
        if data.dtype.byteorder == ">":
            data = data.astype(data.dtype.newbyteorder("<"))
        raw = data.tobytes()
        entry = {"$array": [name, list(array.shape), self.size]}
        self.parts.append(raw)
        self.size += len(raw)
        return entry

    def strings(self, array):
        """An array of strings, or of anything else numpy holds as objects."""
        flat = [text(v) if isinstance(v, (bytes, str)) else plain(v, self) for v in array.ravel().tolist()]
        return {"$strings": [list(array.shape), flat]}


def text(value):
    """A string without what hangs on process or machine, bytes decoded, a huge one cut with a mark."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    value = value.encode("utf-8", "backslashreplace").decode("utf-8")
    value = PROTOBUF.sub("goo.gle/debug ", value)
    value = ADDRESS.sub("0x...", ROOMS.sub("~", PACKAGES.sub("", value)))
    if len(value) > LONGEST:
        value = value[:LONGEST] + "... (%d characters in all)" % len(value)
    return value


def plain(value, blob, engine=None, depth=0):
    """Any value a target gives, as plain data; what cannot be shown is named by its type."""
    if value is None or (isinstance(value, (bool, int)) and not isinstance(value, np.generic)):
        return value if value is None or isinstance(value, bool) else number(value)
    if isinstance(value, float) and not isinstance(value, np.generic):
        return value
    if isinstance(value, (str, bytes)) and not isinstance(value, np.generic):
        return text(str(value) if isinstance(value, str) else value)
    if depth > 40:
        return {"$opaque": "nested too deep"}
    if isinstance(value, dict):
        return {text(str(k)): plain(named(k, v, blob), blob, engine, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) and not hasattr(value, "as_list"):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(v, blob, engine, depth + 1) for v in items]
    if isinstance(value, np.generic):
        return {"$scalar": [value.dtype.name, plain(value.item(), blob, engine, depth + 1)]}
    if isinstance(value, np.ndarray):
        return blob.add(value)
    return plain_object(value, blob, engine, depth)


def named(key, value, blob):
    """What stands under a key; Keras 3 writes the address of a shared object into configs and files."""
    if key == "shared_object_id" and type(value) is int:
        return blob.ordinal(value)
    return value


def number(value):
    """An int; one that JSON readers would not keep exactly is still exact in Python's."""
    return int(value)


def plain_object(value, blob, engine, depth):
    """Things that are not Python's own: tensors, dtypes, shapes, Keras objects, functions."""
    if engine is not None and engine.is_tensor(value):
        return engine.show(value, blob)
    if isinstance(value, np.dtype) or type(value).__name__ == "DType":
        return {"$dtype": getattr(value, "name", str(value))}
    if hasattr(value, "as_list") and hasattr(value, "ndims"):
        return {"$shape": None if value.ndims is None else [plain_dim(d) for d in value.as_list()]}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"$dtype": np.dtype(value).name}
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return {"$callable": text(str(value.__name__))}
    if hasattr(value, "get_config"):
        try:
            return {
                "$keras": type(value).__name__,
                "config": plain(value.get_config(), blob, engine, depth + 1),
            }
        except Exception as error:  # the object is the target's; what it raises is what we saw
            return {"$keras": type(value).__name__, "config": {"$raised": type(error).__name__}}
    if hasattr(value, "_asdict"):
        return plain(dict(value._asdict()), blob, engine, depth + 1)
    if hasattr(value, "items") and callable(value.items):
        return plain(dict(value.items()), blob, engine, depth + 1)
    if hasattr(value, "__iter__") and hasattr(value, "__len__"):
        return [plain(v, blob, engine, depth + 1) for v in value]
    return {"$opaque": type(value).__name__}


def plain_dim(value):
    """One axis of a shape."""
    return None if value is None else int(value)


def body(steps, blob):
    """The body of an observation frame."""
    return json.dumps(steps, sort_keys=True, default=refuse).encode("utf-8") + b"\0" + b"".join(blob.parts)


def refuse(value):
    """Nothing that is not plain may reach the wire; a name in its stead is better than a loss."""
    if isinstance(value, float) and math.isnan(value):
        return None
    return {"$opaque": type(value).__name__}
