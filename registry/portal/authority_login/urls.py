"""Addresses of sign-in at an identity provider, under the names by which allauth looks for them."""

from django.urls import path

from registry.portal.authority_login import views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
