"""Disclosure control: which cells of a table may be published. Pure; imports nothing of the register."""
