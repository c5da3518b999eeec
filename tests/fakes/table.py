"""A table of targets that are fakes, and programs of a user's own for them."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
BEHAVIOURS = ("drifts", "rounds", "lacks", "raises", "refuses", "hostile", "crashes")

HEAD = """
[[target]]
id = "fake"
implementation = "keras"
version = "1.0"
backend = "numpy"
engine = "numpy"
namespace = "fake_keras"
float64 = "set_floatx"
interpreter = '{python}'
pythonpath = ['{fakes}']
env = {{ FAKE_KERAS = "" }}
"""
ONE = """
[[target]]
id = "fake-{behaviour}"
base = "fake"
env = {{ FAKE_KERAS = "{behaviour}" }}

[pair.{behaviour}]
reference = "fake"
candidate = "fake-{behaviour}"
"""
UNHAD = """
[pair.control]
reference = "fake"
candidate = "fake"

[[target]]
id = "nowhere"
base = "fake"
interpreter = "no/such/python"

[pair.unhad]
reference = "fake"
candidate = "nowhere"

[pair.unhad-twice]
reference = "nowhere"
candidate = "nowhere"
"""


def write(folder: Path) -> Path:
    """Write the table of every fake into a folder."""
    text = HEAD.format(python=sys.executable, fakes=HERE)
    text += "".join(ONE.format(behaviour=b) for b in BEHAVIOURS) + UNHAD
    path = folder / "fakes.toml"
    path.write_text(text)
    return path
