"""The command line of the REST edge."""
