"""The door of the test and the developer: makes athletes and activities, sets switches, shows what happened."""
