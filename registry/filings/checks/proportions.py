"""Checks that a figure fits its band, its flag, or the whole it is a part of. Pure; texts in `proportions.toml`."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from registry.filings import thresholds
from registry.filings.checks.subject import Hit, Subject, check, hit

BANDS: Final[dict[str, tuple[Decimal, Decimal | None]]] = {
    "1m-500m": (Decimal("1e6"), Decimal("5e8")),
    "500m-5b": (Decimal("5e8"), Decimal("5e9")),
    "5b-15b": (Decimal("5e9"), Decimal("1.5e10")),
    "15b-50b": (Decimal("1.5e10"), Decimal("5e10")),
    "50b-100b": (Decimal("5e10"), Decimal("1e11")),
    "100b-500b": (Decimal("1e11"), Decimal("5e11")),
    "500b-1t": (Decimal("5e11"), Decimal("1e12")),
    "over-1t": (Decimal("1e12"), None),
}
"""Bands of the Model Documentation Form; a value on a bound belongs to either band."""
WHOLE: Final = Decimal(100)


@check("parameters-off-band")
def _parameters_off_band(subject: Subject) -> Iterator[Hit]:
    model = subject.document.model
    if model is None or model.parameters is None or model.parameters_band is None:
        return
    low, high = BANDS[model.parameters_band]
    if model.parameters < low or (high is not None and model.parameters > high):
        yield hit("/model/parameters_band", parameters=model.parameters, band=model.parameters_band)


@check("business-users-off-flag")
def _business_users_off_flag(subject: Subject) -> Iterator[Hit]:
    model = subject.document.model
    if model is None or model.expected_business_users_count is None or model.reaches_10000_business_users is None:
        return
    row = thresholds.threshold("business-users", on=subject.context.today)
    count = model.expected_business_users_count
    if thresholds.crossed(Decimal(count), row) != model.reaches_10000_business_users:
        yield hit("/model/reaches_10000_business_users", count=count, limit=row.value_text)


@check("holdings-exceed-whole")
def _holdings_exceed_whole(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    sums: dict[str, Decimal] = defaultdict(Decimal)
    last: dict[str, int] = {}
    for index, holding in enumerate(ownership.holdings if ownership else ()):
        if holding.owned_id is not None and holding.share_percent is not None:
            sums[holding.owned_id] += holding.share_percent
            last[holding.owned_id] = index
    for owned, total in sums.items():
        if total > WHOLE:
            yield hit(f"/beneficial_ownership/holdings/{last[owned]}/share_percent", owned=owned, total=total)


@check("owners-exceed-whole")
def _owners_exceed_whole(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    total = sum((owner.share_percent or Decimal(0) for owner in (ownership.owners if ownership else ())), Decimal(0))
    if total > WHOLE:
        yield hit("/beneficial_ownership/owners", total=total)


@check("no-owner-of-a-quarter")
def _no_owner_of_a_quarter(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    if ownership is None or not ownership.owners or ownership.no_owner_reason:
        return
    row = thresholds.threshold("owner-beneficial", on=subject.context.today)
    if not any(_is_beneficial(each.share_percent, each.control_kinds, row) for each in ownership.owners):
        yield hit("/beneficial_ownership/owners", limit=row.value_text)


def _is_beneficial(share: Decimal | None, kinds: tuple[str, ...], row: thresholds.Threshold) -> bool:
    has_control = any(kind != "ownership" for kind in kinds)
    return has_control or (share is not None and thresholds.crossed(share / WHOLE, row))


@check("control-unexplained")
def _control_unexplained(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    for index, owner in enumerate(ownership.owners if ownership else ()):
        unclear = [kind for kind in owner.control_kinds if kind in ("agreement", "nominee", "other")]
        if unclear and not owner.control_description:
            yield hit(f"/beneficial_ownership/owners/{index}/control_description", kind=unclear[0])


@check("biological-flag-off-data")
def _biological_flag_off_data(subject: Subject) -> Iterator[Hit]:
    data, model = subject.document.data, subject.document.model
    modalities: set[str | None] = set(data.modalities if data else ())
    modalities |= {each.modality for each in (*model.modalities_in, *model.modalities_out)} if model else set()
    if "biological_sequences" in modalities and subject.run.biological_sequence_data is False:
        yield hit("/run/biological_sequence_data")
