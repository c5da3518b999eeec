"""A child performs a batch of cases, each as if it were alone."""

import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback

import numpy as np

from . import wire
from .encoding import body, text
from .recorder import Missing, Recorder, Stop, Unsupported


def limit_memory(extra):
    """Let this process allocate `extra` bytes of private memory beyond what it has now."""
    if not extra:
        return
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    now = int(fields.get("VmData", "0 kB").split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (now + extra, now + extra))


class Rooms(object):
    """A home, a Keras home and a working directory of the child's own, gone with it."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="harness-child-")
        for name in ("home", "keras", "work"):
            os.mkdir(os.path.join(self.path, name))
        os.environ["HOME"] = os.path.join(self.path, "home")
        os.environ["KERAS_HOME"] = os.path.join(self.path, "keras")
        os.environ["TMPDIR"] = self.path
        tempfile.tempdir = None
        os.chdir(os.path.join(self.path, "work"))
        return self

    def fresh(self):
        """An empty working directory for the next case."""
        work = os.path.join(self.path, "work")
        if os.path.isdir(work) and os.listdir(work):
            os.chdir(self.path)
            shutil.rmtree(work, ignore_errors=True)
        if not os.path.isdir(work):
            os.mkdir(work)
        os.chdir(work)

    def __exit__(self, *unused):
        os.chdir("/")
        shutil.rmtree(self.path, ignore_errors=True)


def perform_batch(cases, target, reply_fd):
    """Perform cases one after the other and send what was observed.

    target: a `zygote.Target`. Anything but an orderly return ends the process; the coordinator sees which
    case it was.
    """
    limit_memory(target.memory)
    with Rooms() as rooms:
        for case in cases:
            content = target.missing.get(subject_of(case))
            if content is not None:
                wire.send(reply_fd, observed(case, "missing", case["subject"]), content)
                continue
            rooms.fresh()
            wire.send(reply_fd, {"say": "begin", "case": case["hash"]})
            header, content = perform(case, target)
            wire.send(reply_fd, header, content)


QUIET_SCRIPTS = ("layer", "signature")
"""Scripts that observe nothing random unless the case says so."""


def draws(case):
    """Whether a case may observe something random."""
    return case["script"] not in QUIET_SCRIPTS or bool({"random", "initial"} & set(case["observe"]))


def perform(case, target):
    """Perform one case; returns the header and body of its observation."""
    start = time.perf_counter()
    recorder = Recorder(target.engine)
    outcome, evidence = "returned", ""
    try:
        target.engine.reset(case["seed"], case["variant"], draws(case))
        script = target.script(case["script"])
        script(case, target.context(case, recorder))
    except Stop:
        outcome = recorder.steps[-1]["status"]
    except Missing as error:
        outcome, evidence = "missing", text(str(error))
    except Unsupported as error:
        outcome, evidence = "unsupported", text(str(error))
    except MemoryError:
        outcome = "crashed"
        evidence = "MemoryError: the case needed more than the memory limit of %d MB" % (target.memory >> 20)
    except SystemExit as error:
        outcome, evidence = "crashed", "the case asked to leave the process: SystemExit(%r)" % (error.code,)
    except Exception:
        raise ScriptFault(case, traceback.format_exc()) from None
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    header = observed(case, outcome, evidence)
    header.update(stopped=recorder.stopped, traces=recorder.traces, inside=recorder.inside)
    content = body(recorder.steps, recorder.blob)
    if outcome == "missing" and evidence == case["subject"] and not recorder.steps:
        target.missing[subject_of(case)] = content
    header["seconds"] = time.perf_counter() - start
    return header, content


def subject_of(case):
    """What two cases have in common one of which need not be tried where the other's subject is missing.

    How a script looks for a subject hangs on the subject alone, never on what it would be given.
    """
    return case["script"], case["subject"]


def observed(case, outcome, evidence):
    """The header of an observation in which nothing was run."""
    return {
        "say": "observed",
        "case": case["hash"],
        "outcome": outcome,
        "stopped": False,
        "evidence": evidence,
        "traces": {},
        "inside": 0.0,
        "seconds": 0.0,
    }


class ScriptFault(Exception):
    """The case script itself failed, outside any step: the harness's fault, not the target's."""

    def __init__(self, case, trace):
        Exception.__init__(self, trace)
        self.case = case


def seed_everything(seed):
    """Python's and numpy's own generators; the engine seeds its backend."""
    random.seed(seed)
    np.random.seed(seed % (2**32))
