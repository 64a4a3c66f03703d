"""Checks receipts, checkpoints and the whole public log of the register. Written apart from it, sharing no code."""
