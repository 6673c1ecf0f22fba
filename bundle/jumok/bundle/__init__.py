"""The disk format: content and verification of bundles, tokenization, word alignment.

A bundle is a folder that the export writes and the service reads:

    manifest.json       list of files with sizes and sha256 sums, signatures, limits, provenance
    encoder.onnx        source token ids → encoder states, projected keys, initial decoder state
    decoder_step.onnx   one step of the decoder → best continuations and attention
    *.model             SentencePiece tokenizers
    parity.json         differences between ONNX Runtime and PyTorch

Nothing here imports torch, onnx or onnxruntime.
"""
