"""The HTML edge: public pages, provider workspace, oversight. Calls the domain, one call per unit of work."""
