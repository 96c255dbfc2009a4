"""The three-stage curriculum: `specialists` -> `integrate` -> `joint`, and `naive`, what it is compared with.

`trainer` is the loop that all stages share; `step` what one batch costs; `optimizer`, `schedule`, `balance`,
`guided_attention` its parts; `distributed` many processes; `log` figures and pictures.
"""
