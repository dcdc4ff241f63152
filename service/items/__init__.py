"""Items, collections, pictures and uploads over HTTP."""
