"""A successful call of every operation about returns, by its id (see test_openapi)."""

import json
from collections.abc import Callable
from typing import Any, Final

from api.examples import EXAMPLES
from registry import return_tasks
from registry.organisations.models import Organisation
from tests.registry.compute import facilities, records

RETURNS: Final = "/api/v1/returns/"
SOMEWHERE: Final = {"monthly_return": "ECAM-2026-000012-1", "line_id": "L-0000001"}
"""What stands in the paths of returns."""


def opened(caller: Any) -> str:
    """The address of a new return of a compute provider, which has a facility called lyon-1."""
    Organisation.objects.update(is_compute_provider=True)
    caller.post("/api/v1/facilities/", facilities.statement(client_reference="lyon-1"))
    return str(caller.post(RETURNS, EXAMPLES["return"]["value"]).json()["url"])


def sent(caller: Any, *lines: dict[str, Any], query: str = "") -> Any:
    """The answer to lines that were sent for a new return."""
    body = records.ndjson(lines or [records.line(1), records.line(2, facility="nowhere")])
    return caller.send("POST", f"{opened(caller)}records/{query}", body, **{"Content-Type": "application/x-ndjson"})


def taken(caller: Any, *lines: dict[str, Any]) -> str:
    """The address of an upload that was dealt with."""
    answer = sent(caller, *lines).json()
    return_tasks.sweep_uploads()
    return str(answer["url"])


def filled(caller: Any) -> str:
    """The address of a return with one record."""
    return taken(caller, records.line(1)).rsplit("uploads/", 1)[0]


def submitted(caller: Any) -> str:
    """The address of a return that was submitted."""
    address = filled(caller)
    caller.post(f"{address}submit/", {}, **matching(caller, address))
    return address


def matching(caller: Any, address: str) -> dict[str, str]:
    """The header that names what the caller read."""
    return {"If-Match": caller.get(address)["ETag"]}


def _submit(caller: Any) -> Any:
    address = filled(caller)
    return caller.post(f"{address}submit/", EXAMPLES["return_submission"]["value"], **matching(caller, address))


def _reopen(caller: Any) -> Any:
    address = submitted(caller)
    return caller.post(f"{address}reopen/", {}, **matching(caller, address))


def _amend(caller: Any) -> Any:
    said = json.dumps({**EXAMPLES["access_record"]["value"], "line_id": "L-0000001"}).encode()
    return caller.send("PUT", f"{filled(caller)}records/L-0000001/", said)


RETURN_CALLS: Final[dict[str, Callable[[Any], Any]]] = {
    "returns_list": lambda c: [opened(c), c.get(f"{RETURNS}?limit=1&month=2026-10&return_state=open")][-1],
    "returns_open": lambda c: [
        Organisation.objects.update(is_compute_provider=True),
        c.post(RETURNS, {"month": "2026-09", "none": True}),
    ][-1],
    "returns_read": lambda c: c.get(opened(c)),
    "returns_submit": _submit,
    "returns_reopen": _reopen,
    "return_versions_list": lambda c: c.get(f"{submitted(c)}versions/"),
    "return_versions_receipt": lambda c: c.get(f"{submitted(c)}versions/1/receipt/"),
    "records_list": lambda c: c.get(f"{filled(c)}records/?customer_key=C-0001"),
    "records_send": lambda c: sent(c, query="?atomicity=all"),
    "records_read": lambda c: c.get(f"{filled(c)}records/L-0000001/"),
    "records_amend": _amend,
    "records_withdraw": lambda c: c.send("DELETE", f"{filled(c)}records/L-0000001/", b""),
    "return_uploads_list": lambda c: [address := taken(c), c.get(address.rsplit("/", 2)[0] + "/")][-1],
    "return_uploads_read": lambda c: c.get(taken(c)),
    "return_uploads_verdicts": lambda c: c.get(f"{taken(c)}verdicts/?outcome=refused"),
    "record_checks": lambda c: c.get("/api/v1/checks/records/"),
}
