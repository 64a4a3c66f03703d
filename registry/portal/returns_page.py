"""Returns: a provider's own by month, with what it sent and what became of it; and those of a territory."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor, acting_as
from registry.compute import record_actions, return_actions, return_lists, verdicts
from registry.compute.models import Atomicity, Format, Return, ReturnState, Upload
from registry.errors import Conflict, Invalid, NotPossible, Stale
from registry.organisations.models import Organisation
from registry.oversight import export_rules, looks
from registry.oversight.models import LookKind
from registry.portal import purpose, return_view, table_file
from registry.portal.page import PROVIDERS, REGULATORS, Page, language, said
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Fact, Heading, Link, Notice
from registry.portal.presentation.returns import MonthRow, ReturnPage, ReturnsPage, VerdictsPage

MONTHS_SHOWN = 12
VERDICTS_SHOWN = 50
P = Permission


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    return (
        Crumb(gettext("My filings"), reverse("workspace")),
        Crumb(gettext("Returns"), reverse("workspace-returns")),
        *more,
    )


def _of_month(text: str) -> date | None:
    year, _, month = text.partition("-")
    is_month = year.isdecimal() and month.isdecimal() and len(text) == len("2026-10") and 1 <= int(month) <= 12
    return date(int(year), int(month), 1) if is_month and int(year) else None


class OwnReturns(Page):
    """The months, and the return of each."""

    permission = P.RETURN_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The last twelve months, newest first."""
        return self._listed(())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open the return of a month, or report that nobody used accelerators in it."""
        self.actor.require("return_file")
        month = _of_month(request.POST.get("month", ""))
        try:
            if month is None:
                raise Invalid("Returns are for months from {first} to the present one.", first="2025-08")
            with self.writing() as actor:
                if request.POST.get("none"):
                    row = return_actions.report_none(month=month, by=actor, at=self.now).monthly_return
                else:
                    row = return_actions.open_return(month=month, by=actor, at=self.now)
        except (Conflict, Invalid) as refused:
            return self._listed(said(refused))
        messages.success(
            request, gettext("The return is open.") if not row.is_none else gettext("The return is submitted.")
        )
        return redirect("workspace-returns-one", monthly_return=row.reference)

    def _listed(self, why: tuple[str, ...]) -> HttpResponse:
        may_file = P.RETURN_FILE in self.actor.permissions
        last = return_actions.month_today(self.now)
        months = return_lists.months_until(last, count=MONTHS_SHOWN)
        with self.reading() as actor:
            provider = Organisation.objects.visible_to(actor).filter(is_compute_provider=True).exists()
            known = {row.month: row for row in Return.objects.visible_to(actor).filter(month__in=months)}
        shown = [month for month in months if month in known or month >= return_actions.FIRST_MONTH]
        rows = tuple(_month(month, known.get(month), can_open=may_file and provider) for month in shown)
        heading = Heading(
            gettext("Returns"),
            gettext("Who used your accelerators, month by month: one record for each customer, facility and period."),
            (*_crumbs()[:-1], Crumb(gettext("Returns"))),
        )
        notices = (Notice("error", " ".join(why), gettext("Not done")),) if why else ()
        return self.shown("returns/list.html", ReturnsPage(heading, rows, notices=notices))


class OwnReturn(Page):
    """One return: what was sent, what it holds, and what can be done."""

    permission = P.RETURN_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, monthly_return: str) -> HttpResponse:
        """The page."""
        return self._page(request, monthly_return, ())

    def post(self, request: HttpRequest, monthly_return: str) -> HttpResponse:
        """Send a file, submit, or open again."""
        self.actor.require("return_file")
        form, revision = request.POST, request.POST.get("revision", "")
        number = int(revision) if revision.isdecimal() and len(revision) < len("1000000000") else -1
        at, reference = self.now, monthly_return
        try:
            with self.writing() as actor:
                if form.get("do") == "submit":
                    return_actions.submit(
                        reference=reference, revision=number, is_none=bool(form.get("none")), by=actor, at=at
                    )
                    told = gettext("The return is submitted.")
                elif form.get("do") == "reopen":
                    return_actions.reopen(reference=reference, revision=number, by=actor, at=at)
                    told = gettext("The return is open again.")
                else:
                    _receive(request, reference, by=actor, page=self)
                    told = gettext("The file has arrived. Its lines are checked now.")
        except (Invalid, Stale, Conflict, NotPossible) as refused:
            return self._page(request, monthly_return, said(refused))
        messages.success(request, told)
        return redirect("workspace-returns-one", monthly_return=monthly_return)

    def _page(self, request: HttpRequest, reference: str, why: tuple[str, ...]) -> HttpResponse:
        may_file = P.RETURN_FILE in self.actor.permissions
        with self.reading() as actor:
            row = return_lists.found(reference, actor)
            uploads = list(Upload.objects.visible_to(actor).filter(monthly_return=row).order_by("-number")[:20])
            page = _whole(request, row, actor, uploads=uploads, one="workspace-returns-record", may_file=may_file)
        return self.shown("returns/one.html", _with_notices(page, why))


class UploadVerdicts(Page):
    """What became of each line of an upload."""

    permission = P.RETURN_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, monthly_return: str, number: int) -> HttpResponse | StreamingHttpResponse:
        """Some lines at a time, or all as a table."""
        chosen = request.GET.get("outcome", "")
        outcome = chosen if chosen in verdicts.OUTCOMES else ""
        after = request.GET.get("after", "")
        behind = int(after) if after.isdecimal() and len(after) < len("10000000") else 0
        with self.reading() as actor:
            row = return_lists.found(monthly_return, actor)
            upload = return_lists.upload_of(row, number, actor)
            if form := table_file.form_of(request.GET.get("format", "")):
                return _file(upload, actor, form=form)
            found = list(
                islice(verdicts.of(upload, language=language(), outcome=outcome, after=behind), VERDICTS_SHOWN + 1)
            )
        title = gettext("Upload %(number)s") % {"number": number}
        heading = Heading(
            title,
            row.reference,
            _crumbs(Crumb(f"{row.month:%Y-%m}", reverse("workspace-returns-one", args=[row.reference])), Crumb(title)),
            return_view.upload_state(upload),
        )
        each = ((f"?outcome={code}", return_view.outcome(code).text, code == outcome) for code in verdicts.OUTCOMES)
        outcomes = (("", gettext("All"), not outcome), *each)
        more = f"?outcome={outcome}&after={found[VERDICTS_SHOWN - 1]['line']}" if len(found) > VERDICTS_SHOWN else ""
        page = VerdictsPage(
            heading,
            return_view.upload(upload, row),
            tuple(map(return_view.verdict_row, found[:VERDICTS_SHOWN])),
            outcomes,
            files=tuple(Link(form.upper(), f"?format={form}", icon) for form, icon in table_file.FORMS.items()),
            next_href=more,
        )
        return self.shown("returns/upload.html", page)


class Returns(Page):
    """The returns of the authority's territory that were submitted."""

    permission = P.RETURN_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, once a purpose is stated: it names providers."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        with self.writing() as actor:
            seen = Return.objects.visible_to(actor).select_related("organisation").order_by("-month", "reference")
            shown = part(request, seen)
            looks.note_returns(list(shown.rows), kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
            rows = tuple(_month(row.month, row, one="oversight-returns-one") for row in shown.rows)
        heading = Heading(
            gettext("Returns"),
            gettext("What compute providers in your territory reported, month by month."),
            (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Returns"))),
        )
        return self.shown("returns/list.html", ReturnsPage(heading, rows, has_provider=True, pager=shown.pager))


class OneReturn(Page):
    """One return, for its authority: identities, so behind a stated purpose."""

    permission = P.RETURN_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, monthly_return: str) -> HttpResponse:
        """The page, once a purpose is stated."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        with self.writing() as actor:
            row = return_lists.found(monthly_return, actor)
            looks.note_returns([row], kind=LookKind.OPENED, purpose=why, by=actor, at=self.now)
            page = _whole(request, row, actor, uploads=[], one="oversight-returns-record", may_file=False)
        return self.shown("returns/one.html", page)


def _receive(request: HttpRequest, reference: str, *, by: Actor, page: Page) -> None:
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid("The body has no line.", remedy="Send one record a line, or submit the return with “none”.")
    written = Format.CSV if request.POST.get("format") == Format.CSV else Format.NDJSON
    atomicity = Atomicity.ALL if request.POST.get("atomicity") == Atomicity.ALL else Atomicity.EACH
    body = record_actions.body_of(sent.file, written=written)  # type: ignore[arg-type]
    record_actions.receive(reference=reference, body=body, atomicity=atomicity, by=by, at=page.now)


def _month(month: date, row: Return | None, *, can_open: bool = False, one: str = "workspace-returns-one") -> MonthRow:
    title = f"{month:%Y-%m}"
    if row is None:
        return MonthRow(title, title, return_view.missing(), "–", "–", can_open=can_open)
    told = "–" if not row.version else gettext("none") if row.is_none else words.count(row.records)
    return MonthRow(
        title,
        title,
        return_view.state(row),
        told,
        words.count(int(row.accelerator_hours)) if row.version else "–",
        reverse(one, args=[row.reference]),
        row.reference,
        row.organisation.legal_name if one != "workspace-returns-one" else "",
    )


def _whole(
    request: HttpRequest, row: Return, actor: Actor, *, uploads: list[Upload], one: str, may_file: bool
) -> ReturnPage:
    is_own = one == "workspace-returns-record"
    chosen = return_lists.records_of(row, actor)
    shown = part(request, (chosen.current() if is_own else chosen.standing()).order_by("id"))
    for upload in uploads:
        upload.monthly_return = row
    is_busy = any(upload.is_under_way for upload in uploads)
    crumbs = _crumbs(Crumb(f"{row.month:%Y-%m}"))
    if not is_own:
        crumbs = (
            Crumb(gettext("Oversight"), reverse("overview")),
            Crumb(gettext("Returns"), reverse("oversight-returns")),
            Crumb(f"{row.month:%Y-%m}"),
        )
    title = gettext("Return for %(month)s") % {"month": f"{row.month:%Y-%m}"}
    can_write = may_file and row.is_writable and not is_busy
    return ReturnPage(
        Heading(title, row.reference, crumbs, return_view.state(row)),
        _facts(row),
        tuple(return_view.upload(upload, row) for upload in uploads),
        tuple(
            return_view.record_row(each, href=reverse(one, args=[row.reference, each.line_id])) for each in shown.rows
        ),
        is_own=is_own,
        can_write=can_write,
        can_submit=can_write,
        can_reopen=may_file and row.state == ReturnState.SUBMITTED,
        revision=row.revision,
        refresh=is_busy,
        pager=shown.pager,
    )


def _facts(row: Return) -> tuple[Fact, ...]:
    told = gettext("none: nobody used accelerators") if row.is_none else words.count(row.records)
    return (
        Fact(gettext("Versions submitted"), words.count(row.version)),
        Fact(gettext("Records in the newest version"), told if row.version else "–"),
        Fact(gettext("Accelerator-hours"), words.count(int(row.accelerator_hours)) if row.version else "–"),
        Fact(gettext("Opened"), words.moment(row.opened_at)),
        Fact(gettext("Submitted"), words.moment(row.submitted_at) if row.submitted_at else "–"),
    )


def _with_notices(page: ReturnPage, why: tuple[str, ...]) -> ReturnPage:
    notices = (Notice("error", " ".join(why[:2]), gettext("Not done"), why[2:]),) if why else ()
    return ReturnPage(**{**vars(page), "notices": notices})


def _file(upload: Upload, actor: Actor, *, form: export_rules.Format) -> StreamingHttpResponse:
    head = ("line", "line_id", "outcome", "code", "severity", "pointer", "sentence", "remedy")
    spoken = language()

    def rows() -> Iterator[Sequence[object]]:
        number = 0
        while True:
            with acting_as(actor, read_only=True):
                found = verdicts.next_part(upload, behind=number)
            if found is None:
                return
            number = found.number
            for verdict in verdicts.of(upload, language=spoken, part=found):
                for answer in verdict["answers"] or [dict.fromkeys(head[3:])]:
                    told = (answer[name] for name in head[3:])
                    yield (verdict["line"], verdict["line_id"], verdict["outcome"], *told)

    name = f"{upload.monthly_return.reference}-{upload.number}-verdicts"
    return table_file.answer(name, head, rows(), form=form)
