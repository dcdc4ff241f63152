"""Adapters for frameworks: LangChain, LlamaIndex, Haystack; each with the extra of its name."""
