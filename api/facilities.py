"""Facilities over HTTP: register, read, amend; their yearly reports; everything that was ever said of them."""

from collections.abc import Mapping
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api import facility_bodies, tables
from api.endpoint import READS, Answer, Endpoint, expected_revision
from api.filings import spoken
from api.pagination import page
from api.problems import refusal
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.compute import facility, facility_actions, facility_checks, facility_storing
from registry.compute.models import Facility, FacilityKind, FacilityReport
from registry.errors import NotFound, Obstacle
from registry.organisations.identifiers import COUNTRIES

P = Permission
FILTERS = ("client_reference", "country", "facility_kind", "size_class")
TABLE = (
    "reference", "client_reference", "name", "operator_name", "kind", "country", "territory", "operating_from",
    "closed_on", "it_power_kw", "size_class", "must_report", "registered_at", "changed_at", "url",
)  # fmt: skip
SIZE_CLASSES = tuple(name for name, _, _ in facility.SIZE_CLASSES)


def an_object(value: object) -> Mapping[str, Any]:
    """The body, if it is an object; else 422."""
    if not isinstance(value, Mapping):
        raise refusal([Obstacle("not-an-object", "", "")])
    return value


class Facilities(Endpoint):
    """`/facilities/`: the data centres that the organisation operates, newest first; register one."""

    permissions = {"GET": P.FACILITY_READ, "POST": P.FACILITY_STATE}
    parameters = ("limit", "cursor", *FILTERS)
    renderer_classes = tables.OFFERED
    content_negotiation_class = tables.ByQuality

    def get_renderers(self) -> list[BaseRenderer]:
        """A table is what a list can be; what is registered is answered as JSON."""
        known = super().get_renderers()
        return known if self.request.method in READS else known[:1]

    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """A page of facilities. Follow `next` until it is null. `Accept: text/csv` gives the same page as a table."""
        with self.reading(request) as actor:
            chosen = Facility.objects.visible_to(actor)
            if client_reference := self.query.text("client_reference"):
                chosen = chosen.filter(client_reference=client_reference)
            for name, column, choices in (
                ("country", "country", sorted(COUNTRIES)),
                ("facility_kind", "kind", FacilityKind.values),
                ("size_class", "size_class", SIZE_CLASSES),
            ):
                if value := self.query.choice(name, choices=choices):
                    chosen = chosen.filter(**{column: value})
            shown = page(
                chosen,
                query=self.query,
                moment="registered_at",
                endpoint="facilities",
                organisation=actor.organisation,
            )
            results = [facility_bodies.summary(row) for row in shown.rows]
        if tables.is_wanted(request):
            return tables.streamed(TABLE, (tables.line(each, TABLE) for each in results), name="facilities.csv")
        return Response({"results": results, "next": shown.next})

    def post(self, request: Request) -> Response:
        """Register a facility. Errors block; what else the checks say is told in `answers` and kept."""
        content, language = an_object(request.data), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = facility_actions.register(
                content=content, by=actor, at=self.now, language=language, dry_run=self.query.flag("dry_run")
            )
            return _answered(made, 201, language)

        return self.write(request, perform)


class OneFacility(Endpoint):
    """`/facilities/<facility>/`: one facility."""

    permissions = {"GET": P.FACILITY_READ, "PUT": P.FACILITY_STATE}

    def get(self, request: Request, facility: str) -> Response:
        """The facility; its revision is the `ETag`. It grows also with what stands there."""
        language = spoken(request)
        with self.reading(request) as actor:
            answer = _answered(facility_storing.found(facility, actor), 200, language)
        return Response(answer.body, headers=dict(answer.headers))

    def put(self, request: Request, facility: str) -> Response:
        """State the facility anew, as a whole. Needs `If-Match`. Its country stays."""
        content, revision, language = an_object(request.data), expected_revision(request), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = facility_actions.amend(
                reference=facility, content=content, revision=revision, by=actor, at=self.now, language=language
            )
            return _answered(made, 200, language)

        return self.write(request, perform)


