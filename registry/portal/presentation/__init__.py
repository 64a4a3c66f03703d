"""What pages show, as frozen values: views fill them, templates read them. No queries, no permissions, no clock."""
