"""Sets made side by side in processes of their own, so that a kill loses at most the sets in the making."""

import multiprocessing
import sys
import time
from dataclasses import dataclass

from unimoe_train.data import music, packaged, prompts, speech, tour
from unimoe_train.errors import BadInput
from unimoe_train.interruption import Interruption, ignored
from unimoe_train.progress import progress
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State


@dataclass(frozen=True)
class Job:
    """One set that is to be made."""

    set: str
    source: str  # the voice or the music of the recipe
    clips: int
    is_music: bool = False
    part: int | None = None  # of a voice; None: its held-out set
    test: bool = False
    is_packaged: bool = False
    is_tour: bool = False
    is_unheard: bool = False
    needs: str = ""  # the set that is made before


def jobs(recipe: DataRecipe) -> list[Job]:
    """Every set of a recipe, what is made fast first: what packages carry, music, held-out speech, then the first parts
    of all voices before the second ones."""
    held_out = [Job(f"{name}test", name, recipe.test_clips, test=True) for name in recipe.voices]
    voices = []
    for name, voice in recipe.voices.items():
        for part in recipe.part_numbers(name):
            set_name = f"{name}{part}"
            left = voice.clips - (part - voice.first) * recipe.part
            voices.append(Job(set_name, name, min(recipe.part, left), part=part))
    voices.sort(key=lambda job: job.part - recipe.voices[job.source].first)
    first = sum(job.part == recipe.voices[job.source].first for job in voices)
    heard = [
        Job(f"{name}prompts", name, recipe.prompts, needs=prompts.first_set(recipe, name))
        for name in (recipe.voices if recipe.prompts else ())
    ]
    pieces = [Job(tour.NAME, tour.NAME, recipe.tour, is_tour=True)] if recipe.tour else []
    pieces += [Job(name, name, source.clips, is_music=True) for name, source in recipe.music.items()]
    pieces += [
        Job(f"{name}test", name, source.test_clips, is_music=True, test=True) for name, source in recipe.music.items()
    ]
    unheard = [Job(f"{name}unheard", name, recipe.test_clips, is_unheard=True) for name in recipe.unheard]
    recordings = [Job(name, name, 0, is_packaged=True) for name in recipe.recordings]
    return recordings + pieces + held_out + voices[:first] + heard + unheard + voices[first:]


def check_names(recipe: DataRecipe, names: list[str] | None) -> None:
    """Throws `BadInput` where no set of a recipe has a name."""
    known = [job.set for job in jobs(recipe)]
    if unknown := [name for name in names or [] if name not in known]:
        raise BadInput("--only", expected=f"one of {', '.join(known)}", found=unknown[0])


def run(job: Job, state: State, recipe: DataRecipe, program: str | None, count) -> None:
    """Makes one set; music is what `program` composes. `count` is the number of clips made by all processes."""
    ignored()

    def step() -> None:
        with count.get_lock():
            count.value += 1

    try:
        if job.is_packaged:
            packaged.make(state, recipe, job.source, step=step)
        elif job.is_unheard:
            speech.make_unheard(state, recipe, job.source, step=step)
        elif job.is_tour:
            tour.make(state, recipe, step=step)
        elif job.needs:
            prompts.make(state, recipe, job.source, step=step)
        elif job.is_music:
            music.make(state, recipe, job.source, program, test=job.test, step=step)
        else:
            speech.make(state, recipe, job.source, job.part, step=step)
    except BadInput as error:
        print(f"unimoe-train: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:  # a full disk, a missing right
        print(f"unimoe-train: {error.filename or state.sound(job.set)}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)


def run_all(todo: list[Job], state: State, recipe: DataRecipe, processes: int, program: str | None = None) -> bool:
    """Makes sets, `processes` at a time. False if it was asked to stop; exits with 1 where a set cannot be made."""
    context = multiprocessing.get_context("spawn")
    count = context.Value("q", 0)
    running: list = []
    waiting, failed = list(todo), False
    with Interruption() as stop, progress(title="clips", total=sum(job.clips for job in todo), unit="clip") as bar:
        while (waiting or running) and not stop:
            # Held-out music looks at the captions of all music before it.
            while (
                waiting
                and len(running) < processes
                and not any(job.set == waiting[0].needs for job, _ in running)
                and not (waiting[0].is_music and waiting[0].test and any(j.is_music for j, _ in running))
            ):
                job = waiting.pop(0)
                process = context.Process(target=run, args=(job, state, recipe, program, count), daemon=True)
                process.start()
                running.append((job, process))
            time.sleep(0.1)
            bar.update(count.value - bar.n)
            ends = [process.exitcode for _, process in running]
            if any(ends) and not stop:
                failed = stop.requested = True
            running = [entry for entry, end in zip(running, ends) if end is None]
        for _, process in running:
            process.kill()  # what it writes appears whole or not at all
            process.join()
        bar.update(count.value - bar.n)
    if failed:
        sys.exit(1)
    return not stop
