"""Returns of the demonstration: three months of what the compute providers lent to whom, sent line by line.

Invented, and nothing is drawn at random. One provider reports that nobody used its machines in a month; of another's
lines two are refused, one return is still open, and one of its customers, whom nobody has verified, trains for two
months at a size of which no filing tells: the rules see that, and it becomes a case.
"""

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import intake, record_actions, return_actions, return_lists
from registry.compute.models import Atomicity, Format, Return
from registry.filings import return_duties
from registry.filings.working_days import start_of_day
from registry.management.demonstration import sites
from registry.management.demonstration.organisations import COMPANY, lei_of
from registry.management.demonstration.people import Hands
from registry.management.demonstration.runs import H100
from registry.oversight import case_opening
from registry.screening import subject_actions

MONTHS: Final = 3
SENT_ON: Final = {"maas": 4, "mistrale": 6, "saimaa": 8}  # days into the next month
SETTLED: Final = timedelta(days=max(SENT_ON.values()) + 2)  # so that the newest month is sent before the last day
NONE_BY, SHOWN_BY = "saimaa", "mistrale"
PATTERN: Final = "Tasik Data Sdn. Bhd."
# Name, seat, what it uses the machines for, accelerators, workload class.
CUSTOMERS: Final = (
    ("Borealis Analytique SAS", "FR", "Forecasts for shops", 16, "inference"),
    ("Kestrel Weather BV", "NL", "Weather models", 8, "simulation"),
    ("Lindenhof Verlag GmbH", "DE", "Search in an archive", 8, "inference"),
    ("Ostrava Vision s.r.o.", "CZ", "Images of weld seams", 8, "fine_tuning"),
    ("Pampa Health SL", "ES", "Summaries of findings", 16, "fine_tuning"),
    ("Rocade Logistique SA", "BE", "Routes of lorries", 8, "inference"),
    ("Suomen Metsä Oy", "FI", "Counting trees", 8, "simulation"),
    ("Tramonto Film SRL", "IT", "Subtitles", 8, "inference"),
    ("Vesterbro Bank A/S", "DK", "Fraud in payments", 16, "inference"),
    ("Wachau Energie AG", "AT", "Load of the grid", 8, "simulation"),
    ("Zielona Gra sp. z o.o.", "PL", "Characters of a game", 16, "inference"),
    ("Årsta Teknik AB", "SE", "Speech in the works", 8, "synthetic_data"),
)
UTILISED: Final = Decimal("0.92")  # of the time rented

Course = Iterator[datetime]
Content = dict[str, Any]


def months(at: datetime) -> list[date]:
    """The three months that were over some days before `at`, the oldest first, as far as returns are asked for."""
    last = return_actions.month_today(at - SETTLED)
    found = return_lists.months_until(last, count=MONTHS + 1)[1:]
    return [month for month in reversed(found) if month >= return_actions.FIRST_MONTH]


def courses(hands: Hands, *, at: datetime) -> list[Course]:
    """What each compute provider does about each month, and the night after it, for those that there are by `at`."""
    known = [slug for slug in SENT_ON if slug in hands.providers]
    return [
        _report(slug, month, hands.providers[slug], newest=months(at)[-1]) for month in months(at) for slug in known
    ]


def lines_of(slug: str, month: date) -> list[Content]:
    """What a provider says of a month: each customer in both halves of it; two lines of one are wrong."""
    found = [_line(slug, month, number, half) for number in range(len(CUSTOMERS)) for half in (0, 1)]
    if slug != SHOWN_BY:
        return found
    return [
        *found,
        _pattern(month),
        {**found[0], "line_id": "X-1", "facility": "mistrale-9"},
        _too_many_hours(found[1]),
    ]


def open_cases(*, at: datetime) -> int:
    """Put what the rules found into cases, where it weighs enough; returns how many cases."""
    with acting_as(of_the_register("screener")) as screener:
        return len(case_opening.open_due(by=screener, at=at))


def _report(slug: str, month: date, actor: Actor, *, newest: date) -> Course:
    """One return: opened, filled, dealt with and, but for the one that stays open, submitted and screened."""
    at = start_of_day(_following(month) + timedelta(days=SENT_ON[slug] - 1))
    yield at
    if slug == NONE_BY and month == newest:
        with acting_as(actor):
            none = return_actions.report_none(month=month, by=actor, at=at)
        _follow(none.monthly_return.reference, at=at)
        return
    with acting_as(actor):
        row = return_actions.open_return(month=month, by=actor, at=at)
    _send(row, lines_of(slug, month), actor, at=at)
    if slug == SHOWN_BY and month == newest:
        return
    yield at + timedelta(minutes=20)
    with acting_as(actor):
        revision = return_lists.found(row.reference, actor).revision
        return_actions.submit(reference=row.reference, revision=revision, by=actor, at=at + timedelta(minutes=20))
    _follow(row.reference, at=at + timedelta(minutes=30))


