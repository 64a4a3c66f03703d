"""How many octets a first visit takes: everything over the wire, headers too, with nothing kept from before."""

from playwright.sync_api import BrowserContext

MOST = 200_000
WEIGHED = {"public": "/en/", "ai_office_officer": "/en/oversight/", "officer": "/en/oversight/"}


def weighed(context: BrowserContext, address: str) -> dict[str, int]:
    """Octets of each request that showing the page makes."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    octets: dict[str, int] = {}
    wire.on("Network.responseReceived", lambda told: addresses.update({told["requestId"]: told["response"]["url"]}))
    wire.on("Network.loadingFinished", lambda told: octets.update({told["requestId"]: int(told["encodedDataLength"])}))
    page.goto(address, wait_until="networkidle")
    page.close()
    return {addresses.get(each, each): size for each, size in octets.items()}