class FacilityActs(Endpoint):
    """`/facilities/<facility>/acts/`: everything that was said of the facility and what stands there."""

    permissions = {"GET": P.FACILITY_READ}

    def get(self, request: Request, facility: str) -> Response:
        """All acts, oldest first, each with its entry in the ledger and the opening of the commitment."""
        language = spoken(request)
        with self.reading(request) as actor:
            row = facility_storing.found(facility, actor)
            body = {"results": [facility_bodies.act(each, language) for each in row.acts.order_by("number")]}
        return Response(body)


class FacilityReports(Endpoint):
    """`/facilities/<facility>/reports/`: the years that were reported; report one."""

    permissions = {"GET": P.FACILITY_READ, "POST": P.FACILITY_STATE}

    def get(self, request: Request, facility: str) -> Response:
        """Every version of every year, newest first; of a year the highest version counts."""
        language = spoken(request)
        with self.reading(request) as actor:
            row = facility_storing.found(facility, actor)
            found = row.reports.select_related("facility").order_by("-year", "-number")
            body = {"results": [facility_bodies.report(each, language) for each in found]}
        return Response(body)

    def post(self, request: Request, facility: str) -> Response:
        """Report a calendar year, by 15 May of the next (Delegated Regulation (EU) 2024/1364 Art. 3(1))."""
        content, language = an_object(request.data), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = facility_actions.report(
                reference=facility, content=content, by=actor, at=self.now, language=language
            )
            return _reported(made, facility, 201, language, actor)

        return self.write(request, perform)


class OneReport(Endpoint):
    """`/facilities/<facility>/reports/<year>/`: what was reported of one year."""

    permissions = {"GET": P.FACILITY_READ, "PUT": P.FACILITY_STATE}

    def get(self, request: Request, facility: str, year: int) -> Response:
        """The newest version; its number is the `ETag`."""
        language = spoken(request)
        with self.reading(request) as actor:
            row = facility_storing.found(facility, actor)
            newest = row.reports.select_related("facility").filter(year=year).order_by("-number").first()
            if newest is None:
                raise NotFound
            body = facility_bodies.report(newest, language)
        return Response(body, headers={"ETag": f'"{newest.number}"'})

    def put(self, request: Request, facility: str, year: int) -> Response:
        """Report the year anew, as a whole: a further version. Needs `If-Match`."""
        content, number, language = an_object(request.data), expected_revision(request), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = facility_actions.amend_report(
                reference=facility,
                year=year,
                content=content,
                number=number,
                by=actor,
                at=self.now,
                language=language,
            )
            return _reported(made, facility, 200, language, actor)

        return self.write(request, perform)


class FacilityChecks(Endpoint):
    """`/checks/facilities/`: the catalogue of checks of facilities and yearly reports, versioned."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """Every check with its sentence in the reader's language."""
        language = spoken(request)
        found = [
            {
                "code": check.code,
                "about": check.of,
                "severity": check.severity,
                "sentence": check.texts[language]["sentence"],
                "remedy": check.texts[language]["remedy"],
                "source": check.source,
                "valid_from": check.valid_from.isoformat(),
            }
            for check in facility_checks.checks()
        ]
        return Response({"rule_set": facility_checks.rule_set(), "results": found})


def _answered(row: Facility, status: int, language: str) -> Answer:
    headers = {"ETag": f'"{row.revision}"'}
    if status == 201:
        headers["Location"] = facility_bodies.address(row)
    return Answer(status, facility_bodies.whole(row, language), headers)


def _reported(made: FacilityReport, reference: str, status: int, language: str, actor: Actor) -> Answer:
    made.facility = facility_storing.found(reference, actor)
    body = facility_bodies.report(made, language)
    headers = {"ETag": f'"{made.number}"'}
    if status == 201:
        headers["Location"] = body["url"]
    return Answer(status, body, headers)
