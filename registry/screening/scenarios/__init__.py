"""Invented worlds with honest and evading actors, against which the screening rules are measured. Pure.

`worlds.build` makes facts and, apart from them, who evades how; `snapshots.of` sees the facts alone, as the register
would; `measuring.measure` compares what the rules say with the labels.
"""
