"""The three-stage curriculum: `specialists` -> `integrate` -> `joint`, and `naive`, what it is compared with.

`trainer` is the loop that all stages share; `stage` and `training` what it makes progress with, `snapshot` saves that;
`step` what one batch costs; `optimizer`, `schedule`, `balance` its parts; `distributed` many processes; `log` figures
and pictures.
"""
