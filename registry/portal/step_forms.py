"""The forms for the steps of a filing's life that its reader may take, and for the designation of its model."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from registry.acting import Actor, Audience
from registry.filings import lifecycle
from registry.filings.lifecycle import Owner
from registry.filings.models import Filing
from registry.portal import document_view, labels
from registry.portal.page import language
from registry.portal.presentation.filing import Decision
from registry.portal.presentation.marks import Field, Option

LONGEST_REASON = 4_000
ELSEWHERE = frozenset({"answer", "submit"})  # beside the question; from the task list of the draft


def decisions(filing: Filing, *, by: Actor, is_designated: bool, content: Mapping[str, Any]) -> tuple[Decision, ...]:
    """What `by` may do now, from the table of steps; answering has its form beside the question.

    A draft is submitted from its task list. A question may be about any field of `content`. The AI Office may also
    designate the model, unless it is designated.
    """
    side = "workspace" if by.audience is Audience.PROVIDER else "oversight"
    turn = Owner.PROVIDER if side == "workspace" else Owner.AUTHORITY
    allowed = [
        step
        for step in lifecycle.allowed(filing.status)
        if step.who is turn and step.permission.lower() in by.permissions and step.verb not in ELSEWHERE
    ]
    ordered = sorted((step.verb for step in allowed), key=lambda verb: verb not in {"accept", "review"})
    about = _about(content) if "ask" in ordered else ()
    forms = [_decision(verb, filing, side, about, main=place == 0) for place, verb in enumerate(ordered)]
    if "risk_decide" in by.permissions and filing.number and not is_designated:
        forms.append(_designation(filing))
    return tuple(forms)


def _about(content: Mapping[str, Any]) -> tuple[Field, ...]:
    """Which fields a question is about, and by when it is to be answered."""
    stated = document_view.stated(content)
    parts = dict.fromkeys(f"/{pointer.split('/')[1]}" for pointer in stated)
    listed = [each for part in parts for each in dict.fromkeys((part, *_beneath(part, stated)))]
    options = tuple(Option(each, _named(each, stated)) for each in listed)
    return (
        Field("about", gettext("Fields it is about"), "boxes", options=options),
        Field(
            "answer_by",
            gettext("Answer by the end of"),
            "date",
            help=gettext("At most 90 days from now; two weeks if you leave it empty."),
        ),
    )


def _beneath(part: str, stated: Mapping[str, str]) -> Iterator[str]:
    return (pointer for pointer in stated if pointer.startswith(f"{part}/"))


def _named(pointer: str, stated: Mapping[str, str]) -> str:
    if pointer in stated:
        return document_view.path(pointer)
    return gettext("%(part)s, as a whole") % {"part": document_view.path(pointer)}


def _decision(verb: str, filing: Filing, side: str, about: tuple[Field, ...], *, main: bool) -> Decision:
    text = lifecycle.verb_text(verb, language())
    slug = verb.replace("_", "-")
    fields: tuple[Field, ...] = (Field("revision", "", "hidden", str(filing.revision)),)
    if verb != "review":
        label = gettext("Question") if verb == "ask" else gettext("Reason")
        told = gettext("Part of the record; cannot be changed later.")
        fields = (reason("reason", label, told), *(about if verb == "ask" else ()), *fields)
    receives = {
        "accept": gettext("Your filing %(reference)s was accepted, for the reason above."),
        "return": gettext("Your filing %(reference)s was returned, for the reason above. File a new version."),
        "ask": gettext("A question about your filing %(reference)s, as written above."),
    }.get(verb, "")
    return Decision(
        name=slug,
        text=text.name,
        explanation=text.sentence,
        href=reverse(f"{side}-filings-{slug}", args=[filing.reference]),
        icon=labels.STEP_ICONS.get(verb, "check"),
        fields=fields,
        receives=receives % {"reference": filing.reference} if receives else "",
        main=main and verb != "withdraw",
        open=main and verb != "withdraw",
    )


def _designation(filing: Filing) -> Decision:
    told = gettext("Your model was designated as one with systemic risk (filing %(reference)s), for the reason above.")
    return Decision(
        name="designate",
        text=gettext("Designate the model"),
        explanation=gettext(
            "As one with systemic risk (Art. 52(4)). A reassessment can be asked for after six months."
        ),
        href=reverse("oversight-filings-designate", args=[filing.reference]),
        icon="gavel",
        fields=(reason("reason", gettext("Reason"), gettext("Part of the record; cannot be changed later.")),),
        receives=told % {"reference": filing.reference},
    )


def reason(name: str, label: str, help_: str = "") -> Field:
    """The field for a text that the other side will read."""
    return Field(name, label, "area", help=help_, required=True, limit=LONGEST_REASON)
