"""The disk contract: what a bundle holds, how it is verified, how text becomes token ids.

A bundle is a folder that the export writes and the service reads:

    manifest.json       what follows, with sizes and sha256 sums, limits and provenance
    encoder.onnx        source token ids → encoder states, projected keys, first decoder state
    decoder_step.onnx   one step of the decoder → best continuations and attention
    *.model             SentencePiece tokenizers
    parity.json         how far ONNX Runtime is from PyTorch

Nothing here imports torch, onnx or onnxruntime.
"""
