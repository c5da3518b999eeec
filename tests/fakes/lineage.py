"""A history of fakes: releases of one fake Keras, of which some misbehave and one cannot be had."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
RELEASES = ("", "rounds", "drifts", "unhad", "drifts", "", "lacks", "raises")
"""Behaviour of each release, oldest first."""
TARGET = """
[[target]]
id = "fake-{number}"
implementation = "keras"
version = "{number}.0"
backend = "numpy"
engine = "numpy"
namespace = "fake_keras"
float64 = "set_floatx"
lineage = ["fake line"]
order = [{number}]
interpreter = '{python}'
pythonpath = ['{fakes}']
env = {{ FAKE_KERAS = "{behaviour}" }}
"""
PAIR = """
[pair.changed]
reference = "fake-5"
candidate = "fake-6"

[pair.never-run]
reference = "fake-1"
candidate = "fake-6"

[pair.apart]
reference = "fake-6"
candidate = "apart-1"

[[target]]
id = "apart-1"
base = "fake-5"
lineage = ["another line"]
order = [1]

[matrix.all-fakes]
targets = ["fake-*"]
"""


def write(folder: Path) -> Path:
    """Write the table of the history into a folder."""
    text = ""
    for number, behaviour in enumerate(RELEASES, 1):
        python = "no/such/python" if behaviour == "unhad" else sys.executable
        text += TARGET.format(number=number, behaviour=behaviour, python=python, fakes=HERE)
    path = folder / "history.toml"
    path.write_text(text + PAIR)
    return path
