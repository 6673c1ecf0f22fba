"""From parallel text to a checkpoint: data, model, trainer, evaluation."""
