"""The files of a release: what was published, in formats that others read. Pure; nothing but the release goes in.

`bundle` writes the whole folder of a vintage, the same bytes each time; `reading` makes the release of its files again.
One module a format. None of them sees a contribution, a rule or a reason.
"""
