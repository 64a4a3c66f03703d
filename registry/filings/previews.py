"""What a change of thresholds or of checks would change among stored filings. Everything is read, nothing is written.

Filings are streamed: memory does not grow with the register, and the number of queries grows by the hundred filings.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import TypeVar, cast
from uuid import UUID

from django.db.models import F

from registry.acting import Actor
from registry.compute.catalogue import catalogue
from registry.filings import declared, document, judgement, lifecycle, thresholds
from registry.filings.checks import engine
from registry.filings.checks.subject import Context, OrganisationFacts, VersionKind
from registry.filings.document import FilingDocument
from registry.filings.judgement import GENERAL_OUTPUTS, Estimates
from registry.filings.models import Answer, Filing, Version
from registry.filings.thresholds import Change, Quantity, StoredValue, Threshold
from registry.filings.working_days import day_of
from registry.organisations.models import Organisation

AT_ONCE = 200
Item = TypeVar("Item")
Said = tuple[str, str, str]  # severity, code, pointer


@dataclass(frozen=True)
class Value:
    """A stored value, and the thresholds of its quantity that do not apply to it."""

    stored: StoredValue
    spared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rejudged:
    """A newest version whose answers the present checks would change."""

    reference: str
    number: int
    rule_set: str
    appear: tuple[Said, ...]
    disappear: tuple[Said, ...]


def draft(text: str) -> tuple[Threshold, ...]:
    """The register's rows with those of a draft in their place: a code in the draft replaces all rows of that code.

    Raises KeyError, ValueError on an incomplete or wrong row.
    """
    rows = thresholds.read(text)
    codes = {row.code for row in rows}
    return (*(row for row in thresholds.rows() if row.code not in codes), *rows)


def of_thresholds(actor: Actor, *, old: Sequence[Threshold], new: Sequence[Threshold]) -> Iterator[Change]:
    """Every stored value that changes side when `old` rows (in force on one day) give way to `new` ones.

    Values are those of the newest version of each filing that was not withdrawn, and of the accelerator catalogue.
    """
    for chunk in _chunks(_values(actor)):
        spared = {value.stored.reference: value.spared for value in chunk}
        for change in thresholds.preview(old=old, new=new, values=[value.stored for value in chunk]):
            if change.threshold not in spared[change.reference]:
                yield change


def of_checks(actor: Actor, *, on: date | None = None) -> Iterator[Rejudged]:
    """Every newest version that the present checks judge otherwise than it was judged when it came.

    Each is judged as of the day of its receipt, so that only the checks differ, or as if it came `on` that day.
    """
    for chunk in _chunks(_newest(actor)):
        yield from _rejudged(actor, chunk, on)


def values_of(reference: str, content: FilingDocument, estimates: Estimates) -> Iterator[Value]:
    """All that thresholds measure in one document. References are the filing's with the place in the document."""
    yield from _compute(reference, content, estimates)
    model, owners = content.model, content.beneficial_ownership
    if model is not None and model.expected_business_users_count is not None:
        users = Decimal(model.expected_business_users_count)
        yield _value(f"{reference} /model/expected_business_users_count", Quantity.BUSINESS_USERS, users, "model")
    for index, facility in enumerate(content.facilities):
        place = f"{reference} /facilities/{index}"
        for member, quantity, kind in (
            ("installed_it_power_kw", Quantity.IT_POWER, "facility"),
            ("interconnect_gbit_per_s", Quantity.CLUSTER_NETWORK, "cluster"),
            ("theoretical_peak_flop_per_s", Quantity.CLUSTER_OPERATIONS, "cluster"),
        ):
            if (amount := getattr(facility, member)) is not None:
                yield _value(f"{place}/{member}", quantity, Decimal(amount), kind)
    for index, owner in enumerate(owners.owners if owners else ()):
        if owner.share_percent is not None:
            place = f"{reference} /beneficial_ownership/owners/{index}/share_percent"
            yield _value(place, Quantity.OWNERSHIP_SHARE, Decimal(owner.share_percent) / 100, "ownership")


def _compute(reference: str, content: FilingDocument, estimates: Estimates) -> Iterator[Value]:
    """Amounts of compute, as the register reckons them; what the law does not apply to a run is spared."""
    outputs = {each.modality for each in content.model.modalities_out} if content.model else set()
    is_general = not outputs or not outputs.isdisjoint(GENERAL_OUTPUTS)
    spared = frozenset() if is_general else frozenset({"general-purpose", "watch-general-purpose"})
    place = f"{reference} /run"
    if estimates.value is not None and content.run.stage != "synthetic_data_generation":
        yield _value(f"{place} compute", Quantity.TRAINING_COMPUTE, estimates.value, "model", spared)
        if content.run.biological_sequence_data:
            yield _value(f"{place} biology", Quantity.BIOLOGICAL_TRAINING_COMPUTE, estimates.value, "model")
    if estimates.cumulative is not None:
        amount = estimates.cumulative.value
        yield _value(f"{place} cumulative", Quantity.CUMULATIVE_TRAINING_COMPUTE, amount, "model")
    modification = estimates.modification
    if modification is not None:
        codes = {row.code for row in thresholds.rows() if row.quantity is Quantity.MODIFICATION_COMPUTE}
        others = frozenset(codes - {modification.threshold})
        yield _value(f"{place} modification", Quantity.MODIFICATION_COMPUTE, modification.flop, "modification", others)
        if base := declared.base_flop(content.run):
            share = modification.flop / base
            yield _value(f"{place} share", Quantity.MODIFICATION_SHARE, share, "modification")


