"""The public log for people: its newest head and witnesses; and a page on which a receipt is held against it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry.ledger import judging, keeping, notes, receipts
from registry.ledger.judging import Check, Outcome, Trust
from registry.ledger.models import Checkpoint
from registry.ledger.publishing import CHECKPOINT, POLICY, Folder
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Fact, Heading, Label, Link, Meta, Notice, Tone
from registry.portal.public import OpenPage

SHOWN: Final = 10
PASTED: Final = "receipt"


@dataclass(frozen=True)
class WitnessLine:
    """A witness and when it signed the newest head."""

    name: str
    key: str
    state: Label


@dataclass(frozen=True)
class HeadLine:
    """One signed head."""

    size: str
    at: datetime
    root: str


@dataclass(frozen=True)
class LogPage:
    """The head as facts, the witnesses, and the heads before."""

    heading: Heading
    facts: tuple[Fact, ...]
    witnesses: tuple[WitnessLine, ...]
    heads: tuple[HeadLine, ...]
    policy: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class CheckLine:
    """One check and how it ended."""

    text: str
    note: str
    label: Label


@dataclass(frozen=True)
class VerifyPage:
    """The form, and the judgement on what was pasted."""

    heading: Heading
    pasted: str = ""
    checks: tuple[CheckLine, ...] = ()
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()


class PublicLog(OpenPage):
    """The log: how large, signed when, witnessed by whom."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Before the first head the page says that there is none."""
        published = keeping.places().published
        with self.reading():
            heads = tuple(
                HeadLine(words.count(head.size), head.at, bytes(head.root).hex())
                for head in Checkpoint.objects.order_by("-size")[:SHOWN]
            )
        return self.shown("public/log.html", _log_page(published, heads))


