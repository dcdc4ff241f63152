"""Statements with citations: written by a language model from numbered sources, checked one by one."""
