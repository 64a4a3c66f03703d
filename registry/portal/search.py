"""What of the register has the words that somebody seeks: the rows that the person may see, and no word of the others.

Two things keep a search from telling what is hidden. Rows come through `visible_to` and the row policies, as in every
list. And texts are searched only where their reader is told them exactly: who reads a column roughly or not at all does
not find by it. How many there are besides is not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Case as Choice
from django.db.models import F, IntegerField, Q, QuerySet, Value, When

from registry.accounts import data_classes, precision
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.compute.facility_models import FACILITY_WORDS
from registry.compute.models import Facility, Return
from registry.filings.filing_models import FILING_WORDS, VERSION_WORDS
from registry.filings.models import Filing, Version
from registry.organisations.models import ORGANISATION_WORDS, Organisation
from registry.oversight import case_queries
from registry.oversight.case_models import CASE_WORDS
from registry.oversight.models import Case, Sharing
from registry.quantities import Precision
from registry.screening.models import FINDING_WORDS, Finding
from registry.searching import AsText, DocumentWords, Sought, Words

SHOWN: Final = 20
AT_MOST: Final = SHOWN + 1  # one more tells that there are more
DRAFT_WORDS: Final = DocumentWords(AsText("draft"))
SHARING_WORDS: Final = Words("reference", "provider")
_SAYS_NOTHING: Final = frozenset({"N", "O"})

# By kind: what a person must be permitted, and the columns that are searched, by resource and table.
_SEARCHED: Final[Mapping[str, tuple[Permission, tuple[tuple[str, str, tuple[str, ...]], ...]]]] = {
    "filing": (
        Permission.FILING_READ,
        (
            ("filing", "filings_filing", (*FILING_WORDS.columns, *DRAFT_WORDS.columns)),
            ("document", "filings_version", VERSION_WORDS.columns),
            ("organisation", "organisations_organisation", ORGANISATION_WORDS.columns),
        ),
    ),
    "sharing": (Permission.FILING_READ, (("organisation", "oversight_sharing", SHARING_WORDS.columns),)),
    "organisation": (
        Permission.FILING_READ,
        (("organisation", "organisations_organisation", ORGANISATION_WORDS.columns),),
    ),
    "facility": (
        Permission.FACILITY_READ,
        (("facility", "compute_facility", FACILITY_WORDS.columns),),
    ),
    "case": (Permission.CASE_READ, (("case", "oversight_case", CASE_WORDS.columns),)),
    "finding": (Permission.FINDING_READ, (("finding", "screening_finding", FINDING_WORDS.columns),)),
    "return": (Permission.RETURN_READ, (("record", "compute_return", ("reference",)),)),
}


@dataclass
class Found:
    """What was found, by kind, one more than is shown where there are more. `documents` are those with the words."""

    filings: list[Filing] = field(default_factory=list)
    documents: dict[object, str] = field(default_factory=dict)
    sharings: list[Sharing] = field(default_factory=list)
    organisations: list[Organisation] = field(default_factory=list)
    facilities: list[Facility] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)


def find(sought: Sought, *, by: Actor, at: datetime) -> Found:
    """Everything with the words that a person may search; each kind takes as many questions whatever it holds."""
    found = Found()
    if may_search("filing", by):
        found.filings = _filings(sought, by)
        found.documents = _documents(found.filings, sought, by)
    if may_search("sharing", by):
        found.sharings = _sharings(sought, by, at)
    if may_search("organisation", by):
        found.organisations = _organisations(sought, by)
    if may_search("facility", by):
        found.facilities = _named(Facility.objects.visible_to(by).alias(said=FACILITY_WORDS), sought, "-registered_at")
    if may_search("case", by):
        found.cases = _named(case_queries.cases(by).alias(said=CASE_WORDS), sought, "-opened_at")
    if may_search("finding", by):
        found.findings = _findings(sought, by)
    if may_search("return", by):
        found.returns = _returns(sought, by)
    return found


def having(sought: Sought, *, by: Actor) -> Q:
    """What a list of filings lets through where these words are sought; nothing where the person may not search."""
    if not sought.words or not may_search("filing", by):
        return Q(pk__in=[])
    return Q(id__in=_filing_ids(sought, by))


def may_search(kind: str, by: Actor) -> bool:
    """Whether a person may find things of a kind: permitted, and told exactly every text that would be searched."""
    permission, searched = _SEARCHED[kind]
    viewer = precision.viewer_of(by, territory=by.territory)
    classes = {
        (resource, data_classes.tables()[table].classes[column])
        for resource, table, columns in searched
        for column in columns
    }
    told = (precision.precision(viewer=viewer, resource=r, cls=cls) for r, cls in classes if cls not in _SAYS_NOTHING)
    return permission.value in by.permissions and all(each is Precision.EXACT for each in told)


def _filing_ids(sought: Sought, by: Actor) -> QuerySet[Filing, Any]:
    """The keys of filings with the words in their names, in any of their documents, or in their provider's name.

    A union, so that each part can use its own index.
    """
    seen = Filing.objects.visible_to(by)
    parts: list[QuerySet[Any, Any]] = [
        seen.filter(organisation__in=_organisation_ids(sought, by)).values("id"),
        Version.objects.visible_to(by).alias(said=VERSION_WORDS).filter(said=sought.query).values("filing_id"),
    ]
    if by.audience is Audience.PROVIDER:  # a draft is its provider's alone
        parts.append(seen.alias(said=DRAFT_WORDS).filter(said=sought.query).values("id"))
    if sought.reference:
        parts.append(seen.filter(reference__startswith=sought.reference).values("id"))
    return seen.alias(said=FILING_WORDS).filter(said=sought.query).values("id").union(*parts)


def _filings(sought: Sought, by: Actor) -> list[Filing]:
    """Filings, the one whose reference was typed first, then the newest."""
    found = Filing.objects.visible_to(by).filter(id__in=_filing_ids(sought, by)).select_related("organisation")
    newest = F("submitted_at").desc(nulls_first=True)
    return list(found.order_by(_exact_first(sought), newest, "reference")[:AT_MOST])


def _documents(found: list[Filing], sought: Sought, by: Actor) -> dict[object, str]:
    """By filing, its newest document that has the words, as canonical text."""
    seen = Version.objects.visible_to(by).filter(filing_id__in=[each.id for each in found])
    holding = seen.alias(said=VERSION_WORDS).filter(said=sought.query).order_by("filing_id", "-number")
    return dict(holding.distinct("filing_id").values_list("filing_id", "canonical"))


def _sharings(sought: Sought, by: Actor, at: datetime) -> list[Sharing]:
    """Filings that other authorities show to this one, by what the list of them says."""
    seen = Sharing.objects.visible_to(by).filter(recipient=by.territory, ends_at__gt=at)
    return _named(seen.alias(said=SHARING_WORDS), sought, "-at")


def _organisations(sought: Sought, by: Actor) -> list[Organisation]:
    """Organisations by name, trade name, LEI or EUID."""
    found = Organisation.objects.visible_to(by).filter(id__in=_organisation_ids(sought, by))
    return list(found.order_by("legal_name", "id")[:AT_MOST])


def _findings(sought: Sought, by: Actor) -> list[Finding]:
    """Findings by rule, subject, provider, or the reference of their filing."""
    seen = Finding.objects.visible_to(by)
    parts = [seen.filter(organisation__in=_organisation_ids(sought, by)).values("id")]
    if sought.reference:
        about = Filing.objects.visible_to(by).filter(reference__startswith=sought.reference)
        parts.append(seen.filter(filing__in=about.values("id")).values("id"))
    named = seen.alias(said=FINDING_WORDS).filter(said=sought.query).values("id").union(*parts)
    return list(case_queries.findings(by, case_queries.Sought()).filter(id__in=named)[:AT_MOST])


def _returns(sought: Sought, by: Actor) -> list[Return]:
    """Returns by reference."""
    if not sought.reference:
        return []
    seen = Return.objects.visible_to(by).filter(reference__startswith=sought.reference)
    return list(seen.select_related("organisation").order_by("-month", "reference")[:AT_MOST])


def _organisation_ids(sought: Sought, by: Actor) -> QuerySet[Organisation, Any]:
    seen = Organisation.objects.visible_to(by).alias(said=ORGANISATION_WORDS)
    return seen.filter(said=sought.query).values("id")


def _named(seen: QuerySet[Any], sought: Sought, *order: str) -> list[Any]:
    """The first rows with the words or with a reference that begins so, the very reference before all."""
    wanted = Q(said=sought.query)
    if sought.reference:
        wanted |= Q(reference__startswith=sought.reference)
    return list(seen.filter(wanted).order_by(_exact_first(sought), *order, "reference")[:AT_MOST])


def _exact_first(sought: Sought) -> Choice:
    return Choice(When(reference=sought.reference, then=Value(0)), default=Value(1), output_field=IntegerField())
