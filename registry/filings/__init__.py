"""Training-run filings: document, checks, estimation, thresholds, life cycle, duties.

May import compute and below; others use actions, models and the pure rule modules.
"""
