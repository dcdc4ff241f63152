"""Backups: one archive of pg_dump and a manifest that proves a copy; see docs/operations.md."""
