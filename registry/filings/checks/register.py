"""Checks against what the register holds: the organisation that files, and its other filings. Pure; texts beside.

Nothing here tells a filer what others have filed: only its own organisation and its own filings are looked at.
"""

from collections.abc import Iterator

from registry.filings import reference
from registry.filings.checks.form import OWN_REFERENCE
from registry.filings.checks.subject import Hit, Subject, check, hit


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@check("filer-name-differs")
def _filer_name_differs(subject: Subject) -> Iterator[Hit]:
    stated, registered = subject.document.filer.legal_name, subject.context.organisation.legal_name
    if not _same(stated, registered):
        yield hit("/filer/legal_name", stated=stated, registered=registered)


@check("filer-lei-differs")
def _filer_lei_differs(subject: Subject) -> Iterator[Hit]:
    stated, registered = subject.document.filer.lei, subject.context.organisation.lei
    if stated is not None and registered is not None and stated != registered:
        yield hit("/filer/lei", stated=stated, registered=registered)


@check("filer-seat-differs")
def _filer_seat_differs(subject: Subject) -> Iterator[Hit]:
    stated, registered = subject.document.filer.seat_country, subject.context.organisation.seat_country
    if stated != registered:
        yield hit("/filer/seat_country", stated=stated, registered=registered)


@check("run-id-taken")
def _run_id_taken(subject: Subject) -> Iterator[Hit]:
    filing = subject.context.known_run_ids.get(subject.run.client_run_id)
    if filing is not None:
        yield hit("/run/client_run_id", run=subject.run.client_run_id, filing=filing)


@check("base-reference-not-yours")
def _base_reference_not_yours(subject: Subject) -> Iterator[Hit]:
    named = subject.run.base_model.filing_reference if subject.run.base_model else None
    if named is None or not named.startswith(OWN_REFERENCE) or not reference.is_valid(named):
        return
    if named not in subject.context.known_references:
        yield hit("/run/base_model/filing_reference", reference=named)


@check("modifier-of-own-model")
def _modifier_of_own_model(subject: Subject) -> Iterator[Hit]:
    filer, base = subject.document.filer, subject.run.base_model
    if filer.role != "downstream_modifier" or base is None or base.provider is None:
        return
    if any(_same(base.provider, name) for name in (filer.legal_name, *filer.trade_names)):
        yield hit("/filer/role", provider=base.provider)
