"""One command from recordings to a model that knows their voice or their music.

`steps` does one thing after the other, each with what the other commands use; `base` takes the model's sizes, `shares`
says how much of what is learned is the user's own, `estimate` how long it will take, `comparison` measures the model
before and after, `report` writes that down.
"""
