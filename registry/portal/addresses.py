"""Addresses by the names of their routes, as people read them; of surfaces that this process may not serve, nothing."""

import re
from typing import Final

from django.urls import NoReverseMatch, get_resolver, reverse

_NAMED: Final = re.compile(r"%\((\w+)\)s")


def of(route: str, **values: object) -> str:
    """The address of a route; empty where this process does not serve it."""
    try:
        return reverse(route, kwargs=values or None)
    except NoReverseMatch:
        return ""


def template(route: str) -> str:
    """The address of a route with what it names left open: `/api/v1/filings/{reference}/`. Else the route's name."""
    for possible, *_ in get_resolver().reverse_dict.getlist(route):
        for path, _ in possible:
            return "/" + _NAMED.sub(r"{\1}", path)
    return route
