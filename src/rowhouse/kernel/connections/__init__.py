"""Connections to outside services by OAuth 2: made, kept alive, ended, for whatever app needs one."""
