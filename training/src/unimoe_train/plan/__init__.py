"""Plan channels: what is said and played, beside the codes (docs/plan-channels.md is the format).

`channels` names them; `phonemes`, `sentence` and `walk` are speech, `score` is music; `stored` is the file of a data set.
"""
