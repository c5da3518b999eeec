"""What a case script records its steps with."""

import os
import time
import traceback
import warnings

from .encoding import Blob, plain, text

HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python shows only to whose own line is at fault. An implementation that is told so about its own use
of Python or numpy shows its users nothing; the same Keras would warn on one Python and not on another."""


class Stop(Exception):
    """A step that the rest of the case depends on did not return."""


class Missing(Exception):
    """The implementation has no such symbol, argument or method."""


class Unsupported(Exception):
    """The engine cannot make this observation on this backend; says why."""


class Recorder(object):
    """Collects the steps of one case, and the time spent inside the implementation.

    A step is performed by `run`; whatever it raises is recorded as what the implementation did.
    """

    def __init__(self, engine):
        self.engine = engine
        self.steps = []
        self.blob = Blob()
        self.inside = 0.0
        self.depth = 0
        self.traces = {}
        self.stopped = False

    def run(self, name, kind, function, show=None, needed=False, keep=True, heed=True):
        """Perform `function()` as the step `name`; returns its result, or None when it raised.

        kind: what a differing leaf would be ("value", "config", "names and order", …).
        show: result → what is recorded (default: the result itself); False records no value.
        needed: the rest of the case depends on it; when it does not return, `Stop` is raised.
        heed: False leaves the warnings of the step out, for they come of how it is observed.
        keep: False leaves a step that returned out of the record (only its failure counts).
        """
        step = {"step": name, "kind": kind, "status": "returned"}
        result, over = None, False
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = self.timed(function)
                if show is not False:
                    step["value"] = plain(show(result) if show else result, self.blob, self.engine)
            except MemoryError:
                raise
            except Stop:
                raise
            except Missing as error:
                step.update(status="missing", reason=text(str(error)))
            except Unsupported as error:
                step.update(status="unsupported", reason=text(str(error)))
            except Exception as error:
                limit = self.engine.limit(error) if hasattr(self.engine, "limit") else None
                if limit:
                    step.update(status="unsupported", reason=text(limit))
                    over = getattr(self.engine, "limit_ends", False)
                else:
                    step.update(status="raised", error=self.describe(name, error))
        step["warnings"] = described_warnings(caught) if heed else []
        failed = step["status"] != "returned"
        if keep or failed or step["warnings"]:
            self.steps.append(step)
        if failed and (needed or over):
            self.stopped = True
            raise Stop(name)
        return result

    def note(self, name, kind, value):
        """Record a value the script already has."""
        self.steps.append(
            {"step": name, "kind": kind, "status": "returned", "value": plain(value, self.blob, self.engine)}
        )

    def skip(self, name, kind, reason):
        """Say that a step was not made, and why."""
        self.steps.append({"step": name, "kind": kind, "status": "unsupported", "reason": reason})

    def timed(self, function):
        """Call into the implementation, counting the time as spent inside it."""
        self.depth += 1
        start = time.perf_counter()
        try:
            return function()
        finally:
            self.depth -= 1
            if not self.depth:
                self.inside += time.perf_counter() - start

    def describe(self, name, error):
        """An exception as plain data; its traceback is kept as evidence, not compared."""
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        self.traces[name] = "\n".join("%s:%s in %s" % (shorten(f[0]), f[1], f[2]) for f in frames)
        bases = [c.__name__ for c in type(error).__mro__ if c is not object]
        return {"type": type(error).__name__, "bases": bases, "message": text(str(error))[:4000]}


def shorten(path):
    """A source path without what is particular to a machine."""
    for mark in ("/site-packages/", "/dist-packages/", "/harness/"):
        if mark in path:
            return path.rsplit(mark, 1)[1]
    return path.rsplit("/", 1)[-1]


def described_warnings(caught):
    """Python warnings a user would be shown as plain data, each distinct one once, in order."""
    out = []
    for entry in caught:
        if issubclass(entry.category, HIDDEN) and is_library(entry.filename):
            continue
        item = {"category": entry.category.__name__, "text": text(str(entry.message))[:500]}
        if item not in out:
            out.append(item)
    return out


def is_library(path):
    """Whether a source file belongs to what is installed, not to whoever calls it."""
    standard = os.path.dirname(os.path.abspath(os.__file__))
    return path.startswith(("<", standard)) or "/site-packages/" in path or "/dist-packages/" in path
