"""Words and marks for templates: icons from the sprite, amounts, days, moments."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.portal import browsers
from registry.portal.presentation import words

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "s") -> SafeString:
    """An icon of the sprite, hidden from screen readers; `size` is xs, s, m or l. Nothing for an empty name."""
    if not name:
        return SafeString("")
    return format_html(
        '<svg class="icon icon--{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        size,
        static("vendor/phosphor/icons.svg"),
        name,
    )


@register.filter
def browser(agent: str) -> str:
    """`Firefox, Windows`, of what a browser says of itself."""
    return browsers.browser(agent)


@register.filter
def flop(amount: Decimal | None) -> str:
    """`2.3 × 10²⁵`; a dash for nothing."""
    return "–" if amount is None else words.flop(amount)


@register.filter
def number(value: int | Decimal) -> str:
    """A number with the language's separators."""
    return words.count(value)


@register.filter
def day(value: date) -> str:
    """`22 November 2026`."""
    return words.day(value)


@register.filter
def moment(value: datetime) -> str:
    """`22 November 2026, 09:45 CET`."""
    return words.moment(value)


@register.filter
def short_moment(value: datetime) -> str:
    """`22 Nov 2026, 09:45`."""
    return words.short_moment(value)


@register.filter
def machine_moment(value: datetime) -> str:
    """RFC 3339, for the `datetime` attribute."""
    return value.isoformat()
