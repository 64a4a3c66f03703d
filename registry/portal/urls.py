"""The map of the pages, mounted under the language. Public pages first, then the two sides of the portal."""

from django.conf import settings
from django.urls import URLPattern, path

from registry.portal import duties_page, filings, overview, plea_page, preview_page, public, queue, workspace

PLEA = "oversight/filings/<reference:reference>/pleas/<uuid:plea>/"
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
    path("about/", public.About.as_view(), name="about"),
]
PORTAL: list[URLPattern] = [
    path("start/", public.start, name="portal-start"),
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
    path("oversight/pleas/", plea_page.Pleas.as_view(), name="pleas"),
    path(PLEA, plea_page.OnePlea.as_view(), name="oversight-pleas-one"),
    path(f"{PLEA}open/", plea_page.Open.as_view(), name="oversight-pleas-open"),
    path(f"{PLEA}decide/", plea_page.Decide.as_view(), name="oversight-pleas-decide"),
    path("oversight/duties.ics", duties_page.AuthorityCalendar.as_view(), name="oversight-duties-calendar"),
    path("oversight/preview/", preview_page.Preview.as_view(), name="preview"),
    path("oversight/preview.csv", preview_page.PreviewCsv.as_view(), name="preview-csv"),
    # a provider
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
    path("workspace/duties/", duties_page.Duties.as_view(), name="workspace-duties"),
    path("workspace/duties.ics", duties_page.Calendar.as_view(), name="workspace-duties-calendar"),
    path(DUTY, duties_page.OneDuty.as_view(), name="workspace-duties-one"),
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
