"""Trains UniMoE-Audio models by the paper's three-stage curriculum and exports them in the layout that the engine
loads.

Read in this order: `cli` -> `recipe` and `state` -> `data` (sentences, teachers, music) -> `codec` (sound <-> codes) ->
`prompts`, `tokenizer`, `delay`, `batches` (codes -> what the model sees) -> `model` -> `curriculum` (the stages) ->
`generate` -> `export` -> `evaluate`.
"""

__version__ = "0.1.0"
