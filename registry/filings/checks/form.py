"""Checks of form across members: references within it, code lists, names, places. Pure; texts in `form.toml`."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from registry.filings import reference
from registry.filings.checks.subject import Hit, Subject, check, hit
from registry.filings.document import is_mixed_script
from registry.organisations.identifiers import MEMBER_STATES

FILER_NODE: Final = "filer"
"""The filer's own name in the ownership chain."""
OWN_REFERENCE: Final = "ECAR-"
_GREECE: Final = {"GR": "EL"}
"""Where the Union's own codes (EUID, VAT, NUTS) differ from ISO 3166-1."""


def _repeated(values: Iterable[str | None]) -> dict[int, str]:
    """Place and text of every value that stood in the list before."""
    seen: Counter[str] = Counter()
    found: dict[int, str] = {}
    for index, value in enumerate(values):
        if value is not None:
            if seen[value]:
                found[index] = value
            seen[value] += 1
    return found


# ---- references within the document


@check("facility-id-twice")
def _facility_id_twice(subject: Subject) -> Iterator[Hit]:
    for index, name in _repeated(each.facility_id for each in subject.document.facilities).items():
        yield hit(f"/facilities/{index}/facility_id", name=name)


@check("facility-unknown")
def _facility_unknown(subject: Subject) -> Iterator[Hit]:
    known = {each.facility_id for each in subject.document.facilities}
    for index, entry in enumerate(subject.run.hardware):
        if entry.facility_id is not None and entry.facility_id not in known:
            yield hit(f"/run/hardware/{index}/facility_id", name=entry.facility_id)


@check("hardware-without-facility")
def _hardware_without_facility(subject: Subject) -> Iterator[Hit]:
    if len(subject.document.facilities) > 1:
        for index, entry in enumerate(subject.run.hardware):
            if entry.facility_id is None:
                yield hit(f"/run/hardware/{index}/facility_id", count=len(subject.document.facilities))


@check("facility-without-hardware")
def _facility_without_hardware(subject: Subject) -> Iterator[Hit]:
    used = {entry.facility_id for entry in subject.run.hardware}
    if not used or None in used:
        return
    for index, facility in enumerate(subject.document.facilities):
        if facility.facility_id is not None and facility.facility_id not in used:
            yield hit(f"/facilities/{index}/facility_id", name=facility.facility_id)


