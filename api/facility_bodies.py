"""What facilities, clusters, installations and yearly reports look like in answers. Power in kW, energy in kWh."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from api.bodies import moment
from registry.compute import facility, facility_checks, facility_storing
from registry.compute.models import Cluster, Facility, FacilityAct, FacilityReport, Installation
from registry.organisations.identifiers import MEMBER_STATES


def summary(row: Facility) -> dict[str, Any]:
    """A facility as a line of a list."""
    return {
        "reference": row.reference,
        "url": address(row),
        "client_reference": row.client_reference or None,
        "name": row.name,
        "operator_name": row.operator_name,
        "kind": row.kind,
        "country": row.country,
        "territory": row.territory,
        "operating_from": _day(row.operating_from),
        "closed_on": _day(row.closed_on),
        "it_power_kw": decimal(row.it_power_kw),
        "size_class": row.size_class or None,
        "must_report": row.country in MEMBER_STATES and facility.must_report(row.it_power_kw),
        "revision": row.revision,
        "registered_at": moment(row.registered_at),
        "changed_at": moment(row.changed_at),
    }


def whole(row: Facility, language: str) -> dict[str, Any]:
    """A facility in full: what is said of it, and what the checks say of it and of what stands there."""
    return {**summary(row), "statement": json.loads(row.document), "answers": answers(row.answers, language)}


def report(row: FacilityReport, language: str) -> dict[str, Any]:
    """One version of a yearly report with its ratios, and the opening of its commitment."""
    return {
        "year": row.year,
        "version": row.number,
        "url": f"/api/v1/facilities/{row.facility.reference}/reports/{row.year}/",
        "reported_at": moment(row.at),
        "pue": decimal(row.pue),
        "wue_l_per_kwh": decimal(row.wue),
        "erf": decimal(row.erf),
        "ref": decimal(row.ref),
        "report": json.loads(row.document or "null"),  # erased: none
        "answers": answers(row.answers, language),
        "entry": row.entry_id,
        "document_sha256": bytes(row.digest).hex() or None,
        "salt": bytes(row.salt).hex() or None,
    }


def cluster(row: Cluster, reference: str) -> dict[str, Any]:
    """A cluster."""
    return {
        "id": str(row.id),
        "url": f"/api/v1/facilities/{reference}/clusters/{row.id}/",
        "name": row.name,
        "network": row.network or None,
        "interconnect_gbit_per_s": decimal(row.interconnect_gbit_per_s),
        "from_on": _day(row.from_on),
        "until_on": _day(row.until_on),
        "revision": row.revision,
        "changed_at": moment(row.changed_at),
    }


def installation(row: Installation, reference: str, language: str) -> dict[str, Any]:
    """One period of a lot of accelerators."""
    return {
        "id": str(row.id),
        "url": f"/api/v1/facilities/{reference}/installations/{row.id}/",
        "lot": row.lot,
        "cluster": str(row.cluster_id) if row.cluster_id else None,
        "accelerator": row.accelerator_id,
        "count": row.count,
        "stage": row.stage,
        "stage_name": facility.word("stage", row.stage, language),
        "from_on": _day(row.from_on),
        "until_on": _day(row.until_on),
        "delivered_on": _day(row.delivered_on),
        "evidence": row.evidence or None,
        "revision": row.revision,
        "changed_at": moment(row.changed_at),
    }


def act(row: FacilityAct, language: str) -> dict[str, Any]:
    """One thing that was said, with the opening of its commitment."""
    return {
        "number": row.number,
        "kind": row.kind,
        "name": facility.word("act", row.kind, language),
        "subject": row.subject or None,
        "at": moment(row.at),
        "content": json.loads(row.content or "null"),  # erased: none
        "entry": row.entry_id,
        "content_sha256": bytes(row.digest).hex() or None,
        "salt": bytes(row.salt).hex() or None,
    }


def answers(stored: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """What the checks said, in words."""
    shown = []
    for said in facility_storing.said_in(stored):
        text = facility_checks.told(said, language=language)
        words = {"sentence": text.sentence, "remedy": text.remedy}
        subject = said.subject or None
        shown.append(
            {"code": said.code, "severity": said.severity, "subject": subject, "pointer": said.pointer, **words}
        )
    return shown


def address(row: Facility) -> str:
    """Where a facility is."""
    return f"/api/v1/facilities/{row.reference}/"


def decimal(value: Decimal | None) -> str | None:
    """A quantity as a decimal string without closing zeros."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
