"""Disclosure control: which cells of linked tables may be published. Pure; imports nothing of the register.

From contributions to what may be shown: `cube` adds up, `rules` says which cells tell too much about whom and how far
an estimate must be off, `protect` finds the further cells to withhold, `witness` proves by addition that they suffice.
"""
