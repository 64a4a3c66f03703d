"""Checks of the days of a run, of mandates, ownership, statements and signatures. Pure; texts in `dates.toml`."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from registry.filings.checks.subject import Hit, Subject, check, hit
from registry.organisations.identifiers import MEMBER_STATES

YEAR = timedelta(days=365)
HORIZON = 5 * YEAR
LONGEST_RUN = 2 * YEAR
OWNERSHIP_CHANGE_TERM = timedelta(days=28)
LONGEST_BETWEEN_SIGNING_AND_FILING = timedelta(days=30)


def _day(moment: datetime | None) -> date | None:
    """The day of a moment in UTC, which is never later than the day in Brussels: nobody's evening is in the future."""
    return moment.astimezone(UTC).date() if moment else None


def _after_today(subject: Subject, pointer: str, day: date | None) -> Iterator[Hit]:
    today = subject.context.today
    if day is not None and day > today:
        yield hit(pointer, day=day, today=today)


@check("start-in-the-future")
def _start_in_the_future(subject: Subject) -> Iterator[Hit]:
    yield from _after_today(subject, "/run/actual_start_on", subject.run.actual_start_on)


@check("end-in-the-future")
def _end_in_the_future(subject: Subject) -> Iterator[Hit]:
    yield from _after_today(subject, "/run/actual_end_on", subject.run.actual_end_on)


@check("planned-but-started")
def _planned_but_started(subject: Subject) -> Iterator[Hit]:
    started = subject.run.actual_start_on
    if subject.document.stage == "planned" and started is not None:
        yield hit("/run/actual_start_on", start=started)


@check("planned-start-has-passed")
def _planned_start_has_passed(subject: Subject) -> Iterator[Hit]:
    start, today = subject.run.planned_start_on, subject.context.today
    if subject.document.stage == "planned" and start is not None and start < today:
        yield hit("/run/planned_start_on", start=start, today=today)


@check("start-beyond-horizon")
def _start_beyond_horizon(subject: Subject) -> Iterator[Hit]:
    start, horizon = subject.run.planned_start_on, subject.context.today + HORIZON
    if start is not None and start > horizon:
        yield hit("/run/planned_start_on", start=start, horizon=horizon)


@check("run-unusually-long")
def _run_unusually_long(subject: Subject) -> Iterator[Hit]:
    for kind, start, end in (
        ("planned", subject.run.planned_start_on, subject.run.planned_end_on),
        ("actual", subject.run.actual_start_on, subject.run.actual_end_on),
    ):
        if start is not None and end is not None and end - start > LONGEST_RUN:
            yield hit(f"/run/{kind}_end_on", start=start, end=end, days=(end - start).days, most=LONGEST_RUN.days)


@check("ended-but-not-completed")
def _ended_but_not_completed(subject: Subject) -> Iterator[Hit]:
    end = subject.run.actual_end_on
    if subject.document.stage != "completed" and end is not None and end <= subject.context.today:
        yield hit("/stage", end=end)


@check("hardware-outside-run")
def _hardware_outside_run(subject: Subject) -> Iterator[Hit]:
    start, end = subject.starts_on, subject.ends_on
    if start is None or end is None:
        return
    for index, entry in enumerate(subject.run.hardware):
        if entry.starts_on is not None and not start <= entry.starts_on <= end:
            yield hit(f"/run/hardware/{index}/starts_on", day=entry.starts_on, start=start, end=end)
        if entry.ends_on is not None and not start <= entry.ends_on <= end:
            yield hit(f"/run/hardware/{index}/ends_on", day=entry.ends_on, start=start, end=end)


@check("facility-opens-after-start")
def _facility_opens_after_start(subject: Subject) -> Iterator[Hit]:
    start = subject.starts_on
    for index, facility in enumerate(subject.document.facilities):
        opened = facility.in_operation_from
        if start is not None and opened is not None and opened > start:
            yield hit(f"/facilities/{index}/in_operation_from", opening=opened, start=start)


@check("mandate-not-begun")
def _mandate_not_begun(subject: Subject) -> Iterator[Hit]:
    mandate = subject.document.filer.authorised_representative
    if mandate is not None:
        pointer = "/filer/authorised_representative/mandate_starts_on"
        yield from _after_today(subject, pointer, mandate.mandate_starts_on)


