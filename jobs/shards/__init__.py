"""Operations of sharded collections that take several steps; see docs/shards.md."""