@check("hardware-entry-twice")
def _hardware_entry_twice(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        if entry in subject.run.hardware[:index]:
            yield hit(f"/run/hardware/{index}", first=subject.run.hardware.index(entry) + 1, second=index + 1)


@check("owner-id-twice")
def _owner_id_twice(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    if ownership is None:
        return
    ids = [FILER_NODE, *(each.person_id for each in ownership.owners), *(each.entity_id for each in ownership.entities)]
    for index, name in _repeated(ids).items():
        place = index - 1
        is_owner = place < len(ownership.owners)
        where = f"owners/{place}/person_id" if is_owner else f"entities/{place - len(ownership.owners)}/entity_id"
        yield hit(f"/beneficial_ownership/{where}", name=name)


@check("holding-of-unknown")
def _holding_of_unknown(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    if ownership is None:
        return
    owners, entities = ownership.owners, ownership.entities
    known = {FILER_NODE, *(each.person_id for each in owners), *(each.entity_id for each in entities)}
    for index, holding in enumerate(ownership.holdings):
        for name in ("owner_id", "owned_id"):
            value = getattr(holding, name)
            if value is not None and value not in known:
                yield hit(f"/beneficial_ownership/holdings/{index}/{name}", name=value)


@check("holding-of-itself")
def _holding_of_itself(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    for index, holding in enumerate(ownership.holdings if ownership else ()):
        if holding.owner_id is not None and holding.owner_id == holding.owned_id:
            yield hit(f"/beneficial_ownership/holdings/{index}/owner_id", name=holding.owner_id)


@check("base-reference-malformed")
def _base_reference_malformed(subject: Subject) -> Iterator[Hit]:
    named = subject.run.base_model.filing_reference if subject.run.base_model else None
    if named is not None and named.startswith(OWN_REFERENCE) and not reference.is_valid(named):
        yield hit("/run/base_model/filing_reference", reference=named)


# ---- code lists


@check("code-twice")
def _code_twice(subject: Subject) -> Iterator[Hit]:
    for pointer, values in _code_lists(subject):
        for index, value in _repeated(values).items():
            yield hit(f"{pointer}/{index}", code=value)


def _code_lists(subject: Subject) -> Iterator[tuple[str, Iterable[str | None]]]:
    """Every list in which a code may stand once."""
    run, model, data = subject.run, subject.document.model, subject.document.data
    if run.inclusions is not None:
        yield "/run/inclusions/exclusions", run.inclusions.exclusions
    if model is not None:
        yield "/model/modalities_in", (each.modality for each in model.modalities_in)
        yield "/model/modalities_out", (each.modality for each in model.modalities_out)
        yield "/model/distribution", model.distribution
    if data is not None:
        yield "/data/modalities", data.modalities
        yield "/data/provenance", data.provenance
        yield "/data/sensitive_categories", data.sensitive_categories
        yield "/data/origin_countries", data.origin_countries
    yield "/attestations", (each.statement for each in subject.document.attestations)
    for index, facility in enumerate(subject.document.facilities):
        yield f"/facilities/{index}/remote_access_countries", facility.remote_access_countries


@check("none-beside-others")
def _none_beside_others(subject: Subject) -> Iterator[Hit]:
    categories = subject.document.data.sensitive_categories if subject.document.data else ()
    if "none" in categories and len(set(categories)) > 1:
        yield hit(f"/data/sensitive_categories/{categories.index('none')}")


@check("nace-incomplete")
def _nace_incomplete(subject: Subject) -> Iterator[Hit]:
    filer = subject.document.filer
    if (filer.nace_code is None) != (filer.nace_version is None):
        name = "nace_version" if filer.nace_version is None else "nace_code"
        yield hit(f"/filer/{name}", element=f"/filer/{name}")


# ---- names and places


@check("name-mixes-scripts")
def _name_mixes_scripts(subject: Subject) -> Iterator[Hit]:
    filer, model = subject.document.filer, subject.document.model
    names = [("/filer/legal_name", filer.legal_name)]
    names += [(f"/filer/trade_names/{index}", name) for index, name in enumerate(filer.trade_names)]
    if model is not None and model.name is not None:
        names.append(("/model/name", model.name))
    for pointer, name in names:
        if is_mixed_script(name):
            yield hit(pointer, name=name)


@check("identifier-of-other-country")
def _identifier_of_other_country(subject: Subject) -> Iterator[Hit]:
    filer = subject.document.filer
    seat = _GREECE.get(filer.seat_country, filer.seat_country)
    for name in ("euid", "vat"):
        value = getattr(filer, name)
        if value is not None and filer.seat_country in MEMBER_STATES and value[:2] not in (seat, filer.seat_country):
            yield hit(f"/filer/{name}", element=f"/filer/{name}", country=value[:2], seat=filer.seat_country)


@check("representative-abroad")
def _representative_abroad(subject: Subject) -> Iterator[Hit]:
    mandate = subject.document.filer.authorised_representative
    if mandate is not None and mandate.country is not None and mandate.country not in MEMBER_STATES:
        yield hit("/filer/authorised_representative/country", country=mandate.country)


@check("nuts-of-other-country")
def _nuts_of_other_country(subject: Subject) -> Iterator[Hit]:
    for index, facility in enumerate(subject.document.facilities):
        if facility.nuts_code is None or facility.country is None:
            continue
        expected = _GREECE.get(facility.country, facility.country)
        if not facility.nuts_code.startswith(expected):
            pointer = f"/facilities/{index}/nuts_code"
            yield hit(pointer, nuts=facility.nuts_code, country=facility.country, expected=expected)


@check("contacts-alike")
def _contacts_alike(subject: Subject) -> Iterator[Hit]:
    for index, address in _repeated(each.email for each in subject.document.filer.contacts).items():
        yield hit(f"/filer/contacts/{index}/email", address=address)


@check("weights-holder-elsewhere")
def _weights_holder_elsewhere(subject: Subject) -> Iterator[Hit]:
    weights = subject.document.model.weights if subject.document.model else None
    if weights is None or not weights.stored_in_countries:
        return
    for index, holder in enumerate(weights.holders):
        if holder.country is not None and holder.country not in weights.stored_in_countries:
            yield hit(f"/model/weights/holders/{index}/country", country=holder.country)


@check("data-go-elsewhere")
def _data_go_elsewhere(subject: Subject) -> Iterator[Hit]:
    places = {each.country for each in subject.document.facilities if each.country is not None}
    for index, transfer in enumerate(subject.document.data.transfers if subject.document.data else ()):
        if places and transfer.to_country is not None and transfer.to_country not in places:
            yield hit(f"/data/transfers/{index}/to_country", country=transfer.to_country)
