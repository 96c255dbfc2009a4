"""Rates and weights over a stage; `done` is the share of its budget that is used up, 0 to 1."""

from unimoe_train.recipe import StageRecipe


def rate(stage: StageRecipe, step: int, done: float) -> float:
    """The learning rate's factor: warm-up, stable, decay. The stable part knows no end, so that a stage can be extended
    from where its decay began."""
    warm = min(1.0, (step + 1) / max(1, stage.warmup))
    cool = min(1.0, (1 - done) / stage.decay) if stage.decay > 0 else 1.0
    return warm * max(cool, 0.0)


def is_decaying(stage: StageRecipe, done: float) -> bool:
    return stage.decay > 0 and done > 1 - stage.decay


def anneal(start: float, end: float, done: float) -> float:
    """Linear from `start` to `end`."""
    return start + (end - start) * min(1.0, done)
