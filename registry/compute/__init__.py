"""Accelerators and, from part 4 on, facilities and who uses them.

May import dispatch and below; others use models, catalogue, actions.
"""
