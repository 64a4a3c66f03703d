"""What a browser says of itself, in two words: for people to know their own sessions and acts by."""

from django.utils.translation import gettext

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "Linux")


def browser(agent: str) -> str:
    """What a browser says of itself, in two words. An honest guess: anybody can send anything."""
    name = next((words for sign, words in BROWSERS if sign in agent), gettext("Another browser"))
    system = next((each for each in SYSTEMS if each in agent), "")
    return f"{name}, {system}" if system else name
