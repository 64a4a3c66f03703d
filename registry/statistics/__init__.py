"""Published statistics: tables, disclosure control, releases.

May import filings and below; others use releases, models.
"""
