"""What the harness itself can do wrong.

Life cycle: a `WrongUse` is raised before anything runs (exit code 2); a `HarnessFault` is raised
or recorded while we fail to observe (exit code 3) and is never counted as an outcome of a target;
whatever an implementation does is not an exception here but a record (see `harness.model`).
"""


class HarnessError(Exception):
    """Something the harness, not a target, could not do. Carries a sentence with the way out."""


class WrongUse(HarnessError):
    """The request names something that does not exist or cannot be combined (exit code 2)."""


class HarnessFault(HarnessError):
    """We failed to observe: an environment, a worker, the wire or the store broke (exit code 3)."""


class StoreFault(HarnessFault):
    """The store cannot be opened, read or written; what it held before is untouched."""


class WireFault(HarnessFault):
    """Bytes from a worker are not a frame of the protocol."""
