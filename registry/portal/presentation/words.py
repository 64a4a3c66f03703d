"""Numbers, days and places in the reader's language (Babel). Amounts of compute as `2.3 × 10²⁵`."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_day_names, get_month_names
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, gettext, ngettext

from registry.charts import svg

BRUSSELS = ZoneInfo("Europe/Brussels")
_POWER = re.compile(r"\b10\^(-?[0-9]{1,3})")
_PSEUDONYM = "person:"  # before the key of an owner who is one (registry.filings.ownership_document)
_TELLING = 8  # characters that tell one from another
BANDS = (Decimal("1e23"), Decimal("1e24"), Decimal("1e25"))


def locale() -> Locale:
    """Babel's locale of the active language; British order and spelling for English."""
    language = (get_language() or "en").split("-")[0]
    return Locale.parse("en_GB" if language == "en" else language)


def flop(amount: Decimal, *, digits: int = 2) -> str:
    """`2.3 × 10²⁵`, without unit, rounded to `digits` significant figures."""
    if amount <= 0:
        return "0"
    exponent = amount.adjusted()
    mantissa = round(amount.scaleb(-exponent), digits - 1)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    return f"{format_decimal(mantissa, '#,##0.###', locale=locale())} × {svg.power(exponent)}"


def band(amount: Decimal) -> int:
    """Which compute band: 0 up to 10²³, 1 up to 10²⁴, 2 up to 10²⁵, 3 above. A bound belongs to the band below it."""
    return sum(amount > bound for bound in BANDS)


def band_names() -> tuple[str, str, str, str]:
    """Names of the four compute bands, in FLOP."""
    first, second, third = (svg.power(bound.adjusted()) for bound in BANDS)
    return (
        gettext("up to %(bound)s") % {"bound": first},
        gettext("%(low)s to %(high)s") % {"low": first, "high": second},
        gettext("%(low)s to %(high)s") % {"low": second, "high": third},
        gettext("above %(bound)s") % {"bound": third},
    )


def count(value: int | Decimal) -> str:
    """A number with the language's separators."""
    return str(format_decimal(value, locale=locale()))


def share(value: Decimal) -> str:
    """A share of one as per cent, no decimals."""
    return str(format_percent(value, locale=locale()))


def _pattern(month: str) -> str:
    """Day, month and year in the order of all three languages; German marks the ordinal of the day."""
    return f"{'d.' if locale().language == 'de' else 'd'} {month} y"


def day(value: date) -> str:
    """`22 November 2026`, `22. November 2026`; of a moment its day in Brussels."""
    return str(format_date(_day(value), _pattern("MMMM"), locale=locale()))


def short_day(value: date) -> str:
    """`22 Nov 2026`; of a moment its day in Brussels."""
    return str(format_date(_day(value), _pattern("MMM"), locale=locale()))


def _day(value: date) -> date:
    return value.astimezone(BRUSSELS).date() if isinstance(value, datetime) else value


def moment(value: datetime) -> str:
    """`22 November 2026, 09:45 CET`, always in Brussels."""
    there = value.astimezone(BRUSSELS)
    written = format_datetime(there, f"{_pattern('MMMM')}, HH:mm", tzinfo=BRUSSELS, locale=locale())
    return f"{written} {there.tzname()}"


def short_moment(value: datetime) -> str:
    """`22 Nov 2026, 09:45`, in Brussels."""
    there = value.astimezone(BRUSSELS)
    return str(format_datetime(there, f"{_pattern('MMM')}, HH:mm", tzinfo=BRUSSELS, locale=locale()))


def months() -> tuple[str, ...]:
    """Twelve short names."""
    names = get_month_names("abbreviated", context="stand-alone", locale=locale())
    return tuple(str(names[i]) for i in range(1, 13))


def weekdays() -> tuple[str, ...]:
    """Seven short names, Monday first."""
    names = get_day_names("abbreviated", context="stand-alone", locale=locale())
    return tuple(str(names[i]) for i in range(7))


def country(code: str) -> str:
    """Name of an ISO 3166-1 alpha-2 code; `EU` too; the code itself where there is none."""
    return str(locale().territories.get(code, code))


def lasting(span: timedelta) -> str:
    """`2 d 4 h`, `6 h`, `12 min`: the two largest units that say something."""
    minutes = int(span.total_seconds() // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days >= 5 or (days and not hours):
        return gettext("%(days)s d") % {"days": days}
    if days:
        return gettext("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(minutes)s min") % {"minutes": minutes}


def in_words(span: timedelta) -> str:
    """`6 hours`, `9 days`: one unit, for sentences."""
    hours = int(span.total_seconds() // 3600)
    if hours >= 48:
        return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}
    if hours >= 1:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    minutes = max(int(span.total_seconds() // 60), 1)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def size(octets: int) -> str:
    """`14 kB`."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 1_000_000:
        return f"{count(round(octets / 1000))} kB"
    return f"{count(round(Decimal(octets) / 1_000_000, 1))} MB"


def powers(text: str) -> str:
    """`10^25` in a sentence as 10²⁵."""
    return _POWER.sub(lambda found: svg.power(int(found[1])), text)


def initials(name: str) -> str:
    """First letters of first and last word."""
    parts = [part for part in name.replace(".", " ").split() if part[0].isalnum()]
    return "".join(part[0].upper() for part in ([parts[0], parts[-1]] if len(parts) > 1 else parts))


def owner(name: str) -> str:
    """A name as it is; of the pseudonym of a natural person what tells it from others, with words before it."""
    mark = name.removeprefix(_PSEUDONYM)
    return name if mark == name else f"{gettext('Natural person')} {mark[:_TELLING]}"
