"""Running the register on one machine: embedded services and their supervisor. Used by make, never by the domain."""
