"""Lines of returns as tests send them, and what sends them."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions, intake, record_actions, return_actions
from registry.compute.models import Atomicity, Format, Return, Upload
from registry.organisations.models import Organisation
from tests.registry.compute import facilities

OCTOBER = date(2026, 10, 1)
INTAKE = of_the_register("intake")


def line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A line to which no check objects, for October 2026; a change to None leaves a member out."""
    said: dict[str, Any] = {
        "line_id": f"L-{number:07d}",
        "facility": "lyon-1",
        "accelerator": "nvidia-h100-sxm5-80gb",
        "accelerators": 64,
        "starts_at": "2026-10-01T00:00:00Z",
        "ends_at": "2026-10-15T00:00:00Z",
        "accelerator_hours": "20160.5",
        "workload_class": "inference",
        "nodes": 8,
        "interconnect_gbit_per_s": "400",
        "customer_key": f"C-{number % 500:04d}",
        "customer_name": "Borealis Analytique SAS",
        "customer_country": "FR",
        "customer_lei": "969500DEMONSTRATIO14",
        "customer_address": "1 rue de la Barre, 69002 Lyon",
        "customer_email": "compute@borealis.example",
        "customer_incorporated_on": "2019-05-01",
        "contracted_on": "2024-01-15",
        "payer_name": "Borealis Analytique SAS",
        "payer_country": "FR",
        "payment_means": "bank_transfer",
        "payment_countries": ["FR"],
        "declared_access_countries": ["FR", "DE"],
        "observed_access_countries": ["FR"],
        "business_purpose": "Forecasts for shops",
        "verification_method": "register",
        "verified_on": "2024-01-10",
        "is_established_in_russia": False,
        "is_end_use_prohibited": False,
        "attested_on": "2024-01-10",
        "attested_by": "Jeanne Colin",
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def ndjson(lines: Iterable[dict[str, Any]]) -> bytes:
    """The lines as a body."""
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in lines)


def lend(organisation: Organisation) -> None:
    """Make an organisation a compute provider."""
    Organisation.objects.filter(id=organisation.id).update(is_compute_provider=True)


def opened(by: Actor, at: datetime, *, month: date = OCTOBER) -> Return:
    """A return that is open, with a facility called lyon-1 to name in it."""
    with acting_as(by):
        content = facilities.statement(client_reference="lyon-1")
        facility_actions.register(content=content, by=by, at=at)
    with acting_as(by):
        return return_actions.open_return(month=month, by=by, at=at)


def sent(
    row: Return,
    body: bytes,
    by: Actor,
    at: datetime,
    *,
    atomicity: Atomicity = Atomicity.EACH,
    written: Format = Format.NDJSON,
) -> Upload:
    """An upload that waits for the intake."""
    with acting_as(by):
        made = record_actions.body_of(io.BytesIO(body), written=written)
        return record_actions.receive(reference=row.reference, body=made, atomicity=atomicity, by=by, at=at)


def taken(upload: Upload, at: datetime, *, parts: int = 1_000) -> Upload:
    """The upload after up to so many units of work of the intake."""
    for number in range(parts):
        with acting_as(INTAKE):
            if not intake.take(upload=upload.id, by=INTAKE, at=at + timedelta(seconds=number)):
                break
    upload.refresh_from_db()
    return upload


def verdicts(upload: Upload) -> Sequence[dict[str, Any]]:
    """All verdicts on the lines of an upload, as they are kept."""
    return [verdict for part in upload.parts.all() for verdict in intake.kept_verdicts(part)]


def csv_of(lines: Sequence[dict[str, Any]]) -> bytes:
    """The lines as CSV, with the columns that any of them has."""
    columns = sorted({name for each in lines for name in each})
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(columns)
    for each in lines:
        rows.writerow([_cell(each.get(name)) for name in columns])
    return written.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return json.dumps(value) if value and isinstance(value[0], dict) else ";".join(value)
    return str(value)
