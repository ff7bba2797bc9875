"""From bytes of any origin to recordings: archives are opened, formats told apart by content, damage survived."""