def _value(
    reference: str, quantity: Quantity, amount: Decimal, kind: str, spared: frozenset[str] = frozenset()
) -> Value:
    return Value(StoredValue(reference, quantity, amount, kind), spared)


def _values(actor: Actor) -> Iterator[Value]:
    for version in _newest(actor):
        content = document.read(json.loads(version.canonical))
        yield from values_of(version.filing.reference, content, judgement.estimate(content))
    for code, part in catalogue().items():
        for quantity in (
            Quantity.TOTAL_PROCESSING_PERFORMANCE,
            Quantity.PERFORMANCE_DENSITY,
            Quantity.MEMORY_BANDWIDTH,
        ):
            if (amount := getattr(part, quantity.value)) is not None:
                yield _value(f"{code} {quantity.value}", quantity, amount, "accelerator")


def _newest(actor: Actor) -> Iterator[Version]:
    """The newest version of each filing that the actor may see and that was not withdrawn, by reference; streamed."""
    found = (
        Version.objects.visible_to(actor)
        .filter(number=F("filing__number"))
        .exclude(filing__status=lifecycle.Status.WITHDRAWN.value)
        .exclude(canonical="")  # erased
        .select_related("filing")
        .order_by("filing__reference")
    )
    return found.iterator(chunk_size=AT_ONCE)


def _rejudged(actor: Actor, chunk: Sequence[Version], on: date | None) -> Iterator[Rejudged]:
    """Judge a hundred or two at once; what they depend on is read in a fixed number of queries."""
    said = _stored_answers(chunk)
    context = _contexts(actor, chunk)
    for version in chunk:
        content = document.read(json.loads(version.canonical))
        found = engine.answer(content, context(version, on or day_of(version.submitted_at)))
        present = {(each.severity, each.code, each.pointer) for each in found}
        stored = said[version.id]
        if present != stored:
            yield Rejudged(
                reference=version.filing.reference,
                number=version.number,
                rule_set=version.rule_set,
                appear=tuple(sorted(present - stored)),
                disappear=tuple(sorted(stored - present)),
            )


def _stored_answers(chunk: Sequence[Version]) -> Mapping[UUID, set[Said]]:
    said: defaultdict[UUID, set[Said]] = defaultdict(set)
    found = Answer.objects.filter(version_id__in=[version.id for version in chunk])
    for version_id, severity, code, pointer in found.values_list("version_id", "severity", "code", "pointer"):
        said[version_id].add((severity, code, pointer))
    return said


def _contexts(actor: Actor, chunk: Sequence[Version]) -> Callable[[Version, date], Context]:
    """A maker of the context in which each version came: its predecessor, and what the register knew by then."""
    organisations = Organisation.objects.visible_to(actor).in_bulk({version.organisation_id for version in chunk})
    earlier = {
        (version.filing_id, version.number): version.canonical
        for version in Version.objects.filter(
            filing_id__in=[version.filing_id for version in chunk if version.number > 1],
            number=F("filing__number") - 1,
        )
    }
    own = Filing.objects.visible_to(actor).filed().filter(organisation_id__in=organisations)
    columns = ("organisation_id", "id", "reference", "run_id", "submitted_at")
    run_ids = [version.filing.run_id for version in chunk]
    same_runs = list(own.standing().filter(run_id__in=run_ids).values_list(*columns))
    bases = list(own.filter(reference__in=_bases(chunk)).values_list(*columns))

    def context(version: Version, today: date) -> Context:
        organisation = organisations[version.organisation_id]
        previous = earlier.get((version.filing_id, version.number - 1))
        return Context(
            today=today,
            kind=cast("VersionKind", version.kind),
            organisation=OrganisationFacts(
                legal_name=organisation.legal_name,
                lei=organisation.lei or None,
                seat_country=organisation.seat_country,
                territory=organisation.territory,
            ),
            previous=document.read(json.loads(previous)) if previous else None,
            known_run_ids={
                run_id: reference
                for whose, filing_id, reference, run_id, at in same_runs
                if whose == organisation.id and filing_id != version.filing_id and at and at < version.submitted_at
            },
            known_references=frozenset(
                reference
                for whose, _, reference, _, at in bases
                if whose == organisation.id and at and at <= version.submitted_at
            ),
        )

    return context


def _bases(chunk: Sequence[Version]) -> set[str]:
    """The filings that these versions name as their base models."""
    runs = (json.loads(version.canonical).get("run", {}) for version in chunk)
    return {base["filing_reference"] for run in runs if (base := run.get("base_model")) and "filing_reference" in base}


def _chunks(of: Iterable[Item]) -> Iterator[list[Item]]:
    stream = iter(of)
    while chunk := list(islice(stream, AT_ONCE)):
        yield chunk
