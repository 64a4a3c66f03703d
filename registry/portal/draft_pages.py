"""Writing a filing, or a further version of it, by forms: begin, the task list, one topic a page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Conflict, DomainError, Invalid, NotFound, NotPossible, Obstacle, Stale
from registry.filings import actions, assessment, drafts
from registry.filings.actions import NewFiling
from registry.filings.assessment import Assessment
from registry.filings.drafts import Draft
from registry.filings.models import Kind
from registry.forms import characters
from registry.organisations.models import Organisation
from registry.portal import calculator, element_form, filing_form, labels
from registry.portal.filing_form import State
from registry.portal.page import PROVIDERS, Page, language, said
from registry.portal.presentation.drafts import Fault, TaskListPage, TopicGroup, TopicPage, TopicRow
from registry.portal.presentation.facilities import FacilityForm
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Link, Notice, Option, Tone
from registry.portal.presentation.onboarding import FieldGroup

P = Permission
REVISION: Final = "revision"
CLIENT_REFERENCE: Final = "/client_reference"
PREFIX: Final = "f"
REFUSED: Final = (Invalid, NotPossible, Stale, Conflict)
LONGEST_REFERENCE: Final = 100
_LONGEST_REVISION: Final = 9


class Start(Page):
    """Begin a draft: what no document can be without."""

    permission = P.FILING_DRAFT
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        return self._form({"/stage": "planned", "/filer/role": "model_provider", "/run/stage": "pre_training"})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the draft and go to its task list, or say what is wrong."""
        values = posted(request)
        content, _ = element_form.content_of(values, filing_form.form_of_start())
        try:
            _require_reference(values.get(CLIENT_REFERENCE, "").strip())
            with self.writing() as actor:
                named = values.get(CLIENT_REFERENCE, "").strip()
                item = NewFiling(self._document(content or {}, actor), client_reference=named, draft=True)
                outcome = actions.file([item], by=actor, at=self.now, language=language())[0]
                if outcome.refusal is not None:
                    raise outcome.refusal
        except REFUSED as refused:
            return self._form(values, refused)
        messages.success(request, gettext("The draft is kept. Fill in the topics in any order."))
        return redirect("workspace-filings-draft", reference=outcome.reference)

    def _document(self, content: Mapping[str, object], actor: Actor) -> dict[str, object]:
        """What was filled in, with what the register knows of the organisation."""
        own = Organisation.objects.visible_to(actor).filter(id=str(actor.organisation)).first()
        known = {"legal_name": own.legal_name, "seat_country": own.seat_country} if own else {}
        if own and own.lei:
            known["lei"] = own.lei
        stated = content.get("filer")
        filer = {**known, **(stated if isinstance(stated, dict) else {})}
        return {**content, "language": language(), "filer": filer}

    def _form(self, values: Mapping[str, str], refused: DomainError | None = None) -> HttpResponse:
        first, *others = element_form.groups(filing_form.form_of_start(), values, legend=gettext("The filing"))
        made = (replace(first, fields=(*first.fields, _own_reference(values))), *others)
        placed = element_form.placed(made, refused.obstacles if refused else (), {}, PREFIX)
        title = gettext("File a training run")
        told = gettext("First what every filing needs. The draft is then kept page by page, and nobody else reads it.")
        page = FacilityForm(
            heading=Heading(title, told, (*crumbs(), Crumb(title))),
            groups=placed.groups,
            action=self.request.get_full_path(),
            button=gettext("Begin the draft"),
            icon="file-plus",
            notices=(notice_of(refused, _told(placed)),) if refused else (),
            interface="/api/v1/filings/",
        )
        return self.shown("facilities/form.html", page)


