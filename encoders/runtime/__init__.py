"""Devices, limits, ONNX sessions, caches and manifests that models share."""
