"""What a search found as results: what each is called, where it leads, and the text in which the words stand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from registry import searching
from registry.compute.models import Facility, Return
from registry.filings import difference
from registry.filings.models import Filing
from registry.organisations.models import Organisation
from registry.oversight.models import Case, Sharing
from registry.portal import case_marks, document_view, facility_view, labels, return_view, search
from registry.portal.presentation import words
from registry.portal.presentation.marks import Link
from registry.portal.presentation.search import Group, Hit
from registry.portal.search import Found
from registry.screening.models import Finding
from registry.searching import Fragment, Sought

Text = tuple[str, str]  # what a text is called, and the text


def groups(found: Found, sought: Sought, *, is_own: bool, at: datetime) -> tuple[Group, ...]:
    """The kinds in which something was found, in the order in which people ask for them; `is_own` for a provider."""
    side = "workspace" if is_own else "oversight"
    filings = [_filing(each, found.documents.get(each.id, ""), sought, side) for each in found.filings]
    organisations = [_organisation(each, sought, side) for each in found.organisations]
    facilities = [_facility(each, sought, side, at) for each in found.facilities]
    returns = [_return(each, sought, side) for each in found.returns]
    queue = ("workspace", gettext("All in your list")) if is_own else ("queue", gettext("All open ones in the queue"))
    every = gettext("All in the list")
    listed = (
        _group("filings", gettext("Filings"), "file-text", filings, _link(*queue, sought)),
        _group(
            "sharings", gettext("Shown filings"), "users-three", [_sharing(each, sought) for each in found.sharings]
        ),
        _group("organisations", gettext("Organisations"), "buildings", organisations),
        _group(
            "facilities", gettext("Facilities"), "hard-drives", facilities, _link(f"{side}-facilities", every, sought)
        ),
        _group(
            "cases",
            gettext("Cases"),
            "folder-open",
            [_case(each, sought) for each in found.cases],
            _link("cases", every, sought),
        ),
        _group(
            "findings",
            gettext("Findings"),
            "flag",
            [_finding(each, sought) for each in found.findings],
            _link("findings", every, sought),
        ),
        _group("returns", gettext("Returns"), "stack", returns),
    )
    return tuple(group for group in listed if group.hits)


def _group(code: str, title: str, icon: str, hits: Sequence[Hit], more: Link | None = None) -> Group:
    return Group(code, title, icon, tuple(hits[: search.SHOWN]), more, is_cut=len(hits) > search.SHOWN)


def _link(name: str, text: str, sought: Sought) -> Link:
    return Link(text, f"{reverse(name)}?{urlencode({'q': sought.text})}", "list-checks")


def _filing(filing: Filing, document: str, sought: Sought, side: str) -> Hit:
    """A filing; what it is called stands before what its document says."""
    named = [
        (gettext("Provider"), filing.organisation.legal_name),
        (gettext("Training run"), filing.run_id),
        (
            gettext("Your reference") if side == "workspace" else gettext("Provider’s reference"),
            filing.client_reference,
        ),
        (gettext("Model lineage"), filing.lineage),
    ]
    members = document_view.members(document) or filing.draft or {}
    place, text = _where([*named, *_texts(members), *_organisation_texts(filing.organisation)], sought)
    provider = "" if side == "workspace" else filing.organisation.legal_name
    return Hit(
        filing.reference,
        reverse(f"{side}-filings-one", args=[filing.reference]),
        " · ".join(each for each in (provider, filing.run_id) if each),
        place,
        text,
        labels.status(filing.status),
    )


def _texts(document: "dict[str, object]") -> Iterable[Text]:
    """The texts of a document with the paths that people read, in its order."""
    leaves = difference.flattened(document).values()
    return ((document_view.path(leaf.pointer), leaf.value) for leaf in leaves if isinstance(leaf.value, str))


def _sharing(sharing: Sharing, sought: Sought) -> Hit:
    place, text = _where([(gettext("Provider"), sharing.provider)], sought)
    told = gettext("shown by the authority of %(country)s") % {"country": words.country(sharing.territory)}
    return Hit(sharing.reference, reverse("sharings-one", args=[sharing.id]), told, place, text)


def _organisation(organisation: Organisation, sought: Sought, side: str) -> Hit:
    place, text = _where(_organisation_texts(organisation), sought)
    own = reverse("workspace-organisation")
    href = own if side == "workspace" else reverse("oversight-organisation", args=[organisation.id])
    return Hit(organisation.legal_name, href, words.country(organisation.seat_country), place, text)


def _organisation_texts(organisation: Organisation) -> list[Text]:
    return [
        (gettext("Legal name"), organisation.legal_name),
        (gettext("Trade names"), ", ".join(map(str, organisation.trade_names))),
        ("LEI", organisation.lei),
        ("EUID", organisation.euid),
    ]


def _facility(facility: Facility, sought: Sought, side: str, at: datetime) -> Hit:
    texts = [
        (gettext("Name"), facility.name),
        (gettext("Operator"), facility.operator_name),
        (gettext("Owner"), facility.owner_name),
        (gettext("Operator’s reference"), facility.client_reference),
    ]
    place, text = _where(texts, sought)
    told = f"{facility.reference} · {words.country(facility.country)}"
    href = reverse(f"{side}-facilities-one", args=[facility.reference])
    return Hit(facility.name, href, told, place, text, facility_view.state(facility, at=at))


def _case(case: Case, sought: Sought) -> Hit:
    place, text = _where([(gettext("About"), words.owner(case.title))], sought)
    line = case_marks.case_line(case)
    return Hit(case.reference, line.href, line.country, place, text, line.state)


def _finding(finding: Finding, sought: Sought) -> Hit:
    """A finding leads to its case, where there is one; else to its line in the list."""
    line = case_marks.finding_line(finding, case=getattr(finding, "case_reference", "") or "")
    place, text = _where([(gettext("About"), line.subject), (gettext("Provider"), line.provider)], sought)
    listed = f"{reverse('findings')}?{urlencode({'rule': line.code, 'q': line.subject})}"
    return Hit(f"{line.code} {line.name}", line.case_href or listed, line.country, place, text, line.severity)


def _return(row: Return, sought: Sought, side: str) -> Hit:
    provider = "" if side == "workspace" else row.organisation.legal_name
    told = " · ".join(each for each in (provider, f"{row.month:%Y-%m}") if each)
    href = reverse(f"{side}-returns-one", args=[row.reference])
    return Hit(row.reference, href, told, label=return_view.state(row))


def _where(texts: Iterable[Text], sought: Sought) -> tuple[str, tuple[Fragment, ...]]:
    """The text with the most of the words, with its name: the first of equals, nothing where none has any."""
    best, most = ("", ""), 0
    for name, text in texts:
        count = len(sought.words.intersection(searching.plain(text).split()))
        if count > most:
            best, most = (name, text), count
    return (best[0], searching.marked(best[1], sought.words)) if most else ("", ())
