"""Clusters and installations over HTTP: put up, read, change from a day on, retire."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from api import facility_bodies
from api.endpoint import Answer, Endpoint, expected_revision
from api.facilities import an_object
from api.filings import spoken
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.compute import facility_storing, installation_actions
from registry.compute.models import Cluster, Facility, Installation, Stage
from registry.errors import NotFound

P = Permission


class Clusters(Endpoint):
    """`/facilities/<facility>/clusters/`: the clusters of a facility; put one up."""

    permissions = {"GET": P.FACILITY_READ, "POST": P.FACILITY_STATE}

    def get(self, request: Request, facility: str) -> Response:
        """All clusters by name, ended ones too."""
        with self.reading(request) as actor:
            row = facility_storing.found(facility, actor)
            found = [facility_bodies.cluster(each, facility) for each in row.clusters.order_by("name")]
        return Response({"results": found})

    def post(self, request: Request, facility: str) -> Response:
        """Put up a cluster."""
        content, language = an_object(request.data), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = installation_actions.put_up_cluster(
                reference=facility, content=content, by=actor, at=self.now, language=language
            )
            return _clustered(made, facility, 201)

        return self.write(request, perform)


class OneCluster(Endpoint):
    """`/facilities/<facility>/clusters/<cluster>/`: one cluster."""

    permissions = {"GET": P.FACILITY_READ, "PUT": P.FACILITY_STATE}

    def get(self, request: Request, facility: str, cluster: UUID) -> Response:
        """The cluster; its revision is the `ETag`."""
        with self.reading(request) as actor:
            found = Cluster.objects.visible_to(actor).filter(facility__reference=facility, id=cluster).first()
            if found is None:
                raise NotFound
            answer = _clustered(found, facility, 200)
        return Response(answer.body, headers=dict(answer.headers))

    def put(self, request: Request, facility: str, cluster: UUID) -> Response:
        """State the cluster anew, as a whole; `until_on` ends it. Needs `If-Match`."""
        content, revision, language = an_object(request.data), expected_revision(request), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = installation_actions.change_cluster(
                reference=facility,
                cluster=cluster,
                content=content,
                revision=revision,
                by=actor,
                at=self.now,
                language=language,
            )
            return _clustered(made, facility, 200)

        return self.write(request, perform)


class Installations(Endpoint):
    """`/facilities/<facility>/installations/`: the accelerators of a facility over time; put up a lot."""

    permissions = {"GET": P.FACILITY_READ, "POST": P.FACILITY_STATE}
    parameters = ("on", "stage")

    def get(self, request: Request, facility: str) -> Response:
        """Every period of every lot in its order; with `on` those that held on that day."""
        language, on = spoken(request), self.query.day("on")
        stage = self.query.choice("stage", choices=Stage.values)
        with self.reading(request) as actor:
            row = facility_storing.found(facility, actor)
            chosen = Installation.objects.visible_to(actor).filter(facility=row)
            chosen = chosen.holding(on) if on else chosen
            chosen = chosen.filter(stage=stage) if stage else chosen
            found = [facility_bodies.installation(each, facility, language) for each in chosen]
        return Response({"results": found})

    def post(self, request: Request, facility: str) -> Response:
        """Put up a lot of accelerators, whatever its stage. `answers` is what the checks now say of the facility."""
        content, language = an_object(request.data), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = installation_actions.put_up(
                reference=facility, content=content, by=actor, at=self.now, language=language
            )
            return _installed(made, facility_storing.found(facility, actor), 201, language)

        return self.write(request, perform)


class OneInstallation(Endpoint):
    """`/facilities/<facility>/installations/<installation>/`: one period of a lot."""

    permissions = {"GET": P.FACILITY_READ}

    def get(self, request: Request, facility: str, installation: UUID) -> Response:
        """The installation; its revision is the `ETag`."""
        language = spoken(request)
        with self.reading(request) as actor:
            row = facility_storing.found(facility, actor)
            found = Installation.objects.visible_to(actor).filter(facility=row, id=installation).first()
            if found is None:
                raise NotFound
            answer = _installed(found, row, 200, language)
        return Response(answer.body, headers=dict(answer.headers))


class ChangeInstallation(Endpoint):
    """`/facilities/<facility>/installations/<installation>/change/`: what is otherwise about a lot."""

    permissions = {"POST": P.FACILITY_STATE}

    def post(self, request: Request, facility: str, installation: UUID) -> Response:
        """Say what is otherwise from a day on: number, stage, cluster, delivery; `retired` takes it out of use.

        201 with the new period. What was said for that day and later is struck. Needs `If-Match`.
        """
        content, revision, language = an_object(request.data), expected_revision(request), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = installation_actions.change(
                reference=facility,
                installation=installation,
                content=content,
                revision=revision,
                by=actor,
                at=self.now,
                language=language,
            )
            return _installed(made, facility_storing.found(facility, actor), 201, language)

        return self.write(request, perform)


def _clustered(row: Cluster, reference: str, status: int) -> Answer:
    body = facility_bodies.cluster(row, reference)
    return Answer(status, body, _headers(row.revision, body["url"], status))


def _installed(row: Installation, facility: Facility, status: int, language: str) -> Answer:
    body = facility_bodies.installation(row, facility.reference, language)
    body["answers"] = facility_bodies.answers(facility.answers, language)
    return Answer(status, body, _headers(row.revision, body["url"], status))


def _headers(revision: int, url: str, status: int) -> dict[str, str]:
    location = {"Location": url} if status == 201 else {}
    return {"ETag": f'"{revision}"', **location}
