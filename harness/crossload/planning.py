"""The cases of the matrix: what each target writes, and what each reads of what was written."""

from __future__ import annotations

from dataclasses import replace

from harness.crossload.table import FORMATS, format_named
from harness.model import Case

SEED = 7
LIMIT = 120.0
"""Seconds writing may take: every format in one case, and SavedModels of old TensorFlows take some."""
READ_LIMIT = 20.0
"""Seconds reading one file may take. On an idle core the slowest file takes two; a reader that never comes
back (there are such) costs this twice, for a case that hangs is tried again in a process of its own."""
LAST = ("h5", "keras-after-h5")
"""Formats saved after all others, in this order."""
JITTERS = ("jitter:1", "jitter:2")


def write_case(model: str, group: str) -> Case:
    """One writer's case: a model saved in every format of a group; the last ones damage the live model."""
    names = sorted(
        (f.name for f in FORMATS if f.group == group),
        key=lambda name: LAST.index(name) if name in LAST else -1,
    )
    if group == "copy":
        return Case("Model", "crossload_copy:perform", {"model": model}, {}, seed=SEED, limit=LIMIT)
    parameters = {"model": model, "formats": names}
    return Case("Model.save", "crossload:write", parameters, {}, seed=SEED, limit=LIMIT)


def read_case(model: str, format: str, digest: str) -> Case:
    """One reader's case: the file with this digest, loaded."""
    parameters = {"model": model, "format": format, "file": digest}
    subject = format_named(format).subject
    return Case(subject, "crossload:read", parameters, {}, seed=SEED, limit=READ_LIMIT)


def jittered(case: Case) -> list[Case]:
    """The case with inputs and weights moved by one unit in the last place; a writer then saves nothing."""
    parameters = {**case.parameters, "formats": []} if "formats" in case.parameters else case.parameters
    return [replace(case, variant=variant, parameters=parameters) for variant in JITTERS]
