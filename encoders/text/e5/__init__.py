"""The offline text encoder multilingual-e5-small on ONNX Runtime."""
