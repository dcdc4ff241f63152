"""Ground truths: TF-IDF similarity, pooling, a language model as judge, samples for people."""