def _follow(reference: str, *, at: datetime) -> None:
    """What the worker does about a submission: the duty of the month is met, the customers are screened."""
    with acting_as(of_the_register("clock")) as clock:
        return_duties.follow(reference=reference, by=clock, at=at)
    more = True
    while more:
        with acting_as(of_the_register("screener")) as screener:
            more = subject_actions.screen_return(reference=reference, by=screener, at=at)


def _send(row: Return, lines: Iterable[Content], actor: Actor, *, at: datetime) -> None:
    """Send lines as a company's machine does, and deal with them as the worker does."""
    sent = b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in lines)
    with acting_as(actor):
        body = record_actions.body_of(io.BytesIO(sent), written=Format.NDJSON)
        upload = record_actions.receive(reference=row.reference, body=body, atomicity=Atomicity.EACH, by=actor, at=at)
    more = True
    while more:
        with acting_as(of_the_register("intake")) as by:
            more = intake.take(upload=upload.id, by=by, at=at + timedelta(minutes=1))


def _line(slug: str, month: date, number: int, half: int) -> Content:
    """A customer's use in half a month."""
    name, country, purpose, accelerators, workload = CUSTOMERS[number]
    begins, middle, ends = _moments(month)
    starts_at, ends_at = ((begins, middle), (middle, ends))[half]
    known_since = date(2021 + number % 4, 1 + number, 10).isoformat()
    return {
        "line_id": f"{month:%Y%m}-{number + 1:03d}-{half + 1}",
        "customer_key": f"C-{number + 1:04d}",
        "customer_name": name,
        "customer_country": country,
        "customer_lei": lei_of(name),
        "customer_address": f"{number + 1} Example Street",
        "customer_email": f"compute@customer-{number + 1}.example",
        "customer_incorporated_on": "2016-03-01",
        "contracted_on": known_since,
        "business_purpose": purpose,
        "workload_class": workload,
        "verification_method": "register",
        "verified_on": known_since,
        **_use(slug, accelerators, starts_at, ends_at),
        **_paid(name, country),
    }


def _pattern(month: date) -> Content:
    """A new customer far away whose use goes on steadily, on many nodes over a fast network, all month long."""
    begins, _, ends = _moments(month)
    return {
        "line_id": f"{month:%Y%m}-901-1",
        "customer_key": "C-0901",
        "customer_name": PATTERN,
        "customer_country": "MY",
        "contracted_on": f"{month.year}-01-08",
        "customer_incorporated_on": f"{month.year - 1}-10-02",
        "business_purpose": "Language models",
        "workload_class": "unknown",
        "nodes": 48,
        "interconnect_gbit_per_s": "400",
        "steady_days": str((ends - begins).days - 1),
        "verification_method": "none",
        **_use(SHOWN_BY, 384, begins, ends),
        **_paid(PATTERN, "MY"),
    }


def _too_many_hours(line: Content) -> Content:
    hours = f"{Decimal(line['accelerator_hours']) * 3:.1f}"
    return {**line, "line_id": "X-2", "accelerator_hours": hours}


def _use(slug: str, accelerators: int, starts_at: datetime, ends_at: datetime) -> Content:
    hours = int((ends_at - starts_at).total_seconds()) // 3600
    return {
        "facility": sites.facility_id(COMPANY[slug]),
        "accelerator": H100,
        "accelerators": accelerators,
        "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}",
        "accelerator_hours": f"{accelerators * hours * UTILISED:.1f}",
        "attested_on": f"{starts_at:%Y-%m-%d}",
        "attested_by": "Operations desk",
    }


def _paid(name: str, country: str) -> Content:
    return {
        "payer_name": name,
        "payer_country": country,
        "payment_means": "bank_transfer",
        "payment_countries": [country],
        "declared_access_countries": [country],
        "observed_access_countries": [country],
        "is_established_in_russia": False,
        "is_end_use_prohibited": False,
    }


def _moments(month: date) -> tuple[datetime, datetime, datetime]:
    """Beginning, middle and end of a month, UTC."""
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    following = _following(month)
    return begins, begins + timedelta(days=15), datetime(following.year, following.month, 1, tzinfo=UTC)


def _following(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
