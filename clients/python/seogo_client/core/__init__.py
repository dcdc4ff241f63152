"""Types and operations of the HTTP API, generated from its OpenAPI document."""
