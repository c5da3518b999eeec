"""How long a search may take."""

from __future__ import annotations

import time

from harness.minimise.asking import Patience


def test_a_portion_is_one_part_of_what_is_left_and_begins_now() -> None:
    """Parts that come later have what earlier ones left over."""
    whole = Patience(100.0, since=time.monotonic() - 60.0)
    portion = whole.portion(4)
    assert portion.seconds is not None
    assert 9.0 < portion.seconds <= 10.0
    assert not portion.over
    assert Patience(10.0, since=time.monotonic() - 60.0).portion(4).over


def test_without_a_limit_no_part_has_one() -> None:
    """And none is ever over."""
    assert Patience().portion(3).seconds is None
    assert Patience().part(0.5).seconds is None
    assert not Patience().over
