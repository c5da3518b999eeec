"""A table of targets that are fakes, and programs of a user's own for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
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
namespace = "{namespace}"
float64 = "set_floatx"
interpreter = '{python}'
pythonpath = ['{fakes}']
env = {{ {variable} = "" }}
"""
ONE = """
[[target]]
id = "fake-{behaviour}"
base = "fake"
env = {{ {variable} = "{behaviour}" }}
"""
PAIR = """
[pair.{behaviour}]
reference = "fake"
candidate = "fake-{behaviour}"
"""
NOWHERE = """
[[target]]
id = "nowhere"
base = "fake"
interpreter = "no/such/python"
"""
UNHAD = """
[pair.control]
reference = "fake"
candidate = "fake"

[pair.unhad]
reference = "fake"
candidate = "nowhere"

[pair.unhad-twice]
reference = "nowhere"
candidate = "nowhere"
"""


def targets(namespace: str, behaviours: Sequence[str]) -> str:
    """The fake of this name as a target, and one more for each way in which it can misbehave."""
    variable = namespace.upper()
    text = HEAD.format(python=sys.executable, fakes=HERE, namespace=namespace, variable=variable)
    return text + "".join(ONE.format(behaviour=b, variable=variable) for b in behaviours)


def write(folder: Path) -> Path:
    """Write the table of every fake into a folder."""
    text = targets("fake_keras", BEHAVIOURS)
    text += "".join(PAIR.format(behaviour=b) for b in BEHAVIOURS) + NOWHERE + UNHAD
    path = folder / "fakes.toml"
    path.write_text(text)
    return path
