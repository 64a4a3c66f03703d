"""The list of public observations above a threshold that no filing answers, and what a person makes of each.

For the AI Office alone: only who sees every filing can say that there is none.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, Obstacle
from registry.filings import thresholds
from registry.filings.models import Filing, Version
from registry.filings.working_days import day_of
from registry.organisations.models import Organisation
from registry.quantities import as_decimal
from registry.screening import missing
from registry.screening.missing import Filed, Reported, Unmatched, Verdict
from registry.screening.models import Observation, ObservationReview
from registry.screening.observations import MODEL

THRESHOLD: Final = "systemic-risk"
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500


@dataclass(frozen=True)
class Missing:
    """A line of the list: what is reported, how near a filing comes, and the newest verdict, if any."""

    observation: Observation
    unmatched: Unmatched
    review: ObservationReview | None


@inside_acting_as
def missing_filers(*, by: Actor, at: datetime) -> list[Missing]:
    """Public observations of models above the threshold of the day that no filing answers, most compute first.

    What a person said is filed, or not covered, is left out. Raises `NotPermitted`.
    """
    by.require(Permission.OBSERVATION_REVIEW)
    limit = as_decimal(thresholds.threshold(THRESHOLD, on=day_of(at)).value)
    stored = {
        str(each.pk): each
        for each in Observation.objects.filter(kind=MODEL, training_compute_flop__gt=limit).order_by("pk")
    }
    reviews = _reviews()
    reported = (_reported(each) for each in stored.values())
    found = [
        Missing(stored[each.reported.key], each, reviews.get(int(each.reported.key)))
        for each in missing.unmatched(reported, _filed(by), threshold=limit)
    ]
    waiting = [each for each in found if each.review is None or each.review.verdict == Verdict.MISSING]
    return sorted(waiting, key=lambda each: (-each.unmatched.reported.training_compute_flop, each.observation.pk))


@inside_acting_as
def review(
    *, observation: int, verdict: Verdict, reason: str, reference: str = "", by: Actor, at: datetime
) -> ObservationReview:
    """Say what an observation is: a filer that is missing, filed under a reference, or not covered by the law.

    Raises `NotFound` for no such observation, `Invalid` for a reason too short or a reference that is no filing.
    """
    found = Observation.objects.filter(pk=observation, kind=MODEL).first()
    if found is None:
        raise NotFound
    by.require(Permission.OBSERVATION_REVIEW)
    said = " ".join(reason.split())
    obstacles = []
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        obstacles.append(Obstacle("text", "/reason", "A reason of 10 to 500 characters is needed.", "Say why."))
    is_filed = verdict is Verdict.FILED
    known = Filing.objects.visible_to(by).filter(reference=reference, number__gte=1).exists() if is_filed else True
    if not known:
        obstacles.append(
            Obstacle("not-found", "/reference", "There is no filing of this reference.", "Name the filing.")
        )
    if obstacles:
        raise Invalid("This verdict cannot be kept.", remedy="Mend what is named.", obstacles=obstacles)
    made = ObservationReview(
        observation=found,
        verdict=verdict.value,
        reference=reference if is_filed else "",
        reason=said,
        at=at,
        actor=by.id,
        actor_name=by.name[:200],
    )
    made.save(force_insert=True)
    return made


def _reviews() -> Mapping[int, ObservationReview]:
    """The newest verdict on each observation."""
    newest: dict[int, ObservationReview] = {}
    for each in ObservationReview.objects.order_by("at", "id"):
        newest[each.observation_id] = each
    return newest


def _reported(stored: Observation) -> Reported:
    return Reported(
        key=str(stored.pk),
        name=stored.name,
        makers=stored.organisation_name,
        observed_on=stored.observed_on,
        training_compute_flop=stored.training_compute_flop or Decimal(0),
    )


def _filed(by: Actor) -> Iterator[Filed]:
    """What the newest versions say of model and maker; what was withdrawn answers nothing. Streamed."""
    names = {
        each: (name, parent)
        for each, name, parent in Organisation.objects.visible_to(by).values_list(
            "id", "legal_name", "ultimate_parent_name"
        )
    }
    standing = Filing.objects.visible_to(by).standing().filter(number__gte=1)
    found = Version.objects.filter(filing__in=standing).order_by("filing_id", "-number").distinct("filing_id")
    columns = ("filing__reference", "organisation_id", "canonical")
    for reference, organisation, canonical in found.values_list(*columns).iterator(chunk_size=500):
        if canonical:
            yield _said(reference, json.loads(canonical), names.get(organisation, ("", "")))


def _said(reference: str, content: Mapping[str, Any], names: tuple[str, str]) -> Filed:
    filer, model = content.get("filer", {}), content.get("model", {})
    makers = (*names, filer.get("legal_name", ""), *filer.get("trade_names", ()))
    name, version = model.get("name") or "", model.get("version") or ""
    models = tuple(dict.fromkeys(filter(None, (name, f"{name} {version}".strip()))))
    return Filed(reference, models, tuple(filter(None, makers)))
