"""Commands for operators: database, backups, schedule, workers, keys."""