@check("mandate-ended")
def _mandate_ended(subject: Subject) -> Iterator[Hit]:
    filer = subject.document.filer
    mandate, today = filer.authorised_representative, subject.context.today
    if mandate is None or filer.seat_country in MEMBER_STATES:
        return
    if mandate.mandate_ends_on is not None and mandate.mandate_ends_on < today:
        yield hit("/filer/authorised_representative/mandate_ends_on", end=mandate.mandate_ends_on, today=today)


@check("mandate-ends-before-it-starts")
def _mandate_ends_before_it_starts(subject: Subject) -> Iterator[Hit]:
    mandate = subject.document.filer.authorised_representative
    if mandate is None or mandate.mandate_starts_on is None or mandate.mandate_ends_on is None:
        return
    if mandate.mandate_ends_on < mandate.mandate_starts_on:
        pointer = "/filer/authorised_representative/mandate_ends_on"
        yield hit(pointer, start=mandate.mandate_starts_on, end=mandate.mandate_ends_on)


@check("mandate-after-placing")
def _mandate_after_placing(subject: Subject) -> Iterator[Hit]:
    mandate = subject.document.filer.authorised_representative
    placed = subject.document.model.union_placing_on if subject.document.model else None
    if mandate is None or mandate.mandate_starts_on is None or placed is None:
        return
    if subject.document.filer.seat_country not in MEMBER_STATES and mandate.mandate_starts_on >= placed:
        pointer = "/filer/authorised_representative/mandate_starts_on"
        yield hit(pointer, start=mandate.mandate_starts_on, placing=placed)


