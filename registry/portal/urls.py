"""The map of the pages, mounted under the language. Public pages first, then the two sides of the portal."""

from django.conf import settings
from django.urls import URLPattern, path

from registry.portal import (
    access_log_page,
    application_page,
    applications_queue,
    duties_page,
    exports_page,
    facilities_page,
    facility_forms_page,
    filings,
    holds_page,
    keys_page,
    log_page,
    mandates_page,
    mismatches_page,
    missing_page,
    organisation_page,
    organisation_profile,
    overview,
    own_duties_page,
    own_plea_page,
    own_sessions,
    owners_form_page,
    people_page,
    plea_page,
    positions_page,
    preview_page,
    proposals_page,
    public,
    purpose,
    queue,
    retention_page,
    returns_page,
    sharing_page,
    trail_page,
    workspace,
)

APPLICATION = "oversight/applications/<slug:application>"
PLEA = "oversight/filings/<reference:reference>/pleas/<uuid:plea>/"
OWN_DUTY = "workspace/duties/<int:duty>/"
OWN_PLEA = "oversight/organisations/<uuid:organisation>/pleas/<uuid:plea>/"
FACILITY = "workspace/facilities/<facility:facility>"
DUTY = "workspace/filings/<reference:reference>/duties/<slug:code>/<slug:day>/"

