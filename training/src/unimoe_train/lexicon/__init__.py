"""The lexicon that the engine pronounces words with: made from CMUdict, with a letter-to-sound model for other words."""
