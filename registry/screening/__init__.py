"""Red flags over filings, and public observations as a third voice.

May import filings and below; others use actions, models, rules.
"""
