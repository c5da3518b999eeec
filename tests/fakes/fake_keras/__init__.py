"""A Keras of a few lines, numpy only. FAKE_KERAS says how it misbehaves; without it, it agrees with itself.

drifts: numbers are off by 1e-3. rounds: numbers are off by one unit in the last place. lacks: `Dense` is
missing. raises: another exception for bad units. hangs, spins, crashes, chatters, leaves, allocates, closes,
garbles, killed: what `Dense` does when `units` is 13. refuses: it cannot be imported. hostile:
whatever text it gives away is markup, terminal escapes or a megabyte long.
"""

import os

from . import layers as layers

__version__ = "1.0"

if os.environ.get("FAKE_KERAS") == "refuses":
    raise ImportError("this Keras refuses to be imported <script>alert(1)</script>")
