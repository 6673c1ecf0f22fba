"""The attention seq2seq in PyTorch."""
