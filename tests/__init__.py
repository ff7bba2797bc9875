"""All tests; a package because one of the same name lies in site-packages (garmin-fit-sdk's)."""