class Amend(Page):
    """Begin a further version of a filing, from the newest."""

    permission = P.FILING_AMEND
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """What kind of version it is to be; where one is under way, its task list."""
        with self.reading() as actor:
            try:
                drafts.draft_of(reference, by=actor)
            except NotPossible:
                return self._form(reference)
        return self._onwards(reference)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Begin it and go to its task list."""
        kind = request.POST.get("kind", "")
        if kind not in [each.value for each in drafts.AMENDING]:
            raise Invalid(gettext("Choose what kind of version it is to be."))
        with self.writing() as actor:
            drafts.begin(reference=reference, kind=Kind(kind), by=actor, at=self.now)
        return self._onwards(reference)

    def _onwards(self, reference: str) -> HttpResponse:
        """To the topic that the address names, as a question about one of its fields does; else to the task list."""
        topic = self.request.GET.get("topic", "")
        if topic in filing_form.TOPICS:
            return redirect("workspace-filings-draft-topic", reference=reference, topic=topic)
        return redirect("workspace-filings-draft", reference=reference)

    def _form(self, reference: str) -> HttpResponse:
        title = gettext("Amend the filing")
        options = tuple(Option(each.value, labels.kind(each.value)) for each in drafts.AMENDING)
        told = gettext("An update while the run lasts, a completion after its end, or a correction of what was wrong.")
        field = Field("kind", gettext("Kind of version"), "select", "", options, help=told, required=True)
        page = FacilityForm(
            heading=Heading(
                title,
                gettext("The new version begins as a copy of the newest one. What you do not change stays."),
                (*crumbs(reference), Crumb(title)),
            ),
            groups=(FieldGroup("", (field,)),),
            action=self.request.get_full_path(),
            button=gettext("Begin the new version"),
            icon="pencil-simple",
            interface="/api/v1/filings/",
        )
        return self.shown("facilities/form.html", page)


class Tasks(Page):
    """The task list of what is being written."""

    permission = P.FILING_DRAFT
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Topics with how far each has come, and the compute so far."""
        with self.reading() as actor:
            draft = drafts.draft_of(reference, by=actor)
            assessed = drafts.examined(draft, by=actor, at=self.now, language=language())
        groups = tuple(
            TopicGroup(filing_form.group_title(name), tuple(_row(draft, topic, assessed) for topic in topics))
            for name, topics in filing_form.GROUPS.items()
        )
        states = [filing_form.state(draft.content, each, assessed.answers) for each in filing_form.TOPICS]
        asked = [each for each in states if each is not State.NOT_NEEDED]
        page = TaskListPage(
            heading=heading(draft, gettext("Task list")),
            groups=groups,
            progress=gettext("%(done)s of %(all)s topics complete")
            % {"done": asked.count(State.COMPLETE), "all": len(asked)},
            check=Link(
                gettext("Check your answers and submit"), reverse("workspace-filings-draft-check", args=[reference])
            ),
            calculator=calculator.of(assessed.estimates, on=self.now.date()),
            can_give_up=draft.kind is not Kind.NOTIFICATION,
            is_overtaken=draft.is_overtaken,
        )
        return self.shown("workspace/tasks.html", page)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Give an amendment up, or go on with it on top of what the filing has become."""
        with self.writing() as actor:
            if request.POST.get("do") == "rebase":
                drafts.rebase(reference=reference, by=actor, at=self.now)
                told = gettext("The new version now follows on what the filing has become.")
                back = "workspace-filings-draft"
            else:
                drafts.give_up(reference=reference, by=actor)
                told, back = gettext("The new version is given up; the filing stays as it is."), "workspace-filings-one"
        messages.success(request, told)
        return redirect(back, reference=reference)


class Topic(Page):
    """One topic of what is being written."""

    permission = P.FILING_DRAFT
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str, topic: str) -> HttpResponse:
        """What stands now; what the checks find wrong about a topic that was begun stands at its fields."""
        form = _known(topic)
        with self.reading() as actor:
            draft = drafts.draft_of(reference, by=actor)
            assessed = drafts.examined(draft, by=actor, at=self.now, language=language())
        values = element_form.values_of(form, filing_form.part_of(draft.content, filing_form.TOPICS[topic]))
        wrong = _wrong(draft, topic, assessed)
        return self._form(draft, topic, {**values, REVISION: str(draft.revision)}, wrong, {})

    def post(self, request: HttpRequest, reference: str, topic: str) -> HttpResponse:
        """Keep it and go on, or say what is wrong where it is wrong; what was filled in stays in the form."""
        form, values = _known(topic), posted(request)
        content, places = element_form.content_of(values, form)
        try:
            with self.writing() as actor:
                draft = drafts.draft_of(reference, by=actor)
                drafts.keep(
                    reference=reference,
                    content=filing_form.anew(draft.content, filing_form.TOPICS[topic], content or {}),
                    revision=number(values.get(REVISION, "")),
                    by=actor,
                    at=self.now,
                    language=language(),
                )
        except REFUSED as refused:
            return self._refused(reference, topic, values, places, refused)
        then = values.get("then", "")
        if then == "more":
            messages.success(request, gettext("Kept. There is room for more below."))
            return redirect("workspace-filings-draft-topic", reference=reference, topic=topic)
        messages.success(request, gettext("Kept: %(topic)s") % {"topic": filing_form.title(topic)})
        following = filing_form.following(topic)
        if then == "next" and following:
            return redirect("workspace-filings-draft-topic", reference=reference, topic=following)
        return redirect("workspace-filings-draft", reference=reference)

    def _refused(
        self, reference: str, topic: str, values: dict[str, str], places: Mapping[str, str], refused: DomainError
    ) -> HttpResponse:
        with self.reading() as actor:
            draft = drafts.draft_of(reference, by=actor)
        why: tuple[str, ...] = said(refused)[:1]
        if isinstance(refused, Stale):
            why = (
                gettext("Somebody kept this draft since you opened the page; nothing of yours is lost."),
                gettext("Your answers are below. Keep them to put them in place of what stands now."),
            )
            values[REVISION] = str(draft.revision)
        return self._form(draft, topic, values, refused.obstacles, places, why)

    def _form(
        self,
        draft: Draft,
        topic: str,
        values: Mapping[str, str],
        obstacles: Sequence[Obstacle],
        places: Mapping[str, str],
        why: Sequence[str] = (),
    ) -> HttpResponse:
        made = element_form.groups(_known(topic), values, legend=filing_form.title(topic))
        placed = element_form.placed(made, obstacles, places, PREFIX)
        back = reverse("workspace-filings-draft", args=[draft.filing.reference])
        notices = [Notice("error", " ".join(why), gettext("Not kept yet"), _told(placed))] if why else []
        page = TopicPage(
            heading=heading(draft, filing_form.title(topic)),
            groups=placed.groups,
            hidden=(Field(REVISION, "", "hidden", values.get(REVISION, "")),),
            action=self.request.get_full_path(),
            back=Link(gettext("Task list"), back),
            has_lists=any(field.name.endswith(f"/{element_form.OUT}") for g in made for field in g.fields)
            or any(each.kind in {"objects", "codes"} for each in _beneath(_known(topic))),
            has_next=bool(filing_form.following(topic)),
            faults=tuple(Fault(f"#{at}", label, sentence) for at, label, sentence in placed.faults),
            notices=tuple(notices),
        )
        return self.shown("workspace/topic.html", page)


def _own_reference(values: Mapping[str, str]) -> Field:
    told = gettext("How you call this filing; you find it again by this. It cannot be changed later.")
    value = values.get(CLIENT_REFERENCE, "")
    return Field(CLIENT_REFERENCE, gettext("Your own reference"), value=value, help=told, limit=LONGEST_REFERENCE)


def _require_reference(named: str) -> None:
    """Raise `Invalid` for an own reference that cannot be one; the empty one stands for none."""
    if named and characters.refusal(named, longest=LONGEST_REFERENCE):
        told = gettext("Your own reference has 100 printable characters at most.")
        raise Invalid(told, obstacles=[Obstacle("validation", CLIENT_REFERENCE, told, "")])


def posted(request: HttpRequest) -> dict[str, str]:
    """The fields of a form."""
    return {name: str(value) for name, value in request.POST.items()}


def number(text: str) -> int:
    """A revision that a form carried; -1 for anything else, which is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_REVISION else -1


