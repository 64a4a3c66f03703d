"""Returns of an invented compute provider, written as its intake writes them: rows of records under a version."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from registry import rows
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute.models import AccessRecord, Facility, Return

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
H100 = "nvidia-h100-sxm5-80gb"
INTAKE = of_the_register("intake")


def line(line_id: str, facility: Facility, *, hours: int, month: date, **changes: Any) -> dict[str, Any]:
    """One record of a customer that trains for the whole month."""
    after = (month + timedelta(days=32)).replace(day=1)
    starts_at = datetime.combine(month, datetime.min.time(), tzinfo=UTC)
    made: dict[str, Any] = {
        "month": month,
        "line_number": 0,
        "line_id": line_id,
        "revision": 1,
        "facility_id": facility.id,
        "accelerator_id": H100,
        "accelerators": 8,
        "starts_at": starts_at,
        "ends_at": datetime.combine(after, datetime.min.time(), tzinfo=UTC),
        "accelerator_hours": Decimal(hours),
        "customer_key": line_id,
        "customer_name": "Aurelia Research",
        "customer_lei": "",
        "customer_euid": "",
        "customer_vat": "",
        "customer_country": "FR",
        "contracted_on": date(2025, 1, 1),
        "workload_class": "training",
        "run_reference": "",
        "document": {},
        "digest": bytes(32),
        "recorded_at": NOON,
    }
    return made | changes


def submit(
    provider: Actor, territory: str, month: date, lines: Sequence[dict[str, Any]], *, ended: Sequence[str] = ()
) -> Return:
    """Submit a version of the month's return: `lines` are new in it, the records of the lines in `ended` end."""
    with acting_as(provider):
        found = Return.objects.visible_to(provider).filter(month=month).first()
        if found is None:
            found = Return.objects.create(
                reference=f"RET-{uuid.uuid4().hex[:12]}", organisation_id=provider.organisation, territory=territory,
                month=month, opened_at=NOON, opened_by=provider.id, changed_at=NOON,
            )  # fmt: skip
        elif found.state == "submitted":
            Return.objects.filter(pk=found.pk).update(state="amending")
        version = found.version + 1
        place = {"organisation_id": provider.organisation, "territory": territory, "monthly_return_id": found.id}
        AccessRecord.objects.filter(monthly_return=found, line_id__in=ended, until_version__isnull=True).update(
            until_version=version
        )
        if lines:
            rows.insert(AccessRecord, [{**each, **place, "since_version": version} for each in lines])
        Return.objects.filter(pk=found.pk).update(state="submitted", version=version, submitted_at=NOON)
        found.refresh_from_db()
        return found


def many(found: Return, facility: Facility, count: int) -> None:
    """Add so many standing records of customers of their own to a return's first version, in one statement."""
    statement = """
    insert into compute_accessrecord (month, organisation_id, territory, monthly_return_id, line_number, line_id,
      revision, since_version, facility_id, accelerator_id, accelerators, starts_at, ends_at, accelerator_hours,
      customer_key, customer_name, customer_lei, customer_euid, customer_vat, customer_country, contracted_on,
      workload_class, run_reference, document, digest, recorded_at)
    select %(month)s, %(organisation)s, %(territory)s, %(return)s, 0, 'many-' || n, 1, 1, %(facility)s,
      %(accelerator)s,
      8,
      %(month)s::timestamp at time zone 'UTC', (%(month)s::timestamp + interval '1 month') at time zone 'UTC', 100,
      'c' || n %% 5000, 'customer ' || n %% 5000, '', '', 'XX' || n %% 5000, 'DE', '2025-01-01', 'training', '', '{}',
      decode(repeat('00', 32), 'hex'), %(at)s
    from generate_series(1, %(count)s) as n
    """
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "month": found.month,
                "organisation": found.organisation_id,
                "territory": found.territory,
                "return": found.id,
                "facility": facility.id,
                "accelerator": H100,
                "at": NOON,
                "count": count,
            },
        )
