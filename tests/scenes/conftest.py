"""What tests of the set share: one warm stage for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scenes.film import Stage
from tests.needs import need_blender


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """A warm stage; it starts with the first film."""
    need_blender()
    with Stage(max_shots=1000) as warm:
        yield warm