def crumbs(reference: str = "") -> tuple[Crumb, ...]:
    """The way to a filing, or to the list of them."""
    own = Crumb(gettext("My filings"), reverse("workspace"))
    return (own, Crumb(reference, reverse("workspace-filings-one", args=[reference]))) if reference else (own,)


def heading(draft: Draft, title: str) -> Heading:
    """The head of a page about what is being written."""
    reference = draft.filing.reference
    tasks = Crumb(gettext("Task list"), reverse("workspace-filings-draft", args=[reference]))
    way = crumbs(reference) if title == tasks.text else (*crumbs(reference), tasks)
    run = draft.content["run"]["client_run_id"]
    told = gettext("%(kind)s, training run %(run)s") % {"kind": labels.kind(draft.kind.value), "run": run}
    return Heading(title, told, (*way, Crumb(title)))


def notice_of(refused: DomainError, elsewhere: Sequence[str]) -> Notice:
    """What was refused, and what of it has no field."""
    return Notice("error", " ".join(said(refused)[:2]), gettext("Not kept yet"), tuple(elsewhere))


def _told(placed: element_form.Placed) -> tuple[str, ...]:
    """What is wrong that no field shows, each sentence once."""
    return tuple(dict.fromkeys(sentence for _, sentence in placed.elsewhere))


