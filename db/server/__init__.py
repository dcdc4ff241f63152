"""The embedded PostgreSQL: its programs come from a wheel, data and process are managed here."""
