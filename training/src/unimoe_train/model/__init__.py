"""The language model: exactly the published architecture in eval mode, written for training.

`configuration` -> `attention`, `router`, `experts` -> `decoder` (the stack) -> `heads` (codes and loss) -> `checkpoint`
(published names and back). Shapes: B rows, T positions, H hidden, C codebooks, V codes per codebook, N = B T tokens.
"""
