"""The table of bad input (security design, 5.3) as data: every row is tried here or says where it is tried and why."""
