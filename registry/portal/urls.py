"""The map of the pages, mounted under the language. Public pages first, then the two sides of the portal."""

from django.conf import settings
from django.urls import URLPattern, path

from registry.portal import filings, overview, public, queue, workspace

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
]

urlpatterns: list[URLPattern] = [
    *(PUBLIC if "public" in settings.SURFACES or "portal" in settings.SURFACES else ()),
    *(PORTAL if "portal" in settings.SURFACES else ()),
]
