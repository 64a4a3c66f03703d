"""The WSGI application that the web server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")

application = get_wsgi_application()

# Documents are trees of many small objects. Collected as often as Python does by itself, what is loaded once was
# visited again and again: a fifth of the time of a large batch (benches).
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
