"""One running register for the journeys that need a real one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.live import LiveRegister


@pytest.fixture(scope="session")
def live() -> Iterator[LiveRegister]:
    """Started at the first use, stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="ecar journey ") as folder:
        register = LiveRegister(Path(folder) / "state")
        register.start()
        yield register
        register.stop()
