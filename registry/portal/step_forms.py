"""The forms for the steps of a filing's life that its reader may take, and for the designation of its model."""

from django.urls import reverse
from django.utils.translation import gettext

from registry.acting import Actor, Audience
from registry.filings import lifecycle
from registry.filings.lifecycle import Owner, Status
from registry.filings.models import Filing
from registry.portal import labels
from registry.portal.page import language
from registry.portal.presentation.filing import Decision
from registry.portal.presentation.marks import Field

LONGEST_REASON = 4_000


def decisions(filing: Filing, *, by: Actor, is_designated: bool) -> tuple[Decision, ...]:
    """What `by` may do now, from the table of steps; answering has its form beside the question.

    The AI Office may also designate the model, unless it is designated.
    """
    side = "workspace" if by.audience is Audience.PROVIDER else "oversight"
    turn = Owner.PROVIDER if side == "workspace" else Owner.AUTHORITY
    allowed = [
        step
        for step in lifecycle.allowed(filing.status)
        if step.who is turn and step.permission.lower() in by.permissions and step.verb != "answer"
    ]
    verbs = [step.verb for step in allowed if step.verb != "submit" or filing.status == Status.DRAFT]
    ordered = sorted(verbs, key=lambda verb: verb not in {"accept", "review", "submit"})
    forms = [_decision(verb, filing, side, main=place == 0) for place, verb in enumerate(ordered)]
    if "risk_decide" in by.permissions and filing.number and not is_designated:
        forms.append(_designation(filing))
    return tuple(forms)


def _decision(verb: str, filing: Filing, side: str, *, main: bool) -> Decision:
    text = lifecycle.verb_text(verb, language())
    slug = verb.replace("_", "-")
    fields: tuple[Field, ...] = (Field("revision", "", "hidden", str(filing.revision)),)
    if verb not in {"review", "submit"}:
        label = gettext("Question") if verb == "ask" else gettext("Reason")
        fields = (reason("reason", label, gettext("Part of the record; cannot be changed later.")), *fields)
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
