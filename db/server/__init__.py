"""The embedded PostgreSQL: programs out of a wheel, data and process managed here."""
