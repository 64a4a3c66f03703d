"""The demonstration: invented organisations, people and runs, seeded, filed through the same actions as real ones."""
