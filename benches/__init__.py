"""Measurements that travel with the code: `make bench`. Ratios to raw COPY in the same run, not absolute speeds."""
