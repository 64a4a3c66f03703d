"""Django set up to read addresses and forms, nothing stored: the register that is walked runs by itself elsewhere."""

import os

import django

SETTINGS = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "CELERY_BROKER_URL": "memory://",
    "SECRET_KEY": "only-for-reading-the-addresses",
    "DJANGO_SETTINGS_MODULE": "registry.settings",
}
if "DJANGO_SETTINGS_MODULE" not in os.environ:
    os.environ |= SETTINGS
    django.setup()
