"""The embedded stack of a local run: three servers and Rowhouse's own processes in one folder."""