def state_label(state: State) -> Label:
    """How far a topic has come, as a word with its icon."""
    return {
        State.NOT_NEEDED: Label(gettext("Only if it applies"), Tone.PLAIN, "info"),
        State.NOT_STARTED: Label(gettext("Not started"), Tone.PLAIN, "clock"),
        State.IN_PROGRESS: Label(gettext("In progress"), Tone.WAITING, "pencil-simple"),
        State.HAS_ERRORS: Label(gettext("Has errors"), Tone.ALERT, "warning-octagon"),
        State.COMPLETE: Label(gettext("Filled in"), Tone.DONE, "check-circle"),
    }[state]


def _row(draft: Draft, topic: str, assessed: Assessment) -> TopicRow:
    of_topic = [each for each in assessed.answers if filing_form.topic_of(each.pointer) == topic]
    lacking = sum(each.severity == "error" and filing_form.is_lack(each) for each in of_topic)
    wrong = sum(each.severity == "error" and not filing_form.is_lack(each) for each in of_topic)
    warned = sum(each.severity == "warning" for each in of_topic)
    counted = (
        (wrong, gettext("errors: %(count)s")),
        (lacking, gettext("missing: %(count)s")),
        (warned, gettext("warnings: %(count)s")),
    )
    return TopicRow(
        filing_form.title(topic),
        reverse("workspace-filings-draft-topic", args=[draft.filing.reference, topic]),
        state_label(filing_form.state(draft.content, topic, assessed.answers)),
        ", ".join(text % {"count": count} for count, text in counted if count),
    )


def _wrong(draft: Draft, topic: str, assessed: Assessment) -> tuple[Obstacle, ...]:
    """The errors of a topic that was begun; an empty one is no wrong one."""
    if not filing_form.is_begun(draft.content, topic):
        return ()
    found = tuple(
        each for each in assessed.answers if each.severity == "error" and filing_form.topic_of(each.pointer) == topic
    )
    return assessment.obstacles(found, language=language())


def _known(topic: str) -> element_form.Member:
    if topic not in filing_form.TOPICS:
        raise NotFound
    return filing_form.form_of(topic)


def _beneath(member: element_form.Member) -> list[element_form.Member]:
    return [each for inner in member.inner for each in (inner, *_beneath(inner))]
