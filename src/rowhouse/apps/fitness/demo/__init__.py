"""The demo: three athletes and their coach, two years of training from several devices, imported like anybody's files."""
