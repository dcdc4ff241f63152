"""Search: a request planned as legs, run as one SQL statement, and reranked."""
