"""Values as plain data."""

import json

import numpy as np
import pytest
from harness_worker.encoding import Blob, body, plain, text


def shown(value, engine=None):
    """A value as plain data."""
    return plain(value, Blob(), engine)


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "\u00e9", [1, [2]], {"a": {"b": None}}])
def test_plain_data_stays_as_it_is(value):
    """What JSON can hold is held as it is."""
    assert shown(value) == value
    assert type(shown(value)) is type(value)


def test_arrays_go_to_the_blob():
    """An array is its dtype, its shape and its place in the bytes; big-endian bytes are turned."""
    blob = Blob()
    first = plain(np.arange(3, dtype="int16"), blob)
    second = plain(np.array([[1.5]], dtype=">f8"), blob)
    assert first == {"$array": ["int16", [3], 0]}
    assert second == {"$array": ["float64", [1, 1], 6]}
    assert (
        b"".join(blob.parts) == np.arange(3, dtype="<i2").tobytes() + np.array([1.5], dtype="<f8").tobytes()
    )


def test_strings_of_arrays_are_text():
    """Arrays of strings are sent as text, bytes decoded."""
    assert shown(np.array([b"a", "b"], dtype=object)) == {"$strings": [[2], ["a", "b"]]}


def test_numpy_scalars_keep_their_type():
    """A numpy scalar is not a Python number."""
    assert shown(np.float32(0.5)) == {"$scalar": ["float32", 0.5]}
    assert shown(np.dtype("int8")) == {"$dtype": "int8"}
    assert shown(np.float16) == {"$dtype": "float16"}


def test_addresses_are_left_out():
    """An address would differ at every start."""
    assert text("<object at 0x7f3e7142f510>") == "<object at 0x...>"


@pytest.mark.parametrize("begins", ["debugstr  ", "debugproto    ", "debugonly "])
def test_what_protobuf_draws_for_each_process_is_left_out(begins):
    """Otherwise two runs of one target would seem to contradict each other."""
    assert text("KernelDef: 'goo.gle/" + begins + "op: 1'") == "KernelDef: 'goo.gle/debug op: 1'"


def test_huge_text_is_cut_with_a_mark():
    """A text of megabytes says how long it was."""
    assert text("x" * (1 << 21)).endswith("(2097152 characters in all)")


def test_what_cannot_be_shown_is_named():
    """An object of an unknown kind is its type's name, a function its own, a set sorted."""

    class Strange(object):
        pass

    assert shown(Strange()) == {"$opaque": "Strange"}
    assert shown(len) == {"$callable": "len"}
    assert shown({"b", "a"}) == ["a", "b"]


def test_a_config_that_raises_is_told():
    """An object whose `get_config` fails is shown with what it raised."""

    class Broken(object):
        def get_config(self):
            raise KeyError("x")

    assert shown(Broken()) == {"$keras": "Broken", "config": {"$raised": "KeyError"}}


def test_a_structure_without_end_is_cut():
    """A list inside itself ends."""
    loop = []
    loop.append(loop)
    assert "nested too deep" in json.dumps(shown(loop))


def test_tensors_are_shown_by_their_engine(engine):
    """What a tensor holds only its engine knows."""
    tensor = type("FakeTensor", (), {"name": "t"})()
    assert shown([tensor], engine) == [{"$fake": "t"}]


def test_the_body_is_the_same_for_the_same_steps():
    """Keys are sorted, arrays follow a zero byte."""
    blob = Blob()
    steps = [{"b": plain(np.zeros(2, "uint8"), blob), "a": float("nan")}]
    head, arrays = body(steps, blob).split(b"\0", 1)
    assert arrays == b"\0\0"
    assert json.loads(head.decode())[0]["b"] == {"$array": ["uint8", [2], 0]}
    assert head.index(b'"a"') < head.index(b'"b"')


def test_addresses_of_shared_objects_become_ordinals():
    """Which objects are one and the same is kept; where they lie in memory is not."""
    blob = Blob()
    found = [
        plain({"shared_object_id": i, "n": i}, blob)["shared_object_id"] for i in (14027, 9, 14027, None)
    ]
    assert found == [0, 1, 0, None]
    assert plain({"shared_object_id": 9}, Blob()) == {"shared_object_id": 0}
