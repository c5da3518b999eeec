"""One worker process of a target: started once, asked for batches, stopped in three flat steps."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.errors import HarnessFault, WireFault
from harness.model import Case
from harness.run.launch import CASES, WORKER, Launch
from harness.run.wire import Frame, FrameReader, pack

TAIL_BYTES = 16 << 10
ASK_SECONDS = 2.0


class WorkerGone(HarnessFault):
    """The worker process ended or never answered. Carries its last output."""


class Zygote:
    """A running worker. Use as a context manager: leaving it stops the process and everything it started."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.hello: dict[str, Any] = {}
        self._frames: deque[Frame] = deque()
        self._reader = FrameReader()
        self._tail = bytearray()
        self._batch = 0
        self._broken: HarnessFault | None = None
        self._rooms = tempfile.TemporaryDirectory(prefix="harness-zygote-", ignore_cleanup_errors=True)

    def __enter__(self) -> Zygote:
        self.start()
        self.await_hello()
        return self

    def __exit__(self, *unused: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process. It ends with the thread that does this.

        Raises:
            WorkerGone: its interpreter cannot be started.
        """
        launch = self.launch
        rooms = Path(self._rooms.name)
        variables = launch.variables()
        for name, folder in (("HOME", "home"), ("KERAS_HOME", "keras")):
            (rooms / folder).mkdir()
            variables[name] = str(rooms / folder)
        reply, reply_end = os.pipe()
        settings = {
            "target": launch.target,
            "namespace": launch.namespace,
            "engine": launch.engine,
            "backend": launch.backend,
            "prelude": str(launch.prelude) if launch.prelude else None,
            "reply_fd": reply_end,
            "memory": launch.memory,
            "cases": str(CASES),
            "extra": [str(p) for p in launch.extra_scripts],
            "fork": launch.fork,
        }
        try:
            self._process = subprocess.Popen(
                [str(launch.interpreter), str(WORKER / "main.py"), json.dumps(settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[reply_end],
                env=variables,
                cwd=rooms,
                start_new_session=True,
            )
        except OSError as error:
            os.close(reply)
            self._rooms.cleanup()
            raise WorkerGone(
                f"{launch.target}: its interpreter {launch.interpreter} cannot be started: {error}"
            ) from error
        finally:
            os.close(reply_end)
        self._reply = reply
        self._selector = selectors.DefaultSelector()
        self._selector.register(reply, selectors.EVENT_READ, "reply")
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        os.set_blocking(reply, False)
        self._selector.register(self._process.stdout, selectors.EVENT_READ, "output")

    def await_hello(self) -> None:
        """Wait until the implementation is imported; a worker that never says so is stopped.

        Raises:
            WorkerGone: importing failed, or took too long.
            WireFault: it says something else.
        """
        try:
            self.hello = self._hello()
        except BaseException:
            self.stop()
            raise

    def _hello(self) -> dict[str, Any]:
        frame = self.next_frame(time.monotonic() + self.launch.start_limit)
        if frame is None:
            raise WorkerGone(
                f"{self.launch.target}: importing took more than {self.launch.start_limit:.0f} s.\n"
                f"{self.tail()}"
            )
        if frame.says == "failed":
            raise WorkerGone(
                f"{self.launch.target} cannot be imported: {frame.header['what']}\n"
                f"{frame.header['traceback']}"
            )
        if frame.says != "hello":
            raise WireFault(f"{self.launch.target}: expected a hello. Received {frame.says!r}.")
        return dict(frame.header)

    def send_batch(self, cases: Sequence[Case]) -> int:
        """Ask for cases; returns the batch's number."""
        self._batch += 1
        plain = [case.plain() | {"hash": case.hash} for case in cases]
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pack({"do": "batch", "batch": self._batch, "cases": plain}))
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerGone(f"{self.launch.target}: the worker is gone ({error}).\n{self.tail()}") from error
        return self._batch

    def next_frame(self, deadline: float) -> Frame | None:
        """The next frame, or None when the deadline (of `time.monotonic`) passes first.

        What has come is heard even if the deadline has passed: who asks may have been kept from asking.
        """
        while not self._frames:
            if self._broken is not None:
                raise self._broken
            left = deadline - time.monotonic()
            for key, _ in self._selector.select(max(0.0, left)):
                self._take(key.data)
            if left <= 0 and not self._frames:
                return None
        return self._frames.popleft()

    def _take(self, channel: str) -> None:
        if channel == "output":
            assert self._process.stdout is not None
            data = _read_some(self._process.stdout.fileno())
            if data == b"":
                self._selector.unregister(self._process.stdout)
            elif data:
                self._tail += data
                del self._tail[:-TAIL_BYTES]
            return
        data = _read_some(self._reply)
        if data == b"":
            self._selector.unregister(self._reply)
            self._broken = WorkerGone(f"{self.launch.target}: the worker ended{self._how()}.\n{self.tail()}")
            return
        try:
            self._frames.extend(self._reader.feed(data or b""))
        except WireFault as fault:
            self._broken = fault  # what came whole before it is still heard

    def _how(self) -> str:
        try:
            status = self._process.wait(ASK_SECONDS)
        except subprocess.TimeoutExpired:
            return " its answers while still running"
        return f" with {describe_return(status)}"

    def runs(self) -> bool:
        """Whether its process has not ended."""
        return self._process.poll() is None

    def forget_output(self) -> None:
        """Start the kept output anew, at the beginning of a case."""
        self._tail.clear()

    def tail(self, lines: int = 20) -> str:
        """The last lines the implementation printed."""
        return "\n".join(self._tail.decode("utf-8", "replace").splitlines()[-lines:])

    def kill_child(self, pid: int) -> None:
        """Kill a child and everything it started."""
        for send in (os.killpg, os.kill):
            try:
                send(pid, signal.SIGKILL)
                return
            except (ProcessLookupError, PermissionError):
                continue

    def stop(self) -> None:
        """Ask, terminate, kill."""
        process = self._process
        try:
            assert process.stdin is not None
            process.stdin.write(pack({"do": "end"}))
            process.stdin.close()
        except OSError:
            pass
        for act in (None, process.terminate, process.kill):
            if act is not None:
                act()
            try:
                process.wait(ASK_SECONDS if act is None else 1.0)
                break
            except subprocess.TimeoutExpired:
                continue
        if process.stdout is not None:
            process.stdout.close()
        self._selector.close()
        os.close(self._reply)
        self._rooms.cleanup()


def _read_some(descriptor: int) -> bytes | None:
    """What is there to read; b"" at the end, None when there is nothing yet."""
    try:
        return os.read(descriptor, 1 << 20)
    except BlockingIOError:
        return None


def describe_return(status: int) -> str:
    """A return code of `subprocess` in words."""
    if status < 0:
        return f"signal {signal_name(-status)}"
    return f"exit status {status}"


def describe_wait(status: int) -> str:
    """A status of `os.waitpid` in words."""
    if os.WIFSIGNALED(status):
        return f"signal {signal_name(os.WTERMSIG(status))}"
    return f"exit status {os.WEXITSTATUS(status)}"


def signal_name(number: int) -> str:
    """SIGSEGV for 11."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
