"""Tests of sharded collections on servers of their own."""
