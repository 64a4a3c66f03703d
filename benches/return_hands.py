"""What the web process and the worker do with lines, each in a process of its own, so that its memory can be told.

`python -m benches.return_hands receive RETURN FILE` and `… take UPLOAD` print what they measured, as JSON. The settings
are those of the environment, which benches.returns made.
"""

import json
import resource
import sys
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

import django

django.setup()

from registry.accounts.policy import ROLES, of_the_register  # noqa: E402
from registry.acting import Actor, acting_as  # noqa: E402
from registry.compute import intake, record_actions  # noqa: E402
from registry.compute.models import Atomicity, Format, Return  # noqa: E402

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def submitter(organisation: UUID) -> Actor:
    """Who files for an organisation."""
    role = ROLES["provider_submitter"]
    permissions = frozenset(map(str, role.permissions))
    return Actor(id="bench", name="Bench", audience=role.audience, permissions=permissions, organisation=organisation)


def receive(reference: str, path: str) -> dict[str, object]:
    """Keep the lines of a file for the intake."""
    by = submitter(Return.objects.get(reference=reference).organisation_id)
    began = perf_counter()
    with open(path, "rb") as stream, acting_as(by):
        body = record_actions.body_of(stream, written=Format.NDJSON)
        upload = record_actions.receive(reference=reference, body=body, atomicity=Atomicity.EACH, by=by, at=AT)
    return {"seconds": perf_counter() - began, "upload": str(upload.id), "lines": upload.lines_read}


def take(upload: str) -> dict[str, object]:
    """Deal with an upload until it is done."""
    by, began, first, more = of_the_register("intake"), perf_counter(), 0.0, True
    while more:
        with acting_as(by):
            more = intake.take(upload=UUID(upload), by=by, at=AT)
        first = first or perf_counter() - began
    return {"seconds": perf_counter() - began, "first_seconds": first}


def main() -> None:
    """Do as the arguments say."""
    task, *words = sys.argv[1:]
    found = receive(*words) if task == "receive" else take(*words)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({**found, "peak_mib": peak_mib}))


if __name__ == "__main__":
    main()
