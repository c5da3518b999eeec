"""What an oracle does with input that its documentation says nothing about."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered

_UNDESCRIBED = (TypeError, ValueError, IndexError, ZeroDivisionError, AttributeError)
"""What NumPy raises for values of the wrong type, axes that do not exist and shapes that do not fit."""


def described_only(oracle: Callable[..., Any]) -> Callable[..., Any]:
    """An oracle for legitimate input only: where its formula cannot be worked out, it covers nothing.

    Invalid values are part of every domain; the documentation gives no result for them.
    """

    @functools.wraps(oracle)
    def covered(*arguments: Any, **keywords: Any) -> Any:
        with np.errstate(all="ignore"):
            try:
                return oracle(*arguments, **keywords)
            except _UNDESCRIBED as error:
                raise NotCovered(f"The documentation describes no result for this input: {error}") from error

    return covered