class VerifyReceipt(OpenPage):
    """Paste a receipt, see whether it holds. Nothing of it is kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self.shown("public/verify.html", VerifyPage(_verify_heading()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """The judgement."""
        pasted = request.POST.get(PASTED, "")
        trust = _trust()
        if trust is None:
            notices = (Notice("info", gettext("The log has no signed head yet. Try again in a minute.")),)
            return self.shown("public/verify.html", VerifyPage(_verify_heading(), pasted, notices=notices))
        with self.reading():
            found = judging.judge(pasted, trust)
        page = VerifyPage(_verify_heading(), pasted, _checks(found), _facts(found.said), (_verdict(found),))
        answer = self.shown("public/verify.html", page)
        answer["Cache-Control"] = "private, no-store"
        return answer


def _log_page(published: Folder, heads: tuple[HeadLine, ...]) -> LogPage:
    links = (Link(gettext("Verify a receipt"), reverse("verify-receipt"), "seal-check"),)
    lead = gettext(
        "Everything that is filed or decided leaves a line here that says nothing by itself. "
        "Who holds a receipt can prove with it what was filed and when, against the register too."
    )
    crumbs = (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Public log")))
    try:
        note, policy = published.read(CHECKPOINT).decode(), published.read(POLICY).decode()
    except FileNotFoundError:
        none = Notice("info", gettext("The log has no signed head yet. Try again in a minute."))
        return LogPage(Heading(gettext("Public log"), lead, crumbs, links=links), (), (), (), "", (none,))
    head = notes.read_checkpoint(notes.read(note.encode()).text)
    meta: tuple[Meta, ...] = (Meta("stack", gettext("%(count)s lines") % {"count": words.count(head.size)}),)
    if heads:
        meta += (Meta("clock", gettext("Signed %(moment)s") % {"moment": words.moment(heads[0].at)}),)
    quorum = keeping.policy()
    reached = gettext("reached") if quorum.is_reached(note) else gettext("pending")
    facts = (
        Fact(gettext("Name"), head.origin, monospace=True),
        Fact(gettext("Lines"), words.count(head.size), gettext("with covers, so that nobody can count filings")),
        Fact(gettext("Root"), head.root.hex(), monospace=True),
        Fact(gettext("Quorum of witnesses"), gettext("none is asked for") if quorum.is_open else reached),
        Fact(gettext("Signed head"), "checkpoint", href=reverse("log-checkpoint")),
        Fact(gettext("Whom to trust"), "policy", gettext("for ecar-verify --policy"), reverse("log-policy")),
    )
    return LogPage(
        Heading(gettext("Public log"), lead, crumbs, meta=meta, links=links), facts, _witnesses(note), heads, policy
    )


def _witnesses(note: str) -> tuple[WitnessLine, ...]:
    quorum = keeping.policy()
    signed = quorum.signed(note)
    late = Label(gettext("not yet"), Tone.WAITING, "hourglass-medium")
    return tuple(
        WitnessLine(
            witness.key.name,
            str(witness.key),
            Label(words.moment(signed[name]), Tone.DONE, "check-circle") if name in signed else late,
        )
        for name, witness in quorum.witnesses.items()
    )


def _trust() -> Trust | None:
    """What receipts are held against; None before the first head."""
    published = keeping.places().published
    try:
        (line,) = [each for each in published.read(POLICY).decode().splitlines() if each.startswith("log ")]
    except FileNotFoundError:
        return None
    keys = [receipts.load_key(settings.RECEIPT_KEY_FILE).public_key()]
    if settings.RECEIPT_KEYS_FORMER:
        keys += receipts.former_keys(Path(settings.RECEIPT_KEYS_FORMER))
    log_key = notes.read_verifier_key(line.split()[1])
    return Trust(keys, log_key, published, keeping.policy().is_reached)


def _verify_heading() -> Heading:
    return Heading(
        gettext("Verify a receipt"),
        gettext("Paste a receipt and see whether the public log holds what it says. Nothing of it is kept."),
        (
            Crumb(gettext("Home"), reverse("home")),
            Crumb(gettext("Public log"), reverse("public-log")),
            Crumb(gettext("Verify a receipt")),
        ),
        links=(Link(gettext("Public log"), reverse("public-log"), "stack"),),
    )


def _verdict(found: judging.Judgement) -> Notice:
    outcomes = {outcome for _, outcome in found.checks}
    if Outcome.FAILS in outcomes:
        return Notice("error", gettext("This receipt does not hold."))
    if Outcome.WAITING in outcomes:
        return Notice("warning", gettext("What can be checked holds; something is still to come."))
    return Notice("success", gettext("This receipt holds."))


def _checks(found: judging.Judgement) -> tuple[CheckLine, ...]:
    texts = {
        Check.FORM: (gettext("Form"), gettext("a receipt as the register gives it, whole and unchanged")),
        Check.SIGNATURE: (gettext("Signature"), gettext("a key of the register signed exactly this")),
        Check.OPENING: (gettext("Opening"), gettext("salt and digest lead to the commitment")),
        Check.INCLUDED: (gettext("In the log"), gettext("the line stands at its place")),
        Check.HISTORY: (gettext("History"), gettext("today's log begins with the log of then")),
        Check.WITNESSES: (gettext("Witnesses"), gettext("enough of them signed that head")),
    }
    labels = {
        Outcome.HOLDS: Label(gettext("holds"), Tone.DONE, "check-circle"),
        Outcome.FAILS: Label(gettext("does not hold"), Tone.ALERT, "warning-octagon"),
        Outcome.WAITING: Label(gettext("still to come"), Tone.WAITING, "hourglass-medium"),
    }
    return tuple(CheckLine(*texts[check], labels[outcome]) for check, outcome in found.checks)


def _facts(said: dict[str, str | int]) -> tuple[Fact, ...]:
    names = {
        "origin": gettext("Log"),
        "filing": gettext("Filing"),
        "version": gettext("Version"),
        "received_at": gettext("Received"),
        "commitment": gettext("Commitment"),
        "index": gettext("Place in the log"),
        "size": gettext("Size of the log"),
        "leaf": gettext("Line"),
    }
    long = {"commitment", "leaf", "origin"}
    return tuple(Fact(names[name], str(value), monospace=name in long) for name, value in said.items())
