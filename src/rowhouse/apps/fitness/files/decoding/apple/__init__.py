"""Apple Health's export: workouts, their routes and the heart rate measured meanwhile, in bounded memory."""

from rowhouse.apps.fitness.files.decoding.apple.decode import decode_apple

__all__ = ["decode_apple"]
