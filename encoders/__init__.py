"""Turn text into unit vectors: no database, no HTTP, no settings.

Start at `encoders.registry`: `spec(name)` says what an encoder is, `build(spec, cache_dir)`
returns one that works. Importing the package stays light; model libraries load inside `build`.
"""
