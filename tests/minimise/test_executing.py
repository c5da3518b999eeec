"""Finished programs run on a target."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.minimise.asking import Patience
from harness.minimise.executing import calm, execute
from harness.minimise.records import Execution
from harness.run.launch import Launch
from harness.store import Store

Make = Callable[..., Launch]


def run(launch: Launch, texts: list[str], path: Path, limit: float = 20.0) -> list[Execution]:
    """What came of programs."""
    with Store(path) as store:
        done = execute({launch: texts}, store, patience=Patience(), limit=limit)
    return [done[launch.target, text] for text in texts]


def test_each_program_is_a_main_module_with_rooms_of_its_own(fake: Make, tmp_path: Path) -> None:
    """It sees its name, its target as an argument and an empty folder; the next finds nothing it left."""
    text = (
        "import os, sys, fake_keras\n"
        "print(__name__, sys.argv[1], os.listdir('.'), os.environ['HOME'] != os.path.expanduser('~root'))\n"
        "open('left', 'w').close()\nfake_keras.left = 1\n"
    )
    later = "import os, fake_keras\nprint(os.listdir('.'), hasattr(fake_keras, 'left'))\n"
    first, second = run(fake(), [text, later], tmp_path / "s.sqlite")
    assert first.output == "__main__ fake-agrees [] True\n"
    assert second.output == "[] False\n"
    assert (first.status, first.code) == ("ended", 0)


def test_what_goes_wrong_is_told(fake: Make, tmp_path: Path) -> None:
    """An exception, an exit code, a signal and an endless loop, each with what was printed until then."""
    texts = [
        "print('before', flush=True)\nraise ValueError('no')",
        "import sys\nsys.exit(3)",
        "import os\nos.kill(os.getpid(), 9)",
        "print('on', flush=True)\nwhile True: pass",
        "print('still served')",
    ]
    raised, left, killed, endless, after = run(fake(), texts, tmp_path / "s.sqlite", limit=1.0)
    assert raised.code == 1
    assert raised.output.startswith("before\n")
    assert raised.output.rstrip().endswith("ValueError: no")
    assert (left.status, left.code) == ("ended", 3)
    assert (killed.status, killed.code) == ("killed", -9)
    assert (endless.status, endless.output) == ("timed out", "on\n")
    assert after.output == "still served\n"


def test_a_program_is_run_once(fake: Make, tmp_path: Path) -> None:
    """The same text on the same target is taken from the store."""
    mark = tmp_path / "mark"
    text = f"open({str(mark)!r}, 'a').write('x')"
    for _ in range(2):
        run(fake(), [text, text], tmp_path / "s.sqlite")
    assert mark.read_text() == "x"


def test_a_target_that_does_not_start_is_no_result(fake: Make, tmp_path: Path) -> None:
    """Nothing is kept of it, so that it is tried again."""
    launch = Launch("gone", Path(sys.executable), "no_such_keras", "numpy", "numpy")
    (one,) = run(launch, ["print(1)"], tmp_path / "s.sqlite")
    assert one.status == "not started"


def test_without_time_nothing_is_run(fake: Make, tmp_path: Path) -> None:
    """Programs there was no time for are left out."""
    with Store(tmp_path / "s.sqlite") as store:
        assert execute({fake(): ["print(1)"]}, store, patience=Patience(0.0)) == {}


@pytest.mark.parametrize(
    ("raw", "quiet"),
    [
        ("<object at 0x7f00deadbeef>", "<object at 0x…>"),
        ("/tmp/harness-program-abc/work/m.h5", "~/m.h5"),
        ("/a/lib/python3.11/site-packages/keras/x.py", "keras/x.py"),
        ("I0000 00:00:1 cpu\nkept\n", "kept\n"),
        ("2026-11-25 18:00:00.1: W tensorflow\nkept", "kept"),
    ],
)
def test_noise_is_taken_out(raw: str, quiet: str) -> None:
    """Addresses, folders and the backend's log do not make two outputs differ."""
    assert calm(raw) == quiet
