"""Any sentence-transformers encoder as an ONNX graph with 8-bit weights, for the torch-free encoder."""
