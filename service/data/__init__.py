"""Database access of the service: pool, replicas, caches."""
