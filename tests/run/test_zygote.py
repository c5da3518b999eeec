"""One worker process: what is said when it does not start, does not answer, or does not end."""

from __future__ import annotations

import os
import re
import select
import signal
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import HarnessFault, WireFault
from harness.model import Case
from harness.run.launch import Launch
from harness.run.zygote import WorkerGone, Zygote, describe_return, describe_wait, signal_name

HEAD = """#!{python}
import json, os, signal, struct, sys, time, zlib
reply = json.loads(sys.argv[2])["reply_fd"]

def say(**header):
    head = json.dumps(header).encode()
    os.write(reply, struct.pack("<4sIQI", b"KCH1", len(head), 0, zlib.crc32(b"", zlib.crc32(head))) + head)

"""

Worker = Callable[[str], Launch]


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    """Makes the launch of a program of a few lines that stands in for a worker."""

    def make(lines: str) -> Launch:
        program = tmp_path / "python"
        program.write_text(HEAD.format(python=sys.executable) + lines)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return Launch("stand-in", program, "keras", "numpy", "numpy", start_limit=20.0)

    return make


def start(launch: Launch) -> None:
    """Start a worker and stop it."""
    with Zygote(launch):
        pass


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The path and the reason are said; nothing is left open."""
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    launch = Launch("t", tmp_path / "no-python", "keras", "numpy", "numpy")
    with pytest.raises(WorkerGone, match="no-python cannot be started"), Zygote(launch):
        pass
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    assert after == before


def test_a_worker_that_ends_at_once_shows_its_last_words(worker: Worker) -> None:
    """How it ended and what it printed are the evidence."""
    with pytest.raises(WorkerGone, match=re.escape("the worker ended with exit status 7.\nno libfoo here")):
        start(worker("print('no libfoo here', flush=True)\nsys.exit(7)\n"))


def test_a_worker_that_takes_too_long_is_stopped(worker: Worker) -> None:
    """Importing has a limit."""
    launch = replace(worker("time.sleep(60)\n"), start_limit=0.3)
    begun = time.monotonic()
    with pytest.raises(WorkerGone, match="importing took more than 0 s"), Zygote(launch):
        pass
    assert time.monotonic() - begun < 30


def test_a_worker_that_greets_otherwise_is_not_believed(worker: Worker) -> None:
    """The first frame is a hello or says why there is none."""
    with pytest.raises(WireFault, match=re.escape("expected a hello. Received 'good morning'")):
        start(worker("say(say='good morning')\ntime.sleep(60)\n"))


def test_a_worker_that_cannot_import_says_why(worker: Worker) -> None:
    """The exception and its traceback are passed on."""
    with pytest.raises(WorkerGone, match=re.escape("cannot be imported: no keras\nline 1")):
        start(worker("say(say='failed', what='no keras', traceback='line 1')\n"))


def test_what_came_before_garbage_is_still_heard(worker: Worker) -> None:
    """Whole frames are read; then the fault is raised, again and again."""
    with Zygote(
        worker("say(say='hello')\nsay(say='more')\nos.write(reply, b'x' * 99)\ntime.sleep(60)\n")
    ) as zygote:
        frame = zygote.next_frame(time.monotonic() + 20)
        assert frame is not None
        assert frame.says == "more"
        for _ in range(2):
            with pytest.raises(WireFault):
                zygote.next_frame(time.monotonic() + 20)


def test_waiting_ends_at_the_deadline(worker: Worker) -> None:
    """No frame in time is None, not an error."""
    with Zygote(worker("say(say='hello')\ntime.sleep(60)\n")) as zygote:
        assert zygote.next_frame(time.monotonic() + 0.1) is None


def test_what_came_in_time_is_heard_late(worker: Worker) -> None:
    """Whoever is kept from listening until the deadline has passed hears what was said meanwhile."""
    with Zygote(worker("say(say='hello')\nsay(say='more')\nos.close(reply)\ntime.sleep(60)\n")) as zygote:
        heard = zygote.next_frame(0.0)
        while heard is None:
            assert select.select([zygote._reply], [], [], 20)[0]
            heard = zygote.next_frame(0.0)
        assert heard.says == "more"


def test_a_worker_that_prints_for_ever_does_not_hold_up_the_deadline(worker: Worker) -> None:
    """Output is no answer."""
    with Zygote(worker("say(say='hello')\nwhile True: os.write(1, b'x' * 9999)\n")) as zygote:
        assert zygote.next_frame(time.monotonic() + 0.1) is None
        assert zygote.next_frame(0.0) is None


def test_a_worker_that_closes_its_answers_while_running_is_gone(worker: Worker) -> None:
    """It still runs and says nothing any more: that is told, and it is stopped."""
    gone = pytest.raises(WorkerGone, match="the worker ended its answers while still running")
    with Zygote(worker("say(say='hello')\nos.close(reply)\ntime.sleep(60)\n")) as zygote, gone:
        zygote.next_frame(time.monotonic() + 20)


def test_a_worker_that_does_not_read_is_gone(worker: Worker) -> None:
    """A batch that cannot be sent is a fault of the worker."""
    with Zygote(worker("say(say='hello')\nos.close(0)\nsay(say='closed')\ntime.sleep(60)\n")) as zygote:
        assert zygote.next_frame(time.monotonic() + 20) is not None
        with pytest.raises(WorkerGone, match="the worker is gone"):
            zygote.send_batch([Case("layers.Dense", "layer", {}, None)])


def test_a_worker_that_will_not_end_is_killed(worker: Worker) -> None:
    """Asked, terminated, killed: leaving the block ends the process whatever it ignores."""
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsay(say='hello')\nwhile True: time.sleep(1)\n"
    with Zygote(worker(stubborn)) as zygote:
        process = zygote._process
    assert process.returncode == -signal.SIGKILL


def test_the_last_lines_are_kept(worker: Worker) -> None:
    """Output is kept to a bound, and forgotten when a case begins."""
    with Zygote(
        worker("print('a\\n' * 9999 + 'last', flush=True)\nsay(say='hello')\ntime.sleep(60)\n")
    ) as zygote:
        until = time.monotonic() + 20
        while not zygote.tail().endswith("last") and time.monotonic() < until:
            zygote.next_frame(time.monotonic() + 0.1)
        assert zygote.tail(2) == "a\nlast"
        assert len(zygote.tail(10**6)) < 20_000
        zygote.forget_output()
        assert zygote.tail() == ""


def test_a_child_that_is_gone_cannot_be_killed(worker: Worker) -> None:
    """Killing what has ended already does nothing."""
    with Zygote(worker("say(say='hello')\ntime.sleep(60)\n")) as zygote:
        zygote.kill_child(2**22 - 3)


def test_ends_are_told_in_words() -> None:
    """Signals have their names."""
    assert describe_return(-11) == "signal SIGSEGV"
    assert describe_return(3) == "exit status 3"
    assert describe_wait(9) == "signal SIGKILL"
    assert describe_wait(5 << 8) == "exit status 5"
    assert signal_name(63) == "63"


def test_a_fault_of_a_worker_is_a_harness_fault() -> None:
    """What we failed to observe is never an outcome of a target."""
    assert issubclass(WorkerGone, HarnessFault)
