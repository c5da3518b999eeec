"""The part of a file at which a reader raised is told from where it was."""

from __future__ import annotations

import pytest

from harness.crossload import parts
from tests.crossload.observations import observation, raised, step

OWN = ["crossload.py:way", "crossload.py:perform", "crossload_formats.py:load"]


@pytest.mark.parametrize(
    ("way", "part"),
    [
        (["saving_api.py:load_model"], parts.CONTAINER),
        (["save.py:load_model", "loader_impl.py:parse_saved_model"], parts.CONTAINER),
        (
            ["save.py:load_model", "hdf5_format.py:load_model_from_hdf5", "files.py:__init__",
             "files.py:make_fid", "h5f.pyx:h5py.h5f.open"],
            parts.CONTAINER,
        ),
        (
            ["save.py:load_model", "hdf5_format.py:load_model_from_hdf5", "model_config.py:model_from_config",
             "serialization.py:deserialize", "input_layer.py:__init__"],
            parts.CONFIGURATION,
        ),
        (
            ["saving_lib.py:_model_from_config", "serialization_lib.py:deserialize_keras_object",
             "trainer.py:compile_from_config", "serialization_lib.py:deserialize_keras_object"],
            parts.COMPILED,
        ),
        (
            ["saving_lib.py:_load_model_from_fileobj", "saving_lib.py:_load_state", "layer.py:set_weights"],
            parts.WEIGHTS,
        ),
        (["save.py:load_model", "load.py:load_internal", "load.py:_load_all", "load.py:_recreate",
          "load.py:_recreate_user_object", "decoder.py:raw_decode"], parts.CONFIGURATION),
        (["save.py:load_model", "load.py:load", "load.py:load_internal"], parts.GRAPHS),
        (["crossload.py:<lambda>", "crossload_models.py:build", "crossload_models.py:dense"], parts.REBUILT),
        (["somewhere.py:else"], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_the_functions_a_reader_was_in_tell_the_part(way: list[str], part: str) -> None:
    """Ways that Kerases of several ages took to an exception, each to its part of the file."""
    inner = [*OWN, *way] if way else []
    assert parts.part_on(inner) == part


def test_what_loads_uncompiled_was_raised_at_the_compile_arguments() -> None:
    """A second try that returns is better evidence than any name of a function."""
    read = observation(
        raised("load", "TypeError", "no"), step("way", ["model_config.py:model_from_config"]),
        step("load uncompiled", "Functional"),
    )  # fmt: skip
    assert parts.part_of(read) == parts.COMPILED
    assert parts.part_of(observation(*read.steps[:2])) == parts.CONFIGURATION
    assert parts.part_of(observation(*read.steps[:1])) == ""
