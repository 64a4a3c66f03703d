"""Rows that one request to the application cannot decide: where each is tried, or why it is not tried yet."""

CONVENTIONS = "tests/api/test_conventions.py"
CONNECTIONS = "tests/journeys/test_bad_connections.py"

# The file that tries the row, and why it takes more than one request to the application.
ELSEWHERE = {
    67: ("tests/api/test_parameters.py", "no filing has a UUID; query parameters that are one are tried there"),
    85: (CONVENTIONS, "needs a token without the scope"),
    89: (CONVENTIONS, "needs two requests"),
    90: ("tests/journeys/test_fifty_at_once.py", "needs requests at once from several processes to a running register"),
    91: (CONVENTIONS, "needs two organisations"),
    92: (CONVENTIONS, "needs a filing to change"),
    95: ("tests/registry/dispatch/test_webhooks.py", "needs a name that changes between two look-ups"),
    96: ("tests/registry/dispatch/test_transport.py", "needs a receiver that misbehaves"),
    103: ("tests/api/test_throttling.py", "needs many requests; across processes in " + CONNECTIONS),
    104: (CONNECTIONS, "needs the web server, which waits for bodies"),
    105: (CONNECTIONS, "needs a client that breaks off"),
    106: (CONNECTIONS, "needs a broker that hangs or is gone; disk, standby, witness and clock are not tried yet"),
    108: (CONVENTIONS, "needs two requests"),
}

# What there is nothing to send to yet.
MISSING = {
    98: "returns of compute providers, the only NDJSON, are not part of this release",
    99: "returns of compute providers, the only NDJSON, are not part of this release",
    100: "returns of compute providers, the only CSV that is read, are not part of this release",
    101: "there are no attachments: nothing is uploaded",
    102: "the verifier of receipts outside of the register is not part of this release",
}
