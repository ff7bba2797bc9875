"""How often single actions may be done: what features declare in `limits`, counted just before they are done."""
