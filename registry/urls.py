"""The front door: the REST API, the sign-in pages, the portal and the public pages, health."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path

from registry import health
from registry.portal import log_files, public, release_files
from registry.portal.urls import VINTAGE

CATALOGUE = r"^statistics/catalogue\.(?P<syntax>ttl|jsonld)$"
FILE = "[A-Za-z0-9_./-]{1,120}"

handler400 = "api.problems.bad_request"
handler403 = "api.problems.permission_denied"
handler404 = "api.problems.page_not_found"
handler500 = "api.problems.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("problems/", include("api.problem_page")),
]
if "api" in settings.SURFACES:
    urlpatterns += [path("api/v1/", include("api.urls"))]
if "portal" in settings.SURFACES:
    urlpatterns += i18n_patterns(path("account/", include("allauth.urls")))
if {"portal", "public"} & set(settings.SURFACES):
    urlpatterns += [path("", public.front_door, name="front-door")]
    urlpatterns += [
        path("log/checkpoint", log_files.checkpoint, name="log-checkpoint"),
        path("log/policy", log_files.policy, name="log-policy"),
        path("log/tile/<path:path>", log_files.tile, name="log-tile"),
    ]
    urlpatterns += [
        re_path(rf"^statistics/{VINTAGE}/(?P<path>{FILE})$", release_files.bundle_file, name="release-bundle"),
        re_path(
            r"^statistics/catalogue\.(?P<syntax>ttl|jsonld)$", release_files.whole_catalogue, name="release-catalogue"
        ),
    ]
    urlpatterns += i18n_patterns(path("", include("registry.portal.urls")))
