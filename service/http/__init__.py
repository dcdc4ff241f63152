"""HTTP plumbing: bodies, errors, pages, ranges."""
