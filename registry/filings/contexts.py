"""What the register knows when it judges a document: its organisation, the other runs and filings it names."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.acting import Actor
from registry.filings import assessment, document
from registry.filings.checks.subject import Context, OrganisationFacts, VersionKind
from registry.filings.models import Filing
from registry.organisations.models import Organisation


def maker(
    *,
    organisation: Organisation,
    contents: Sequence[Mapping[str, Any]],
    by: Actor,
    at: datetime,
    besides: Filing | None = None,
) -> Callable[..., Context]:
    """A maker of contexts for checks: called with the kind of a version and the document before it, if there is one.

    What the register knows of the names in `contents` is read once for all of them; `besides` is the filing that a
    version is added to, whose own run is no other run.
    """
    own = Filing.objects.visible_to(by).filed()
    others = own.exclude(id=besides.id) if besides else own
    runs = _members(contents, "run")
    run_ids = _texts(runs, "client_run_id")
    bases = _texts(_members(runs, "base_model"), "filing_reference")
    known_run_ids = dict(others.standing().filter(run_id__in=run_ids).values_list("run_id", "reference"))
    known_references = frozenset(own.filter(reference__in=bases).values_list("reference", flat=True))
    facts = OrganisationFacts(
        legal_name=organisation.legal_name,
        lei=organisation.lei or None,
        seat_country=organisation.seat_country,
        territory=organisation.territory,
    )

    def context(kind: VersionKind, previous: document.FilingDocument | None = None) -> Context:
        return Context(
            today=assessment.today(at),
            kind=kind,
            organisation=facts,
            previous=previous,
            known_run_ids=known_run_ids,
            known_references=known_references,
        )

    return context


def _members(of: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """The objects called `name`, of documents whose form nobody has checked yet."""
    return [each[name] for each in of if isinstance(each.get(name), Mapping)]


def _texts(of: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return [each[name] for each in of if isinstance(each.get(name), str) and each[name].isprintable()]
