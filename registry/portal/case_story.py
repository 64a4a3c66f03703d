"""The story of a case: what is known of customers, filings and facilities, told as facts and as days in order.

It is read from what is stored now, by the same hands that take snapshots for the rules, as far as the reader may see.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.acting import Actor
from registry.compute.models import AccessRecord
from registry.filings import thresholds
from registry.oversight import case_reckoning
from registry.oversight.models import CaseFinding
from registry.portal import case_marks
from registry.portal.presentation import words
from registry.portal.presentation.cases import Day, Month, Story
from registry.portal.presentation.marks import Fact, Section
from registry.screening import taking, taking_customers, taking_facilities
from registry.screening.models import Finding
from registry.screening.shapes import (
    CustomerSnapshot,
    FacilitySnapshot,
    FilingSnapshot,
    Movement,
    Party,
    Snapshot,
    SubjectKind,
)

MOST_TOLD = 12
_LIMIT = "systemic-risk"


def told(parts: Sequence[CaseFinding], by: Actor, *, today: date) -> tuple[Story, ...]:
    """A story for each customer, filing and facility of a case, as far as the actor may see them."""
    findings = [part.finding for part in parts]
    return (*_customers(findings, by, today=today), *_filings(findings, by), *_facilities(findings, by, today=today))


def days_in_order(stories: Iterable[Story], findings: Iterable[Finding]) -> tuple[Day, ...]:
    """All days of all stories, and those on which something was found, the earliest first."""
    found = {(each.found_at.date(), each.rule): each for each in findings}
    made = [_found(on, each) for (on, _), each in found.items()]
    unique = dict.fromkeys([*(day for story in stories for day in story.days), *made])
    return tuple(sorted(unique, key=lambda day: (day.on, day.is_alarming)))


def _found(on: date, finding: Finding) -> Day:
    told_by = gettext("Found by %(rule)s") % {"rule": finding.rule}
    return Day(on, "flag", told_by, case_marks.rule_name(finding.rule, finding.rule_version), is_alarming=True)


# --- customers --------------------------------------------------------------------------------------------------------


def _customers(findings: Iterable[Finding], by: Actor, *, today: date) -> Iterator[Story]:
    keys = {each.subject_key: each for each in findings if each.subject_kind == SubjectKind.CUSTOMER}
    for finding in list(keys.values())[:MOST_TOLD]:
        key = finding.subject_key.partition(":")[2]
        records = AccessRecord.objects.visible_to(by).filter(organisation_id=finding.organisation_id, customer_key=key)
        until = records.aggregate(newest=Max("month"))["newest"]
        if until is None:
            continue
        taken = taking_customers.of_customers(
            by, provider=finding.organisation_id, keys=[key], until=until, as_of=today
        )
        for _, snapshot in taken:
            if isinstance(snapshot, CustomerSnapshot):
                source = gettext("From the returns of %(provider)s, key %(key)s") % {
                    "provider": finding.organisation.legal_name,
                    "key": key,
                }
                yield of_customer(snapshot, source=source)


def of_customer(known: CustomerSnapshot, *, source: str, href: str = "") -> Story:
    """What is known of a customer: who it is, who stands behind it, its use, what came in and what left."""
    return Story(
        title=known.name,
        source=source,
        href=href,
        sections=tuple(section for section in _customer_sections(known) if section.facts),
        months=_months(known),
        sentence=_reached(known),
        days=tuple(_customer_days(known)),
    )


def _customer_sections(known: CustomerSnapshot) -> Iterator[Section]:
    yield Section(gettext("Customer"), tuple(_identity(known)))
    yield Section(gettext("Who stands behind it"), tuple(_ownership(known)))
    yield Section(gettext("Where it is used and paid from"), tuple(_places(known)))
    yield Section(gettext("What came in and what left"), tuple(_movements(known)))


def _identity(known: CustomerSnapshot) -> Iterator[Fact]:
    yield Fact(gettext("Seat"), words.country(known.seat_country))
    yield Fact(gettext("Compute provider"), _party(known.provider, known.provider_country))
    if known.incorporated_on:
        yield Fact(gettext("Incorporated"), words.day(known.incorporated_on))
    if known.contract_on:
        yield Fact(gettext("Contract"), words.day(known.contract_on), _age(known))
    for before in known.previous_entities:
        note = gettext("changed at the request of the compute provider")
        asked = note if before.change_requested_by == "compute_provider" else ""
        yield Fact(gettext("Contract held before by"), _party(before.name, before.country), asked)
    if known.purpose:
        yield Fact(gettext("Purpose stated"), known.purpose)
    if known.staff is not None:
        yield Fact(gettext("Employees"), words.count(known.staff))


def _age(known: CustomerSnapshot) -> str:
    if not known.incorporated_on or not known.contract_on or known.contract_on < known.incorporated_on:
        return ""
    days = (known.contract_on - known.incorporated_on).days
    return ngettext("%(count)s day after its incorporation", "%(count)s days after its incorporation", days) % {
        "count": words.count(days)
    }


def _ownership(known: CustomerSnapshot) -> Iterator[Fact]:
    for director in known.directors:
        others = gettext("also directs %(names)s") % {"names": ", ".join(director.also_directs)}
        yield Fact(gettext("Director"), director.name, others if director.also_directs else "")
    for parent in known.parents:
        yield Fact(gettext("Parent"), _party(parent.name, parent.country))
    for owner in known.beneficial_owners:
        share = words.share(owner.share) if owner.share is not None else ""
        yield Fact(gettext("Beneficial owner"), _party(owner.name, owner.country), share)
    if known.is_owner_unknown:
        yield Fact(gettext("Beneficial owner"), gettext("none named"))
    for reseller in known.resellers:
        note = "" if reseller.has_attestation else gettext("no verification of its own")
        yield Fact(gettext("Reseller"), _party(reseller.party.name, reseller.party.country), note)
    for user in known.end_users:
        yield Fact(gettext("End user"), _named(user))


def _places(known: CustomerSnapshot) -> Iterator[Fact]:
    if known.declared_access_countries:
        yield Fact(gettext("Access declared from"), _countries(known.declared_access_countries))
    if known.observed_access_countries:
        beyond = known.observed_access_countries - known.declared_access_countries
        note = gettext("not declared: %(countries)s") % {"countries": _countries(beyond)} if beyond else ""
        yield Fact(gettext("Access observed from"), _countries(known.observed_access_countries), note)
    for payer, country in dict.fromkeys((each.payer, each.country) for each in known.payments):
        yield Fact(gettext("Paid by"), _party(payer, country))
    for each in known.authorisations:
        yield Fact(gettext("Authorisation"), each.reference, words.day(each.from_on))


def _movements(known: CustomerSnapshot | FilingSnapshot) -> Iterator[Fact]:
    for each in known.data_arrivals:
        yield Fact(gettext("Data in"), _moved(each), words.day(each.on))
    for each in known.weights_departures:
        yield Fact(gettext("Weights out"), _moved(each), words.day(each.on))


def _moved(each: Movement) -> str:
    medium = {"physical_media": gettext("physical media"), "network": gettext("network")}[each.medium]
    volume = gettext("%(count)s GB") % {"count": words.count(each.volume_gb)} if each.volume_gb is not None else ""
    place = words.country(each.country) if each.country else ""
    return ", ".join(part for part in (volume, medium, place, each.carrier, each.what) if part)


def _months(known: CustomerSnapshot) -> tuple[Month, ...]:
    sums = accumulate((each.flop for each in known.months), initial=Decimal(0))
    next(sums)
    return tuple(
        Month(
            name=f"{words.months()[each.month.month - 1]} {each.month.year}",
            accelerators=words.count(each.accelerators),
            hours=words.count(round(each.accelerator_hours)),
            flop=words.flop(each.flop, digits=3) if each.flop else "–",
            so_far=words.flop(so_far, digits=3) if so_far else "–",
        )
        for each, so_far in zip(known.months, sums, strict=True)
    )


def _reached(known: CustomerSnapshot) -> str:
    """When the use came to the threshold of systemic risk at the utilisation assumed, as a sentence."""
    use = case_reckoning.in_all(known.months)
    if use is None or not use.flop:
        return ""
    values = {
        "flop": words.flop(use.flop, digits=3),
        "share": words.share(use.utilisation),
        "limit": words.flop(_limit(known.as_of)),
    }
    found = case_reckoning.reached(known.months, flop=_limit(known.as_of))
    if found is None:
        return gettext("At %(share)s utilisation the use comes to %(flop)s FLOP, less than %(limit)s FLOP.") % values
    told = gettext(
        "At %(share)s utilisation the use comes to %(flop)s FLOP: %(limit)s FLOP are reached after %(days)s days of "
        "use, on %(day)s."
    )
    return told % {**values, "days": words.count(found.after_days), "day": words.day(found.on)}


def _limit(on: date) -> Decimal:
    value = thresholds.threshold(_LIMIT, on=on).value
    return Decimal(value.numerator) / Decimal(value.denominator)


def _customer_days(known: CustomerSnapshot) -> Iterator[Day]:
    name = {"name": known.name}
    if known.incorporated_on:
        yield Day(known.incorporated_on, "buildings", gettext("%(name)s is incorporated") % name)
    for before in known.previous_entities:
        if before.until_on:
            ends = gettext("The contract of %(name)s ends") % {"name": before.name}
            yield Day(before.until_on, "arrows-left-right", ends, words.country(before.country))
    if known.contract_on:
        yield Day(known.contract_on, "handshake", gettext("%(name)s takes the contract") % name, known.provider)
    for each in known.data_arrivals:
        yield Day(each.on, "arrow-down", gettext("Data come in"), _moved(each))
    months = [each.month for each in known.months]
    if months:
        yield Day(min(months), "cpu", gettext("The use begins"), known.name)
    found = case_reckoning.reached(known.months, flop=_limit(known.as_of))
    if found:
        amount = gettext("The use reaches %(limit)s FLOP") % {"limit": words.flop(_limit(known.as_of))}
        yield Day(
            found.on,
            "trend-up",
            amount,
            gettext("day %(count)s of the use") % {"count": found.after_days},
            is_alarming=True,
        )
    if known.ended_on:
        yield Day(known.ended_on, "pause-circle", gettext("The last day of use"), known.name)
    for each in known.weights_departures:
        yield Day(each.on, "arrow-up", gettext("Weights leave"), _moved(each), is_alarming=True)


# --- filings and facilities -------------------------------------------------------------------------------------------


def _filings(findings: Iterable[Finding], by: Actor) -> Iterator[Story]:
    filed = {each.filing.reference: each.filing for each in findings if each.filing is not None}
    for subject, snapshot in taking.of_filings(by, references=list(filed)[:MOST_TOLD]):
        yield from _of_filing(subject.key, filed[subject.key].submitted_at, snapshot)


def _of_filing(reference: str, submitted_at: datetime | None, snapshot: Snapshot) -> Iterator[Story]:
    href = reverse("oversight-filings-one", args=[reference])
    source = gettext("From the filing %(reference)s") % {"reference": reference}
    if isinstance(snapshot, CustomerSnapshot) and snapshot.provider:
        yield of_customer(snapshot, source=source, href=href)
    elif isinstance(snapshot, FilingSnapshot):
        sections = (
            Section(gettext("Training run"), tuple(_run(snapshot))),
            Section(gettext("What came in and what left"), tuple(_movements(snapshot))),
        )
        yield Story(
            title=reference,
            source=source,
            href=href,
            sections=tuple(section for section in sections if section.facts),
            days=tuple(_filing_days(reference, submitted_at, snapshot)),
        )


def _filing_days(reference: str, submitted_at: datetime | None, known: FilingSnapshot) -> Iterator[Day]:
    if known.known_on:
        yield Day(known.known_on, "eye", gettext("It becomes known that the threshold will be met"), reference)
    if known.met_on:
        yield Day(known.met_on, "trend-up", gettext("The threshold is met"), reference, is_alarming=True)
    if submitted_at:
        yield Day(submitted_at.date(), "paper-plane-tilt", gettext("The filing is sent"), reference)
    for each in known.weights_departures:
        yield Day(each.on, "arrow-up", gettext("Weights leave"), _moved(each), is_alarming=True)


def _run(known: FilingSnapshot) -> Iterator[Fact]:
    amounts = (
        (gettext("Training compute stated"), known.reported_flop),
        (gettext("From the hardware declared"), known.hardware_flop),
        (gettext("From the architecture declared"), known.architecture_flop),
    )
    for term, amount in amounts:
        if amount is not None:
            yield Fact(term, f"{words.flop(amount, digits=3)} FLOP")
    if known.notification_due_at:
        yield Fact(gettext("Notification due"), words.moment(known.notification_due_at))
    if known.notified_at:
        yield Fact(gettext("Notified"), words.moment(known.notified_at))
    if known.base_model:
        yield Fact(gettext("Base model"), known.base_model)


def _facilities(findings: Iterable[Finding], by: Actor, *, today: date) -> Iterator[Story]:
    references = {each.facility.reference: None for each in findings if each.facility is not None}
    for subject, snapshot in taking_facilities.of_facilities(by, on=today, references=list(references)[:MOST_TOLD]):
        if isinstance(snapshot, FacilitySnapshot):
            yield Story(
                title=snapshot.name,
                source=gettext("From the statements of the facility %(reference)s") % {"reference": subject.key},
                href=reverse("oversight-facilities-one", args=[subject.key]),
                sections=(Section(gettext("Facility"), tuple(_site(snapshot))),),
                days=tuple(
                    Day(lot.delivery_on, "cpu", gettext("Accelerators are delivered"), lot.accelerator)
                    for lot in snapshot.installations
                    if lot.delivery_on
                ),
            )


def _site(known: FacilitySnapshot) -> Iterator[Fact]:
    yield Fact(gettext("Country"), words.country(known.country))
    if known.operator:
        yield Fact(gettext("Operator"), _party(known.operator, known.parent_country))
    if known.it_power_kw is not None:
        yield Fact(gettext("IT power"), gettext("%(count)s kW") % {"count": words.count(known.it_power_kw)})
    stages = {
        "installed": gettext("installed"),
        "delivered": gettext("delivered"),
        "planned": gettext("planned"),
    }
    for lot in known.installations:
        yield Fact(lot.accelerator, words.count(lot.count), stages[lot.stage])


def _party(name: str, country: str) -> str:
    return f"{name} ({words.country(country)})" if name and country else name or words.country(country)


def _named(party: Party) -> str:
    return _party(party.name, party.country)


def _countries(codes: Iterable[str]) -> str:
    return ", ".join(sorted(words.country(code) for code in codes))
