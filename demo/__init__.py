"""The whole road in one command: train, export, serve, translate, look."""
