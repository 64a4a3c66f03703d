"""Who exists: organisations and authorities, their identifiers.

May import ledger and the ground; others use models, actions, identifiers.
"""
