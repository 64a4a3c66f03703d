"""The whole map of the REST edge, mounted at /api/v1/."""

from django.urls import path, re_path, register_converter
from django.urls.converters import IntConverter, StringConverter

from api import (
    access,
    applications,
    batch,
    changes,
    clients,
    differences,
    duties,
    facilities,
    filings,
    installations,
    log,
    mandates,
    mismatches,
    organisation,
    organisation_duties,
    ownership,
    receipt_keys,
    records,
    reference,
    returns,
    schema,
    statistics,
    token,
    webhooks,
)


class DutyConverter(StringConverter):
    """The code of a duty in a path."""

    regex = "[a-z_]{1,32}"


class MismatchConverter(StringConverter):
    """The reference of a mismatch in a path."""

    regex = "MISMATCH-[0-9a-f]{12}"


class NumberConverter(IntConverter):
    """A version number in a path: ASCII digits, no leading zero."""

    regex = "[1-9][0-9]{0,5}"


class YearConverter(IntConverter):
    """A calendar year in a path."""

    regex = "20[0-9]{2}"


register_converter(DutyConverter, "duty")
register_converter(MismatchConverter, "mismatch")
register_converter(NumberConverter, "number")
register_converter(applications.SecretInPath, "link")
register_converter(YearConverter, "year")

