"""From clips to batches: which clips lie together, and what the model sees and learns of them.

`epochs` orders clips into batches, `row_maker` makes `row`s of them, `batch` fills these up, `disturbance` adds noise.
Every random choice comes from (seed, epoch, number of the batch), so that a training goes on after a kill with exactly
the batches that it would have had, and every process of many takes its own without a word.
"""
