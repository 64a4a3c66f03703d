"""The Kuala Lumpur case, lived through: a provider reports it month by month, the worker screens, an officer reads it.

A provider in the Union rents 300 servers of eight H100 for four months to a local company founded two months before,
which took over the contract of a Singapore subsidiary at the provider's request: three local directors, an offshore
parent, drives arriving by air, several hundred gigabytes of weights leaving, and no filing.
"""

import json
import re
import time
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from registry.runtime.processes import wait_until
from tests.journeys.browsing import PlainBrowser
from tests.journeys.live import LiveRegister, PlainClient
from tests.registry.compute import facilities, records

pytestmark = pytest.mark.xdist_group("running")
ACCELERATORS, NODES = 300 * 8, 300
SILENT_DAYS = 46  # the rule on the missing side waits 45 days after the end
RULES = frozenset({"R-06", "R-09", "R-11", "R-12", "R-13", "R-21", "R-23", "R-24"})
DIRECTORS = ["Ahmad One", "Bakar Two", "Cheng Three"]
LONGEST_SECONDS = 90
FINDINGS = "/en/oversight/findings/?q=Straits"
TOLD = (
    "no filing tells of it",
    "reach 1 × 10²⁵ in about 122 days",
    "At 40% utilisation the use comes to",
    "are reached after 122 days of use",
    "60 days after its incorporation",
    "At the request of the compute provider Aurora Halls",
    "Straits Compute Pte (Singapore)",
    "Palm Holding (British Virgin Islands)",
    "Ahmad One (3)",
    "No beneficial owner of Straits Compute SAS could be established",
    "80,000 GB of data arrived on physical media in 4 consignments from Malaysia",
    "weights left the Union for China: 400 GB",
    "nobody has filed a training run",
    "2,400 accelerators on 300 nodes",
)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _months() -> list[date]:
    """The newest four months together of 122 days or more that have been over for long enough."""
    today = datetime.now(UTC).date()
    last = _before(today.replace(day=1))
    while True:
        first = _before(_before(_before(last)))
        if (today - _after(last)).days >= SILENT_DAYS and (_after(last) - first).days >= 122:
            return [first, _after(first), _before(last), last]
        last = _before(last)


MONTHS = _months()
BEGAN_ON, ENDS_ON = MONTHS[0], _after(MONTHS[-1])
FOUNDED_ON = BEGAN_ON - timedelta(days=60)


def _line(number: int, month: date, **changes: Any) -> dict[str, Any]:
    """A month of the customer, all accelerators day and night."""
    days = monthrange(month.year, month.month)[1]
    return records.line(
        number,
        **{
            "facility": "hall-1",
            "starts_at": f"{month}T00:00:00Z",
            "ends_at": f"{_after(month)}T00:00:00Z",
            "accelerators": ACCELERATORS,
            "accelerator_hours": str(ACCELERATORS * 24 * days),
            "nodes": NODES,
            "steady_days": str(days),
            "workload_class": "unknown",
            "customer_key": "KL-1",
            "customer_name": "Straits Compute SAS",
            "customer_lei": None,
            "customer_incorporated_on": FOUNDED_ON.isoformat(),
            "contracted_on": BEGAN_ON.isoformat(),
            "customer_parent_name": "Palm Holding",
            "customer_parent_country": "VG",
            "customer_directors": DIRECTORS,
            "previous_customer_name": "Straits Compute Pte",
            "previous_customer_country": "SG",
            "contract_changed_on": (BEGAN_ON - timedelta(days=1)).isoformat(),
            "contract_changed_by": "provider",
            "payer_name": "Straits Compute SAS",
        }
        | changes,
    )


def _other(number: int, month: date) -> dict[str, Any]:
    """A small customer of the same three directors."""
    name = f"Other-{number}"
    used = {"starts_at": f"{month}T00:00:00Z", "ends_at": f"{month}T10:00:00Z", "accelerator_hours": "640"}
    who = {"customer_key": name, "customer_name": name, "payer_name": name, "customer_directors": DIRECTORS}
    return records.line(number, **{"facility": "hall-1", "customer_lei": None, **used, **who})


def _lines(month: date) -> list[dict[str, Any]]:
    if month == MONTHS[0]:
        drives = {"arrived_on": f"{month:%Y-%m}-02", "volume_tb": "20", "from_country": "MY", "carrier": "by air"}
        return [_line(1, month, media_in=[drives] * 4), *(_other(number, month) for number in (2, 3, 4))]
    if month == MONTHS[-1]:
        left = {"left_on": (ENDS_ON + timedelta(days=2)).isoformat(), "volume_gb": "400", "to_country": "CN"}
        return [_line(1, month, weights_out=[{**left, "medium": "physical_media"}])]
    return [_line(1, month)]


def _reported(client: PlainClient) -> None:
    """The facility, what stands in it, and four returns: opened, filled, submitted."""
    site = facilities.statement(client_reference="hall-1", name="Hall One", it_power_kw="4000")
    hall = client.post("/api/v1/facilities/", site).json()["url"]
    lot = facilities.installation(count=ACCELERATORS)
    assert client.post(f"{hall}installations/", lot).status_code == 201
    for month in MONTHS:
        address = client.post("/api/v1/returns/", {"month": f"{month:%Y-%m}"}).json()["url"]
        lines = _lines(month)
        sent = client.send(f"{address}records/", records.ndjson(lines))
        assert sent.status_code == 202, sent.text
        upload = sent.json()["url"]
        assert wait_until(lambda at=upload: client.get(at).json()["state"] == "stored", seconds=LONGEST_SECONDS)
        assert client.get(upload).json()["lines"]["refused"] == 0, client.get(f"{upload}verdicts/").text
        submitted = client.change(f"{address}submit/", {}, of=address)
        assert submitted.json()["records"] == len(lines), submitted.text


def _found(live: LiveRegister, officer: PlainBrowser) -> str:
    """The page of findings about the customer, once the worker has found what there is to find."""
    until, page = time.monotonic() + LONGEST_SECONDS, ""
    while time.monotonic() < until:
        page = officer.read(FINDINGS)
        if all(f">{rule}<" in page for rule in RULES):
            return page
        live.program("struck", "read_positions", "screen_groups", "open_cases")
    raise AssertionError([rule for rule in RULES if f">{rule}<" not in page])


def _case(officer: PlainBrowser) -> str:
    """The address of the case: the grave findings opened it, the officer takes up the others."""
    waiting = re.findall(r'name="finding" value="([0-9]+)"', officer.read(f"{FINDINGS}&view=waiting"))
    if waiting:
        officer.send(FINDINGS, {"finding": waiting}, to="/en/oversight/findings/open/")
    (address,) = set(re.findall(r'href="(/en/oversight/cases/[A-Z0-9-]+/)"', officer.read(FINDINGS)))
    return str(address)


def test_the_case_is_told_whole_from_reports_of_its_provider_alone(live: LiveRegister) -> None:
    _reported(live.client("Aurora Halls", is_compute_provider=True))
    with PlainBrowser(live) as officer:
        officer.sign_in(json.loads(live.program("seated", "officer", "FR")))
        officer.send("/en/oversight/purpose/", {"purpose": "review", "case": "KL", "sentence": "Following findings."})
        _found(live, officer)
        told = officer.read(_case(officer))
    for rule in RULES:
        assert f'answer__code">{rule}<' in told, rule
    missing = [sentence for sentence in TOLD if sentence not in told]
    assert not missing, missing
