"""A program: let the clock strike now for tasks that the worker does by the minute; does not wait for them.

`python -m tests.journeys.struck TASK …`, with the environment of a running register.
"""

import sys

import django

django.setup()

from registry.celery import app  # noqa: E402

if __name__ == "__main__":
    for name in sys.argv[1:]:
        app.send_task(name)
