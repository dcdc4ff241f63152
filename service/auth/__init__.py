"""Callers, API keys, sessions and admission."""
