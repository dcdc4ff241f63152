"""What answers requests: one module per feature; handlers parse, call one function, and answer."""
