"""Runs that are killed, and runs side by side, on one store."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from harness.store import Store

PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from harness.model import Case
from harness.observing import Observer, Wanted
from harness.run.launch import Launch
from harness.store import Store

class Quiet:
    def begin(self, *a): pass
    def advance(self, *a): pass
    def say(self, *a): pass

fakes, python = Path({fakes!r}), Path(sys.executable)
launch = Launch("fake", python, "fake_keras", "numpy", "numpy", {{"FAKE_KERAS": ""}}, (fakes,))
feed = {{"inputs": {{"$array": True, "shape": [4, 5], "dtype": "float32", "values": "normal"}}}}
cases = tuple(Case("layers.Dense", "layer", {{"units": u}}, feed) for u in range(1, 241) if u != 13)
with Store(Path({store!r})) as store:
    Observer(store, jobs=2, progress=Quiet()).observe([Wanted(launch, cases)], "cases")
    print(len(store.fingerprint()))
"""
ROOT = Path(__file__).resolve().parents[1]


def program(store: Path) -> list[str]:
    """A coordinator that observes 239 cases of a fake."""
    text = PROGRAM.format(root=str(ROOT), fakes=str(ROOT / "tests" / "fakes"), store=str(store))
    return [sys.executable, "-c", text]


def finished(store: Path) -> int:
    """Run the coordinator to its end; how many observations there are then."""
    return int(subprocess.run(program(store), check=True, capture_output=True, text=True, timeout=120).stdout)


def test_a_coordinator_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    """After 20 kills with SIGKILL at random moments the finished store equals an undisturbed one."""
    whole, broken = tmp_path / "whole.sqlite", tmp_path / "broken.sqlite"
    begun = time.monotonic()
    assert finished(whole) == 239
    length = time.monotonic() - begun
    dice = random.Random(4)
    seen = 0
    for _ in range(20):
        process = subprocess.Popen(program(broken), stdout=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.2, 1.0) * length * 0.9)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with Store(broken) as store:
            now = len(store.fingerprint())
        assert now >= seen, "something observed was lost"
        seen = now
    assert finished(broken) == 239
    with Store(whole) as one, Store(broken) as two:
        assert one.fingerprint() == two.fingerprint()


def test_two_runs_at_once_do_no_harm(tmp_path: Path) -> None:
    """Two coordinators on one store both end well and the store holds every case once."""
    store = tmp_path / "shared.sqlite"
    both = [subprocess.Popen(program(store), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert int(out) == 239


def test_many_begin_one_store_at_a_time(tmp_path: Path) -> None:
    """Whoever comes while another makes the store waits, and gets it."""
    for number in range(8):
        path = tmp_path / f"{number}.sqlite"
        begin = f"import pathlib; from harness.store import Store; Store(pathlib.Path({str(path)!r})).close()"
        words = [sys.executable, "-c", begin]
        many = [subprocess.Popen(words) for _ in range(4)]
        assert [process.wait(60) for process in many] == [0] * 4


def test_a_killed_coordinator_leaves_no_process_behind(tmp_path: Path) -> None:
    """Workers and their children end with the coordinator that started them."""
    process = subprocess.Popen(program(tmp_path / "s.sqlite"), stdout=subprocess.DEVNULL)
    time.sleep(2.0)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(1.0)
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True).stdout.split()
    assert not left, f"still running: {left}"
