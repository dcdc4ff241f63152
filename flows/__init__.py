"""Flows: what takes several steps and has several callers (command line, HTTP), written once.

A flow is a generator (`db.calls.steps`): it yields effects (`flows.effects`, queries) and is sent their
results. `flows.local` performs them in this process; the service performs them with its pools.
"""
