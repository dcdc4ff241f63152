"""Backups: an archive of pg_dump and a manifest with fingerprints; see docs/operations.md."""
