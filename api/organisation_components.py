"""The schemas of organisations, as api.components has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.mandates import LEI_LENGTH
from api.schema_parts import (
    Schema,
    a_code,
    a_list,
    a_moment,
    a_request,
    a_text,
    an_address,
    an_object,
    nullable,
    results_of,
)
from registry.languages import SPOKEN
from registry.onboarding import applications, lifecycle, particulars
from registry.onboarding.confirmations import State as ConfirmationState
from registry.organisations import mandates

_NAME: Final = a_text("A name.", minLength=1, maxLength=particulars.NAME_LENGTH)
_EMAIL: Final = a_text("An e-mail address.", minLength=3)
_COUNTRY: Final = a_text("ISO 3166-1 alpha-2.", minLength=2, maxLength=2)
_PERSON: Final[dict[str, Any]] = {"name": _NAME, "email": _EMAIL}
_REPRESENTATIVE: Final[dict[str, Any]] = {
    "name": _NAME,
    "country": _COUNTRY,
    "email": _EMAIL,
    "mandate_from": a_text("First day of the mandate.", format="date"),
    "mandate_until": nullable(a_text("Last day, if it ends.", format="date")),
    "scope": a_text("What the mandate covers.", minLength=1, maxLength=particulars.SCOPE_LENGTH),
    "document_sha256": a_text("SHA-256 of the written mandate.", pattern="^[0-9a-fA-F]{64}$"),
}
_ADMINISTRATORS: Final = {
    **a_list(a_request("An administrator.", **_PERSON), "Exactly two, with different addresses."),
    "minItems": 2,
    "maxItems": 2,
}
_ROLES: Final = {**a_list(a_code("A role.", particulars.ROLES), "At least one."), "minItems": 1}
_PARENT: Final = a_request("The ultimate parent.", name=_NAME, country=_COUNTRY)
_OWN_VERBS: Final = tuple(
    sorted({step.verb for step in lifecycle.TRANSITIONS if step.who is lifecycle.Owner.APPLICANT})
)

ORGANISATION_REQUESTS: Final[Mapping[str, Schema]] = {
    "NewApplication": a_request(
        "Who asks to be entered. An LEI or an EUID is needed; a representative outside the Union (AI Act, Art. 54).",
        optional=("trade_names", "lei", "euid", "representative", "ultimate_parent"),
        legal_name=_NAME,
        trade_names=a_list(_NAME, "At most ten."),
        lei=a_text("ISO 17442, with its check digits."),
        euid=a_text("As in the business register, such as DEK1101R.HRB116737."),
        seat_country=_COUNTRY,
        roles=_ROLES,
        contact=a_request("Whom we write to.", **_PERSON, language=a_code("Language.", SPOKEN)),
        administrators=_ADMINISTRATORS,
        representative=nullable(
            a_request("Authorised representative.", optional=("mandate_until",), **_REPRESENTATIVE)
        ),
        ultimate_parent=nullable(_PARENT),
    ),
    "ApplicationAnswer": a_request(
        "What the applicant answers.",
        optional=("value",),
        reason=a_text("The answer.", minLength=1, maxLength=applications.LONGEST_ANSWER),
        value=a_text("What the field asked about shall say.", minLength=1, maxLength=particulars.SCOPE_LENGTH),
    ),
    "NewMandate": a_request(
        "What is offered to whom, from when until when.",
        optional=("agent_person",),
        agent_lei=a_text("LEI of the agent (ISO 17442).", minLength=1, maxLength=LEI_LENGTH),
        agent_person=a_text("E-mail address of the one person who may use it; left out: anybody at the agent."),
        scopes={**a_list(a_code("A scope.", tuple(mandates.scopes())), "What it covers."), "minItems": 1},
        starts_at=a_text("When it begins; RFC 3339 with an offset.", format="date-time"),
        ends_at=a_text("When it ends: later, in the future, within five years.", format="date-time"),
    ),
    "DataConfirmation": a_request(
        "The data that are right.",
        statement={"type": "integer", "description": "Number of the statement that was read.", "minimum": 0},
    ),
}

_SAID: Final = an_object(
    "What the organisation says of itself; texts are empty where nothing was said.",
    legal_name=a_text("Legal name."),
    trade_names=a_list(a_text("A trade name."), "Trade names."),
    lei=a_text("LEI."),
    euid=a_text("EUID."),
    seat_country=a_text("Country of the seat."),
    roles=a_list(a_code("A role.", particulars.ROLES), "What it does."),
    contact=an_object("Contact.", name=a_text("Name."), email=a_text("E-mail."), language=a_text("Language.")),
    administrators=a_list(an_object("A person.", name=a_text("Name."), email=a_text("E-mail.")), "As stated."),
    representative=nullable({"type": "object", "description": "Authorised representative, as in an application."}),
    ultimate_parent=nullable({"type": "object", "description": "Ultimate parent, as in an application."}),
)

ORGANISATION_ANSWERS: Final[Mapping[str, Schema]] = {
    "ApplicationReceived": an_object("The same for everybody.", status=a_code("Always.", ("received",))),
    "OneApplication": an_object(
        "An application, as its applicant sees it.",
        reference=a_text("Reference of the application."),
        status=a_code("How it stands.", tuple(each.value for each in lifecycle.Status)),
        status_sentence=a_text("What that means."),
        turn=a_code("Whose turn it is.", tuple(each.value for each in lifecycle.Owner)),
        possible=a_list(a_code("A step.", _OWN_VERBS), "What the applicant can do now."),
        territory=a_text("The competent Member State."),
        submitted_at=nullable(a_moment("When it was handed in.")),
        heard_until=nullable(a_moment("Until when to answer an announced refusal.")),
        decided_at=nullable(a_moment("When it was decided.")),
        question=nullable(
            an_object(
                "What waits for an answer.",
                verb=a_code("A question, or an announced refusal.", ("ask", "hear")),
                pointer=a_text("The field it is tied to, as a JSON Pointer; empty for an announced refusal."),
                code=a_text("Coded ground of an announced refusal."),
                reason=a_text("In the authority's words."),
            )
        ),
        steps=a_list(
            an_object(
                "A step.",
                verb=a_code("What was done.", tuple(sorted({step.verb for step in lifecycle.TRANSITIONS}))),
                by=a_code("By which side.", tuple(each.value for each in lifecycle.Owner)),
                at=a_moment("When."),
                pointer=a_text("The field it is tied to."),
                code=a_text("Coded ground."),
                reason=a_text("What was said with it."),
                changed_to=a_text("What the answer made of the field."),
            ),
            "Oldest first. No officer is named.",
        ),
        data=_SAID,
    ),
    "OwnOrganisation": an_object(
        "One's own organisation.",
        id=a_text("Stable id.", format="uuid"),
        territory=a_text("The competent Member State."),
        statement={"type": "integer", "minimum": 0, "description": "Number of the newest statement; 0: none yet."},
        data=_SAID,
        confirmation_due_at=nullable(a_moment("When the open confirmation is due.")),
        confirmation_state={
            "type": ["string", "null"],
            "description": "How it stands; null while none is open.",
            "enum": [*(str(each) for each in ConfirmationState), None],
        },
        confirmed_at=nullable(a_moment("When data were last confirmed.")),
    ),
    "MandateList": results_of("Mandate", "Mandates, newest first."),
    "Mandate": an_object(
        "One organisation lets another act for it.",
        id=a_text("Send it in the header `Mandate` to act under it.", format="uuid"),
        side=a_code("Which side the caller is.", ("principal", "agent")),
        principal=a_text("Who is acted for."),
        agent=nullable(a_text("Who acts; known once it accepted.")),
        agent_lei=a_text("Whom it was offered to."),
        agent_person=nullable(a_text("The one person at the agent who may use it.")),
        scopes=a_list(a_code("A scope.", tuple(mandates.scopes())), "What it covers."),
        state=a_code("How it stands now.", mandates.State),
        starts_at=a_moment("When it begins."),
        ends_at=a_moment("When it ends."),
        url=an_address("Address of this mandate."),
    ),
}
