"""What leaves the house: the outbox of events. May import accounts and below; others use outbox."""
