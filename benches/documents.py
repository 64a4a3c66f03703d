"""The documents that are filed: the example of the API's description, under new names, as if signed lately."""

import json
import re
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from api.examples import EXAMPLES

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_numbers = count(1)


def _of_today() -> str:
    document = EXAMPLES["filing"]["value"]["document"]
    signed_on = date.fromisoformat(document["signature"]["signed_at"][:10])
    moved = datetime.now(UTC).date() - signed_on
    return _DAY.sub(lambda day: str(date.fromisoformat(day[0]) + moved), json.dumps(document))


def documents(number: int) -> list[dict[str, Any]]:
    """So many complete documents on different runs. The checks have nothing against them but notes."""
    text = _of_today()
    made = [json.loads(text) for _ in range(number)]
    for document in made:
        document["run"]["client_run_id"] = f"run-{next(_numbers)}"
    return made
