"""The append-only record of what happened: entries, hash chain, receipts.

Imports the ground floor only; others use log and receipts.
"""