@check("ownership-in-the-future")
def _ownership_in_the_future(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    if ownership is not None:
        for name in ("as_of_on", "changed_on", "confirmed_on"):
            yield from _after_today(subject, f"/beneficial_ownership/{name}", getattr(ownership, name))


@check("ownership-older-than-change")
def _ownership_older_than_change(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    if ownership is None or ownership.as_of_on is None or ownership.changed_on is None:
        return
    if ownership.as_of_on < ownership.changed_on:
        yield hit("/beneficial_ownership/as_of_on", as_of=ownership.as_of_on, change=ownership.changed_on)


@check("ownership-change-late")
def _ownership_change_late(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    changed = ownership.changed_on if ownership else None
    if changed is None or _was_known_before(subject, changed):
        return
    due = changed + OWNERSHIP_CHANGE_TERM
    if subject.context.today > due:
        yield hit("/beneficial_ownership/changed_on", change=changed, due=due)


def _was_known_before(subject: Subject, changed: date) -> bool:
    """Whether the last version had told this change already."""
    previous = subject.context.previous
    return bool(previous and previous.beneficial_ownership and previous.beneficial_ownership.changed_on == changed)


@check("ownership-out-of-date")
def _ownership_out_of_date(subject: Subject) -> Iterator[Hit]:
    ownership, today = subject.document.beneficial_ownership, subject.context.today
    if ownership is None:
        return
    known = [day for day in (ownership.as_of_on, ownership.confirmed_on) if day is not None]
    if known and today - max(known) > YEAR:
        yield hit("/beneficial_ownership/confirmed_on", day=max(known), due=max(known) + YEAR)


@check("owner-day-in-the-future")
def _owner_day_in_the_future(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    for index, owner in enumerate(ownership.owners if ownership else ()):
        for name in ("born_on", "interest_since_on"):
            yield from _after_today(subject, f"/beneficial_ownership/owners/{index}/{name}", getattr(owner, name))


@check("incorporated-in-the-future")
def _incorporated_in_the_future(subject: Subject) -> Iterator[Hit]:
    yield from _after_today(subject, "/filer/incorporated_on", subject.document.filer.incorporated_on)


@check("relation-before-incorporation")
def _relation_before_incorporation(subject: Subject) -> Iterator[Hit]:
    filer = subject.document.filer
    began, founded = filer.relation_began_on, filer.incorporated_on
    if began is not None and founded is not None and began < founded and not filer.previous_contracting_entities:
        yield hit("/filer/relation_began_on", began=began, founded=founded)


@check("placed-before-training-ended")
def _placed_before_training_ended(subject: Subject) -> Iterator[Hit]:
    model, end = subject.document.model, subject.ends_on
    if model is None or end is None:
        return
    for name in ("release_on", "union_placing_on"):
        day = getattr(model, name)
        if day is not None and day < end:
            yield hit(f"/model/{name}", day=day, end=end)


@check("crawl-after-the-run")
def _crawl_after_the_run(subject: Subject) -> Iterator[Hit]:
    crawled = subject.document.data.crawl_ended_on if subject.document.data else None
    end = subject.ends_on
    if crawled is not None and end is not None and crawled > end:
        yield hit("/data/crawl_ended_on", day=crawled, end=end)


@check("data-arrives-after-the-run")
def _data_arrives_after_the_run(subject: Subject) -> Iterator[Hit]:
    end = subject.ends_on
    for index, transfer in enumerate(subject.document.data.transfers if subject.document.data else ()):
        if transfer.on is not None and end is not None and transfer.on > end:
            yield hit(f"/data/transfers/{index}/on", day=transfer.on, end=end)


@check("weights-move-before-the-run")
def _weights_move_before_the_run(subject: Subject) -> Iterator[Hit]:
    weights = subject.document.model.weights if subject.document.model else None
    start = subject.starts_on
    for index, transfer in enumerate(weights.transfers if weights else ()):
        if transfer.on is not None and start is not None and transfer.on < start:
            yield hit(f"/model/weights/transfers/{index}/on", day=transfer.on, start=start)


@check("signed-in-the-future")
def _signed_in_the_future(subject: Subject) -> Iterator[Hit]:
    signature = subject.document.signature
    if signature is not None:
        yield from _after_today(subject, "/signature/signed_at", _day(signature.signed_at))


@check("signed-long-ago")
def _signed_long_ago(subject: Subject) -> Iterator[Hit]:
    signature, today = subject.document.signature, subject.context.today
    signed = _day(signature.signed_at) if signature else None
    if signed is not None and today - signed > LONGEST_BETWEEN_SIGNING_AND_FILING:
        yield hit("/signature/signed_at", day=signed, most=LONGEST_BETWEEN_SIGNING_AND_FILING.days)


@check("statement-in-the-future")
def _statement_in_the_future(subject: Subject) -> Iterator[Hit]:
    for index, statement in enumerate(subject.document.attestations):
        yield from _after_today(subject, f"/attestations/{index}/signed_on", statement.signed_on)


@check("statement-out-of-date")
def _statement_out_of_date(subject: Subject) -> Iterator[Hit]:
    today = subject.context.today
    for index, statement in enumerate(subject.document.attestations):
        if statement.signed_on is not None and today - statement.signed_on > YEAR:
            yield hit(f"/attestations/{index}/signed_on", day=statement.signed_on, due=statement.signed_on + YEAR)


@check("incident-in-the-future")
def _incident_in_the_future(subject: Subject) -> Iterator[Hit]:
    incident = subject.document.incident
    for name in ("occurred_at", "discovered_at") if incident else ():
        yield from _after_today(subject, f"/incident/{name}", _day(getattr(incident, name)))


@check("incident-found-before-it-was")
def _incident_found_before_it_was(subject: Subject) -> Iterator[Hit]:
    incident = subject.document.incident
    if incident is None or incident.occurred_at is None or incident.discovered_at is None:
        return
    if incident.discovered_at < incident.occurred_at:
        found, occurred = incident.discovered_at.isoformat(), incident.occurred_at.isoformat()
        yield hit("/incident/discovered_at", found=found, occurred=occurred)


@check("met-in-the-future")
def _met_in_the_future(subject: Subject) -> Iterator[Hit]:
    for name in ("met_on", "known_on"):
        yield from _after_today(subject, f"/run/{name}", getattr(subject.run, name))


@check("known-after-met")
def _known_after_met(subject: Subject) -> Iterator[Hit]:
    known, met = subject.run.known_on, subject.run.met_on
    if known is not None and met is not None and known > met:
        yield hit("/run/known_on", known=known, met=met)


@check("customer-verified-in-future")
def _customer_verified_in_future(subject: Subject) -> Iterator[Hit]:
    customer = subject.document.customer
    if customer is not None:
        yield from _after_today(subject, "/customer/verified_on", customer.verified_on)


@check("access-ends-before-it-starts")
def _access_ends_before_it_starts(subject: Subject) -> Iterator[Hit]:
    customer = subject.document.customer
    for index, access in enumerate(customer.access_addresses if customer else ()):
        if access.first_at is not None and access.last_at is not None and access.last_at < access.first_at:
            first, last = access.first_at.isoformat(), access.last_at.isoformat()
            yield hit(f"/customer/access_addresses/{index}/last_at", first=first, last=last)
