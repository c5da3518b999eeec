"""Doing two pieces of work at once, in two processes."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from harness.errors import HarnessFault


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Within it, `work` is done by a copy of this process; where none can be made, it is done first.

    The copy sees everything as it is now; nothing that `work` changes in memory comes back. The end of the
    block waits for it.

    Raises:
        OSError: what `work` raised.
        HarnessFault: the copy ended otherwise than by doing it.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        work()
        yield
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    copy = context.Process(target=_do, args=(work, theirs), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the copy takes no lock that a thread could hold
        copy.start()
    theirs.close()
    try:
        yield
    except BaseException:
        copy.kill()
        raise
    finally:
        said = _said(ours)
        copy.join()
    if isinstance(said, OSError):
        raise said
    if said is not None:
        raise HarnessFault(f"Expected a part of the report to be written. Received: {said}")


def _do(work: Callable[[], None], theirs: Connection) -> None:
    """In the copy: do it and say how it ended."""
    try:
        work()
    except OSError as error:
        theirs.send(error)
    except BaseException as error:
        theirs.send(f"{type(error).__name__}: {error}")
    else:
        theirs.send(None)


def _said(ours: Connection) -> OSError | str | None:
    """How the copy says it ended."""
    try:
        said: OSError | str | None = ours.recv()
    except EOFError:
        return "its process ended without a word"
    return said
