"""Conversion of a Keras network to a model folder: ONNX, TFLite, parity, old models."""
