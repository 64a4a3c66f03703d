"""A successful call of every operation about facilities, by its id (see test_openapi)."""

from collections.abc import Callable
from typing import Any, Final

from api.examples import EXAMPLES

FACILITIES: Final = "/api/v1/facilities/"
ANYWHERE: Final = {
    "facility": "ECAF-2026-000012-1",
    "year": "2025",
    "cluster": "7b0d9a52-0000-4000-8000-000000000000",
    "installation": "7b0d9a52-0000-4000-8000-000000000000",
    "form": "filing",
}
"""What stands in the paths of facilities and schemas."""
FIRST: Final = {"If-Match": '"1"'}


def _said(name: str) -> Any:
    return EXAMPLES[name]["value"]


def _facility(caller: Any) -> str:
    """The address of a new facility."""
    return str(caller.post(FACILITIES, _said("facility")).json()["url"])


def _reported(caller: Any) -> str:
    """The address of a year that was reported."""
    return str(caller.post(_facility(caller) + "reports/", _said("facility_report")).json()["url"])


def _cluster(caller: Any) -> str:
    """The address of a new cluster."""
    return str(caller.post(_facility(caller) + "clusters/", _said("cluster")).json()["url"])


def _installed(caller: Any) -> str:
    """The address of a new installation."""
    return str(caller.post(_facility(caller) + "installations/", _said("installation")).json()["url"])


def _above(address: str) -> str:
    return address.rsplit("/", 2)[0] + "/"


FACILITY_CALLS: Final[dict[str, Callable[[Any], Any]]] = {
    "facilities_list": lambda c: [_facility(c), c.get(f"{FACILITIES}?limit=1&country=FR&size_class=2-10mw")][-1],
    "facilities_register": lambda c: c.post(FACILITIES, _said("facility")),
    "facilities_read": lambda c: c.get(_facility(c)),
    "facilities_amend": lambda c: c.send("PUT", _facility(c), _said("facility"), **FIRST),
    "facilities_acts": lambda c: c.get(_facility(c) + "acts/"),
    "facility_reports_list": lambda c: c.get(_above(_reported(c))),
    "facility_reports_report": lambda c: c.post(_facility(c) + "reports/", _said("facility_report")),
    "facility_reports_read": lambda c: c.get(_reported(c)),
    "facility_reports_amend": lambda c: c.send("PUT", _reported(c), _said("facility_report"), **FIRST),
    "clusters_list": lambda c: c.get(_above(_cluster(c))),
    "clusters_put_up": lambda c: c.post(_facility(c) + "clusters/", _said("cluster")),
    "clusters_read": lambda c: c.get(_cluster(c)),
    "clusters_change": lambda c: c.send("PUT", _cluster(c), _said("cluster"), **FIRST),
    "installations_list": lambda c: c.get(_above(_installed(c)) + "?on=2026-01-01&stage=operating"),
    "installations_put_up": lambda c: c.post(_facility(c) + "installations/", _said("installation")),
    "installations_read": lambda c: c.get(_installed(c)),
    "installations_change": lambda c: c.post(_installed(c) + "change/", _said("installation_change"), **FIRST),
    "facility_checks": lambda c: c.get("/api/v1/checks/facilities/"),
}
