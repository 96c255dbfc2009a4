"""From a trained stage to a checkpoint directory that the engine loads."""
