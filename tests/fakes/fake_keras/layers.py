"""One layer, and the ways it can go wrong."""

import contextlib
import ctypes
import os
import signal
import sys
import time
import warnings

import numpy as np

BEHAVIOUR = os.environ.get("FAKE_KERAS", "")


MARKUP = "<script>window.hurt = 1</script>"
ESCAPES = "\x1b[31mred\x1b]0;title\x07 \u202e ]]> \ud800 \x00"
HostileError = type(MARKUP + ESCAPES.split("\ud800")[0], (ValueError,), {})


class Weight:
    """A named array."""

    def __init__(self, name, value):
        self.name = name
        self.value_ = value
        self.shape = value.shape
        self.dtype = value.dtype


def go_wrong():
    """What `Dense(13)` does."""
    if BEHAVIOUR == "hangs":
        time.sleep(1000)
    elif BEHAVIOUR == "spins":
        while True:
            pass
    elif BEHAVIOUR == "crashes":
        print("about to fall over", flush=True)
        ctypes.string_at(1)
    elif BEHAVIOUR == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif BEHAVIOUR == "chatters":
        for _ in range(1000):
            os.write(1, b"x" * 9999 + b"\n")
        print("said enough", flush=True)
    elif BEHAVIOUR == "leaves":
        os._exit(0)
    elif BEHAVIOUR == "exits":
        sys.exit("enough")
    elif BEHAVIOUR == "allocates":
        np.ones(8 << 27)
    elif BEHAVIOUR == "closes":
        for descriptor in range(3, 64):
            with contextlib.suppress(OSError):
                os.close(descriptor)
    elif BEHAVIOUR == "garbles":
        for descriptor in range(3, 64):
            with contextlib.suppress(OSError):
                os.write(descriptor, b"this is no frame")


class Dense:
    """y = x @ kernel."""

    seen = 0

    def __init__(self, units=3, name="dense"):
        if not isinstance(units, int) or units <= 0:
            if BEHAVIOUR == "hostile":
                os.write(1, (ESCAPES[:20] + MARKUP).encode() * 9)
                raise HostileError(f"bad units: {MARKUP} {ESCAPES} {'M' * 1_000_000}")
            raise (TypeError if BEHAVIOUR == "raises" else ValueError)(f"bad units: {units!r}")
        if units == 13:
            go_wrong()
        self.units = units
        self.name = MARKUP + ESCAPES if BEHAVIOUR == "hostile" else name
        self.trainable = True
        self.losses = []
        self._weights = []

    @property
    def weights(self):
        return self._weights

    trainable_weights = weights

    def get_config(self):
        if BEHAVIOUR == "hostile":
            warnings.warn(MARKUP + ESCAPES, stacklevel=2)
            return {"units": self.units, MARKUP: ESCAPES, ESCAPES: "M" * 1_000_000, "name": self.name}
        return {"units": self.units, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(config["units"], config["name"])

    def get_weights(self):
        return [w.value_ for w in self._weights]

    def set_weights(self, values):
        for weight, value in zip(self._weights, values, strict=True):
            weight.value_ = value

    def compute_output_shape(self, shape):
        return (shape[0], self.units)

    def call(self, x):
        return x

    def __call__(self, x):
        if not self._weights:
            called = MARKUP + ESCAPES if BEHAVIOUR == "hostile" else "kernel"
            self._weights = [Weight(called, np.ones((x.shape[-1], self.units), x.dtype))]
        out = np.einsum("ij,jk->ik", x, self._weights[0].value_)
        if BEHAVIOUR == "drifts":
            out = out + out.dtype.type(1e-3)
        if BEHAVIOUR == "rounds":
            moved = np.nextafter(out, out.dtype.type(np.inf)) if out.dtype.kind == "f" else out
            out = np.where(np.isfinite(out), moved, out)
        return out


if BEHAVIOUR == "lacks":
    del Dense
