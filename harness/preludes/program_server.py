"""Runs finished programs inside a target: imports the implementation once, then forks a process per program.

Started by path in the target's own interpreter, Python 3.6 or later, standard library only. Reads one JSON
object per line, ``{"path", "argument", "room", "limit"}``, and answers each with ``{"status", "code",
"seconds"}``. A program runs as ``__main__`` with a home, a Keras home and a working directory of its own
below `room`, and prints into ``room/output``. Forking right after the import costs tenths of a second where a
new process costs seconds; the program finds nothing that a fresh interpreter would not have, but modules that
are imported already.
"""

import importlib
import json
import os
import resource
import runpy
import signal
import sys
import time
import traceback

MEMORY = 6 << 30
"""Bytes a program may allocate beyond what importing cost."""


def load(namespace):
    """Import a namespace, or reach it by attributes (``tensorflow.keras`` is made when it is asked for)."""
    head, _, tail = namespace.partition(".")
    module = importlib.import_module(head)
    for name in tail.split(".") if tail else ():
        module = getattr(module, name)
    getattr(module, "layers", None)  # a lazily loaded namespace is loaded now


def limit_memory():
    """Let this process allocate so much and no more."""
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    now = int(fields.get("VmData", "0 kB").split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (now + MEMORY, now + MEMORY))


def run(path, argument, room):
    """Be the program; never returns."""
    code = 1
    try:
        os.setsid()
        for name in ("home", "keras", "work"):
            os.mkdir(os.path.join(room, name))
        os.environ["HOME"] = os.path.join(room, "home")
        os.environ["KERAS_HOME"] = os.path.join(room, "keras")
        os.environ["TMPDIR"] = room
        os.chdir(os.path.join(room, "work"))
        output = os.open(os.path.join(room, "output"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
        limit_memory()
        sys.argv = [path, argument]
        sys.path[0] = os.path.dirname(path)
        runpy.run_path(path, run_name="__main__")
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc(limit=-3)
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                code = code or 1
        os._exit(code & 255)


def wait(child, limit):
    """Wait for a program; one that takes too long is killed with all it started."""
    start = time.time()
    pause = 0.002
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            killed = os.WIFSIGNALED(status)
            code = -os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
            return {"status": "killed" if killed else "ended", "code": code, "seconds": time.time() - start}
        if time.time() - start > limit:
            for kill in (os.killpg, os.kill):
                try:
                    kill(child, signal.SIGKILL)
                except OSError:
                    pass
            os.waitpid(child, 0)
            return {"status": "timed out", "code": -signal.SIGKILL, "seconds": time.time() - start}
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def main():
    """Serve until the input ends."""
    reply = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what importing prints is no answer
    load(sys.argv[1])
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        child = os.fork()
        if not child:
            run(asked["path"], asked["argument"], asked["room"])
        reply.write(json.dumps(wait(child, asked["limit"])) + "\n")
        reply.flush()


main()
