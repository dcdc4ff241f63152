"""Models in the service: a pool that loads and runs them, query vectors, OCR, reranking."""
