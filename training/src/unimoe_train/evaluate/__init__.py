"""How good a model is, heard by programs: each judge is first heard out on true sound, and its own errors are reported."""