urlpatterns = [
    # /api/v1/oauth/
    path("oauth/token/", token.Token.as_view(), name="token"),
    # /api/v1/filings/
    path("filings/", filings.Filings.as_view(), name="filings"),
    path("filings/batch/", batch.Batch.as_view(), name="filings-batch"),
    path("filings/<reference:reference>/", filings.OneFiling.as_view(), name="filings-one"),
    path("filings/<reference:reference>/draft/", filings.Draft.as_view(), name="filings-draft"),
    path("filings/<reference:reference>/submit/", filings.Submit.as_view(), name="filings-submit"),
    path("filings/<reference:reference>/withdraw/", filings.Withdraw.as_view(), name="filings-withdraw"),
    path("filings/<reference:reference>/answer/", filings.AnswerQuestion.as_view(), name="filings-answer"),
    path("filings/<reference:reference>/versions/", filings.Versions.as_view(), name="filings-versions"),
    path(
        "filings/<reference:reference>/versions/<number:number>/",
        filings.OneVersion.as_view(),
        name="filings-versions-one",
    ),
    path(
        "filings/<reference:reference>/versions/<number:number>/difference/",
        differences.VersionDifference.as_view(),
        name="filings-versions-difference",
    ),
    path(
        "filings/<reference:reference>/versions/<number:number>/answers/",
        filings.VersionAnswers.as_view(),
        name="filings-versions-answers",
    ),
    path(
        "filings/<reference:reference>/versions/<number:number>/receipt/",
        filings.VersionReceipt.as_view(),
        name="filings-versions-receipt",
    ),
    path("filings/<reference:reference>/systemic-risk/", duties.SystemicRisk.as_view(), name="filings-systemic-risk"),
    path("filings/<reference:reference>/reassessment/", duties.Reassessment.as_view(), name="filings-reassessment"),
    path("filings/<reference:reference>/duties/", duties.FilingDuties.as_view(), name="filings-duties"),
    path(
        "filings/<reference:reference>/duties/<duty:duty_code>/extension/",
        duties.Extension.as_view(),
        name="filings-duties-extension",
    ),
    path(
        "filings/<reference:reference>/duties/<duty:duty_code>/excuse/",
        duties.Excuse.as_view(),
        name="filings-duties-excuse",
    ),
    path(
        "filings/<reference:reference>/duties/<duty:duty_code>/report/",
        duties.Report.as_view(),
        name="filings-duties-report",
    ),
    # /api/v1/mismatches/
    path("mismatches/", mismatches.Mismatches.as_view(), name="mismatches"),
    path("mismatches/<mismatch:mismatch>/", mismatches.OneMismatch.as_view(), name="mismatches-one"),
    path("mismatches/<mismatch:mismatch>/answer/", mismatches.AnswerMismatch.as_view(), name="mismatches-answer"),
    # /api/v1/duties/
    path("duties/", duties.Duties.as_view(), name="duties"),
    path("duties/calendar.ics", duties.Calendar.as_view(), name="duties-calendar"),
    # /api/v1/organisation/duties/
    path("organisation/duties/", organisation_duties.OrganisationDuties.as_view(), name="organisation-duties"),
    path(
        "organisation/duties/<duty:own_duty_code>/extension/",
        organisation_duties.OrganisationExtension.as_view(),
        name="organisation-duties-extension",
    ),
    path(
        "organisation/duties/<duty:own_duty_code>/excuse/",
        organisation_duties.OrganisationExcuse.as_view(),
        name="organisation-duties-excuse",
    ),
    # /api/v1/facilities/
    path("facilities/", facilities.Facilities.as_view(), name="facilities"),
    path("facilities/<facility:facility>/", facilities.OneFacility.as_view(), name="facilities-one"),
    path("facilities/<facility:facility>/acts/", facilities.FacilityActs.as_view(), name="facilities-acts"),
    path("facilities/<facility:facility>/reports/", facilities.FacilityReports.as_view(), name="facilities-reports"),
    path(
        "facilities/<facility:facility>/reports/<year:year>/",
        facilities.OneReport.as_view(),
        name="facilities-reports-one",
    ),
    path("facilities/<facility:facility>/clusters/", installations.Clusters.as_view(), name="facilities-clusters"),
    path(
        "facilities/<facility:facility>/clusters/<uuid:cluster>/",
        installations.OneCluster.as_view(),
        name="facilities-clusters-one",
    ),
    path(
        "facilities/<facility:facility>/installations/",
        installations.Installations.as_view(),
        name="facilities-installations",
    ),
    path(
        "facilities/<facility:facility>/installations/<uuid:installation>/",
        installations.OneInstallation.as_view(),
        name="facilities-installations-one",
    ),
    path(
        "facilities/<facility:facility>/installations/<uuid:installation>/change/",
        installations.ChangeInstallation.as_view(),
        name="facilities-installations-change",
    ),
    # /api/v1/organisation/ownership/
    path("organisation/ownership/", ownership.Ownership.as_view(), name="ownership"),
    path("organisation/ownership/statements/", ownership.OwnershipStatements.as_view(), name="ownership-statements"),
    # /api/v1/applications/, /api/v1/organisation/, /api/v1/mandates/
    path("applications/", organisation.Applications.as_view(), name="applications"),
    path("organisation/", organisation.OneOrganisation.as_view(), name="organisation"),
    path("organisation/confirm/", organisation.Confirm.as_view(), name="organisation-confirm"),
    path("applications/<link:secret>/", applications.OneApplication.as_view(), name="applications-one"),
    path(
        "applications/<link:secret>/confirmation/",
        applications.Confirmation.as_view(),
        name="applications-confirmation",
    ),
    path("applications/<link:secret>/answer/", applications.Reply.as_view(), name="applications-answer"),
    path("applications/<link:secret>/withdrawal/", applications.Withdrawal.as_view(), name="applications-withdrawal"),
    path("mandates/", mandates.Mandates.as_view(), name="mandates"),
    path("mandates/<uuid:mandate>/", mandates.OneMandate.as_view(), name="mandates-one"),
    path("mandates/<uuid:mandate>/accept/", mandates.Accept.as_view(), name="mandates-accept"),
    path("mandates/<uuid:mandate>/decline/", mandates.Decline.as_view(), name="mandates-decline"),
    path("mandates/<uuid:mandate>/revoke/", mandates.Revoke.as_view(), name="mandates-revoke"),
    # /api/v1/returns/
    path("returns/", returns.Returns.as_view(), name="returns"),
    path("returns/<return:monthly_return>/", returns.OneReturn.as_view(), name="returns-one"),
    path("returns/<return:monthly_return>/submit/", returns.Submit.as_view(), name="returns-submit"),
    path("returns/<return:monthly_return>/reopen/", returns.Reopen.as_view(), name="returns-reopen"),
    path("returns/<return:monthly_return>/versions/", returns.ReturnVersions.as_view(), name="returns-versions"),
    path(
        "returns/<return:monthly_return>/versions/<number:number>/receipt/",
        returns.ReturnReceipt.as_view(),
        name="returns-versions-receipt",
    ),
    path("returns/<return:monthly_return>/records/", records.Records.as_view(), name="returns-records"),
    path(
        "returns/<return:monthly_return>/records/<line:line_id>/",
        records.OneRecord.as_view(),
        name="returns-records-one",
    ),
    path("returns/<return:monthly_return>/uploads/", records.Uploads.as_view(), name="returns-uploads"),
    path(
        "returns/<return:monthly_return>/uploads/<number:number>/",
        records.OneUpload.as_view(),
        name="returns-uploads-one",
    ),
    path(
        "returns/<return:monthly_return>/uploads/<number:number>/verdicts/",
        records.Verdicts.as_view(),
        name="returns-uploads-verdicts",
    ),
    # /api/v1/clients/
    path("clients/", clients.Clients.as_view(), name="clients"),
    path("clients/<slug:client>/calls/", clients.ClientCalls.as_view(), name="clients-calls"),
    # /api/v1/webhooks/
    path("webhooks/", webhooks.Webhooks.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook>/", webhooks.OneWebhook.as_view(), name="webhooks-one"),
    path("webhooks/<uuid:webhook>/rotate/", webhooks.Rotate.as_view(), name="webhooks-rotate"),
    path("webhooks/<uuid:webhook>/test/", webhooks.SendTest.as_view(), name="webhooks-test"),
    path("webhooks/<uuid:webhook>/deliveries/", webhooks.Deliveries.as_view(), name="webhooks-deliveries"),
    path(
        "webhooks/<uuid:webhook>/deliveries/<uuid:delivery>/",
        webhooks.OneDelivery.as_view(),
        name="webhooks-deliveries-one",
    ),
    path(
        "webhooks/<uuid:webhook>/deliveries/<uuid:delivery>/replay/",
        webhooks.Replay.as_view(),
        name="webhooks-deliveries-replay",
    ),
    path("event-kinds/", webhooks.EventKinds.as_view(), name="event-kinds"),
    # /api/v1/access/
    path("access/", access.Access.as_view(), name="access"),
    path("legal-bases/", access.LegalBases.as_view(), name="legal-bases"),
    # /api/v1/changes/
    path("changes/", changes.Changes.as_view(), name="changes"),
    # /api/v1/statistics/
    path("statistics/calendar/", statistics.Calendar.as_view(), name="statistics-calendar"),
    path("statistics/releases/", statistics.Releases.as_view(), name="statistics-releases"),
    path("statistics/releases/<slug:release>/", statistics.OneRelease.as_view(), name="statistics-releases-one"),
    path(
        "statistics/releases/<slug:release>/<number:number>/tables/<slug:table>/",
        statistics.Cells.as_view(),
        name="statistics-tables-one",
    ),
    # /api/v1/: open reference data
    path("log/", log.Log.as_view(), name="log"),
    path("log/consistency/", log.Consistency.as_view(), name="log-consistency"),
    path("receipt-keys/", receipt_keys.ReceiptKeys.as_view(), name="receipt-keys"),
    path("accelerators/", reference.Accelerators.as_view(), name="accelerators"),
    path("thresholds/", reference.Thresholds.as_view(), name="thresholds"),
    path("checks/", reference.Checks.as_view(), name="checks"),
    path("checks/records/", returns.RecordChecks.as_view(), name="record-checks"),
    path("checks/facilities/", facilities.FacilityChecks.as_view(), name="facility-checks"),
    path("code-lists/", reference.CodeLists.as_view(), name="code-lists"),
    re_path(
        r"^schemas/(?P<form>[a-z-]{1,30})-(?P<version>[0-9]\.[0-9])\.json$",
        reference.FormSchema.as_view(),
        name="schema",
    ),
    path("openapi.json", schema.OpenApi.as_view(), name="openapi"),
]
