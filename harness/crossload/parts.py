"""The part of a file that a reader was at when it raised, told from where it was, never from what it said.

The reader's child sends the functions it had come to, as ``file:function`` (see `way` in
`harness/cases/crossload.py`), and whether the same file loads uncompiled. Both are facts; a message is not.
"""

from __future__ import annotations

from harness.model import Observation, StepStatus

CONTAINER, CONFIGURATION, WEIGHTS, COMPILED, GRAPHS, REBUILT = (
    "the file as a whole",
    "the configuration",
    "the weights",
    "the compile arguments",
    "the functions of the graph",
    "the model built anew",
)

OPENING = frozenset(
    {
        "files.py:make_fid",  # h5py: no HDF5 file, or half of one
        "zipfile.py:_RealGetContents",
        "__init__.py:_RealGetContents",  # the package that zipfile is from Python 3.12 on
        "loader_impl.py:parse_saved_model",
        "loader_impl.py:parse_saved_model_with_debug_info",
        "checkpoint_utils.py:load_checkpoint",
        "py_checkpoint_reader.py:NewCheckpointReader",
    }
)
"""Functions that open a file and know nothing of models."""
DOORS = frozenset({"load_model", "load_weights", "_load_model_from_fileobj", "load_weights_only"})
"""Where a reader raises by itself when a path is none of its formats."""
OF_COMPILING = frozenset(
    {"compile_from_config", "compile_args_from_training_config", "compile", "optimizers.py:deserialize"}
)
OF_WEIGHTS = frozenset(
    {
        "load_weights_from_hdf5_group",
        "load_weights_from_hdf5_group_by_name",
        "load_subset_weights_from_hdf5_group",
        "load_optimizer_weights_from_hdf5_group",
        "preprocess_weights_for_loading",
        "_load_state",
        "_load_weights",
        "load_own_variables",
        "_raise_loading_failure",
        "set_weights",
        "assert_existing_objects_matched",
        "restore",
        "load_weights",
        "load_weights_only",
        "read",
    }
)
OF_CONFIGURATION = frozenset(
    {
        "model_from_config",
        "_model_from_config",
        "model_from_json",
        "model_from_yaml",
        "from_config",
        "deserialize",
        "deserialize_keras_object",
        "_load_layer",
        "_recreate_user_object",  # of a SavedModel: the JSON that says what an object is
        "_revive_layer_or_model_from_config",
        "_deserialize_model",
    }
)
OF_GRAPHS = frozenset({"load_internal", "load_function_def_library"})


def part_of(read: Observation) -> str:
    """The part of the file a reader raised at; empty where its functions do not tell."""
    uncompiled = read.step("load uncompiled")
    if uncompiled is not None and uncompiled.status is StepStatus.RETURNED:
        return COMPILED
    step = read.step("way")
    way = [str(each) for each in step.value] if step is not None and isinstance(step.value, list) else []
    return part_on(way)


def part_on(way: list[str]) -> str:
    """The part that the functions on a way to an exception are about, outermost first.

    Compiling and weights come first, for both deserialize what is theirs with the functions that
    configurations are deserialized with.
    """
    if "crossload_models.py:build" in way:
        return REBUILT
    names = [each.rsplit(":", 1)[-1] for each in way]
    if OPENING & set(way) or (names and names[-1] in DOORS):
        return CONTAINER
    for part, functions in (
        (COMPILED, OF_COMPILING),
        (WEIGHTS, OF_WEIGHTS),
        (CONFIGURATION, OF_CONFIGURATION),
        (GRAPHS, OF_GRAPHS),
    ):
        if functions & {*names, *way}:
            return part
    return ""
