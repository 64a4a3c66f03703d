"""The ASGI application that the web server runs: the WSGI application, behind what waits for whole requests."""

from registry.whole_requests import WholeRequests
from registry.wsgi import application as wsgi

application = WholeRequests(wsgi)
