"""Makes rows of clips, and batches of rows."""

from collections.abc import Sequence

import numpy as np

from unimoe_train.batches.batch import Batch
from unimoe_train.batches.disturbance import noisy, slipped
from unimoe_train.batches.item import Item
from unimoe_train.batches.row import Row
from unimoe_train.clips import Clip
from unimoe_train.delay import FrameLayout
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.heads import IGNORE
from unimoe_train.plan.score import decided
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH, CurriculumRecipe
from unimoe_train.tokenizer import END

HIDDEN = 0.5  # chance of each channel of a piece that is told in part only to be unknown


class RowMaker:
    """Shows clips to the model as generation would."""

    def __init__(self, prompts: Prompts, configuration: ModelConfiguration, recipe: CurriculumRecipe):
        self.prompts, self.configuration, self.recipe = prompts, configuration, recipe
        self.layouts = {domain: FrameLayout(configuration, domain) for domain in DOMAINS}

    def batch(self, items: list[Item], rng: np.random.Generator | None) -> Batch:
        """The rows of items of one domain. With `rng` some of the codes that they read are wrong, and some plans are
        told in part only."""
        domain = items[0].domain
        rows = [self.speech(item) if domain == SPEECH else self.music(item, rng) for item in items]
        if rng is not None:
            eos, planned = self.configuration.eos, self.layouts[domain].planned
            for row in rows:
                shifted = slipped(row.frames, self.recipe.slips, eos, planned, rng)
                row.frames = noisy(shifted, self.recipe.noise, eos, planned, rng)
        return Batch.of(domain, rows, self.prompts.tokenizer.id(END), len(self.prompts.head))

    def speech(self, item: Item) -> Row:
        """A clip spoken after a voice prompt; both are learned."""
        layout, clip, voice = self.layouts[SPEECH], item.clip, item.voice
        count = self.prompts.voice_rows(voice.length, layout.longest)
        text = [] if item.unconditional else clip.text
        ids = self.prompts.speech(voice.text, count, text)
        told = item.voice_is_planned and not item.unconditional
        voice_plan = voice.plan if told else layout.nobody(voice.length)
        row = self.begin(SPEECH, ids, clip, hidden=item.unconditional, voice=layout.voice(voice_plan, voice.codes))
        if self.recipe.prompt_loss > 0:
            _, voice_start, _ = self.prompts.speech_places(len(voice.text), count)
            _, codes, plan = layout.generated(voice_plan, voice.codes, decided(layout.channels, voice.plan), ends=True)
            here = slice(voice_start, voice_start + len(codes))
            row.labels[here], row.plan[here], row.weight[here] = codes, plan, self.recipe.prompt_loss
        return row

    def music(self, item: Item, rng: np.random.Generator | None) -> Row:
        """A piece after its caption. With `rng` a share of the plans is told in part only."""
        hidden: bool | np.ndarray = item.unconditional
        if rng is not None and not item.unconditional and rng.random() < self.recipe.partly_planned:
            hidden = rng.random(self.layouts[MUSIC].planned) < HIDDEN
        return self.begin(MUSIC, self.prompts.music(item.caption), item.clip, hidden)

    def begin(
        self, domain: str, ids: list[int], clip: Clip, hidden: bool | Sequence[bool], voice: np.ndarray | None = None
    ) -> Row:
        """A prompt and what generation feeds and answers after it; `hidden`: which plan channels are not told."""
        layout = self.layouts[domain]
        shown = np.where(hidden, layout.unknown, clip.plan)
        inputs, codes, plan = layout.generated(shown, clip.codes, decided(layout.channels, clip.plan), clip.ends)
        T = len(ids) + len(inputs)
        labels = np.full((T, codes.shape[1]), IGNORE, np.int64)
        plan_labels = np.full((T, plan.shape[1]), IGNORE, np.int64)
        labels[len(ids) :], plan_labels[len(ids) :] = codes, plan
        return Row(
            ids + [self.prompts.tokenizer.placeholder] * len(inputs),
            inputs if voice is None else np.concatenate([voice, inputs]),
            labels,
            plan_labels,
            np.ones(T, np.float32),
        )
