"""The letter that a filing was accepted: to its provider, in the language of the filing, with what proves it offline.

It tells what stands in the register's steps and log and names no person. Authority and provider get the same bytes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from registry.errors import NotFound, NotPossible
from registry.filings import duty_lists
from registry.filings.models import Filing, Transition, Version
from registry.languages import SPOKEN
from registry.ledger import log
from registry.ledger.chain import EntryLike
from registry.ledger.models import RESTRICTED
from registry.portal import access_log, document_view, duty_marks, labels, pdf
from registry.portal.presentation import words

_DEFERRED: Final = tuple(f"entry__{name}" for name in RESTRICTED)  # what neither provider nor officer may read


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What the letter is made of, read in one unit of work. `duties` are those met by then, with the day."""

    filing: Filing
    version: Version
    accepted_at: datetime
    entry: EntryLike
    duties: tuple[tuple[str, datetime], ...]

    @property
    def language(self) -> str:
        """The language that the provider gave its filing; English where it gave none."""
        said = str(document_view.members(self.version.canonical).get("language", ""))
        return said if said in SPOKEN else SPOKEN[0]


def acceptance(filing: Filing) -> Transition | None:
    """The newest step by which the filing was accepted."""
    return filing.transitions.filter(verb="accept").order_by("-at", "-id").first()


def read(filing: Filing) -> Letter:
    """The letter of a filing that its reader may see. Raises `NotPossible` before the filing was accepted."""
    step = acceptance(filing)
    if step is None:
        raise NotPossible(
            "There is no letter before the filing is accepted.", remedy="Read the state of the filing on its page."
        )
    versions = filing.versions.select_related("entry").defer(*_DEFERRED)
    version = versions.filter(number=step.version_number).first()
    if version is None:
        raise NotFound
    met = duty_lists.of_filing(filing).filter(met_at__lte=step.at)
    return Letter(
        filing=filing,
        version=version,
        accepted_at=step.at,
        entry=log.line_of(version.entry),
        duties=tuple((duty.code, duty.met_at) for duty in met if duty.met_at),
    )


def file(letter: Letter) -> bytes:
    """The letter as PDF."""
    with translation.override(letter.language):
        return pdf.made("acceptance", said(letter), at=letter.accepted_at)


def said(letter: Letter) -> dict[str, Any]:
    """Every word of the letter, in the language that is active."""
    filing = letter.filing
    address = (filing.organisation.legal_name, words.country(filing.organisation.seat_country))
    run = gettext("Training run %(run)s") % {"run": filing.run_id} if filing.run_id else ""
    return {
        "language": letter.language,
        "reference": filing.reference,
        "register": gettext("European Compute-Access Registry"),
        "authority": access_log.authority(filing.territory),
        "address": list(address),
        "date": words.day(letter.accepted_at),
        "title": gettext("Your filing %(reference)s was accepted") % {"reference": filing.reference},
        "subject": run,
        "sentences": [
            gettext("The authority has examined version %(number)s of this filing and accepted it as complete.")
            % {"number": letter.version.number},
            gettext(
                "Acceptance says that the filing is complete and coherent. It is no approval of the model or of the "
                "training run, and it lifts no other duty."
            ),
        ],
        "facts": _facts(letter),
        **_proof(letter),
    }


def _facts(letter: Letter) -> list[dict[str, Any]]:
    filing, version = letter.filing, letter.version
    rows = [
        (gettext("Reference"), filing.reference),
        (gettext("Your reference"), filing.client_reference),
        (gettext("Version"), f"{version.number} ({labels.kind(version.kind)})"),
        (gettext("Filed"), words.moment(version.submitted_at)),
        (gettext("Accepted"), words.moment(letter.accepted_at)),
        (
            gettext("Duties met"),
            "\n".join(f"{duty_marks.name(code)} ({words.day(met)})" for code, met in letter.duties),
        ),
    ]
    return [_fact(term, value) for term, value in rows if value]


def _proof(letter: Letter) -> dict[str, Any]:
    entry = letter.entry
    return {
        "evidence_title": gettext("Evidence"),
        "evidence": gettext(
            "Since it was filed, this version stands in the register’s public log. Nobody, the register included, can "
            "change it there without being seen."
        ),
        "proof": [
            _fact(gettext("Log"), settings.LOG_ORIGIN),
            _fact(gettext("Entry"), str(entry.index)),
            _fact(gettext("Entry made"), words.moment(entry.at)),
            _fact(gettext("Hash of the entry, as in the receipt (entry_hash)"), entry.entry_hash.hex(), is_code=True),
            _fact(gettext("SHA-256 of the document"), bytes(letter.version.digest).hex(), is_code=True),
        ],
        "verify_title": gettext("How to verify this without the register"),
        "steps": [
            gettext("Download the receipt and the document (JSON) of this version from the page of the filing."),
            gettext("Take the register’s key and policy from its public log, once, and keep them."),
            gettext("Run the open program ecar-verify; it needs no connection:"),
        ],
        "command": "ecar-verify receipt receipt.json --policy policy --key receipt-key.pem --document document.json",
        "note": gettext(
            "The hash in the receipt must be the one above. This letter tells what was so on its date; the register "
            "tells how the filing stands now."
        ),
    }


def _fact(term: str, value: str, *, is_code: bool = False) -> dict[str, Any]:
    return {"term": term, "value": value, "code": is_code}
