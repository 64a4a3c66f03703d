"""The documents of the tests, moved to the present: a running register goes by the clock on the wall."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

from tests.conftest import NOON
from tests.documents import planned_run

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def run_of_today(**changes: Any) -> dict[str, Any]:
    """The planned run as if it had been planned and signed lately: each of its days moved by the same number."""
    moved = datetime.now(UTC).date() - NOON.date()
    text = _DAY.sub(lambda day: str(date.fromisoformat(day[0]) + moved), json.dumps(planned_run(**changes)))
    made: dict[str, Any] = json.loads(text)
    return made
