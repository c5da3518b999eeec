"""Running finished programs on a target: each in a process, a home and a folder of its own, with a time
limit.

What came of a program is kept in the store under its text and the target's fingerprint, so that it is run
once.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from harness.minimise.asking import Patience
from harness.minimise.records import Execution
from harness.model import digest
from harness.run.launch import Launch
from harness.store import Store

SERVER = Path(__file__).resolve().parent.parent / "preludes" / "program_server.py"
SORT = "execution"
LIMIT = 60.0
"""Seconds a program may take."""
KEPT = 20_000
"""Characters of its output that are kept."""

NOISE = (
    (re.compile(r"0x[0-9a-fA-F]{6,}"), "0x…"),
    (re.compile(r"[^\s'\"(]*harness-program-[^/\s'\"]+(?:/(?:home|keras|work))?"), "~"),
    (re.compile(r"(?:/[\w.+@~-]+)+/(?:site-packages|dist-packages)/"), ""),
    (
        re.compile(
            r"^(?:WARNING: All log messages before absl|[IWEF]\d{4} |\d{4}-\d\d-\d\d \d\d:).*\n?", re.M
        ),
        "",
    ),
)
"""What differs between two runs of a program, or is the log of the backend's own, and what stands for it."""


def calm(output: str) -> str:
    """An output without addresses, the machine's own paths and the backend's log."""
    for pattern, instead in NOISE:
        output = pattern.sub(instead, output)
    return output[:KEPT]


def execute(
    programs: Mapping[Launch, Sequence[str]], store: Store, *, patience: Patience, limit: float = LIMIT
) -> dict[tuple[str, str], Execution]:
    """What came of every program on its target, by target and text; targets side by side.

    Programs that there was no time for are left out.
    """
    found: dict[tuple[str, str], Execution] = {}
    missing: dict[Launch, list[str]] = {}
    for launch, texts in programs.items():
        for text in dict.fromkeys(texts):
            known = store.finding(SORT, key_of(launch, text))
            if known is None:
                missing.setdefault(launch, []).append(text)
            else:
                found[launch.target, text] = Execution(**known)
    with ThreadPoolExecutor(max_workers=max(1, len(missing))) as pool:
        done = pool.map(lambda item: serve(item[0], item[1], patience, limit), missing.items())
        for launch, results in zip(missing, done, strict=True):
            for text, execution in results.items():
                found[launch.target, text] = execution
                if execution.status != "not started":
                    store.keep_finding(SORT, key_of(launch, text), asdict(execution))
    return found


def key_of(launch: Launch, text: str) -> str:
    """What decides what a program prints: its text, the target, and how it is run."""
    return digest([text, launch.fingerprint, SERVER.read_text("utf-8")])


def serve(launch: Launch, texts: Sequence[str], patience: Patience, limit: float) -> dict[str, Execution]:
    """Run programs on one target, one after the other; a server that dies is started again for the next."""
    out: dict[str, Execution] = {}
    server: subprocess.Popen[str] | None = None
    try:
        for text in texts:
            if patience.over:
                break
            if server is None or server.poll() is not None:
                server = start(launch)
            out[text] = run_one(server, launch.target, text, limit)
    finally:
        if server is not None:
            stop(server)
    return out


def start(launch: Launch) -> subprocess.Popen[str]:
    """A server in the target's interpreter."""
    return subprocess.Popen(
        [str(launch.interpreter), str(SERVER), launch.namespace],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=launch.variables(),
        text=True,
        bufsize=1,
    )


def stop(server: subprocess.Popen[str]) -> None:
    """End a server: its input ends, and it with it."""
    if server.stdin is not None:
        server.stdin.close()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if server.stdout is not None:
        server.stdout.close()


def run_one(server: subprocess.Popen[str], target: str, text: str, limit: float) -> Execution:
    """One program in a folder of its own."""
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory(prefix="harness-program-", ignore_cleanup_errors=True) as room:
        path = Path(room, "repro.py")
        path.write_text(text, encoding="utf-8")
        asked = {"path": str(path), "argument": target, "room": room, "limit": limit}
        try:
            server.stdin.write(json.dumps(asked) + "\n")
            answer = server.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            return Execution(target, "not started", "", server.poll() or 0)
        ended = json.loads(answer)
        output = Path(room, "output")
        printed = output.read_bytes()[: 4 * KEPT].decode("utf-8", "replace") if output.exists() else ""
    return Execution(target, ended["status"], calm(printed), ended["code"], round(ended["seconds"], 3))
