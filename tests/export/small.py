"""Sizes and sources of small models that graphs of other precisions are made of."""

VOCABULARY = 300
SOURCES = [[5, 9, 12, 3], [7, 3], [3], [4, 4, 8, 15, 11, 200, 299, 3], [17, 3, 3, 3]]
SIZES = {
    "embedding_size": 64,
    "encoder_size": 48,
    "decoder_size": 96,
    "attention_size": 64,
    "attentional_size": 64,
}
