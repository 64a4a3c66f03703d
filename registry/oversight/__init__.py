"""What regulators see and decide, read across all packages.

May import everything below; the edges use queries and actions.
"""