PUBLIC: list[URLPattern] = [
    path("", public.Home.as_view(), name="home"),
    path("statistics/", public.Statistics.as_view(), name="statistics"),
    path("statistics/<slug:table>/<int:vintage>/", public.OneRelease.as_view(), name="release"),
    path("statistics/<slug:table>/<int:vintage>.<slug:form>", public.ReleaseFile.as_view(), name="release-file"),
    path("requirements/", public.Requirements.as_view(), name="requirements"),
    path("api/", public.ApiReference.as_view(), name="api-reference"),
    path("status/", public.Status.as_view(), name="status"),
    path("accessibility/", public.Accessibility.as_view(), name="accessibility"),
    path("trail/", trail_page.Trail.as_view(), name="trail"),
    path("trail/<int:index>.json", trail_page.OneEntry.as_view(), name="trail-one"),
    path("log/", log_page.PublicLog.as_view(), name="public-log"),
    path("log/verify/", log_page.VerifyReceipt.as_view(), name="verify-receipt"),
    path("about/", public.About.as_view(), name="about"),
    path("register/", application_page.Register.as_view(), name="register"),
    path("register/sent/", application_page.Sent.as_view(), name="register-sent"),
    path("register/<str:secret>/", application_page.Follow.as_view(), name="register-follow"),
    path("register/<str:secret>/confirm/", application_page.Confirm.as_view(), name="register-confirm"),
    path("register/<str:secret>/answer/", application_page.Answer.as_view(), name="register-answer"),
    path("register/<str:secret>/withdraw/", application_page.Withdraw.as_view(), name="register-withdraw"),
]
PORTAL: list[URLPattern] = [
    path("start/", public.start, name="portal-start"),
    path("account/sessions/<int:session>/end/", own_sessions.EndOne.as_view(), name="sessions-end"),
    path("invitation/<str:secret>/", application_page.UseInvitation.as_view(), name="invitation"),
    # an authority
    path("oversight/", overview.Overview.as_view(), name="overview"),
    path("oversight/runs.csv", overview.RunsCsv.as_view(), name="runs-csv"),
    path("oversight/states.csv", overview.StatesCsv.as_view(), name="states-csv"),
    path("oversight/queue/", queue.Queue.as_view(), name="queue"),
    path("oversight/queue.csv", queue.QueueCsv.as_view(), name="queue-csv"),
    path("oversight/filings/<reference:reference>/", filings.OneFiling.as_view(), name="oversight-filings-one"),
    path("oversight/filings/<reference:reference>/open/", filings.Open.as_view(), name="oversight-filings-open"),
    path(
        "oversight/filings/<reference:reference>/versions/<int:number>.json",
        filings.OneVersion.as_view(),
        name="oversight-filings-versions-one",
    ),
    path("oversight/filings/<reference:reference>/review/", filings.Review.as_view(), name="oversight-filings-review"),
    path("oversight/filings/<reference:reference>/ask/", filings.Ask.as_view(), name="oversight-filings-ask"),
    path("oversight/filings/<reference:reference>/accept/", filings.Accept.as_view(), name="oversight-filings-accept"),
    path("oversight/filings/<reference:reference>/return/", filings.Return.as_view(), name="oversight-filings-return"),
    path(
        "oversight/filings/<reference:reference>/confirm-withdrawal/",
        filings.ConfirmWithdrawal.as_view(),
        name="oversight-filings-confirm-withdrawal",
    ),
    path(
        "oversight/filings/<reference:reference>/designate/",
        plea_page.Designate.as_view(),
        name="oversight-filings-designate",
    ),
    path("oversight/purpose/", purpose.State.as_view(), name="oversight-purpose"),
    path(
        "oversight/filings/<reference:reference>/share/", sharing_page.Share.as_view(), name="oversight-filings-share"
    ),
    path("oversight/shared/", sharing_page.Sharings.as_view(), name="sharings"),
    path("oversight/shared/<uuid:shown>/", sharing_page.OneSharing.as_view(), name="sharings-one"),
    path("oversight/exports/", exports_page.Exports.as_view(), name="exports"),
    path("oversight/exports/new/", exports_page.New.as_view(), name="exports-new"),
    path("oversight/exports/<uuid:export>/decide/", exports_page.Decide.as_view(), name="exports-decide"),
    path("oversight/exports/<uuid:export>/file/", exports_page.File.as_view(), name="exports-file"),
    # a provider, an authority and the auditor
    path("access/", access_log_page.AccessLog.as_view(), name="access-log"),
    path("oversight/holds/", holds_page.Holds.as_view(), name="holds"),
    path("oversight/holds/new/", holds_page.New.as_view(), name="holds-new"),
    path("oversight/holds/<uuid:hold>/lift/", holds_page.Lift.as_view(), name="holds-lift"),
    path("oversight/holds/<uuid:hold>/decide/", holds_page.Decide.as_view(), name="holds-decide"),
    path("retention/", retention_page.Retention.as_view(), name="retention"),
    path("access.csv", access_log_page.AccessLogCsv.as_view(), name="access-log-csv"),
    # an authority
    path("oversight/pleas/", plea_page.Pleas.as_view(), name="pleas"),
    path(PLEA, plea_page.OnePlea.as_view(), name="oversight-pleas-one"),
    path(OWN_PLEA, own_plea_page.OnePlea.as_view(), name="oversight-own-pleas-one"),
    path(f"{OWN_PLEA}decide/", own_plea_page.Decide.as_view(), name="oversight-own-pleas-decide"),
    path(f"{PLEA}open/", plea_page.Open.as_view(), name="oversight-pleas-open"),
    path(f"{PLEA}decide/", plea_page.Decide.as_view(), name="oversight-pleas-decide"),
    path("oversight/duties.ics", duties_page.AuthorityCalendar.as_view(), name="oversight-duties-calendar"),
    path(
        "oversight/organisations/<uuid:organisation>/",
        organisation_page.Oversight.as_view(),
        name="oversight-organisation",
    ),
    path(
        "oversight/organisations/<uuid:organisation>/owners.<slug:shape>",
        organisation_page.OversightFile.as_view(),
        name="oversight-organisation-file",
    ),
    path("oversight/returns/", returns_page.Returns.as_view(), name="oversight-returns"),
    path("oversight/returns/<return:monthly_return>/", returns_page.OneReturn.as_view(), name="oversight-returns-one"),
    path(
        "oversight/returns/<return:monthly_return>/records/<line:line_id>/",
        returns_page.OneRecord.as_view(),
        name="oversight-returns-record",
    ),
    path("oversight/facilities/", facilities_page.Facilities.as_view(), name="oversight-facilities"),
    path("oversight/facilities.csv", facilities_page.FacilitiesCsv.as_view(), name="oversight-facilities-csv"),
    path(
        "oversight/facilities/<facility:facility>/",
        facilities_page.OneFacility.as_view(),
        name="oversight-facilities-one",
    ),
    path("oversight/positions/", positions_page.Positions.as_view(), name="oversight-positions"),
    path("oversight/positions/<int:position>/", positions_page.OnePosition.as_view(), name="oversight-positions-one"),
    path("oversight/missing/", missing_page.MissingFilers.as_view(), name="missing-filers"),
    path("oversight/missing/<int:observation>/", missing_page.Review.as_view(), name="missing-filers-review"),
    path("oversight/mismatches/", mismatches_page.Mismatches.as_view(), name="oversight-mismatches"),
    path("oversight/preview/", preview_page.Preview.as_view(), name="preview"),
    path("oversight/preview.csv", preview_page.PreviewCsv.as_view(), name="preview-csv"),
    path("oversight/applications/", applications_queue.Applications.as_view(), name="oversight-applications"),
    path(f"{APPLICATION}/", applications_queue.OneApplication.as_view(), name="oversight-applications-one"),
    path(
        f"{APPLICATION}/<slug:verb>/", applications_queue.ApplicationStep.as_view(), name="oversight-applications-step"
    ),
    # the people of an organisation or authority, and what waits for a second person
    path("people/", people_page.People.as_view(), name="people"),
    path("people/invite/", people_page.Invite.as_view(), name="people-invite"),
    path("people/<int:membership>/invite-again/", people_page.InviteAgain.as_view(), name="people-invite-again"),
    path("people/<int:membership>/change/", people_page.Change.as_view(), name="people-change"),
    path("people/<int:membership>/end/", people_page.End.as_view(), name="people-end"),
    path("people/<int:membership>/sign-out/", people_page.SignOut.as_view(), name="people-sign-out"),
    path("proposals/<uuid:proposal>/confirm/", proposals_page.Confirm.as_view(), name="proposals-confirm"),
    path("proposals/<uuid:proposal>/refuse/", proposals_page.Refuse.as_view(), name="proposals-refuse"),
    path("proposals/<uuid:proposal>/withdraw/", proposals_page.Withdraw.as_view(), name="proposals-withdraw"),
    # an organisation's machine clients
    path("keys/", keys_page.Keys.as_view(), name="keys"),
    path("keys/register/", keys_page.Register.as_view(), name="keys-register"),
    path("keys/<slug:client>/add/", keys_page.Add.as_view(), name="keys-add"),
    path("keys/<slug:client>/static/", keys_page.AddStatic.as_view(), name="keys-static"),
    path("keys/<slug:client>/end/", keys_page.End.as_view(), name="keys-end"),
    path("keys/<slug:client>/revoke/", keys_page.Revoke.as_view(), name="keys-revoke"),
    # a provider
    path("workspace/organisation/", organisation_profile.Profile.as_view(), name="workspace-organisation"),
    path(
        "workspace/organisation/confirm/",
        organisation_profile.ConfirmData.as_view(),
        name="workspace-organisation-confirm",
    ),
    path(
        "workspace/organisation/state/", organisation_profile.StateData.as_view(), name="workspace-organisation-state"
    ),
    path("workspace/mandates/", mandates_page.Mandates.as_view(), name="workspace-mandates"),
    path("workspace/mandates/for-myself/", mandates_page.ForMyself.as_view(), name="workspace-for-myself"),
    path(
        "workspace/mandates/<uuid:mandate>/<slug:verb>/",
        mandates_page.MandateStep.as_view(),
        name="workspace-mandates-step",
    ),
    path("workspace/mismatches/", mismatches_page.OwnMismatches.as_view(), name="workspace-mismatches"),
    path(
        "workspace/mismatches/<slug:reference>/", mismatches_page.OwnMismatch.as_view(), name="workspace-mismatches-one"
    ),
    path(
        "workspace/mismatches/<slug:reference>/answer/",
        mismatches_page.Answer.as_view(),
        name="workspace-mismatches-answer",
    ),
    path("workspace/organisation/owners/", organisation_page.Owners.as_view(), name="workspace-ownership"),
    path(
        "workspace/organisation/owners/state/",
        owners_form_page.StateOwners.as_view(),
        name="workspace-ownership-state",
    ),
    path(
        "workspace/organisation/owners.<slug:shape>",
        organisation_page.OwnersFile.as_view(),
        name="workspace-ownership-file",
    ),
    path("workspace/", workspace.Workspace.as_view(), name="workspace"),
    path("workspace/filings.csv", workspace.WorkspaceCsv.as_view(), name="workspace-csv"),
    path("workspace/filings/<reference:reference>/", workspace.OneFiling.as_view(), name="workspace-filings-one"),
    path(
        "workspace/filings/<reference:reference>/versions/<int:number>.json",
        workspace.OneVersion.as_view(),
        name="workspace-filings-versions-one",
    ),
    path(
        "workspace/filings/<reference:reference>/versions/<int:number>/receipt.json",
        workspace.Receipt.as_view(),
        name="workspace-filings-receipt",
    ),
    path(
        "workspace/filings/<reference:reference>/submit/", workspace.Submit.as_view(), name="workspace-filings-submit"
    ),
    path(
        "workspace/filings/<reference:reference>/answer/", workspace.Answer.as_view(), name="workspace-filings-answer"
    ),
    path(
        "workspace/filings/<reference:reference>/withdraw/",
        workspace.Withdraw.as_view(),
        name="workspace-filings-withdraw",
    ),
    path("workspace/returns/", returns_page.OwnReturns.as_view(), name="workspace-returns"),
    path("workspace/returns/<return:monthly_return>/", returns_page.OwnReturn.as_view(), name="workspace-returns-one"),
    path(
        "workspace/returns/<return:monthly_return>/uploads/<int:number>/",
        returns_page.UploadVerdicts.as_view(),
        name="workspace-returns-upload",
    ),
    path(
        "workspace/returns/<return:monthly_return>/records/<line:line_id>/",
        returns_page.OwnRecord.as_view(),
        name="workspace-returns-record",
    ),
    path("workspace/facilities/", facilities_page.OwnFacilities.as_view(), name="workspace-facilities"),
    path("workspace/facilities.csv", facilities_page.OwnFacilitiesCsv.as_view(), name="workspace-facilities-csv"),
    path("workspace/facilities/new/", facility_forms_page.Register.as_view(), name="workspace-facilities-new"),
    path(f"{FACILITY}/", facilities_page.OwnFacility.as_view(), name="workspace-facilities-one"),
    path(f"{FACILITY}/amend/", facility_forms_page.Amend.as_view(), name="workspace-facilities-amend"),
    path(f"{FACILITY}/report/", facility_forms_page.Report.as_view(), name="workspace-facilities-report"),
    path(f"{FACILITY}/clusters/new/", facility_forms_page.PutUpCluster.as_view(), name="workspace-facilities-cluster"),
    path(f"{FACILITY}/lots/new/", facility_forms_page.PutUp.as_view(), name="workspace-facilities-install"),
    path(
        f"{FACILITY}/lots/<uuid:installation>/",
        facility_forms_page.Change.as_view(),
        name="workspace-facilities-change",
    ),
    path("workspace/duties/", duties_page.Duties.as_view(), name="workspace-duties"),
    path("workspace/duties.ics", duties_page.Calendar.as_view(), name="workspace-duties-calendar"),
    path(DUTY, duties_page.OneDuty.as_view(), name="workspace-duties-one"),
    path(OWN_DUTY, own_duties_page.OneDuty.as_view(), name="workspace-own-duties-one"),
    path(f"{OWN_DUTY}extension/", own_duties_page.Extension.as_view(), name="workspace-own-duties-extension"),
    path(f"{OWN_DUTY}excuse/", own_duties_page.Excuse.as_view(), name="workspace-own-duties-excuse"),
    path(f"{DUTY}extension/", duties_page.Extension.as_view(), name="workspace-duties-extension"),
    path(f"{DUTY}excuse/", duties_page.Excuse.as_view(), name="workspace-duties-excuse"),
    path(f"{DUTY}reassessment/", duties_page.Reassessment.as_view(), name="workspace-duties-reassessment"),
    path(f"{DUTY}report/", duties_page.Report.as_view(), name="workspace-duties-report"),
    path(f"{DUTY}rebuttal/", duties_page.Rebuttal.as_view(), name="workspace-duties-rebuttal"),
]

urlpatterns: list[URLPattern] = [
    *(PUBLIC if "public" in settings.SURFACES or "portal" in settings.SURFACES else ()),
    *(PORTAL if "portal" in settings.SURFACES else ()),
]
